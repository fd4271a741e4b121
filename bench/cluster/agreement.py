"""Both engines over the same articles: do they find, count and rank the same?"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections import Counter
from collections.abc import Sequence

from bench.cluster.asking import Asked
from search.results import SearchResult
from search.service import SearchService

TOP = 10
_DIGITS = 6


@dataclasses.dataclass(slots=True)
class Agreement:
    """What was found over all searches."""

    searches: int = 0
    differing: Counter[str] = dataclasses.field(default_factory=Counter)
    """By what differs: totals, facets, histogram, forms, marks."""
    overlaps: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    """Share of the embedded engine's first ten that the other has, by kind; hits of equal score may stand for another."""
    seconds: tuple[list[float], list[float]] = dataclasses.field(default_factory=lambda: ([], []))

    @property
    def overlap(self) -> float:
        """The mean over all searches."""
        return statistics.mean(one for some in self.overlaps.values() for one in some)


def compared(embedded: SearchService, other: SearchService, asked: Sequence[Asked]) -> Agreement:
    """Ask both the same and return how far they agree."""
    found = Agreement()
    for one in asked:
        answers = []
        for service, seconds in zip((embedded, other), found.seconds, strict=True):
            began = time.perf_counter()
            answers.append(service.search(one.request))
            seconds.append(time.perf_counter() - began)
        found.searches += 1
        ours, theirs = answers
        for name, mine, its in (
            ("totals", (ours.total, ours.further), (theirs.total, theirs.further)),
            ("facets", ours.facets, theirs.facets),
            ("histogram", ours.histogram, theirs.histogram),
            ("forms", ours.forms, theirs.forms),
            ("marks", _marks(ours, theirs), _marks(theirs, ours)),
        ):
            if mine != its:
                found.differing[name] += 1
                print(f"  {name} differ: {one.kind}: {one.request.text}")
        found.overlaps.setdefault(one.kind, []).append(_overlap(ours, theirs))
    return found


def _marks(one: SearchResult, other: SearchResult) -> dict[str, object]:
    """Return titles, snippets and marks of the hits that both have."""
    both = {hit.document.id for hit in other.hits}
    return {hit.document.id: (hit.title_marks, hit.match, hit.snippets) for hit in one.hits if hit.document.id in both}


def _overlap(ours: SearchResult, theirs: SearchResult) -> float:
    """Return the share of the first ten of `ours` that `theirs` has, ties aside."""
    mine = {hit.document.id: round(hit.score, _DIGITS) for hit in ours.hits[:TOP]}
    its = {hit.document.id: round(hit.score, _DIGITS) for hit in theirs.hits[:TOP]}
    if not mine:
        return 1.0
    missing = Counter(score for known, score in mine.items() if known not in its)
    instead = Counter(score for known, score in its.items() if known not in mine)
    return 1 - (missing - instead).total() / len(mine)
