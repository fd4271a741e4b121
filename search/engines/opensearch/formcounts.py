"""The form facet: the number of matches that have each form of the words of a query, counted by the cluster.

The vocabulary stores one word for each spelling and set of readings, so that one form (folded letters) may be several
words. A first request counts the articles of each word. If a form has several words, a second one counts the articles
that have one of them but not the most frequent one.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from index.engines.opensearch.encoding import key_name, key_number
from index.engines.opensearch.mapping import words_field
from index.schema import LEAD_LENGTH, Level, Section
from search.engine import FormCount, FormCounts, Listing
from search.engines.opensearch.compiler import Compiler, Query, any_of
from search.engines.opensearch.vocabulary import Vocabulary
from search.facet_counts import form_counts
from search.forms import LEVELS
from search.query import Node, Prefix, Term
from search.ranking_stages import counted_forms
from search.wordforms import content_words

MAX_COUNTED = 20_000
"""Maximum number of words that one request counts; no root has so many."""
MAX_MAPPED = 5_000
"""Number of matches up to which terms aggregations use the execution hint `map`. The default, global ordinals, takes
15 ms per field at a million articles, however few match; at 7,000 matches both take equally long (measured)."""
MAX_CHECKED = 40
"""Maximum number of words restricted to a part of the article that no field lists; the most frequent ones are counted,
each by a script that reads the tokens of the matches. The query language cannot name such a part."""

_ANYWHERE, _TITLE, _LEAD = "words_in", "title_words_in", "lead_words_in"
"""Fields that list the words of an article, of its title, and of its lead; the first is split into partitions."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Word:
    """A word of the index that matches a word of the query."""

    form: str
    written: str
    level: int
    """Closeness of the closest level."""
    anywhere: str
    """The field that lists it for every article that has it."""
    field: str | None
    """The field that lists it for the articles to count; None if the word of the query may match it in a part of the
    article that no field lists: then the tokens must be read."""

    @property
    def counted_field(self) -> str:
        """The field whose values are counted."""
        return self.field or self.anywhere


class Unsettled(NamedTuple):
    """The counts that a second request has to return."""

    whole: dict[str, Query]
    """Queries for forms and words in a part of the article that no field lists, to be counted among all matches."""
    beyond: dict[str, Query]
    """For each form with several words, the articles that have one of them but not the most frequent one."""
    rarer: Query
    """The articles among which `beyond` is counted: those with a word that is not the most frequent; mostly few."""


class FormFacet:
    """The form facet of one listing: `aggregations` are sent to the cluster, `counts` reads the answers."""

    def __init__(self, listing: Listing, vocabulary: Vocabulary, compiler: Compiler) -> None:
        self._words = [
            _WordFacet(number, word, _index_words(word, vocabulary, listing.match), compiler)
            for number, word in enumerate(content_words(listing.query))
        ]

    def aggregations(self, matches: int) -> dict[str, Any]:
        """Return the aggregations that count the articles of each word; empty when there is nothing to count.

        `matches` is the number of matches, before filters.
        """
        listed: dict[str, dict[str, None]] = {}
        every = itertools.chain.from_iterable(word.index_words.items() for word in self._words)
        for key, word in itertools.islice(every, MAX_COUNTED):
            listed.setdefault(word.counted_field, {})[key_name(key)] = None
        hint = {"execution_hint": "map"} if matches <= MAX_MAPPED else {}
        return {
            field: {"terms": {"field": field, "size": len(names), "shard_size": len(names), "include": [*names]} | hint}
            for field, names in listed.items()
        }

    def unsettled(self, answers: Mapping[str, Any]) -> Unsettled:
        """Return what a second request has to count, given the answers to the aggregations by name."""
        counts = _counts_by_key(answers)
        whole: dict[str, Query] = {}
        beyond: dict[str, Query] = {}
        rarer: dict[str, list[str]] = {}
        checked: list[tuple[int, str, int, _WordFacet]] = []
        for word in self._words:
            if word.field_is_listed:
                word.add_beyond(counts, beyond, rarer)
            else:
                checked += word.checked(counts)
        for _, form, key, word in sorted(checked, key=lambda row: row[:3])[:MAX_CHECKED]:
            whole[word.name(form, key)] = word.having_any([key])
            whole[word.name(form)] = word.having_any(word.by_form(counts)[form])
        return Unsettled(whole, beyond, any_of([{"terms": {field: names}} for field, names in rarer.items()]))

    def counts(
        self, answers: Mapping[str, Any], whole: Mapping[str, int], beyond: Mapping[str, int], limit: int
    ) -> FormCounts:
        """Return `limit` forms of the words of the listing.

        `answers` are those to the aggregations, `whole` and `beyond` the counts of the queries in `unsettled`, by name.
        """
        counts = _counts_by_key(answers)
        by_word = [word.forms(counts, whole, beyond) for word in self._words]
        return form_counts(by_word, sum(map(len, by_word)), limit)


