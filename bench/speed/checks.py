"""Checks answers: those of engines with one field against the oracle, the product's against a scan of all articles."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import HITS, Answer
from bench.speed.oracle import Truth
from bench.speed.preparation import source_of
from bench.speed.queries import Kind, Query
from index.analysis.installed import load_analyzer
from index.analysis.tokens import FieldTerm, Word
from index.schema import DEFAULT_MATCH, TokenField
from search.engine import Interval
from search.expansion import EVERYWHERE, Expansion
from search.histogram import choose_interval
from search.language.units import units
from search.levels import counted
from search.query import Term

TOLERANCE = 1e-4
"""Relative difference of two equal scores after rounding: engines may compute scores in 32 bits."""
SCANNED = (Kind.WORD, Kind.TWO, Kind.THREE, Kind.PREFIX, Kind.ROOT, Kind.TITLE, Kind.FILTER)
"""Kinds of queries whose totals are compared with a scan."""
_PLAIN = re.compile(r"[\w\s]+\*?")
"""A query without quotes and other signs that limit what its words match."""


def faults(query: Query, answer: Answer, truth: Truth, *, ranked: bool) -> list[str]:
    """Return the errors of an answer, one line each; `ranked` also compares scores and order with the oracle's."""
    name = query.name
    found = []
    if answer.total != truth.total:
        found.append(f"{name}: {answer.total} matches, not {truth.total}")
    if answer.sources != truth.sources:
        found.append(f"{name}: wrong counts by source")
    if answer.days != truth.days and answer.days != bucketed(truth.days):
        found.append(f"{name}: wrong counts by day")
    if len(answer.scores) != min(HITS, truth.total):
        found.append(f"{name}: {len(answer.scores)} hits of {truth.total} on the first page")
    if ranked:
        found += [f"{name}: {fault}" for fault in _rank_faults(answer, truth)]
    return found


def _rank_faults(answer: Answer, truth: Truth) -> list[str]:
    """Return the errors of scores and order; hits with equal scores may be in any order."""
    if len(set(answer.ids)) != len(answer.ids) or not set(answer.ids) <= set(truth.scores):
        return ["the first page has an article that does not match, or one article twice"]
    expected = [truth.scores[name] for name in answer.ids]
    if not all(math.isclose(*pair, rel_tol=TOLERANCE) for pair in zip(answer.scores, expected, strict=True)):
        return ["scores differ from the oracle's"]
    lowest = truth.lowest(HITS) * (1 - TOLERANCE)
    descending = all(later <= earlier * (1 + TOLERANCE) for earlier, later in itertools.pairwise(expected))
    if not descending or any(score < lowest for score in expected):
        return ["the first page does not have the best hits in order"]
    return []


def bucketed(days: dict[int, int]) -> dict[int, int]:
    """Return counts by day added up in the buckets of the product's histogram, by the first day of each bucket."""
    dated = sorted(day for day in days if day)
    if not dated:
        return days
    interval = choose_interval(dt.date.fromordinal(dated[0]), dt.date.fromordinal(dated[-1]))
    counts = {0: days[0]} if 0 in days else {}
    for day in dated:
        begin = _begin(dt.date.fromordinal(day), interval).toordinal()
        counts[begin] = counts.get(begin, 0) + days[day]
    return counts


def _begin(day: dt.date, interval: Interval) -> dt.date:
    match interval:
        case Interval.DAY:
            return day
        case Interval.WEEK:
            return day - dt.timedelta(days=day.weekday())
        case Interval.MONTH:
            return day.replace(day=1)
        case Interval.YEAR:
            return day.replace(month=1, day=1)


def page_faults(answer: Answer, hits: int) -> bool:
    """Return whether a page lacks a snippet for one of its hits."""
    return len(answer.snippets) != hits or not all(answer.snippets)


def scan_faults(corpus: Corpus, queries: Sequence[Query], answers: Sequence[Answer | None]) -> tuple[int, list[str]]:
    """Compare the product's totals with a scan of all articles; return how many were compared, and the errors."""
    chosen = [
        (query, answer.total or 0)
        for query, answer in zip(queries, answers, strict=True)
        if answer is not None and query.kind in SCANNED and _PLAIN.fullmatch(query.typed)
    ]
    expected = _Scan([query for query, _ in chosen]).counts(corpus)
    return len(chosen), [
        f"{query.name}: {total} matches, a scan finds {count}"
        for (query, total), count in zip(chosen, expected, strict=True)
        # an article without some words of a title is a match too
        if (total < count if query.kind is Kind.TITLE else total != count)
    ]


class _Scan:
    """Counts the articles that have all the words of a query, at the levels that are counted by default."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._analyzer = load_analyzer()
        self._sources = [query.source for query in queries]
        self._parts: list[int] = []
        """Number of words of each query: one that is typed may be analysed as several."""
        self._of_term: dict[FieldTerm, set[tuple[int, int]]] = {}
        """Term → the queries and their words that it matches, as numbers."""
        self._of_prefix: dict[str, set[tuple[int, int]]] = {}
        for number, query in enumerate(queries):
            self._add(number, query)
        self._matched: dict[Word, frozenset[tuple[int, int]]] = {}
        """The same for each word."""

    def counts(self, corpus: Corpus) -> list[int]:
        """Return how many articles match each query."""
        counts = [0] * len(self._parts)
        for document in corpus.documents():
            found: set[tuple[int, int]] = set()
            for text in (document.title, document.text):
                analyzed = self._analyzer.analyze(text)
                for word in analyzed.words:
                    found |= self._matches(word)
            source = source_of(document)
            for number, parts in Counter(number for number, _ in found).items():
                counts[number] += parts == self._parts[number] and self._sources[number] in (None, source)
        return counts

    def _add(self, number: int, query: Query) -> None:
        if query.kind is Kind.PREFIX:
            self._of_prefix.setdefault(self._analyzer.fold(query.terms[0]), set()).add((number, 0))
            self._parts.append(1)
            return
        words = {token.word for token in units(self._analyzer.analyze(query.typed)) if not token.word.stop}
        for part, word in enumerate(words):
            for term in _searched(word, part):
                self._of_term.setdefault(term, set()).add((number, part))
        self._parts.append(len(words))

    def _matches(self, word: Word) -> frozenset[tuple[int, int]]:
        matched = self._matched.get(word)
        if matched is None:
            terms = {FieldTerm(term.field, term.text) for term in word.terms}
            sets = [self._of_term[term] for term in terms & self._of_term.keys()]
            surfaces = [term.text for term in terms if term.field is TokenField.SURFACE]
            sets += [
                numbers
                for prefix, numbers in self._of_prefix.items()
                if any(surface.startswith(prefix) for surface in surfaces)
            ]
            matched = self._matched[word] = frozenset().union(*sets)
        return matched


def _searched(word: Word, number: int) -> set[FieldTerm]:
    """Return the terms by which the default search finds a word of a query, whatever their weights."""
    term = counted(Expansion().term(word, word.written, number, EVERYWHERE), DEFAULT_MATCH)
    assert isinstance(term, Term)
    return {FieldTerm(alternative.field, alternative.term) for alternative in term.alternatives}
