"""The embedded engine: opens an index folder and follows its commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from index.archive.reader import Archive
from index.engines.embedded.generation import Generation
from index.engines.embedded.pairing import check_readable
from index.engines.embedded.verification import last_verification
from index.errors import IndexInconsistentError
from index.layout import MANIFEST_NAME
from index.manifest import read_current_manifest
from search.engine import Condition
from search.engines.cache import Cache, usual_megabytes
from search.engines.embedded.opening import open_generation, retrying
from search.engines.embedded.scan import BackgroundScan
from search.engines.embedded.searcher import EmbeddedSearcher
from search.engines.embedded.snapshot import Snapshot
from search.engines.errors import translated


class EmbeddedEngine:
    """The index in one folder. Safe to share among threads."""

    def __init__(self, folder: Path, *, cache_mb: int | None = None) -> None:
        """Open the index in `folder`, with a cache of at most `cache_mb` megabytes (None: `usual_megabytes`).

        Raises:
            IndexOutdatedError: the index was built with another analyzer or format version.
            EngineUnavailableError: the index is missing or damaged; the message says what to do.
        """
        self._folder = folder
        self._cache_bytes = (usual_megabytes() if cache_mb is None else cache_mb) * 1024 * 1024
        self._lock = threading.Lock()
        self._scan = BackgroundScan()
        with translated(), ExitStack() as opened:
            self._archive = Archive(folder)
            opened.callback(self.close)
            retrying(lambda: self._open_newest(None))
            opened.pop_all()

    @contextmanager
    def searcher(self) -> Iterator[EmbeddedSearcher]:
        """See `Engine.searcher`; a commit by any process is seen by the next searcher."""
        with translated():
            yield self._newest_searcher()

    def close(self) -> None:
        """See `Engine.close`."""
        self._scan.close()
        self._archive.close()

    def condition(self) -> Condition:
        """See `Engine.condition`.

        It counts the files that the background scan found damaged, the problems of the last `judhur index verify`, and
        one if the index is older than its articles, which happens where this process may not write.
        """
        last = last_verification(self._folder, self._files.name)
        problems = self._scan.damaged + int(self._is_old) + (last.problems if last else 0)
        return Condition(problems, last.at if last else None)

    def _newest_searcher(self) -> EmbeddedSearcher:
        searcher = self._searcher
        if self._signature() == self._opened_signature:
            return searcher
        with self._lock:
            if self._signature() != self._opened_signature:
                # the old generation is not closed: a search in another thread may still read it
                retrying(lambda: self._open_newest(searcher.generation))
            return self._searcher

    def _signature(self) -> tuple[int, ...]:
        """Return file attributes that change with a commit, a rebuild or a replaced file; cheap enough per search."""
        try:
            manifest = (self._folder / MANIFEST_NAME).stat()
            files = self._files.stat()
            archive = self._archive.path.stat()
        except OSError:
            return ()  # missing or just replaced: opening the index raises the error or finds the new files
        return (
            *(manifest.st_mtime_ns, manifest.st_ino, files.st_mtime_ns, files.st_ino),
            *(archive.st_dev, archive.st_ino, archive.st_mtime_ns, archive.st_size),
        )

    def _open_newest(self, old: Generation | None) -> None:
        """Open the newest generation; it shares the segments that `old` already has open."""
        manifest = read_current_manifest(self._folder)
        self._files = self._folder / manifest.directory
        signature = self._signature()
        self._follow_archive()
        generation = open_generation(self._folder, manifest, old)
        lacking = check_readable(self._folder, self._archive, generation.commit_point)
        self._is_old = generation.fell_back or lacking > 0
        if old is None or generation.commit_point != old.commit_point or generation.folder != old.folder:
            snapshot = Snapshot(generation, Cache(self._cache_bytes))
            self._searcher = EmbeddedSearcher(snapshot, self._archive, manifest.analyzer)
            self._scan.follow([*(segment.file for segment in generation.segments), self._archive])
        self._opened_signature = signature

    def _follow_archive(self) -> None:
        """Open the archive anew if its file was replaced since it was opened."""
        try:
            self._archive.last_change()
        except IndexInconsistentError:
            replaced, self._archive = self._archive, Archive(self._folder)
            replaced.close()
