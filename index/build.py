"""The write path for any engine: articles → analysis → writer → commit."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime as dt
import functools
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.document import Listener, Notice, Refusal
from index.engines import store_of
from index.errors import IndexingError, SourceError
from index.intake import Arrival, analyze_articles, compare_articles
from index.jobs import COLLECT_AFTER, analyze_document
from index.location import is_same_place, redacted
from index.removals import Removal
from index.schema import DEFAULT_ZONE
from index.sources import ArticleReader
from index.status import Status
from index.store import Analyzing, Progress, Store
from index.writer import ArticleWriter, Commit, Committed

__all__ = [
    "Listener", "Progress", "Report", "Status",
    "add_articles", "analyze_document", "delete_articles", "migrate", "rebuild", "roll_back", "status", "verify",
]  # fmt: skip

BATCH_DOCUMENTS = 2_000
"""Articles between two commits: about 200 MB of memory at the length of newspaper articles."""

BATCH_CHARACTERS = 20_000_000
"""Code points between two commits, for articles that are longer than that."""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """Numbers of articles of one run; each article read counts as added, replaced, unchanged or refused."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    removed: int = 0
    refused: int = 0
    """By the reader, or by the engine."""
    seconds: float = 0.0
    """Wall time."""


def add_articles(
    location: str,
    paths: Sequence[Path],
    *,
    sync: bool = False,
    allow_removals: bool = False,
    zone: dt.tzinfo | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    report: Listener | None = None,
) -> Report:
    """Read articles from `paths` into the index at `location`, which is created if it does not exist.

    An article whose content is indexed already is skipped; a changed one replaces the one with the same id. With
    `sync`, articles that were read from under `paths` before and are no longer there are removed, except those of files
    that could not be read this time; if these are most of the articles under a path, that takes `allow_removals`
    (`index.removals`). There is a commit every few thousand articles, so running the same command again
    resumes an interrupted run. With `jobs` above 1, worker processes analyze words in parallel.

    Raises:
        SourceError: a path is missing or of an unknown kind; nothing was changed.
        RemovalsError: most of the articles under a path are no longer there; none was removed.
        IndexingError: the index cannot be written, or a worker failed; earlier commits of the run remain.
    """
    began = time.monotonic()
    days_of = _named(zone)
    reader = ArticleReader(paths, zone=days_of)
    with _few_collections(), store_of(location).writer(create=days_of.key) as writer:
        run = _Run(writer, report)
        with compare_articles(reader.read(), writer, writer.zone, analyzer=load_analyzer(), jobs=jobs) as arrivals:
            for arrival in arrivals:
                run.take(arrival)
                if progress is not None:
                    progress(run.done, reader.fraction)
        if sync:
            run.remove_missing(reader, allowed=allow_removals)
        run.commit()
        if progress is not None:
            progress(run.done, 1.0)
    return run.report(began)


def migrate(
    source: str,
    target: str,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    report: Listener | None = None,
) -> Report:
    """Copy the articles of the index at `source` into the one at `target`, between any two engines.

    `source` is read as of one point in time and is not changed; another analyzer or format may have built it, but in a
    folder its articles must have the newest version (`index.archive.migrations`). `target` is created if it does not
    exist, with the time zone of `source`. As in `add_articles`, unchanged articles are skipped and changed ones
    replaced, so running the migration again resumes an interrupted one. Articles that only `target` has are not
    removed; `report` gets a notice with their number.

    Raises:
        SourceError: the two are one index; nothing was changed.
        IndexMissingError: there is no index at `source`; nothing was changed.
        IndexMismatchError: the articles at `source` have an older version; nothing was changed.
        IndexingError: `source` cannot be read, `target` cannot be written, or a worker failed; earlier commits remain.
    """
    began = time.monotonic()
    if is_same_place(source, target):
        raise SourceError(
            f"{redacted(source)} and {redacted(target)} are the same index; name another one to copy it to"
        )
    former, store = store_of(source), store_of(target)
    total, zone = former.count(), former.zone()
    with _few_collections(), store.writer(create=zone.key) as writer:
        run = _Run(writer, report)
        if writer.zone.key != zone.key:
            run.notify(target, f"days are counted in {writer.zone.key} here, in {zone.key} at {redacted(source)}")
        with compare_articles(former.documents(), writer, writer.zone, analyzer=load_analyzer(), jobs=jobs) as arrivals:
            for arrival in arrivals:
                run.take(arrival)
                if progress is not None:
                    progress(run.done, min(run.done / total, 1.0) if total else 1.0)
        run.commit()
        extra = store.count() - run.held
        if extra < 0:
            raise IndexingError(
                f"{redacted(target)} has {-extra} articles fewer than were copied; run the command again"
            )
        if extra:
            run.notify(target, f"articles here that are not at {redacted(source)}: {extra:,}; they stay")
        if progress is not None:
            progress(run.done, 1.0)
    return run.report(began)


