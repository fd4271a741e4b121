"""How one engine does at one size: a point of the curves that `scale` measures and `picture` draws."""

from __future__ import annotations

import dataclasses

from bench.speed.tables import Spread


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """One engine at one size. Latencies are in milliseconds, in mode c for the product and b for the others."""

    engine: str
    version: str
    articles: int
    docs_per_second: float
    megabytes: float
    peak: float
    """Peak memory of indexing, in MB."""
    open_ms: float
    private: float
    """Private memory that opening added, in MB."""
    anonymous: float
    """The anonymous part of `private`, in MB."""
    first: Spread
    """Of each query asked for the first time."""
    warm: Spread
    answers: str
    """Digest of totals and counts by source, which must be equal for all engines with one field."""
    words_right: bool | None
    """Whether the totals of single words equal a scan's; None for the product, which also matches other forms."""
