"""The interface of the write path that every engine implements.

An `IndexWriter` adds and deletes articles, an `ArticleWriter` can also look up existing ones, and a `Store` is an index
at a location, open or not. `index.engines.store_of` returns the store for a location.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

from index.document import AnalyzedDocument, Document, Refusal

Progress = Callable[[int, float], None]
"""Called with the number of articles done and the fraction of the work done, 0 to 1."""

Analyzing = Callable[[Iterable[Document]], AbstractContextManager[Iterator[AnalyzedDocument]]]
"""Returns a context whose value iterates over the analyzed documents in order: `index.intake.analyze_articles` for one
time zone."""


class Existing(NamedTuple):
    """An indexed article, as far as adding needs it."""

    hash: str
    """`Document.content_hash`."""
    origin: str


class IndexWriter(Protocol):
    """Writes analyzed documents to an index; nothing is visible before `commit`."""

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        """Add documents; each replaces the one with the same id.

        Raises:
            IndexingError: a document cannot be indexed, or the disk failed; only `rollback` is possible then.
        """

    def delete(self, ids: Iterable[str]) -> int:
        """Delete documents and return how many of the ids had one."""

    def commit(self) -> None:
        """Make everything since the last commit visible; it is on disk when this returns."""

    def rollback(self) -> None:
        """Discard everything since the last commit. Leaving the `with` block by an exception calls it."""


class ArticleWriter(IndexWriter, Protocol):
    """The writer of an index. It holds the write lock until `close`; not thread-safe."""

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the index's days."""

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """Return hash and origin of the articles with these ids, by id; ids without an article are left out.

        Additions and deletions since the last commit are taken into account.
        """

    def begin_commit(self) -> None:
        """Start a commit; the caller can continue meanwhile if the engine does the work elsewhere.

        Later additions belong to the next commit. Raises the same errors as `finish_commit`.
        """

    def finish_commit(self) -> None:
        """Wait for the commit that was started, if any. Raises the same errors as `commit`."""

    def move(self, document_id: str, origin: str) -> None:
        """Set the file that an unchanged article now comes from; durable after `commit`."""

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the ids of the articles for whose origin `chosen` returns true, in order.

        `chosen` is called once for each article, so it can also count them.
        """

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the articles that the engine itself refused since the last call, each with its `document`.

        When `commit` or `finish_commit` returns, every article added before it is either indexed or refused. A refused
        article does not replace the indexed one with its id. An engine whose `add` is all or nothing has no refusals.
        """

    def close(self) -> None:
        """Discard uncommitted changes and release the write lock."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """The status of an index."""

    location: str
    """Without user and password."""
    documents: int
    """Searchable articles."""
    generation: str
    """Name of the generation that serves searches; unique among all indexes."""
    analyzer: str
    """Version of the analyzer that built it."""
    fingerprint: str
    """Digest of that analyzer's code version and data."""
    format: int
    """Version of the index format; each engine has its own numbers."""
    zone: str
    """IANA name of the time zone of its days."""
    up_to_date: bool
    """Whether this code's analyzer and format built it from articles of the newest version; if not, `rebuild` it."""
    behind: int
    """Changes of its articles that a crash left out of the index; the next writer applies them."""
    change: int
    """Number of the last change that the index has applied; 0 if the engine does not number changes."""
    size_bytes: int
    """Bytes of index and articles on all disks."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of the last `Store.verify`, kept with the index for those who watch the service."""

    at: dt.datetime
    """When it ended, in UTC."""
    problems: int
    """Number of problems; 0 if the index was sound."""

    @classmethod
    def now(cls, problems: int) -> Verification:
        """Return the outcome of a verification that has just ended."""
        return cls(dt.datetime.now(dt.UTC).replace(microsecond=0), problems)

    def values(self) -> dict[str, str | int]:
        """Return it as JSON values, which `of` reads."""
        return {"at": self.at.isoformat(), "problems": self.problems}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Verification:
        """Return the verification with these `values`.

        Raises:
            ValueError, TypeError, KeyError: they are not those of a verification.
        """
        return cls(dt.datetime.fromisoformat(values["at"]), int(values["problems"]))


class Store(Protocol):
    """An index at a location, for the write path; the constructor opens nothing.

    Every method raises IndexMissingError if there is no index, and other IndexingErrors if it cannot be reached or
    read. For articles of an older version (`index.migrations`) an engine either reads them or raises
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

    def catch_up(self) -> int:
        """Apply the changes that a crash left out of the index; return their number.

        Raises:
            IndexingError: as `writer`.
        """

    def behind(self) -> int:
        """Return how many changes `catch_up` would apply."""

    def status(self) -> Status:
        """Return the status of the index."""

    def verify(self) -> tuple[str, ...]:
        """Return the problems of the index, one line each with its remedy; empty if it is sound.

        The outcome is kept as a `Verification`, if this user may write to the index.
        """

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


def new_generation() -> str:
    """Return a unique name for the generation that is being committed: time in UTC and random hex digits."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(2)}"