def delete_articles(location: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Delete articles by id and return those of `ids` that have no article.

    Raises:
        IndexingError: the index is missing or cannot be written.
    """
    with store_of(location).writer() as writer:
        missing = tuple(document_id for document_id in dict.fromkeys(ids) if not writer.delete([document_id]))
        writer.commit()
    return missing


def rebuild(location: str, *, jobs: int = 1, progress: Progress | None = None) -> Report:
    """Rebuild the index from the articles stored at `location`; the old index serves searches meanwhile.

    `jobs` as in `add_articles`. The report counts all articles as added.

    Raises:
        IndexingError: there are no articles, the disk or cluster failed, or a worker did; the old index is unchanged.
    """
    began = time.monotonic()
    store = store_of(location)
    with _few_collections():
        done = store.rebuild(_analyzing(store, jobs), progress)
    return Report(added=done, seconds=time.monotonic() - began)


def roll_back(location: str, *, jobs: int = 1, progress: Progress | None = None) -> Report:
    """Return to the index before the last `rebuild`, with later changes applied.

    `jobs` as in `add_articles`. The report counts all articles as added.

    Raises:
        IndexMismatchError: another analyzer or format built that index: only the Judhur that built it can return to it.
        IndexingError: there is no such index, other writers hold the lock too long, or as `rebuild`; nothing changes.
    """
    began = time.monotonic()
    store = store_of(location)
    with _few_collections():
        done = store.roll_back(_analyzing(store, jobs), progress)
    return Report(added=done, seconds=time.monotonic() - began)


def status(location: str) -> Status:
    """Return the status of the index at `location`.

    Raises:
        IndexingError: there is no index, or its metadata cannot be read.
    """
    return store_of(location).status()


def verify(location: str) -> tuple[str, ...]:
    """Return the problems of the index at `location`, one line each; empty if it is sound.

    Raises:
        IndexingError: there is no index, or it cannot be opened at all.
    """
    return store_of(location).verify()


class _Run:
    """Writes the articles of one run, commits in batches, and counts the outcomes."""

    def __init__(self, writer: ArticleWriter, listener: Listener | None) -> None:
        self.done = 0
        self.held = 0
        """Articles of this run that the index has, including the old versions of those whose update was refused."""
        self._writer = writer
        self._listener = listener or (lambda _: None)
        self._counts: collections.Counter[str] = collections.Counter()
        self._seen: set[str] = set()
        self._new: set[str] = set()
        """Ids of the articles that this run adds."""
        self._waiting: dict[str, str] = {}
        """Outcome by id ("added" or "replaced"), counted when the engine has committed the article."""
        self._commit: Commit | None = None
        """The commit that is in progress."""
        self._committing: dict[str, str] = {}
        """The same as `_waiting`, for the commit that is in progress."""
        self._characters = 0

    def take(self, arrival: Arrival | Refusal | Notice) -> None:
        if isinstance(arrival, Arrival):
            self._seen.add(arrival.document.id)
            self._put(arrival)
            self.done += 1
        elif isinstance(arrival, Refusal):
            self._seen.add(arrival.document_id)  # an earlier version of a refused article must not be removed
            self._refuse(arrival)
            self.done += 1
        else:
            self._listener(arrival)

    def notify(self, location: str, text: str) -> None:
        self._listener(Notice(redacted(location), text))

    def remove_missing(self, reader: ArticleReader, *, allowed: bool) -> None:
        self.commit()
        removal = Removal(self._writer, reader.origins(), reader.failed_origins, self._seen)
        if not allowed:
            removal.check(self._new)
        self._counts["removed"] += removal.remove()

    def commit(self) -> None:
        """Commit all that was put; the engine takes the time to make searches fast."""
        self._finish_commit()
        self._commit_waiting(lambda: Committed(self._writer.commit()))
        self._finish_commit()

    def _begin_commit(self) -> None:
        self._finish_commit()
        self._commit_waiting(self._writer.begin_commit)

    def _commit_waiting(self, begin: Callable[[], Commit]) -> None:
        self._commit = begin()
        self._committing, self._waiting = self._waiting, {}
        self._characters = 0

    def _finish_commit(self) -> None:
        """Wait for the commit in progress and count the outcomes of its articles."""
        if self._commit is None:
            return
        for refusal in self._commit.wait():
            self.held += self._committing.pop(refusal.document_id, "") == "replaced"
            self._refuse(refusal)
        self._counts.update(self._committing.values())
        self.held += len(self._committing)
        self._commit = None

    def report(self, began: float) -> Report:
        return Report(**self._counts, seconds=time.monotonic() - began)

    def _put(self, arrival: Arrival) -> None:
        document, existing, analyzed = arrival
        if analyzed is None:
            if existing is not None and existing.origin != document.origin:
                self._writer.move(document.id, document.origin)
            self._counts["unchanged"] += 1
            self.held += 1
            return
        self._writer.add([analyzed])
        if existing is None:
            self._new.add(document.id)
        self._waiting[document.id] = "added" if existing is None else "replaced"
        self._characters += len(document.text)
        if len(self._waiting) >= BATCH_DOCUMENTS or self._characters >= BATCH_CHARACTERS:
            self._begin_commit()

    def _refuse(self, refusal: Refusal) -> None:
        self._counts["refused"] += 1
        self._listener(refusal)


def _analyzing(store: Store, jobs: int) -> Analyzing:
    return functools.partial(analyze_articles, zone=store.zone(), analyzer=load_analyzer(), jobs=jobs)


@contextlib.contextmanager
def _few_collections() -> Iterator[None]:
    """Raise the threshold of Python's cyclic garbage collector while the context lasts."""
    default = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *default[1:])
    try:
        yield
    finally:
        gc.set_threshold(*default)


def _named(zone: dt.tzinfo | None) -> ZoneInfo:
    if zone is None:
        return ZoneInfo(DEFAULT_ZONE)
    if isinstance(zone, ZoneInfo):
        return zone
    raise IndexingError(f"time zone {zone} has no IANA name; give one such as {DEFAULT_ZONE}")
