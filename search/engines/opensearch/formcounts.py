"""How many matches have each form that the words of a query are found as, counted by the cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from index.engines.opensearch.encoding import key_name, key_number
from index.schema import Section
from search.engine import FormCount, FormCounts
from search.engines.forms import LEVELS
from search.engines.opensearch.compiler import NONE, Compiler, Query
from search.engines.opensearch.vocabulary import Vocabulary
from search.query import Node, Prefix, Term
from search.wordforms import searched_words

MAX_COUNTED = 20_000
"""Different words that one answer counts; no root has so many."""
MAX_CHECKED = 300
"""Words that are held to a part of the article and are counted one by one."""


@dataclasses.dataclass(slots=True)
class _Word:
    form: str
    written: str
    level: int
    nodes: list[Term | Prefix]
    """The words of the query that are found as it; none where one of them may stand anywhere."""


class FormFacet:
    """The forms of one query; `aggregation` goes to the cluster with it, `counts` reads what comes back."""

    def __init__(self, query: Node, vocabulary: Vocabulary, compiler: Compiler) -> None:
        self._compiler = compiler
        self._words: dict[int, _Word] = {}
        for node in searched_words(query):
            self._take(node, vocabulary)

    def aggregation(self) -> dict[str, Any] | None:
        """Return the aggregation that counts the articles of each word; None when there is nothing to count."""
        if not self._words:
            return None
        names = [key_name(key) for key in self._words][:MAX_COUNTED]
        return {"terms": {"field": "words_in", "size": len(names), "shard_size": len(names), "include": names}}

    def unsettled(self, answer: Mapping[str, Any], limit: int) -> dict[str, Query]:
        """Return what has to be counted in a second request: forms of several words, and words held to a place."""
        counts = self._counted(answer)
        asked: dict[str, Query] = {}
        for form, keys in self._by_form(counts).items():
            bound = [key for key in keys if self._words[key].nodes]
            if bound or len(keys) > 1:
                asked[form] = self._standing(keys)
            for key in bound:
                asked[f"{form} {key_name(key)}"] = self._standing([key])
        if len(asked) <= MAX_CHECKED:
            return asked
        sums = {form: sum(counts[key] for key in keys) for form, keys in self._by_form(counts).items()}
        most = sorted((form for form in asked if " " not in form), key=lambda form: (-sums[form], form))
        kept = set(most[: max(MAX_CHECKED, limit)])
        return {name: query for name, query in asked.items() if name.partition(" ")[0] in kept}

    def counts(self, answer: Mapping[str, Any], settled: Mapping[str, int], limit: int) -> FormCounts:
        """Return the forms, given the answer to the aggregation and the counts of what was `unsettled`."""
        counts = self._counted(answer)
        found: list[FormCount] = []
        for form, keys in self._by_form(counts).items():
            times = {key: settled.get(f"{form} {key_name(key)}", counts[key]) for key in keys}
            there = [key for key in keys if times[key]]
            count = settled.get(form, max(times.values()))
            if not there or not count:
                continue
            most = max(times[key] for key in there)
            written = min(self._words[key].written for key in there if times[key] == most)
            level = LEVELS[min(self._words[key].level for key in there)]
            found.append(FormCount(form, written, level, count))
        found.sort(key=lambda it: (-it.count, it.form))
        return FormCounts(tuple(found[:limit]), len(found[limit:]))

    def _take(self, node: Term | Prefix, vocabulary: Vocabulary) -> None:
        words = vocabulary.words(node)
        anywhere = set(node.sections) == set(Section) and node.within is None
        levels = dict(zip(words.forms.words.tolist(), words.forms.levels.tolist(), strict=True))
        for place, key in enumerate(words.keys.tolist()):
            known = self._words.get(key)
            if known is None:
                nodes = [] if anywhere else [node]
                self._words[key] = _Word(words.surfaces[place], words.written[place], levels[place], nodes)
                continue
            known.level = min(known.level, levels[place])
            if anywhere:
                known.nodes.clear()
            elif known.nodes:
                known.nodes.append(node)

    def _counted(self, answer: Mapping[str, Any]) -> dict[int, int]:
        return {key_number(bucket["key"]): bucket["doc_count"] for bucket in answer.get("buckets", ())}

    def _by_form(self, counts: Iterable[int]) -> dict[str, list[int]]:
        forms: dict[str, list[int]] = {}
        for key in counts:
            forms.setdefault(self._words[key].form, []).append(key)
        return forms

    def _standing(self, keys: Sequence[int]) -> Query:
        """Return the query for articles in which one of several words stands where it may."""
        anywhere = [key_name(key) for key in keys if not self._words[key].nodes]
        parts: list[Query] = [{"terms": {"words_in": anywhere}}] if anywhere else []
        for key in keys:
            parts += [self._compiler.having_form(node, np.array([key], np.int64)) for node in self._words[key].nodes]
        return {"bool": {"should": parts, "minimum_should_match": 1}} if parts else NONE


def having(query: Node, forms: Sequence[str], vocabulary: Vocabulary, compiler: Compiler) -> Query:
    """Return the query for articles in which a word of `query` is found as one of `forms` (folded)."""
    wanted = set(forms)
    anywhere: set[int] = set()
    parts: list[Query] = []
    for node in searched_words(query):
        words = vocabulary.words(node)
        keys = [key for key, surface in zip(words.keys.tolist(), words.surfaces, strict=True) if surface in wanted]
        if set(node.sections) == set(Section) and node.within is None:
            anywhere.update(keys)
        elif keys:
            parts.append(compiler.having_form(node, np.array(keys, np.int64)))
    if anywhere:
        parts.append({"terms": {"words_in": [key_name(key) for key in sorted(anywhere)]}})
    return {"bool": {"should": parts, "minimum_should_match": 1}} if parts else NONE
