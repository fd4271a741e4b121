"""The whole write path on one page: articles → analysis → writer → commit."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from index.analysis.pipeline import load_analyzer
from index.archive import Archive
from index.document import AnalyzedDocument, Notice, Refusal
from index.engines import folder_of, open_writer
from index.engines.whoosh.contents import Contents
from index.engines.whoosh.generation import open_newest
from index.engines.whoosh.verify import verify_files
from index.engines.whoosh.writer import WhooshWriter
from index.errors import IndexingError, IndexMismatchError
from index.intake import Arrival, analyzing, arriving, portioned
from index.jobs import COLLECT_AFTER, analyze_document
from index.manifest import DEFAULT_ZONE, read_current_manifest, read_manifest
from index.sources import ArticleReader

__all__ = [
    "Listener", "Progress", "Report", "Status",
    "add_articles", "analyze_document", "behind", "delete_articles", "rebuild", "repair", "status", "verify",
]  # fmt: skip

BATCH_DOCUMENTS = 2_000
"""Articles between two commits: about 200 MB of memory at the length of newspaper articles."""

BATCH_CHARACTERS = 20_000_000
"""Code points between two commits, for articles that are longer than that."""

Progress = Callable[[int, float], None]
"""Called with the number of articles done and the share of the work done, 0 to 1."""

Listener = Callable[[Refusal | Notice], None]
"""Called with everything that a reader of the log should know."""


_Change = tuple[str, AnalyzedDocument | None]
"""An id and what stands under it now; None where it was deleted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What one run did, in articles; `seconds` is wall time."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    removed: int = 0
    refused: int = 0
    seconds: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """What stands at a location."""

    location: str
    documents: int
    generation: str
    analyzer: str
    fingerprint: str
    format: int
    zone: str
    up_to_date: bool
    """Whether this code's analyzer and format built it; if not, `rebuild` is needed."""
    behind: int
    """Changes of the archive that a crash kept from the index; the next opening reads them."""
    change: int
    size_bytes: int


def add_articles(
    location: str,
    paths: Sequence[Path],
    *,
    sync: bool = False,
    zone: dt.tzinfo | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    report: Listener | None = None,
) -> Report:
    """Read articles from `paths` into the index at `location`, making one where none is.

    An article whose content is known already is left alone; a changed one replaces what has its id. With `sync`,
    articles that came from under `paths` before and are no longer there are removed, except those of files that could
    not be read this time. Commits happen every few thousand articles, so an interrupted run goes on where it was.
    With more than one of `jobs` as many worker processes make documents of the articles and analyze them.

    Raises:
        SourceError: a path is missing or of an unknown kind; nothing was changed.
        IndexingError: the index cannot be written, or a worker failed; what was committed before stays.
    """
    began = time.monotonic()
    days_of = _named(zone)
    reader = ArticleReader(paths, zone=days_of)
    with _few_collections(), open_writer(location, create=days_of.key) as writer:
        _repair(writer)
        run = _AddRun(writer, report or (lambda _: None))
        with arriving(reader, writer.archive, ZoneInfo(writer.manifest.zone), jobs=jobs) as arrivals:
            for arrival in arrivals:
                run.take(arrival)
                if progress is not None:
                    progress(run.done, reader.fraction)
        if sync:
            run.remove_missing(reader)
        run.commit()
        if progress is not None:
            progress(run.done, 1.0)
    return dataclasses.replace(run.report, seconds=time.monotonic() - began)


