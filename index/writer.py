"""The seam of the write path: what every engine promises to whoever adds, copies and checks articles.

An `IndexWriter` takes articles, an `ArticleWriter` also tells what is there already, and a `Store` is an index at a
location, open or not. `index.engines.store_of` knows which engine's it is.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

from index.document import AnalyzedDocument, Document, Refusal

Progress = Callable[[int, float], None]
"""Called with the number of articles done and the share of the work done, 0 to 1."""

Analyzing = Callable[[Iterable[Document]], AbstractContextManager[Iterator[AnalyzedDocument]]]
"""Gives documents analyzed, in their order, while its context lasts: `index.intake.analyze_articles` for one time
zone."""


class Existing(NamedTuple):
    """What an index has under an id, as far as adding needs it."""

    hash: str
    """`Document.content_hash`."""
    origin: str


class IndexWriter(Protocol):
    """Takes analyzed documents into an index; nothing is visible before `commit`."""

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        """Add documents, each in place of the one of the same id.

        Raises:
            IndexingError: a document or the disk refused; the writer can only be rolled back then.
        """

    def delete(self, ids: Iterable[str]) -> int:
        """Delete documents and return how many of the ids were there."""

    def commit(self) -> None:
        """Make everything since the last commit visible; it is on disk when this returns."""

    def rollback(self) -> None:
        """Forget everything since the last commit. Leaving the `with` block by an exception calls it."""


class ArticleWriter(IndexWriter, Protocol):
    """The writer of an index. It holds the write lock until `close`; not thread-safe."""

    @property
    def zone(self) -> ZoneInfo:
        """Time zone in which the index counts its days."""

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """Return what is there under these ids, by id; ids without an article are left out.

        What was added or deleted since the last commit counts as done.
        """

    def begin_commit(self) -> None:
        """Begin to `commit`, while the caller goes on where the engine's work is done elsewhere.

        What is added from here on is the next commit's. Raises what `finish_commit` does.
        """

    def finish_commit(self) -> None:
        """Wait for the commit that was begun, if any, and raise what `commit` would have."""

    def move(self, document_id: str, origin: str) -> None:
        """Note that an unchanged article now comes from another file; durable after `commit`."""

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the ids of the articles whose origin is `chosen`, in order."""

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the articles that the engine itself would not take, since the last call, each with its `document`.

        Whatever was added before a commit is settled when the commit returns, or is finished; what stood under the id
        of a refused article stays. An engine whose `add` is all or nothing has none.
        """

    def close(self) -> None:
        """Forget what was not committed and let others write."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """What stands at a location."""

    location: str
    """Without user and password."""
    documents: int
    """Articles that a search can find."""
    generation: str
    """Name of the state that answers; no other state of any index has it."""
    analyzer: str
    """Version of the analyzer that built it."""
    fingerprint: str
    """Of that analyzer's code version and data."""
    format: int
    """Version of the layout in which the index lies: the engine's own count."""
    zone: str
    """IANA name of the time zone in which it counts its days."""
    up_to_date: bool
    """Whether this code's analyzer and format built it, of articles of the newest version; if not, `rebuild` helps."""
    behind: int
    """Changes of its articles that a crash kept from the index; the next opening reads them."""
    change: int
    """Number of the last change that the index has read; 0 where the engine does not count them."""
    size_bytes: int
    """What index and articles take, on all disks."""


class Store(Protocol):
    """An index at a location, as the write path sees it; making one opens nothing.

    Every method raises IndexMissingError where there is no index, and other IndexingErrors when it cannot be reached
    or read. Articles of an older version (`index.migrations`) an engine reads, or raises IndexMismatchError for: then
    only `writer` with `create`, and `rebuild`, bring them to the newest. IndexNewerError says that they are newer.
    """

    @property
    def location(self) -> str:
        """As it was given; `index.location.redacted` makes it printable."""

    def writer(self, *, create: str | None = None) -> ArticleWriter:
        """Return the writer, after reading again what a crash kept from the index.

        `create` makes an index where none is, with days in that time zone.

        Raises:
            IndexMissingError: there is none and `create` is None.
            IndexLockedError: somebody else is writing.
            IndexMismatchError, IndexDamagedError: only `rebuild` can write this index.
        """

    def zone(self) -> ZoneInfo:
        """Return the time zone of the days, of an index of another analyzer or format too."""

    def documents(self) -> Iterator[Document]:
        """Yield all committed articles, each once, as they stood in one moment, in a bounded amount of memory.

        What others change meanwhile does not disturb it; whatever analyzer or format built the index.
        """

    def count(self) -> int:
        """Return the number of committed articles, by whatever analyzer or format; see `documents`."""

    def catch_up(self) -> int:
        """Read again what a crash kept from the index; return the number of changes that were missing.

        Raises:
            IndexingError: as `writer`.
        """

    def behind(self) -> int:
        """Return how many changes `catch_up` would read; 0 when there is nothing to mend."""

    def status(self) -> Status:
        """Return what stands there."""

    def verify(self) -> tuple[str, ...]:
        """Return what is wrong with the index, a line each with its remedy; empty when it is sound."""

    def rebuild(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """Build the index anew from its own articles; return their number. The old one answers meanwhile.

        Raises:
            IndexingError: there are no articles to build from, or what asking `analyzed` raises; the old index stays.
        """

    def roll_back(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """Let the index before the last `rebuild` answer again, with what was written since.

        Returns the number of its articles.

        Raises:
            IndexMismatchError: it is another analyzer's or format's.
            IndexingError: there is none, or what asking `analyzed` raises; the present index stays.
        """


def new_generation() -> str:
    """Return a name for the state of an index that is being committed."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(2)}"
