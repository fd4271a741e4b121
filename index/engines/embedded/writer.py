"""The embedded writer: writes articles to the archive and their words to segments, in an order that is crash-safe.

A commit (1) writes the new segments and the deletions of older documents, while bad data or a full disk can still fail
it, (2) commits the archive, (3) writes the commit point with the number of the last change in the index. Each step is
on disk before the next begins. After a crash between 2 and 3 the index lags behind the archive, and
`EmbeddedStore.catch_up` applies the missing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from index import disk
from index.analysis.installed import load_analyzer
from index.archive.database import lacks
from index.archive.upgrade import upgrade
from index.archive.writer import ArchiveWriter
from index.document import AnalyzedDocument
from index.engines.embedded.commit_point import (
    CommitPoint,
    SegmentEntry,
    generations,
    number_of,
    read_commit_point,
    write_commit_point,
)
from index.engines.embedded.generation import Generation, open_newest
from index.engines.embedded.pairing import check_pair
from index.engines.embedded.segments import SegmentSet
from index.errors import (
    IndexDamagedError,
    IndexInconsistentError,
    IndexingError,
    IndexMismatchError,
    IndexMissingError,
    command,
)
from index.layout import STAGED_NAME, directories, has_index_files, unused_directory
from index.lock import WriterLock, make_index_folder
from index.manifest import (
    Manifest,
    draft_of_manifest,
    read_current_manifest,
    read_manifest,
    write_manifest,
    zone_of_other_format,
)
from index.schema import DEFAULT_ZONE, FORMAT_VERSION
from index.writer import Committed, Existing, new_generation

KEPT_BYTES = 64 * 1024 * 1024
"""Up to this size the files of the generation before the newest are kept, besides those that both need."""
KEPT_SHARE = 0.25
"""The same as a share of the newest generation: a merge of large segments must not double the space on disk."""


class EmbeddedWriter:
    """The one writer of an embedded index. Holds the lock from construction until `close`."""

    def __init__(self, folder: Path, *, create: str | None = None, rebuilding: bool = False) -> None:
        """Open the index in `folder` for writing; `create` is a time zone: an index with it is created if none exists.

        With `create` or `rebuilding`, articles of an older version are upgraded to the newest one first.

        Raises:
            IndexMissingError: there is no index and `create` is None.
            IndexLockedError: another writer is open.
            IndexMismatchError, IndexDamagedError: the index has to be rebuilt (`rebuilding` opens it).
            IndexInconsistentError: articles and index do not belong together (`rebuilding` opens it if there are
                articles).
            IndexNewerError: a newer Judhur wrote its articles.
        """
        if create is not None:
            make_index_folder(folder)
        elif not folder.is_dir():
            raise IndexMissingError(f"no index at {folder}; make one: {command('add PATH…', folder)}")
        self._folder = folder
        self._lock = WriterLock(folder)
        with ExitStack() as opened, _translated(folder):
            opened.callback(self._lock.release)
            manifest = self._present_manifest(create, rebuilding=rebuilding)
            if create is not None or rebuilding:
                upgrade(folder)
            self.archive = ArchiveWriter(folder, create=create is not None and not has_index_files(folder))
            opened.callback(self.archive.close)
            self._manifest = manifest or self._first_manifest(create, rebuilding=rebuilding)
            self._commit_point: CommitPoint | None = None
            self._entries: tuple[SegmentEntry, ...] = ()
            """The segments of the last commit, even if its commit point could not be written yet."""
            self._previous: CommitPoint | None = None
            self._set: SegmentSet | None = None
            if not rebuilding:
                generation = open_newest(folder, self._manifest.directory)
                check_pair(folder, self.archive, generation.commit_point)
                self._use(generation)
            opened.pop_all()

    @property
    def manifest(self) -> Manifest:
        """The manifest of the index."""
        return self._manifest

    @property
    def zone(self) -> ZoneInfo:
        """See `ArticleLookup.zone`."""
        return ZoneInfo(self._manifest.zone)

    @property
    def change(self) -> int:
        """Number of the last change of the archive that the newest generation has applied."""
        return self._commit_point.change if self._commit_point else 0

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        """See `IndexWriter.add`; documents that exceed the memory limit are flushed to segments before the commit."""
        with self._all_or_nothing() as segments:
            for document in documents:
                with _translated(self._folder):
                    segments.put(document, existing=self.archive.put(document.document))

    def delete(self, ids: Iterable[str]) -> int:
        """See `IndexWriter.delete`."""
        deleted = 0
        with self._all_or_nothing() as segments:
            for document_id in list(ids):
                if self.archive.delete(document_id):
                    segments.delete(document_id)
                    deleted += 1
                elif segments.has(document_id):
                    raise lacks(self.archive.path, document_id)
        return deleted

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """See `ArticleLookup.existing`."""
        return self.archive.existing(ids)

    def move(self, document_id: str, origin: str) -> None:
        """See `ArticleWriter.move`."""
        self.archive.move(document_id, origin)

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """See `ArticleLookup.ids_by_origin`."""
        return self.archive.ids_by_origin(chosen)

    def replay(self, changes: Iterable[tuple[str, AnalyzedDocument | None]]) -> None:
        """Apply changes that the archive already has to the index: (id, article), or (id, None) for a deletion."""
        with self._all_or_nothing() as segments:
            for document_id, document in changes:
                if document is None:
                    segments.delete(document_id)
                else:
                    with _translated(self._folder):
                        segments.put(document, existing=True)

    def begin_commit(self) -> Committed:
        """See `ArticleWriter.begin_commit`; commits immediately, and merges little, since more is to come."""
        self._commit(ends_run=False)
        return Committed(())

    def commit(self) -> tuple[()]:
        """See `IndexWriter.commit`; no article is refused, since `add` is all or nothing.

        What was written since the last call becomes one segment.

        Raises:
            IndexingError: the disk failed. The old generation stays searchable. If the archive was already committed,
                the next commit of this writer, or the next writer, completes the commit.
        """
        self._commit(ends_run=True)
        return ()

    def rollback(self) -> None:
        """See `IndexWriter.rollback`."""
        if self._set is not None:
            self._set.rollback()
        self.archive.rollback()

    def rebuild(self, documents: Iterable[AnalyzedDocument]) -> None:
        """Build new index files from all `documents` of the archive, then switch to them."""
        manifest = Manifest(
            format=FORMAT_VERSION,
            analyzer=load_analyzer().version.number,
            fingerprint=load_analyzer().version.fingerprint,
            zone=self._manifest.zone,
            directory=unused_directory(self._folder),
        )
        directory = self._folder / manifest.directory
        try:
            with _translated(self._folder):
                newest = self.archive.newest_commit()
                disk.make_folder(directory)
                empty = Generation(directory, CommitPoint(0, "", 0, manifest.zone, ()))
                segments = SegmentSet(empty, ZoneInfo(manifest.zone))
                for document in documents:
                    segments.put(document, existing=False)
                entries = segments.flush(ends_run=True)
                commit_point = CommitPoint(
                    1, new_generation(), newest.change, manifest.zone, entries, newest.archive, newest.name
                )
                write_commit_point(directory, commit_point)
                disk.sync_folder(self._folder)
                write_manifest(self._folder, manifest)
        except BaseException:
            if self._is_current(manifest):  # it may not survive a power failure, but readers already use it
                with _translated(self._folder):
                    self._adopt(manifest)
            else:
                disk.remove_folder(directory)
            raise
        with _translated(self._folder):
            self._adopt(manifest)

    def close(self) -> None:
        """See `ArticleWriter.close`."""
        try:
            if self._set is not None:
                self._set.rollback()
            self.archive.close()
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_current(self, manifest: Manifest) -> bool:
        try:
            return read_manifest(self._folder) == manifest
        except IndexingError:
            return False

    def _adopt(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._use(open_newest(self._folder, manifest.directory))

    def _use(self, generation: Generation) -> None:
        self._commit_point = generation.commit_point
        self._entries = generation.commit_point.segments
        self._set = SegmentSet(generation, ZoneInfo(self._manifest.zone))
        self._fell_back = generation.fell_back
        older = generations(generation.folder)[1:]
        self._previous = _read_if_sound(older[0]) if older and not self._fell_back else None
        if not self._fell_back:
            self._remove_strays()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[SegmentSet]:
        """Roll back if anything fails; the writer stays usable."""
        if self._set is None:
            raise IndexDamagedError(
                f"the index at {self._folder} has to be rebuilt; run {command('rebuild', self._folder)}"
            )
        try:
            yield self._set
        except BaseException:
            self.rollback()
            raise

    def _commit(self, *, ends_run: bool) -> None:
        with self._all_or_nothing() as segments, _translated(self._folder):
            entries = self._entries
            if segments.changed or (ends_run and segments.has_run):
                entries = segments.flush(ends_run=ends_run)
                self.archive.forget_former(self.change)
            self.archive.commit()
            segments.accept()
            self._entries = entries
        with _translated(self._folder):
            self._publish()

    def _present_manifest(self, create: str | None, *, rebuilding: bool) -> Manifest | None:
        """Return the manifest of an index that can be opened; None if a new manifest is needed."""
        try:
            return read_manifest(self._folder) if rebuilding else read_current_manifest(self._folder)
        except IndexMissingError:
            if create is None and not rebuilding:
                raise
        except (IndexMismatchError, IndexDamagedError, IndexInconsistentError):
            if not rebuilding:
                raise
        return None

    def _first_manifest(self, create: str | None, *, rebuilding: bool) -> Manifest:
        """Return the manifest of a new index, and write it unless rebuilding: a rebuild writes its own at the end."""
        manifest = Manifest(
            format=FORMAT_VERSION,
            analyzer=load_analyzer().version.number,
            fingerprint=load_analyzer().version.fingerprint,
            zone=create or former_zone(self._folder),
            directory=unused_directory(self._folder),
        )
        if not rebuilding:
            directory = self._folder / manifest.directory
            disk.make_folder(directory)
            archive = self.archive.newest_commit().archive
            write_commit_point(directory, CommitPoint(1, new_generation(), 0, manifest.zone, (), archive))
            disk.sync_folder(self._folder)
            write_manifest(self._folder, manifest)
        return manifest

    def _publish(self) -> None:
        """Write the commit point of the last commit, unless the current one equals it."""
        commit_point, commit = self._commit_point, self.archive.newest_commit()
        if commit_point is None or (
            not self._fell_back and (commit_point.segments, commit_point.change) == (self._entries, commit.change)
        ):
            return
        directory = self._folder / self._manifest.directory
        number = number_of(generations(directory)[0]) + 1
        newest = CommitPoint(
            number,
            new_generation(),
            commit.change,
            self._manifest.zone,
            self._entries,
            commit.archive,
            commit.name,
        )
        write_commit_point(directory, newest)
        self._previous = commit_point if _is_small_beside(commit_point, newest) else None
        self._commit_point, self._fell_back = newest, False
        self._remove_strays()

    def _remove_strays(self) -> None:
        """Remove the files that neither the newest nor the previous generation needs; the write lock makes it safe."""
        needed = {
            name
            for commit_point in (self._commit_point, self._previous)
            if commit_point
            for name in commit_point.files()
        }
        for path in (self._folder / self._manifest.directory).iterdir():
            if path.name not in needed:
                disk.remove(path)
        disk.remove(draft_of_manifest(self._folder))
        if (staged := self._folder / STAGED_NAME).exists():
            disk.remove_folder(staged)
        others = [path for _, path in directories(self._folder) if path.name != self._manifest.directory]
        if others:
            disk.sync_folder(self._folder)  # first make the manifest that names the current directory durable
        for path in others:
            disk.remove_folder(path)


def former_zone(folder: Path) -> str:
    """Return the time zone of an index with an unusable manifest: from a commit point, the manifest, or the default."""
    for _, directory in sorted(directories(folder), reverse=True):
        for path in generations(directory):
            commit_point = _read_if_sound(path)
            if commit_point is not None:
                return commit_point.zone
    return zone_of_other_format(folder) or DEFAULT_ZONE


def _is_small_beside(former: CommitPoint, newest: CommitPoint) -> bool:
    """Return whether the files that only `former` needs take little space."""
    shared = {segment.name for segment in newest.segments}
    own = sum(segment.size for segment in former.segments if segment.name not in shared)
    return own <= max(KEPT_BYTES, KEPT_SHARE * sum(segment.size for segment in newest.segments))


def _read_if_sound(path: Path) -> CommitPoint | None:
    try:
        return read_commit_point(path)
    except IndexDamagedError:
        return None


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Translate disk errors into ours."""
    try:
        yield
    except OSError as error:
        raise IndexingError(
            f"{folder}: {error}; nothing was lost: free some disk space and run the command again"
        ) from error
