"""The few operations by which an index folder changes: every byte that Judhur writes there goes through these.

SQLite, which writes the articles, has its own. Tests plant their faults here.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self


class NewFile:
    """A file that is being written; it has its name from the beginning, and is on disk when `finish` returns."""

    def __init__(self, path: Path) -> None:
        """Create the file, or empty the one that a crash left under its name.

        Raises:
            OSError: the disk refused.
        """
        self.path = path
        self.size = 0
        """Bytes written so far."""
        self._file = path.open("wb")

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes."""
        self._file.write(data)
        self.size += memoryview(data).nbytes

    def finish(self) -> None:
        """Put all of it on disk and close it."""
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
        with ExitStack() as refused:
            refused.callback(self.discard)
            if error is None:
                self.finish()
                refused.pop_all()


def sync_file(path: Path) -> None:
    """Put on disk what another library has written into a file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def rename(old: Path, new: Path) -> None:
    """Give a file another name in one step, in place of the one that has it; on disk after `sync_folder`."""
    old.replace(new)


def remove(path: Path) -> None:
    """Remove a file that nothing names any more; harmless when it is gone."""
    path.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a new folder; on disk after `sync_folder` of the one that it lies in."""
    folder.mkdir()


def remove_folder(folder: Path) -> None:
    """Remove a folder that nothing names any more, or what of it can be removed; the next writer takes the rest."""
    shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a new file or a rename is on disk only after this."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