class _WordFacet:
    """The forms of one word of the query."""

    def __init__(self, number: int, word: Term | Prefix, index_words: dict[int, _Word], compiler: Compiler) -> None:
        """Hold the words of the index that match a word of the query, by key; `number` is unique in the query."""
        self._number = number
        self._word = word
        self._compiler = compiler
        self.index_words = index_words
        self.field_is_listed = _listing_field(word) is not None
        """Whether some field lists the words for the articles to count."""

    def name(self, form: str, key: int | None = None) -> str:
        """Return the name of the query that counts a form, or one of its words."""
        return f"{self._number} {form}" if key is None else f"{self._number} {form} {key_name(key)}"

    def by_form(self, counts: _Counts) -> dict[str, list[int]]:
        """Return the keys of the words that some article has, by form."""
        forms: dict[str, list[int]] = {}
        for key, word in self.index_words.items():
            if (word.counted_field, key) in counts:
                forms.setdefault(word.form, []).append(key)
        return forms

    def add_beyond(self, counts: _Counts, beyond: dict[str, Query], rarer: dict[str, list[str]]) -> None:
        """Add the queries for the forms with several words, and by field the words that are not the most frequent."""
        for form, keys in self.by_form(counts).items():
            if len(keys) > 1:
                commonest, *others = sorted(keys, key=lambda key: (-self._count(counts, key), key))
                required, excluded = self.having_any(others), self.having_any([commonest])
                beyond[self.name(form)] = {"bool": {"filter": [required], "must_not": [excluded]}}
                for key in others:
                    rarer.setdefault(self.index_words[key].counted_field, []).append(key_name(key))

    def checked(self, counts: _Counts) -> list[tuple[int, str, int, _WordFacet]]:
        """Return the words that may be counted by reading the tokens: the sort key of the most frequent is least."""
        return [
            (-self._count(counts, key), form, key, self) for form, keys in self.by_form(counts).items() for key in keys
        ]

    def forms(self, counts: _Counts, whole: Mapping[str, int], beyond: Mapping[str, int]) -> list[FormCount]:
        """Return the forms that some match has: the closest level first, then by count, ties by letters."""
        forms: list[FormCount] = []
        for form, keys in self.by_form(counts).items():
            articles = {key: whole.get(self.name(form, key), self._count(counts, key)) for key in keys}
            occurring = [self.index_words[key] for key in keys if articles[key]]
            most = max(articles.values())
            count = whole.get(self.name(form), most + beyond.get(self.name(form), 0))
            if not occurring or not count:
                continue
            written = min(self.index_words[key].written for key in keys if articles[key] == most)
            level = LEVELS[min(word.level for word in occurring)]
            forms.append(FormCount(self._word.word, form, written, level, count))
        return sorted(forms, key=lambda form: (LEVELS.index(form.level), -form.count, form.form))

    def having_any(self, keys: Sequence[int]) -> Query:
        """Return the query for articles that have one of several words where the word of the query may match it."""
        if not self.field_is_listed:
            return self._compiler.having_form(self._word, np.array(keys, np.int64))
        return any_of([{"term": {self.index_words[key].counted_field: key_name(key)}} for key in keys])

    def _count(self, counts: _Counts, key: int) -> int:
        return counts[self.index_words[key].counted_field, key]


def _index_words(node: Term | Prefix, vocabulary: Vocabulary, match: Level) -> dict[int, _Word]:
    """Return by key the words of the index that match a word of the query at the levels that `match` counts."""
    words = vocabulary.words(node)
    field = _listing_field(node)
    counted = counted_forms(lambda _: words.forms, match)(node).words
    levels = dict(zip(words.forms.words.tolist(), words.forms.levels.tolist(), strict=True))
    found = {}
    for index in counted.tolist():
        anywhere = words_field(words.partitions[index])
        found[int(words.keys[index])] = _Word(
            form=words.surfaces[index],
            written=words.written[index],
            level=levels[index],
            anywhere=anywhere,
            field=anywhere if field == _ANYWHERE else field,
        )
    return found


def having(query: Node, forms: Sequence[str], vocabulary: Vocabulary, compiler: Compiler) -> Query:
    """Return the query for articles in which a word of `query` matches one of `forms` (folded)."""
    wanted = set(forms)
    listed: dict[str, set[int]] = {}
    parts: list[Query] = []
    for node in content_words(query):
        words = vocabulary.words(node)
        chosen = [index for index, surface in enumerate(words.surfaces) if surface in wanted]
        keys = words.keys[chosen]
        field = _listing_field(node)
        if field is None:
            parts += [compiler.having_form(node, keys)] if chosen else []
            continue
        for index, key in zip(chosen, keys.tolist(), strict=True):
            name = words_field(words.partitions[index]) if field == _ANYWHERE else field
            listed.setdefault(name, set()).add(key)
    parts += [{"terms": {field: [key_name(key) for key in sorted(keys)]}} for field, keys in listed.items()]
    return any_of(parts)


def _listing_field(node: Term | Prefix) -> str | None:
    """Return the field that lists the words of the sections in which a word may occur; None where there is none."""
    if set(node.sections) == set(Section):
        return _ANYWHERE if node.within is None else None
    if node.sections == (Section.TITLE,):
        return _TITLE  # a title is not cut
    return _LEAD if node.sections == (Section.BODY,) and node.within == LEAD_LENGTH else None


_Counts = Mapping[tuple[str, int], int]
"""Number of articles of each word, by the field that was counted and its key."""


def _counts_by_key(answers: Mapping[str, Any]) -> _Counts:
    return {
        (field, key_number(bucket["key"])): bucket["doc_count"]
        for field, answer in answers.items()
        for bucket in answer["buckets"]
    }
