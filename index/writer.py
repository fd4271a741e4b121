"""The interface of the writer of an index, as every engine implements it.

An `IndexWriter` changes an index, an `ArticleLookup` knows which articles it has, and an `ArticleWriter` is both: the
one writer of an index, which `index.store.Store.writer` opens.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

from index.document import AnalyzedDocument, Refusal


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
            IndexingError: a document cannot be indexed, or the disk failed. All changes since the last commit are
                discarded then.
        """

    def delete(self, ids: Iterable[str]) -> int:
        """Delete documents and return how many of the ids had one."""

    def commit(self) -> tuple[Refusal, ...]:
        """Make everything since the last commit visible; it is on disk when this returns.

        Returns the articles that the engine itself refused, each with its `document`: every article added since the
        last commit is either indexed or refused. A refused article does not replace the indexed one with its id. An
        engine whose `add` is all or nothing refuses none.
        """

    def rollback(self) -> None:
        """Discard everything since the last commit. Leaving the `with` block by an exception calls it."""


class ArticleLookup(Protocol):
    """Knows the articles of an index, with the changes that are not committed yet."""

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the index's days."""

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """Return hash and origin of the articles with these ids, by id; ids without an article are left out."""

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the ids of the articles for whose origin `chosen` returns true, in order.

        `chosen` is called once for each article, so it can also count them.
        """


class Commit(Protocol):
    """A commit that was begun."""

    def wait(self) -> tuple[Refusal, ...]:
        """Wait until the commit is complete; return and raise what `IndexWriter.commit` does, each time.

        If it failed, what was added after it is discarded too.
        """


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """A `Commit` that was complete when it was begun."""

    refusals: tuple[Refusal, ...]

    def wait(self) -> tuple[Refusal, ...]:
        """See `Commit.wait`."""
        return self.refusals


class ArticleWriter(IndexWriter, ArticleLookup, Protocol):
    """The writer of an index. It holds the write lock until `close`; not thread-safe."""

    def move(self, document_id: str, origin: str) -> None:
        """Set the file that an unchanged article now comes from; durable after `commit`."""

    def begin_commit(self) -> Commit:
        """Begin a commit; the caller can continue meanwhile if the engine does the work elsewhere.

        Later changes belong to the next commit. A commit that is still in progress is waited for first: its error is
        raised here too.
        """

    def close(self) -> None:
        """Discard uncommitted changes and release the write lock, after waiting for a commit in progress.

        No error if it was closed before.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""


def new_generation() -> str:
    """Return a unique name for the generation that is being committed: time in UTC and random hex digits."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(2)}"
