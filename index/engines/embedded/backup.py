"""Backs up an embedded index: a verified copy under a new name, which is complete or not there.

The copy is written into a folder beside its place (`NAME.partial-…`), which gets its name when all of it is on disk. A
backup that was killed leaves no more than that folder, and the next backup into the same parent folder removes it. Who
writes such a folder locks it, so that backups that run at the same time leave each other's alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index import disk
from index.engines.embedded.copying import Copied, copy_index
from index.errors import IndexingError, SourceError
from index.store import Progress

_PARTIAL = ".partial-"
_RANDOM_DIGITS = 16


def back_up(source: Path, target: Path, progress: Progress | None = None) -> Copied:
    """Copy the index in `source` to `target`, which does not exist or is an empty folder, and return what was copied.

    Raises:
        SourceError: `target` cannot be used.
        IndexUnsoundError: the copy has problems; nothing is left of it.
        IndexingError: as `copy_index`; nothing is left of it.
    """
    target = target.resolve()
    _check_target(source.resolve(), target)
    try:
        disk.make_folders(target.parent)
        _remove_leftovers(target.parent)
        with _partial(target) as partial:
            copied = copy_index(source, partial, progress)
            disk.rename(partial, target)
            disk.sync_folder(target.parent)
    except OSError as error:
        raise IndexingError(
            f"{error.filename or target}: {error.strerror or error}; there is no backup: free some disk space, or "
            "check the disk, and run the command again"
        ) from error
    return copied


def check_apart(source: Path, target: Path, said: str) -> None:
    """Raise an error if one of two resolved folders lies in the other; `said` says what has to be named instead.

    Raises:
        SourceError: they are not apart.
    """
    if source == target:
        raise SourceError(f"{source} and {target} are the same folder; {said}")
    for inner, outer in ((source, target), (target, source)):
        if inner.is_relative_to(outer):
            raise SourceError(f"{inner} lies in {outer}; {said}")


def _check_target(source: Path, target: Path) -> None:
    check_apart(source, target, "name a folder outside the index for the backup")
    if target.is_dir():
        if next(target.iterdir(), None) is not None:
            raise SourceError(f"{target} is not empty; name a new folder for the backup")
        if target.is_mount():
            raise SourceError(f"{target} is the root of a disk; name a new folder in it for the backup")
    elif target.exists():
        raise SourceError(f"{target} is a file; name a new folder for the backup")


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """Yield a new, locked folder beside `target`; it is removed if it still has its name at the end."""
    while True:
        partial = target.with_name(f"{target.name}{_PARTIAL}{secrets.token_hex(_RANDOM_DIGITS // 2)}")
        disk.make_folder(partial)
        with _opened(partial) as folder:
            locked = True
            with contextlib.suppress(OSError):  # nobody locks there, so nobody removes either
                locked = _lock(folder)
            if not locked or not partial.exists():
                continue  # another backup found it before it was locked
            try:
                yield partial
            finally:
                if partial.exists():
                    disk.remove_folder(partial)
            return


def _remove_leftovers(parent: Path) -> None:
    """Remove what killed backups left in a folder."""
    for path in sorted(parent.iterdir()):
        if _is_partial(path.name) and path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError), _opened(path) as folder:
                if _lock(folder):
                    disk.remove_folder(path)


def _is_partial(name: str) -> bool:
    stem, _, digits = name.rpartition(_PARTIAL)
    return bool(stem) and len(digits) == _RANDOM_DIGITS and set(digits) <= set("0123456789abcdef")


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock an open folder and return whether nobody else has it.

    Raises:
        OSError: its file system does not lock folders, as NFS.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
