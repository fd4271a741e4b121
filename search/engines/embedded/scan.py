"""Checks in the background what no search has read yet, so that damage is seen before it is needed."""

from __future__ import annotations

import logging
import threading
from collections import deque

from index.engines.embedded.arrays import ArrayFile
from index.engines.embedded.generation import Generation
from index.errors import IndexDamagedError

DELAY_SECONDS = 1.0
"""Before the first read, so that a short-lived process does nothing, and a server answers first."""
PAUSE_SECONDS = 0.004
"""After each megabyte: at most 250 megabytes are read a second."""

_LOG = logging.getLogger(__name__)


class BackgroundScan:
    """Checks the files of the generations that it is given, each once, in a thread that ends with the last."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._waiting: deque[ArrayFile] = deque()
        self._seen: set[str] = set()
        """Names of the files that were given."""
        self._damaged: set[str] = set()
        self._current: set[str] = set()

    @property
    def damaged(self) -> int:
        """Number of files of the newest generation that were found damaged."""
        return len(self._damaged & self._current)

    def follow(self, generation: Generation) -> None:
        """Take the files of a generation; those that were taken before are not checked again."""
        files = [segment.file for segment in generation.segments]
        with self._guard:
            self._current = {str(file.path) for file in files}
            self._waiting.extend(file for file in files if str(file.path) not in self._seen)
            self._seen = self._current
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
                self._damaged.add(str(file.path))
