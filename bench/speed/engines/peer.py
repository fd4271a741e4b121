"""The interface of the engines that the bench measures, and the stopwatch."""

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
"""Values of a facet that are requested: more than any corpus has, so all of them."""


class NotInstalledError(Exception):
    """An engine is not installed; the text names it and says what to install."""


class Mode(enum.StrEnum):
    """How much of an answer is requested."""

    HITS = "a"
    """The ten best hits."""
    FACETS = "b"
    """Also the total and the counts by source and by day over all matches."""
    PAGE = "c"
    """Also a snippet of each of the ten hits."""


class Duration(NamedTuple):
    """The time of one answer, in seconds."""

    wall: float
    processor: float
    """Processor time of the engine's thread, which depends little on the other load of the machine."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an engine. What the mode does not request may be left out."""

    total: int | None = None
    sources: dict[str, int] | None = None
    """Matches by source."""
    days: dict[int, int] | None = None
    """Matches by day, or by the first day of each bucket, as proleptic ordinals; 0 is unknown."""
    ids: tuple[str, ...] = ()
    """Ids of the ten best, if the engine returns them with the hits."""
    scores: tuple[float, ...] = ()
    snippets: tuple[str, ...] = ()
    taken: Duration | None = None
    """Measured by the engine itself, if it runs in its own process; None if the worker measures it."""


class Peer(Protocol):
    """One engine with one index in its own folder. Loading libraries and word data is not part of `open`."""

    @property
    def version(self) -> str:
        """Its version, with those of the runtimes that affect its speed."""

    @property
    def process(self) -> int:
        """Id of the process that holds the index."""

    def build(self, corpus: Corpus) -> float:
        """Index the corpus and commit; return the seconds without reading and analysing the articles."""

    def open(self) -> None:
        """Open the index; if it is open already, switch to its newest commit."""

    def ask(self, query: Query, mode: Mode) -> Answer | None:
        """Return the answer to a query of its kinds, or None if it does not support them in this mode."""

    def add(self, corpus: Corpus) -> float | None:
        """Index these articles as one more commit; return its seconds as `build` does, None if it cannot add."""

    def close(self) -> None:
        """Release the index; closing twice is allowed."""


Factory = Callable[[Path], Peer]


class Stopwatch:
    """Adds up the wall-clock time of `with` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began
