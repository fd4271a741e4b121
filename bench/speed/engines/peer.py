"""THE SEAM: what the bench asks of every engine, and how the time of it is taken."""

from __future__ import annotations

import dataclasses
import enum
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from bench.speed.corpus import Corpus
from bench.speed.queries import Query

HITS = 10
FACET_VALUES = 1_000
"""Values of a facet that are asked for: all of them."""


class NotInstalledError(Exception):
    """An engine is not there; the text says what to do."""


class Mode(enum.StrEnum):
    """How much of an answer is asked for."""

    HITS = "a"
    """The ten best."""
    FACETS = "b"
    """As well as the counts by source and by day over all matches, and their total."""
    PAGE = "c"
    """As well as a snippet of each of the ten."""


class Taken(NamedTuple):
    """What one answer took, in seconds."""

    wall: float
    processor: float
    """Time in which the engine's thread really ran: hardly depends on what else the machine does."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What an engine answers. What the mode does not ask for may be left out."""

    total: int | None = None
    sources: dict[str, int] | None = None
    """Matches by source."""
    days: dict[int, int] | None = None
    """Matches by day, or by the first day of each bucket, as ordinals; 0 is unknown."""
    ids: tuple[str, ...] = ()
    """The ten best, where the engine gives ids with them."""
    scores: tuple[float, ...] = ()
    snippets: tuple[str, ...] = ()
    taken: Taken | None = None
    """As measured inside by an engine in a process of its own; the bench takes the time of the others."""


class Peer(Protocol):
    """One engine with one index in a folder of its own. What it loads before it opens the index is not opening."""

    @property
    def version(self) -> str:
        """Its version, and what else must be known of it."""

    @property
    def process(self) -> int:
        """Id of the process that holds the index."""

    def build(self, corpus: Corpus) -> float:
        """Index the corpus and commit; return the seconds it took, reading and analysing the articles not included."""

    def open(self) -> None:
        """Open the index; if it is open, see its newest commit."""

    def ask(self, query: Query, mode: Mode) -> Answer | None:
        """Return the answer, or None for what the engine cannot do."""

    def add(self, corpus: Corpus) -> float | None:
        """Index these articles as one more commit; return its seconds as `build` does, or None if it cannot."""

    def close(self) -> None:
        """Release everything."""


Factory = Callable[[Path], Peer]


class Stopwatch:
    """Adds up the time of `with` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began
