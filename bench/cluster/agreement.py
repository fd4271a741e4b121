"""Compares the answers of both engines over the same articles: matches, counts and order."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections import Counter
from collections.abc import Sequence

from bench.cluster.searches import Search
from search.results import SearchResult
from search.service import SearchService

TOP = 10
COMPARED = ("totals", "facets", "histogram", "forms", "marks")
_DIGITS = 6


@dataclasses.dataclass(slots=True)
class Agreement:
    """The comparison over all searches."""

    searches: int = 0
    differing: Counter[str] = dataclasses.field(default_factory=Counter)
    """Number of searches that differ, by part of the answer (`COMPARED`)."""
    overlaps: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    """Share (0..1) of the embedded engine's first ten hits that the other has, by kind of search.

    A hit counts as present if the other engine has another hit of equal score in its place.
    """
    seconds: tuple[list[float], list[float]] = dataclasses.field(default_factory=lambda: ([], []))
    """Seconds of each search, of the embedded engine and of the other."""

    @property
    def overlap(self) -> float:
        """The mean overlap over all searches."""
        return statistics.mean(overlap for overlaps in self.overlaps.values() for overlap in overlaps)


def compare_answers(embedded: SearchService, other: SearchService, searches: Sequence[Search]) -> Agreement:
    """Run the same searches on both services, print each difference and return the comparison."""
    agreement = Agreement()
    for search in searches:
        results = []
        for service, seconds in zip((embedded, other), agreement.seconds, strict=True):
            began = time.perf_counter()
            results.append(service.search(search.request))
            seconds.append(time.perf_counter() - began)
        agreement.searches += 1
        first, second = results
        parts = zip(COMPARED, _compared_parts(first, second), _compared_parts(second, first), strict=True)
        for name, first_part, second_part in parts:
            if first_part != second_part:
                agreement.differing[name] += 1
                print(f"  {name} differ: {search.kind}: {search.request.text}")
        agreement.overlaps.setdefault(search.kind, []).append(_overlap(first, second))
    return agreement


def _compared_parts(result: SearchResult, other: SearchResult) -> tuple[object, ...]:
    """Return the parts of a result in the order of `COMPARED`."""
    return (
        (result.total, result.levels, result.further, result.partial),
        result.facets,
        result.histogram,
        result.forms,
        _marks_of_common_hits(result, other),
    )


def _marks_of_common_hits(result: SearchResult, other: SearchResult) -> dict[str, object]:
    """Return title marks, match and snippets of the hits of `result` that `other` has too, by id."""
    common = {hit.document.id for hit in other.hits}
    return {
        hit.document.id: (hit.title_marks, hit.match, hit.snippets) for hit in result.hits if hit.document.id in common
    }


def _overlap(first: SearchResult, second: SearchResult) -> float:
    """Return the share of the first ten hits of `first` that `second` has, or has a hit of equal score for."""
    first_scores = {hit.document.id: round(hit.score, _DIGITS) for hit in first.hits[:TOP]}
    second_scores = {hit.document.id: round(hit.score, _DIGITS) for hit in second.hits[:TOP]}
    if not first_scores:
        return 1.0
    missing = Counter(score for hit_id, score in first_scores.items() if hit_id not in second_scores)
    additional = Counter(score for hit_id, score in second_scores.items() if hit_id not in first_scores)
    return 1 - (missing - additional).total() / len(first_scores)