def delete_articles(location: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Delete articles by id and return those of `ids` that were not there.

    Raises:
        IndexingError: the index is missing or cannot be written.
    """
    with open_writer(location) as writer:
        _repair(writer)
        missing = tuple(document_id for document_id in dict.fromkeys(ids) if not writer.delete([document_id]))
        writer.commit()
    return missing


def rebuild(location: str, *, jobs: int = 1, progress: Progress | None = None) -> Report:
    """Build the index files anew from the articles kept at `location`; the old ones answer meanwhile.

    With more than one of `jobs` as many worker processes analyze the articles.

    Raises:
        IndexingError: there are no articles to build from, the disk refused, or a worker failed; the old index stays.
    """
    began = time.monotonic()
    done = 0
    with _few_collections(), open_writer(location, rebuilding=True) as writer:
        total = writer.archive.count()
        documents = (document for _, document in writer.archive.changes_since(0) if document is not None)
        with analyzing(documents, ZoneInfo(writer.manifest.zone), jobs=jobs) as analyzed:

            def changes() -> Iterator[_Change]:
                nonlocal done
                for document in analyzed:
                    yield document.document.id, document
                    done += 1
                    if progress is not None:
                        progress(done, done / total)

            writer.rebuild(portioned(changes(), _length, at_most=BATCH_DOCUMENTS, size_at_most=BATCH_CHARACTERS))
    return Report(added=done, seconds=time.monotonic() - began)


def repair(location: str) -> int:
    """Read again what a crash kept from the index; return the number of changes that were missing.

    Raises:
        IndexingError: as `open_writer`.
    """
    with open_writer(location) as writer:
        return _repair(writer)


def behind(location: str) -> int:
    """Return how many changes of its articles the index at `location` has not read; see `repair`.

    A damaged generation that nothing was lost with counts as one: it is to be written again.

    Raises:
        IndexingError: as `status`.
    """
    folder = folder_of(location)
    generation = open_newest(folder, read_manifest(folder).directory)
    return _behind(folder, generation.contents) or int(generation.fell_back)


def status(location: str) -> Status:
    """Return what stands at `location`.

    Raises:
        IndexingError: there is no index, or its manifest cannot be read.
    """
    folder = folder_of(location)
    manifest = read_manifest(folder)
    try:
        read_current_manifest(folder)
        up_to_date = True
    except IndexMismatchError:
        up_to_date = False
    contents = open_newest(folder, manifest.directory).contents
    return Status(
        location=location,
        documents=contents.documents,
        generation=contents.generation,
        analyzer=manifest.analyzer,
        fingerprint=manifest.fingerprint,
        format=manifest.format,
        zone=manifest.zone,
        up_to_date=up_to_date,
        behind=_behind(folder, contents),
        change=contents.change,
        size_bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
    )


def verify(location: str) -> tuple[str, ...]:
    """Return what is wrong with the index at `location`, a line each; empty when it is sound.

    Raises:
        IndexingError: there is no index, or it cannot be opened at all.
    """
    return verify_files(folder_of(location))


class _AddRun:
    """One run of `add_articles`: takes what arrives and counts what became of it."""

    def __init__(self, writer: WhooshWriter, listener: Listener) -> None:
        self.report = Report()
        self.done = 0
        self._writer = writer
        self._listener = listener
        self._seen: set[str] = set()
        self._waiting = self._characters = 0

    def take(self, arrival: Arrival | Refusal | Notice) -> None:
        if isinstance(arrival, Arrival):
            self._put(arrival)
            self.done += 1
        else:
            self._listener(arrival)
            if isinstance(arrival, Refusal):
                self._seen.add(arrival.document_id)  # what was refused now may have been fine before: it stays
                self._count("refused")
                self.done += 1

    def remove_missing(self, reader: ArticleReader) -> None:
        covered, failed = reader.origins(), reader.failed_origins

        def gone(origin: str) -> bool:
            return covered.covers(origin) and origin not in failed

        self.commit()
        missing = [known for known in self._writer.archive.ids_by_origin(gone) if known not in self._seen]
        self._count("removed", self._writer.delete(missing))
        self._waiting += len(missing)

    def commit(self) -> None:
        self._writer.commit()
        self._waiting = self._characters = 0

    def _put(self, arrival: Arrival) -> None:
        document, known, analyzed = arrival
        self._seen.add(document.id)
        if analyzed is None:
            if known is not None and known.origin != document.origin:
                self._writer.archive.move(document.id, document.origin)
            self._count("unchanged")
            return
        self._writer.add([analyzed])
        self._count("added" if known is None else "replaced")
        self._waiting += 1
        self._characters += len(document.text)
        if self._waiting >= BATCH_DOCUMENTS or self._characters >= BATCH_CHARACTERS:
            self.commit()

    def _count(self, outcome: str, number: int = 1) -> None:
        self.report = dataclasses.replace(self.report, **{outcome: getattr(self.report, outcome) + number})


def _behind(folder: Path, contents: Contents) -> int:
    with contextlib.closing(Archive(folder)) as archive:
        return archive.last_change() - contents.change


def _repair(writer: WhooshWriter) -> int:
    analyzer = load_analyzer()
    zone = ZoneInfo(writer.manifest.zone)
    read = 0

    def changes() -> Iterator[_Change]:
        nonlocal read
        for document_id, document in writer.archive.changes_since(writer.change):
            read += 1
            yield document_id, None if document is None else analyze_document(document, analyzer, zone)

    if writer.archive.last_change() != writer.change:
        writer.replay(changes())
    writer.commit()
    return read


@contextlib.contextmanager
def _few_collections() -> Iterator[None]:
    """Have Python search for cyclic garbage seldom."""
    usual = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _length(change: _Change) -> int:
    document = change[1]
    return 0 if document is None else len(document.document.text)


def _named(zone: dt.tzinfo | None) -> ZoneInfo:
    if zone is None:
        return ZoneInfo(DEFAULT_ZONE)
    if isinstance(zone, ZoneInfo):
        return zone
    raise IndexingError(f"time zone {zone} has no IANA name; give one such as {DEFAULT_ZONE}")
