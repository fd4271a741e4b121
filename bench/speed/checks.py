"""Checks answers: those of engines with one field against the oracle, the product's against a scan of all articles."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Sequence

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import HITS, Answer
from bench.speed.oracle import Truth
from bench.speed.queries import Kind, Query
from index.analysis.installed import load_analyzer
from index.schema import TokenField
from search.engine import Interval
from search.histogram import choose_interval

TOLERANCE = 1e-4
"""Relative difference of two equal scores after rounding: engines may compute scores in 32 bits."""
SCANNED = 20
"""Number of single-word queries whose totals are compared with a scan."""


def faults(query: Query, answer: Answer, truth: Truth, *, ranked: bool) -> list[str]:
    """Return the errors of an answer, one line each; `ranked` also compares scores and order with the oracle's."""
    name = f"{query.kind} {' '.join(query.terms)}" + (f" in {query.source}" if query.source else "")
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
    """Compare the product's totals of single words with a scan; return how many were compared, and the errors."""
    chosen = [
        (query, answer.total)
        for query, answer in zip(queries, answers, strict=True)
        if query.kind is Kind.WORD and answer is not None
    ][:SCANNED]
    expected = _scan(corpus, [query.typed for query, _ in chosen])
    return len(chosen), [
        f"{query.typed}: {total} matches, a scan finds {count}"
        for (query, total), count in zip(chosen, expected, strict=True)
        if total != count
    ]


def _scan(corpus: Corpus, typed: Sequence[str]) -> list[int]:
    """Return for each query how many articles have any of the terms that the analysis gives its word."""
    analyzer = load_analyzer()
    # A query of one word may be analysed as several words; an article must have all of them.
    wanted = [
        (number, part, {(term.field, term.text) for term in word.terms if term.field is not TokenField.WRITTEN})
        for number, query in enumerate(typed)
        for part, word in enumerate(analyzer.analyze(query).words)
    ]
    counts = [0] * len(typed)
    matched_parts: dict[str, frozenset[tuple[int, int]]] = {}
    for document in corpus.documents():
        found: set[tuple[int, int]] = set()
        for text in (document.title, document.text):
            analyzed = analyzer.analyze(text)
            for word, start, end in zip(analyzed.words, analyzed.starts, analyzed.ends, strict=True):
                written = text[start:end]
                if written not in matched_parts:
                    terms = {(term.field, term.text) for term in word.terms}
                    matched_parts[written] = frozenset(
                        (number, part) for number, part, part_terms in wanted if part_terms & terms
                    )
                found |= matched_parts[written]
        for number in {number for number, _ in found}:
            counts[number] += all((number, part) in found for other, part, _ in wanted if other == number)
    return counts
