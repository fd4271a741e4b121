"""How many matches have each form that the words of a query are found as, counted by the cluster."""

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
from search.engines.forms import LEVELS
from search.engines.opensearch.compiler import Compiler, Query, any_of
from search.engines.opensearch.vocabulary import Vocabulary
from search.query import Node, Prefix, Term
from search.wordforms import searched_words

MAX_COUNTED = 20_000
"""Different words that one answer counts; no root has so many."""
MAX_MAPPED = 5_000
"""Matches up to which the cluster is to count words by their names. Counting them by numbers of its own, as it else
does, takes 15 ms a field at a million articles, however few match; at 7,000 matches both take the same (measured)."""
MAX_CHECKED = 40
"""Forms held to a part of the article that no field lists, which are counted one by one: those of most articles, since
each costs a look at their tokens. The query language has no such part."""

_ANYWHERE, _TITLE, _LEAD = "words_in", "title_words_in", "lead_words_in"
"""What lists the words of an article, of its title, and of its lead: fields, the first in partitions."""


@dataclasses.dataclass(slots=True)
class _Word:
    """A word of the index that words of the query are found as."""

    form: str
    written: str
    level: int
    anywhere: str
    """The field that tells the articles which it stands in."""
    fields: set[str] = dataclasses.field(default_factory=set)
    """Where it counts, as far as a field tells."""
    nodes: list[Term | Prefix] = dataclasses.field(default_factory=list)
    """The words of the query that find it where no field tells."""

    @property
    def field(self) -> str | None:
        """The one field that tells the articles in which it counts; None where it takes a look at their tokens."""
        if self.anywhere in self.fields:
            return self.anywhere
        return next(iter(self.fields)) if len(self.fields) == 1 and not self.nodes else None


class Unsettled(NamedTuple):
    """What the first counts leave open."""

    whole: dict[str, Query]
    """Forms and words held to a part of the article, to be counted among all matches."""
    beyond: dict[str, Query]
    """Forms of several words: the articles that have one of them, and not the commonest."""
    rarer: Query
    """All articles in which `beyond` can be: few of the matches, mostly."""


class FormFacet:
    """The forms of one query; `aggregations` go to the cluster with it, `counts` reads what comes back."""

    def __init__(self, query: Node, vocabulary: Vocabulary, compiler: Compiler) -> None:
        self._compiler = compiler
        self._words: dict[int, _Word] = {}
        for node in searched_words(query):
            self._take(node, vocabulary)

    def aggregations(self, matches: int) -> dict[str, Any]:
        """Return the aggregations that count the articles of each word; empty when there is nothing to count.

        `matches` is how many articles there are to look at, at most.
        """
        listed: dict[str, list[str]] = {}
        for key, word in itertools.islice(self._words.items(), MAX_COUNTED):
            listed.setdefault(word.field or word.anywhere, []).append(key_name(key))
        how = {"execution_hint": "map"} if matches <= MAX_MAPPED else {}
        return {
            field: {"terms": {"field": field, "size": len(names), "shard_size": len(names), "include": names} | how}
            for field, names in listed.items()
        }

    def unsettled(self, answers: Mapping[str, Any]) -> Unsettled:
        """Return what has to be counted in a second request: forms of several words, and words held to a part."""
        counts = _counted(answers)
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
                one, several = self._standing([commonest]), self._standing(others)
                beyond[form] = {"bool": {"filter": [several], "must_not": [one]}}
                for key in others:
                    rarer.setdefault(fields[key], []).append(key_name(key))
        for _, form, key in sorted(checked)[:MAX_CHECKED]:
            whole[f"{form} {key_name(key)}"] = self._standing([key])
            whole[form] = self._standing(forms[form])
        return Unsettled(whole, beyond, any_of([{"terms": {field: names}} for field, names in rarer.items()]))

    def counts(
        self, answers: Mapping[str, Any], whole: Mapping[str, int], beyond: Mapping[str, int], limit: int
    ) -> FormCounts:
        """Return the forms, given the answers to the aggregations and the counts of what was `unsettled`."""
        counts = _counted(answers)
        found: list[FormCount] = []
        for form, keys in self._by_form(counts).items():
            times = {key: whole.get(f"{form} {key_name(key)}", counts[key]) for key in keys}
            there = [key for key in keys if times[key]]
            most = max(times.values())
            count = whole.get(form, most + beyond.get(form, 0))
            if not there or not count:
                continue
            written = min(self._words[key].written for key in there if times[key] == most)
            level = LEVELS[min(self._words[key].level for key in there)]
            found.append(FormCount(form, written, level, count))
        found.sort(key=lambda it: (-it.count, it.form))
        return FormCounts(tuple(found[:limit]), len(found[limit:]))

    def _take(self, node: Term | Prefix, vocabulary: Vocabulary) -> None:
        words = vocabulary.words(node)
        field = _field(node)
        levels = dict(zip(words.forms.words.tolist(), words.forms.levels.tolist(), strict=True))
        for place, key in enumerate(words.keys.tolist()):
            level = levels[place]
            word = self._words.get(key)
            anywhere = words_field(words.partitions[place])
            if word is None:
                word = self._words[key] = _Word(words.surfaces[place], words.written[place], level, anywhere)
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

    def _standing(self, keys: Sequence[int]) -> Query:
        """Return the query for articles in which one of several words stands where it may."""
        parts: list[Query] = []
        for key in keys:
            word = self._words[key]
            parts += [{"term": {field: key_name(key)}} for field in sorted(word.fields)]
            if word.anywhere not in word.fields:
                parts += [self._compiler.having_form(node, np.array([key], np.int64)) for node in word.nodes]
        return any_of(parts)


def having(query: Node, forms: Sequence[str], vocabulary: Vocabulary, compiler: Compiler) -> Query:
    """Return the query for articles in which a word of `query` is found as one of `forms` (folded)."""
    wanted = set(forms)
    listed: dict[str, set[int]] = {}
    parts: list[Query] = []
    for node in searched_words(query):
        words = vocabulary.words(node)
        chosen = [place for place, surface in enumerate(words.surfaces) if surface in wanted]
        keys = words.keys[chosen]
        field = _field(node)
        if field is None:
            parts += [compiler.having_form(node, keys)] if chosen else []
            continue
        for place, key in zip(chosen, keys.tolist(), strict=True):
            where = words_field(words.partitions[place]) if field == _ANYWHERE else field
            listed.setdefault(where, set()).add(key)
    parts += [{"terms": {field: [key_name(key) for key in sorted(keys)]}} for field, keys in listed.items()]
    return any_of(parts)


def _field(node: Term | Prefix) -> str | None:
    """Return the field that lists the words among which a word of the query may be found; None where there is none."""
    if set(node.sections) == set(Section):
        return _ANYWHERE if node.within is None else None
    if node.sections == (Section.TITLE,):
        return _TITLE  # a title is not cut
    return _LEAD if node.sections == (Section.BODY,) and node.within == LEAD_LENGTH else None


def _counted(answers: Mapping[str, Any]) -> dict[int, int]:
    return {
        key_number(bucket["key"]): bucket["doc_count"] for answer in answers.values() for bucket in answer["buckets"]
    }
