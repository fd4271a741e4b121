"""The form facet: the number of matches that have each form of the words of a query, counted by the cluster.

The vocabulary stores one word for each spelling and set of readings, so that one form (folded letters) may be several
words. A first request counts the articles of each word. If a form has several words, a second one counts the articles
that have one of them but not the most frequent one.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from index.engines.opensearch.encoding import key_name, key_number
from index.engines.opensearch.mapping import words_field
from index.schema import LEAD_LENGTH, Section
from search.engine import FormCount, FormCounts
from search.engines.opensearch.compiler import Compiler, Query, any_of
from search.engines.opensearch.vocabulary import Vocabulary
from search.forms import LEVELS
from search.query import Node, Prefix, Term
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


@dataclasses.dataclass(slots=True)
class _Word:
    """A word of the index that matches words of the query."""

    form: str
    written: str
    level: int
    """Closeness of the closest level."""
    anywhere: str
    """The field that lists it for every article that has it."""
    fields: set[str] = dataclasses.field(default_factory=set)
    """The fields that list it where words of the query may match it."""
    nodes: list[Term | Prefix] = dataclasses.field(default_factory=list)
    """The words of the query that match it in parts of the article that no field lists."""

    @property
    def field(self) -> str | None:
        """The one field that lists it for exactly the articles to count; None where the tokens must be read."""
        if self.anywhere in self.fields:
            return self.anywhere
        return next(iter(self.fields)) if len(self.fields) == 1 and not self.nodes else None


class Unsettled(NamedTuple):
    """The counts that a second request has to return."""

    whole: dict[str, Query]
    """Queries for forms and words in a part of the article that no field lists, to be counted among all matches."""
    beyond: dict[str, Query]
    """For each form with several words, the articles that have one of them but not the most frequent one."""
    rarer: Query
    """The articles among which `beyond` is counted: those with a word that is not the most frequent; mostly few."""


class FormFacet:
    """The form facet of one query: `aggregations` are sent to the cluster, `counts` reads the answers."""

    def __init__(self, query: Node, vocabulary: Vocabulary, compiler: Compiler) -> None:
        self._compiler = compiler
        self._words: dict[int, _Word] = {}
        for node in content_words(query):
            self._add(node, vocabulary)

    def aggregations(self, matches: int) -> dict[str, Any]:
        """Return the aggregations that count the articles of each word; empty when there is nothing to count.

        `matches` is the number of matches, before filters.
        """
        listed: dict[str, list[str]] = {}
        for key, word in itertools.islice(self._words.items(), MAX_COUNTED):
            listed.setdefault(word.field or word.anywhere, []).append(key_name(key))
        hint = {"execution_hint": "map"} if matches <= MAX_MAPPED else {}
        return {
            field: {"terms": {"field": field, "size": len(names), "shard_size": len(names), "include": names} | hint}
            for field, names in listed.items()
        }

    def unsettled(self, answers: Mapping[str, Any]) -> Unsettled:
        """Return what a second request has to count, given the answers to the aggregations by name."""
        counts = _counts_by_key(answers)
        whole: dict[str, Query] = {}
        beyond: dict[str, Query] = {}
        rarer: dict[str, list[str]] = {}
        checked: list[tuple[int, str, int]] = []
        forms = self._by_form(counts)
        for form, keys in forms.items():
            fields = {key: field for key in keys if (field := self._words[key].field) is not None}
            if len(fields) < len(keys):
                checked += [(-counts[key], form, key) for key in keys if key not in fields]
            elif len(keys) > 1:
                commonest, *others = sorted(keys, key=lambda key: (-counts[key], key))
                required, excluded = self._having_any(others), self._having_any([commonest])
                beyond[form] = {"bool": {"filter": [required], "must_not": [excluded]}}
                for key in others:
                    rarer.setdefault(fields[key], []).append(key_name(key))
        for _, form, key in sorted(checked)[:MAX_CHECKED]:
            whole[f"{form} {key_name(key)}"] = self._having_any([key])
            whole[form] = self._having_any(forms[form])
        return Unsettled(whole, beyond, any_of([{"terms": {field: names}} for field, names in rarer.items()]))

    def counts(
        self, answers: Mapping[str, Any], whole: Mapping[str, int], beyond: Mapping[str, int], limit: int
    ) -> FormCounts:
        """Return the `limit` most frequent forms.

        `answers` are those to the aggregations, `whole` and `beyond` the counts of the queries in `unsettled`, by name.
        """
        counts = _counts_by_key(answers)
        forms: list[FormCount] = []
        for form, keys in self._by_form(counts).items():
            articles = {key: whole.get(f"{form} {key_name(key)}", counts[key]) for key in keys}
            occurring = [key for key in keys if articles[key]]
            most = max(articles.values())
            count = whole.get(form, most + beyond.get(form, 0))
            if not occurring or not count:
                continue
            written = min(self._words[key].written for key in occurring if articles[key] == most)
            level = LEVELS[min(self._words[key].level for key in occurring)]
            forms.append(FormCount(form, written, level, count))
        forms.sort(key=lambda form: (-form.count, form.form))
        return FormCounts(tuple(forms[:limit]), len(forms[limit:]))

    def _add(self, node: Term | Prefix, vocabulary: Vocabulary) -> None:
        words = vocabulary.words(node)
        field = _listing_field(node)
        levels = dict(zip(words.forms.words.tolist(), words.forms.levels.tolist(), strict=True))
        for index, key in enumerate(words.keys.tolist()):
            level = levels[index]
            word = self._words.get(key)
            anywhere = words_field(words.partitions[index])
            if word is None:
                word = self._words[key] = _Word(words.surfaces[index], words.written[index], level, anywhere)
            word.level = min(word.level, level)
            if field is None:
                word.nodes.append(node)
            else:
                word.fields.add(anywhere if field == _ANYWHERE else field)

    def _by_form(self, counts: Iterable[int]) -> dict[str, list[int]]:
        forms: dict[str, list[int]] = {}
        for key in counts:
            forms.setdefault(self._words[key].form, []).append(key)
        return forms

    def _having_any(self, keys: Sequence[int]) -> Query:
        """Return the query for articles that have one of several words where a word of the query may match it."""
        parts: list[Query] = []
        for key in keys:
            word = self._words[key]
            parts += [{"term": {field: key_name(key)}} for field in sorted(word.fields)]
            if word.anywhere not in word.fields:
                parts += [self._compiler.having_form(node, np.array([key], np.int64)) for node in word.nodes]
        return any_of(parts)


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


def _counts_by_key(answers: Mapping[str, Any]) -> dict[int, int]:
    """Return the number of articles of each word, by its key."""
    return {
        key_number(bucket["key"]): bucket["doc_count"] for answer in answers.values() for bucket in answer["buckets"]
    }
