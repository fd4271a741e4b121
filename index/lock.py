"""The write lock of an index folder. Its file names the holder; the lock ends with the process, also in a crash."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from index.errors import IndexLockedError

LOCK_NAME = "writer.lock"


class WriterLock:
    """The exclusive write lock of the index in a folder, held from construction until `release`."""

    def __init__(self, folder: Path) -> None:
        """Acquire the lock.

        Raises:
            IndexLockedError: another process, or another writer in this process, holds it.
            OSError: the lock file cannot be opened.
        """
        # append mode, so that a failed attempt does not erase the holder's name
        self._file: IO[str] | None = (folder / LOCK_NAME).open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            self._file = None
            raise IndexLockedError(
                f"the index at {folder} is being written by {holder}; try again when it has ended"
            ) from None
        self._file.truncate(0)
        self._file.write(json.dumps({"process": os.getpid(), "host": socket.gethostname()}))
        self._file.flush()

    def release(self) -> None:
        """Release the lock; no error if it was released before."""
        if self._file is not None:
            self._file.close()  # closing releases the lock, as does the end of the process
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
