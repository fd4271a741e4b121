"""The folder of an index and its write lock: a file that names the holder. A crash of the holder frees the lock."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from index.disk import make_folders, opener
from index.errors import IndexingError, IndexLockedError, IndexReadOnlyError

LOCK_NAME = "writer.lock"

_UNNAMED_SECONDS = 1.0
"""How long a holder may take to write its name."""
_POLL_SECONDS = 0.01
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
"""What `flock` answers where the file system has no locks; network file systems differ in the code."""
_HOLDER_BYTES = 4096


def make_index_folder(folder: Path) -> None:
    """Create the folder of a new index, and those above it; no error if it exists.

    Raises:
        IndexingError: it cannot be created; the message says why.
    """
    with _explained(folder):
        for place in (folder, *folder.parents):
            if place.is_symlink() and not place.exists():
                raise IndexingError(
                    f"{place} is a link to {place.readlink()}, which does not exist; create that folder, mount its "
                    "disk, or remove the link"
                )
        make_folders(folder)


class WriterLock:
    """The exclusive write lock of the index in a folder, held from construction until `release`."""

    def __init__(self, folder: Path) -> None:
        """Acquire the lock.

        Raises:
            IndexLockedError: another process, or another writer in this process, holds it.
            IndexingError: the lock file cannot be written, or its file system has no locks.
        """
        path = folder / LOCK_NAME
        self._descriptor: int | None = None
        with ExitStack() as on_failure:
            with _explained(path):
                descriptor = opener(str(path), os.O_RDWR | os.O_CREAT)
            on_failure.callback(os.close, descriptor)
            _lock(descriptor, folder)
            with _explained(path):
                _write_holder(descriptor)
            on_failure.pop_all()
        self._descriptor = descriptor

    def release(self) -> None:
        """Release the lock; no error if it was released before."""
        if self._descriptor is not None:
            os.close(self._descriptor)  # closing releases the lock, as does the end of the process
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(descriptor: int, folder: Path) -> None:
    """Lock an open file, or raise an error that names the holder."""
    patience = time.monotonic() + _UNNAMED_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(descriptor)
        except OSError as error:
            raise IndexingError(_no_lock(folder, error)) from error
        else:
            return
        if holder.lives or time.monotonic() > patience:
            raise IndexLockedError(
                f"the index at {folder} is being written by {holder.name or 'a process that gives no name'}; "
                "try again when it has ended"
            )
        time.sleep(_POLL_SECONDS)  # the holder has the lock and is about to write its name, or has just ended


def _write_holder(descriptor: int) -> None:
    """Write the name of this process over the one before; on a full disk its block is used again."""
    name = json.dumps({"process": os.getpid(), "host": socket.gethostname()}).encode()
    os.pwrite(descriptor, name, 0)
    os.ftruncate(descriptor, len(name))


class _Holder(NamedTuple):
    """The process that a lock file names."""

    name: str
    """Empty if there is none yet."""
    lives: bool
    """False for a process of this host that has ended: the holder of before."""


def _holder(descriptor: int) -> _Holder:
    content = os.pread(descriptor, _HOLDER_BYTES, 0).decode(errors="replace")
    try:
        values, end = json.JSONDecoder().raw_decode(content)
        process, host = int(values["process"]), values["host"]
    except (ValueError, TypeError, KeyError):
        return _Holder("", lives=False)
    return _Holder(content[:end], lives=host != socket.gethostname() or _lives(process))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # of another user
    return True


def _no_lock(folder: Path, error: OSError) -> str:
    if error.errno in _NO_LOCKS:
        return (
            f"the file system of {folder} has no locks ({error.strerror}), so two writers could damage the index; keep "
            "it on a local disk, or mount the share with locks (NFS: version 4, or without `nolock`)"
        )
    return f"{folder} cannot be locked: {error.strerror}; nothing was changed"


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Translate an error of the disk into ours, with the remedy."""
    try:
        yield
    except OSError as error:
        remedy = "nothing was changed: check the disk"
        if error.errno in _NO_SPACE:
            remedy = "nothing was changed: free some disk space and run the command again"
        elif error.errno in _NO_RIGHT:
            raise IndexReadOnlyError(
                f"{error.filename or path}: {error.strerror}; run the command as the user that owns the index, or name "
                "another folder"
            ) from error
        elif isinstance(error, FileExistsError | NotADirectoryError):
            remedy = "a file is in the place of the folder: name another folder"
        raise IndexingError(f"{error.filename or path}: {error.strerror or error}; {remedy}") from error
