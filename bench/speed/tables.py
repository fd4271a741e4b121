"""What the tables of the benches consist of: spreads of latencies, ratios of means, Markdown."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Sequence

NONE = "-"


@dataclasses.dataclass(frozen=True, slots=True)
class Spread:
    """Latencies of many queries, in milliseconds."""

    mean: float
    p50: float
    p95: float
    p99: float

    def __str__(self) -> str:
        """Return the four values separated by slashes."""
        return " / ".join(map(digits, (self.mean, self.p50, self.p95, self.p99)))


def spread(latencies: Iterable[float | None]) -> Spread | None:
    """Return the spread of latencies in seconds, without those that are None; None if there is none."""
    times = sorted(seconds * 1000 for seconds in latencies if seconds is not None)
    if not times:
        return None
    p50, p95, p99 = (times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.95, 0.99))
    return Spread(statistics.fmean(times), p50, p95, p99)


def cell(latencies: Iterable[float | None]) -> str:
    """Return the spread of latencies in seconds as the content of a cell."""
    return str(spread(latencies) or NONE)


def digits(value: float) -> str:
    """Return a number with two or three significant digits."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def milliseconds(seconds: Sequence[float]) -> str:
    """Return the median of durations, in milliseconds."""
    return digits(statistics.median(seconds) * 1000) if seconds else NONE


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def mean_ratio(ours: Sequence[float | None], theirs: Sequence[float | None]) -> float | None:
    """Return our mean time divided by theirs, over the queries that both answer; None if there are none."""
    pairs = [(own, other) for own, other in zip(ours, theirs, strict=True) if own is not None and other is not None]
    return sum(own for own, _ in pairs) / sum(other for _, other in pairs) if pairs else None


def ratio(value: float | None) -> str:
    """Return a ratio as the content of a cell; small ones as fractions."""
    return NONE if value is None else digits(value) if value >= 0.1 else f"1/{1 / value:.0f}"
