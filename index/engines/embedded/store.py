"""The `Store` of an embedded index in a folder: the articles in the archive, and the index derived from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.archive.reader import Archive
from index.document import AnalyzedDocument, Document
from index.engines.embedded.generation import open_newest
from index.engines.embedded.pairing import check_pair
from index.engines.embedded.verify import verify_files
from index.engines.embedded.writer import EmbeddedWriter, former_zone
from index.errors import (
    IndexDamagedError,
    IndexInconsistentError,
    IndexingError,
    IndexMismatchError,
    IndexMissingError,
    SourceError,
    command,
)
from index.jobs import analyze_document
from index.location import is_url, redacted
from index.manifest import read_current_manifest, read_manifest
from index.status import Status
from index.store import Analyzing, Progress


class EmbeddedStore:
    """A `Store`: the index in one folder."""

    def __init__(self, location: str) -> None:
        """Check the location; nothing is opened yet.

        Raises:
            SourceError: the location is not a folder.
        """
        self.location = location
        self._folder = folder_of(location)

    def writer(self, *, create: str | None = None) -> EmbeddedWriter:
        """See `Store.writer`."""
        with ExitStack() as opened:
            writer = opened.enter_context(EmbeddedWriter(self._folder, create=create))
            _catch_up(writer)
            opened.pop_all()
        return writer

    def zone(self) -> ZoneInfo:
        """See `Store.zone`."""
        try:
            return ZoneInfo(read_manifest(self._folder).zone)
        except (IndexMissingError, IndexMismatchError, IndexDamagedError, IndexInconsistentError):
            with closing(Archive(self._folder, older=True)):  # raises IndexMissingError if there are no articles either
                pass
            return ZoneInfo(former_zone(self._folder))

    def documents(self) -> Iterator[Document]:
        """See `Store.documents`; reads only the archive."""
        with closing(Archive(self._folder)) as archive:
            yield from archive.documents()

    def count(self) -> int:
        """See `Store.count`."""
        with closing(Archive(self._folder)) as archive:
            return archive.count()

    def catch_up(self) -> int:
        """See `Maintenance.catch_up`."""
        with EmbeddedWriter(self._folder) as writer:
            return _catch_up(writer)

    def behind(self) -> int:
        """See `Maintenance.behind`; a damaged newest generation counts as a change, since it is rewritten."""
        generation = open_newest(self._folder, read_manifest(self._folder).directory)
        with closing(Archive(self._folder)) as archive:
            lacking = check_pair(self._folder, archive, generation.commit_point)
        return lacking or int(generation.fell_back)

    def status(self) -> Status:
        """See `Maintenance.status`."""
        manifest = read_manifest(self._folder)
        try:
            read_current_manifest(self._folder)
            up_to_date = True
        except IndexMismatchError:
            up_to_date = False
        commit_point = open_newest(self._folder, manifest.directory).commit_point
        with closing(Archive(self._folder, older=True)) as archive:
            up_to_date = up_to_date and archive.is_newest
            behind = check_pair(self._folder, archive, commit_point)
        return Status(
            location=self.location,
            documents=commit_point.documents,
            generation=commit_point.generation,
            analyzer=manifest.analyzer,
            fingerprint=manifest.fingerprint,
            format=manifest.format,
            zone=manifest.zone,
            up_to_date=up_to_date,
            behind=behind,
            change=commit_point.change,
            size_bytes=sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file()),
        )

    def verify(self) -> tuple[str, ...]:
        """See `Maintenance.verify`."""
        return verify_files(self._folder)

    def rebuild(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """See `Rebuilding.rebuild`."""
        done = 0
        with EmbeddedWriter(self._folder, rebuilding=True) as writer:
            total = writer.archive.count()
            with analyzed(writer.archive.documents()) as documents:

                def with_progress() -> Iterator[AnalyzedDocument]:
                    nonlocal done
                    for document in documents:
                        yield document
                        done += 1
                        if progress is not None:
                            progress(done, done / total)

                writer.rebuild(with_progress())
        return done

    def roll_back(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """See `Rebuilding.roll_back`; not supported in a folder, which has no previous index.

        Raises:
            IndexingError: always.
        """
        del analyzed, progress
        self.zone()  # raises IndexMissingError if there is no index
        raise IndexingError(
            f"{redacted(self.location)} has no previous index to return to; rebuild it with the Judhur that you want: "
            f"{command('rebuild', self.location)}"
        )


def folder_of(location: str) -> Path:
    """Return the folder of a location.

    Raises:
        SourceError: the location is a URL, or a file.
    """
    if is_url(location):
        raise SourceError(f"{redacted(location)} is not a folder; name one, for example var/index")
    folder = Path(location)
    if folder.is_file():
        raise SourceError(f"{location} is a file; an index is a folder, for example var/index")
    return folder


def _catch_up(writer: EmbeddedWriter) -> int:
    """Apply the changes that a crash left out of the index; return their number."""
    applied = 0

    def changes() -> Iterator[tuple[str, AnalyzedDocument | None]]:
        nonlocal applied
        analyzer = load_analyzer()
        for document_id, document in writer.archive.changes_since(writer.change):
            applied += 1
            yield document_id, None if document is None else analyze_document(document, analyzer, writer.zone)

    if writer.archive.last_change() != writer.change:
        writer.replay(changes())
    writer.commit()
    return applied
