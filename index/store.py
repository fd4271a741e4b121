"""The interface of an index at a location, as every engine implements it.

A `Store` is what adding and copying articles need, `Maintenance` keeps an index sound, `Rebuilding` replaces it by
another one. `index.engines.store_of` returns all three for a location, as a `MaintainedStore`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol
from zoneinfo import ZoneInfo

from index.document import AnalyzedDocument, Document
from index.status import Status
from index.writer import ArticleWriter

Progress = Callable[[int, float], None]
"""Called with the number of articles done and the fraction of the work done, 0 to 1."""

Analyzing = Callable[[Iterable[Document]], AbstractContextManager[Iterator[AnalyzedDocument]]]
"""Returns a context whose value iterates over the analyzed documents in order: `index.intake.analyze_articles` for one
time zone."""


class Store(Protocol):
    """An index at a location, for the write path; the constructor opens nothing.

    Every method raises IndexMissingError if there is no index, and other IndexingErrors if it cannot be reached or
    read. For articles of an older version (`index.archive.migrations`) an engine either reads them or raises
    IndexMismatchError; in the second case only `writer` with `create`, and `rebuild`, upgrade them. For articles of a
    newer version it raises IndexNewerError.
    """

    @property
    def location(self) -> str:
        """As it was given; `index.location.redacted` makes it printable."""

    def writer(self, *, create: str | None = None) -> ArticleWriter:
        """Return the writer, after applying the changes that a crash left out of the index.

        `create` is a time zone: an index with that zone is created if there is none.

        Raises:
            IndexMissingError: there is no index and `create` is None.
            IndexLockedError: another writer is open.
            IndexMismatchError, IndexDamagedError: the index has to be rebuilt first.
        """

    def zone(self) -> ZoneInfo:
        """Return the time zone of the days; also for an index that another analyzer or format built."""

    def documents(self) -> Iterator[Document]:
        """Yield all committed articles, each once, as of one point in time, in bounded memory.

        Concurrent changes have no effect on the result. Any analyzer or format may have built the index.
        """

    def count(self) -> int:
        """Return the number of committed articles; also for an index that another analyzer or format built."""


class Maintenance(Protocol):
    """The care of an index; the errors are those of a `Store`."""

    def status(self) -> Status:
        """Return the status of the index."""

    def verify(self) -> tuple[str, ...]:
        """Return the problems of the index, one line each with its remedy; empty if it is sound.

        The outcome is kept as a `Verification`, if this user may write to the index.
        """

    def behind(self) -> int:
        """Return how many changes `catch_up` would apply."""

    def catch_up(self) -> int:
        """Apply the changes that a crash left out of the index; return their number.

        Raises:
            IndexingError: as `Store.writer`.
        """


class Rebuilding(Protocol):
    """The replacement of an index by one that is built from the same articles; the errors are those of a `Store`."""

    def rebuild(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """Rebuild the index from its own articles; return their number. The old index serves searches meanwhile.

        Raises:
            IndexingError: there are no articles, or iterating over `analyzed` failed; the old index is unchanged.
        """

    def roll_back(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """Return to the index before the last `rebuild`, with later changes applied; return its number of articles.

        Raises:
            IndexMismatchError: another analyzer or format built it.
            IndexingError: there is no such index, or iterating over `analyzed` failed; the current index is unchanged.
        """


class MaintainedStore(Store, Maintenance, Rebuilding, Protocol):
    """All that an engine offers of an index to the write path."""
