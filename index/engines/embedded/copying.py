"""Copies an index as of one commit into an empty folder, while writers commit and rebuild.

First all files of one generation are opened: they can be read to their end even if a writer removes them. The articles
are copied last, in one read transaction, so they are never older than the index. Then the changes that the copied
index lacks are applied, as after a crash, and the copy is verified. Bytes are copied, not links: a copy that shares
blocks with the index would be lost with it.

An index that has to be rebuilt is copied too. If it has another format, nothing is known of its index files, and the
copy has its articles and its manifest.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from index import disk
from index.archive.connections import log_files
from index.archive.reader import Archive
from index.engines.embedded.commit_point import generations, read_commit_point
from index.engines.embedded.store import EmbeddedStore
from index.errors import (
    ArchiveChangedError,
    IndexDamagedError,
    IndexInconsistentError,
    IndexingError,
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
    IndexUnsoundError,
    command,
)
from index.layout import ARCHIVE_NAME, MANIFEST_NAME, has_index_files
from index.manifest import Manifest, read_current_manifest, read_manifest
from index.store import Progress

ATTEMPTS = 40
"""A commit may remove a file between the reading of its name and its opening, and a rebuild may change the manifest;
then the newest generation is tried."""
PAUSE = 0.05
"""Seconds between two attempts."""
_CHUNK = 1 << 20
_COPYING = 0.5
"""Fraction of the work that copying counts as, in the progress; the rest is the check."""


@dataclasses.dataclass(frozen=True, slots=True)
class Copied:
    """What was copied."""

    documents: int
    """Number of articles."""
    size_bytes: int
    generation: str
    """Name of the generation; empty if the copy has no index files."""
    outdated: str
    """Why the index has to be rebuilt before this Judhur can search it; empty if it need not."""
    directory: str
    """Name of the directory of index files; empty if the copy has none."""


@dataclasses.dataclass(frozen=True, slots=True)
class _OpenIndex:
    """The files of one generation, held open."""

    manifest: Manifest | None
    """None if the index has another format."""
    outdated: str
    """See `Copied`."""
    files: Mapping[str, BinaryIO]
    """Manifest and index files, by their path in the folder; the manifest is last."""


def copy_index(source: Path, target: Path, progress: Progress | None = None) -> Copied:
    """Copy the index in `source` into the empty folder `target`, verify the copy and return what was copied.

    All of it is on disk then. `source` is not changed.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError, IndexInconsistentError: it cannot be opened; the message has the remedy.
        IndexNewerError: a newer Judhur wrote its articles.
        IndexLockedError: it was rebuilt at each of the attempts to open it.
        IndexUnsoundError: it, or the copy, has problems.
        IndexingError: the copy does not fit on the disk, or the disk failed.
        OSError: as IndexingError.
    """
    tell = progress or (lambda _documents, _fraction: None)
    with closing(Archive(source, older=True)) as archive:
        documents = archive.count()
        with _opened(source) as index:
            outdated = index.outdated or ("" if archive.is_newest else _older_articles(source))
            _check_space(index, archive.path, target)
            _copy_files(index, target)
        tell(0, _COPYING / 2)
        _copy_articles(
            archive,
            target / ARCHIVE_NAME,
            lambda fraction: tell(round(documents * fraction), _COPYING * (1 + fraction) / 2),
        )
    disk.sync_folder(target)
    copied = _completed(source, target, outdated, index.manifest)
    _sync(target)
    tell(copied.documents, 1.0)
    return copied


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _completed(source: Path, target: Path, outdated: str, manifest: Manifest | None) -> Copied:
    """Apply the changes that the index files in the copy lack, verify it and return what it has.

    Raises:
        IndexUnsoundError: it has problems.
    """
    store = EmbeddedStore(str(target))
    documents, generation = 0, ""
    try:
        if outdated:
            with closing(Archive(target, older=True)) as archive:
                problems = tuple(
                    f"{archive.path}: {fault}; restore the file from a backup" for fault in archive.check()
                )
                documents = archive.count()
        else:
            problems = _caught_up(store)
            if not problems:
                status = store.status()
                documents, generation = status.documents, status.generation
    except (IndexDamagedError, IndexInconsistentError) as error:
        problems = (str(error),)
    if problems:
        raise IndexUnsoundError(
            f"the copy of the index at {source} has problems, most likely as the index: {command('verify', source)}",
            tuple(problem.replace(str(target), str(source)) for problem in problems),
        )
    return Copied(documents, size_of(target), generation, outdated, manifest.directory if manifest else "")


def _caught_up(store: EmbeddedStore) -> tuple[str, ...]:
    """Apply the changes that an index lacks and return its problems."""
    failed: tuple[str, ...] = ()
    try:
        store.catch_up()
    except (IndexDamagedError, IndexInconsistentError) as error:
        failed = (str(error),)
    return store.verify() or failed


@contextmanager
def _opened(folder: Path) -> Iterator[_OpenIndex]:
    """Yield the newest generation of an index with its files open."""
    with ExitStack() as files:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                index = _open(folder, files)
                break
            except (IndexDamagedError, IndexLockedError, FileNotFoundError) as error:
                files.close()
                if attempt == ATTEMPTS:
                    raise _unreadable(folder, error) from error
                time.sleep(PAUSE)
        yield index


def _open(folder: Path, files: ExitStack) -> _OpenIndex:
    manifest, outdated = _manifest(folder)
    names: list[str] = []
    if manifest is not None:
        newest = next(iter(generations(folder / manifest.directory)), None)
        if newest is None:
            raise IndexDamagedError(
                f"{folder / manifest.directory} has no commit point; run {command('rebuild', folder)}"
            )
        names = [f"{manifest.directory}/{name}" for name in sorted(read_commit_point(newest).files())]
    opened = {name: files.enter_context((folder / name).open("rb")) for name in (*names, MANIFEST_NAME)}
    if _manifest(folder) != (manifest, outdated):  # then the open manifest may name another directory
        raise IndexLockedError(f"{folder} is rebuilt again and again; try again when the writer has ended")
    return _OpenIndex(manifest, outdated, opened)


def _manifest(folder: Path) -> tuple[Manifest | None, str]:
    """Return the manifest of an index, and why it has to be rebuilt; None if its index files have another format."""
    try:
        return read_current_manifest(folder), ""
    except IndexMissingError:
        if has_index_files(folder):
            raise IndexDamagedError(f"{folder / MANIFEST_NAME} is missing; run {command('rebuild', folder)}") from None
        raise
    except IndexMismatchError as error:
        outdated = str(error)
    try:
        return read_manifest(folder), outdated
    except IndexMismatchError:
        return None, outdated


def _unreadable(folder: Path, error: IndexingError | FileNotFoundError) -> IndexingError:
    remedy = command("rebuild", folder)
    if isinstance(error, FileNotFoundError):
        return IndexDamagedError(f"{error.filename} is missing; run {remedy}")
    if isinstance(error, IndexLockedError) or remedy in str(error):
        return error
    return IndexDamagedError(f"{error}; run {remedy}")


def _older_articles(source: Path) -> str:
    return f"the articles at {source} are stored in an older version; run {command('rebuild', source)}"


def _check_space(index: _OpenIndex, archive: Path, target: Path) -> None:
    """Raise an error if the copy does not fit on the disk."""
    articles = [path.stat().st_size for path in (archive, log_files(archive)[0]) if path.exists()]
    size = sum(articles) + sum(os.fstat(file.fileno()).st_size for file in index.files.values())
    free = shutil.disk_usage(target).free
    if free < size:
        raise IndexingError(
            f"the copy takes {size:,} bytes, and the disk of {target.parent} has {free:,} free; nothing was changed: "
            "free some space, or name another disk"
        )


def _copy_files(index: _OpenIndex, target: Path) -> None:
    if index.manifest is not None:
        disk.make_folder(target / index.manifest.directory)
    for name, file in index.files.items():
        with disk.NewFile(target / name) as copy:
            while chunk := file.read(_CHUNK):
                copy.write(chunk)


def _copy_articles(archive: Archive, target: Path, progress: Callable[[float], None]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            archive.copy_to(target, progress)
        except ArchiveChangedError:
            if attempt == ATTEMPTS:
                raise
            disk.remove(target)
        else:
            return


def _sync(folder: Path) -> None:
    """Put everything in a folder on disk, whoever wrote it."""
    for path in folder.rglob("*"):
        (disk.sync_folder if path.is_dir() else disk.sync_file)(path)
    disk.sync_folder(folder)
