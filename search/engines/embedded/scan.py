"""Checks in the background what no search has read yet, so that damage is seen before it is needed."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Protocol

from index.errors import IndexDamagedError, IndexingError

DELAY_SECONDS = 1.0
"""Before the first read, so that a short-lived process does nothing, and a server answers first."""
PAUSE_SECONDS = 0.004
"""After each part, at most a megabyte: at most 250 megabytes are read a second."""

_LOG = logging.getLogger(__name__)


class Scanned(Protocol):
    """A file that is checked in parts."""

    def scan(self) -> Iterator[int]:
        """Check what was not checked yet, in parts; yield the size of each.

        Raises:
            IndexDamagedError: it is not what was written.
        """


class BackgroundScan:
    """Checks the files that it is given, each once, in a thread that ends with the last."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._waiting: deque[Scanned] = deque()
        self._current: set[Scanned] = set()
        self._damaged: set[Scanned] = set()

    @property
    def damaged(self) -> int:
        """Number of the files in use that were found damaged."""
        return len(self._damaged & self._current)

    def follow(self, files: Sequence[Scanned]) -> None:
        """Take the files that are in use now; those that were in use before are not checked again."""
        with self._guard:
            self._waiting.extend(file for file in files if file not in self._current)
            self._current = set(files)
            if self._waiting and (self._thread is None or not self._thread.is_alive()) and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="index scan", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread and let go of the files."""
        self._stopped.set()
        with self._guard:
            thread, self._thread = self._thread, None
            self._waiting.clear()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        pause = DELAY_SECONDS
        while not self._stopped.is_set():
            with self._guard:
                if not self._waiting:
                    self._thread = None
                    return
                file = self._waiting.popleft()
            try:
                for _ in file.scan():
                    if self._stopped.wait(pause):
                        return
                    pause = PAUSE_SECONDS
            except IndexDamagedError as error:
                _LOG.error("%s", error)
                self._damaged.add(file)
            except IndexingError as error:
                _LOG.info(
                    "the check in the background stops: %s", error
                )  # the file was replaced, or changes all the time
