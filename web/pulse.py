"""The sign of life of a worker process, and its end when the process that started it has ended.

A thread of the worker sends a byte a second to the parent. While one call holds Python's lock, as a regular expression
does that backtracks without end, this thread does not run: the parent hears nothing, and replaces the worker.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

BEAT_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1
"""Of prctl(2): which signal a process gets when the thread that started it ends."""


class Pulse:
    """What the parent hears of one worker process."""

    def __init__(self) -> None:
        """Make the pipe of a worker that is about to be started."""
        self._receiving, self._sending = multiprocessing.Pipe(duplex=False)
        self._heard = time.monotonic()
        self.born = self._heard
        """When the worker was started, on the clock of `time.monotonic`."""
        self.ready = False
        """Whether the worker has loaded its application."""

    def wrapped(self, load: Callable[[], object]) -> Callable[[], object]:
        """Return what the worker calls instead of `load`: it also starts the sign of life."""
        return _Loader(load, self._sending, os.getpid())

    def silence(self) -> float:
        """Return for how many seconds nothing was heard of the worker."""
        with contextlib.suppress(EOFError, OSError):  # it has ended, which its owner notices by itself
            while self._receiving.poll():
                self._receiving.recv_bytes()
                self._heard = time.monotonic()
                self.ready = True
        return time.monotonic() - self._heard

    def close(self) -> None:
        """Close the pipe in this process."""
        self._receiving.close()
        self._sending.close()


@dataclasses.dataclass(frozen=True, slots=True)
class _Loader:
    """Loads the application of a worker, in the worker."""

    load: Callable[[], object]
    sending: Connection
    parent: int

    def __call__(self) -> object:
        _end_with_parent(self.parent)
        loaded = self.load()
        threading.Thread(target=self._beat, name="pulse", daemon=True).start()
        return loaded

    def _beat(self) -> None:
        while os.getppid() == self.parent:
            try:
                self.sending.send_bytes(b".")
            except OSError:
                break
            time.sleep(BEAT_SECONDS)
        os._exit(1)  # the parent has ended: nobody would restart or stop this process, and it holds the port


def _end_with_parent(parent: int) -> None:
    """Have the kernel end this process at once when its parent ends; elsewhere than on Linux `_beat` notices it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        os._exit(1)
