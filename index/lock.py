"""One writer at a time: a lock that names its holder and that no crash can leave behind."""

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
    """Holds the right to write the index in a folder, from construction until `release`."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            IndexLockedError: another process, or another writer of this one, holds it.
        """
        # opened for appending, so that the holder's name survives a failed attempt
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
        """Give the lock back; harmless when it was given back before."""
        if self._file is not None:
            self._file.close()  # closing drops the lock; a killed process drops it too
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
