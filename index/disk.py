"""Disk operations: all changes of an index folder, except those by SQLite, which stores the articles.

Tests inject faults here. What is created can be read by the owner and the owner's group; a stricter umask makes it
stricter, a laxer one does not make it laxer. An archive of articles may hold drafts.
"""

from __future__ import annotations

import itertools
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

FOLDER_MODE = 0o750
FILE_MODE = 0o640
"""Modes of new folders and files, before the umask."""


class NewFile:
    """A file being written. It exists under its name at once, and is durable when `finish` returns."""

    def __init__(self, path: Path) -> None:
        """Create the file, or truncate one that a crash left under its name.

        Raises:
            OSError: the file cannot be created.
        """
        self.path = path
        self.size = 0
        """Bytes written so far."""
        self._file = open(path, "wb", opener=opener)  # noqa: SIM115 - `finish` and `discard` close it

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes.

        Raises:
            OSError: the disk is full or failed.
        """
        self._file.write(data)
        self.size += memoryview(data).nbytes

    def finish(self) -> None:
        """Flush and fsync the file, then close it.

        Raises:
            OSError: the disk is full or failed.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Close the file and remove it."""
        try:
            self._file.close()
        finally:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as on_failure:
            on_failure.callback(self.discard)
            if error is None:
                self.finish()
                on_failure.pop_all()


def opener(path: str, flags: int) -> int:
    """Open a file for `open(…, opener=opener)`: if it is created, then with `FILE_MODE`.

    Raises:
        OSError: the file cannot be opened.
    """
    return os.open(path, flags, FILE_MODE)


def make_file(path: Path) -> None:
    """Create an empty file unless it exists, for a library that would create it with another mode.

    SQLite gives the files beside a database (`-wal`, `-shm`) the mode of the database.

    Raises:
        OSError: the file cannot be created.
    """
    os.close(opener(str(path), os.O_WRONLY | os.O_CREAT))


def sync_file(path: Path) -> None:
    """Put on disk what another library has written into a file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def rename(old: Path, new: Path) -> None:
    """Rename a file atomically, replacing one at `new`; durable after `sync_folder`."""
    old.replace(new)


def remove(path: Path) -> None:
    """Remove a file that nothing refers to any more; no error if it does not exist."""
    path.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Create a folder; durable after `sync_folder` of its parent."""
    folder.mkdir(FOLDER_MODE)


def make_folders(folder: Path) -> None:
    """Create a folder and those above it that are missing; all of them are durable when this returns.

    Raises:
        OSError: a folder cannot be created.
    """
    missing = list(itertools.takewhile(lambda place: not place.is_dir(), (folder, *folder.parents)))
    for place in reversed(missing):
        place.mkdir(FOLDER_MODE, exist_ok=True)  # another process may create it at the same time
        sync_folder(place.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder that nothing refers to any more, as far as possible; the next writer removes the rest."""
    shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable: a new file or a rename may be lost in a crash before this."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
