"""Times of searches in two checkouts, in turns, so that both see the same load of the machine."""

from __future__ import annotations

import statistics
from pathlib import Path
from urllib.parse import quote

from bench.serving.overload import CHEAP, WORDS
from bench.serving.server import ROOT, serving

ROUNDS = 40
PATHS = [*CHEAP[:10], *(f"/api/v1/search?q={quote(' '.join(WORDS[start : start + 3]))}" for start in range(0, 30, 3))]


def compare(other: Path, index: Path) -> str:
    """Return the median times in milliseconds of this checkout and another one, and the median of their ratios."""
    with serving(other, index, 1) as before, serving(ROOT, index, 1) as after:
        for path in PATHS:
            before.get(path)
            after.get(path)
        old: list[float] = []
        new: list[float] = []
        for number in range(ROUNDS):
            for path in PATHS:
                # the first of the two finds the processor's caches cold: they take turns
                for server, times in ((before, old), (after, new))[:: 1 if number % 2 else -1]:
                    times.append(server.get(path)[2])
    ratios = [mine / theirs for mine, theirs in zip(new, old, strict=True)]
    return (
        f"{len(ratios)} pairs: p50 {1000 * statistics.median(old):.2f} ms there, "
        f"{1000 * statistics.median(new):.2f} ms here; median of the ratios {statistics.median(ratios):.3f}"
    )
