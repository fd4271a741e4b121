"""Keeps searches away from a cluster that has not answered in time, so that they do not pile up behind each other."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from search.errors import EngineUnavailableError

FIRST, LONGEST = 1.0, 10.0
"""Seconds for which nobody is let through after a search that took too long; they double with each in a row. A cluster
that is well again waits for at most the longer one."""


class CircuitBreaker:
    """Closes for a while when a search found the cluster overloaded; then one is let through to try."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0
        self._trying = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Let a search through.

        Raises:
            EngineUnavailableError: at once, while the gate is closed.
        """
        failures, trying = self._enter()
        try:
            yield
        except EngineUnavailableError as error:
            if error.overloaded:
                self._close(failures)
            elif trying:
                self._open()
            raise
        except BaseException:
            if trying:
                self._open()
            raise
        else:
            if trying:
                self._open()

    def _enter(self) -> tuple[int, bool]:
        """Return how many failures in a row there have been, and whether this search is the one that tries."""
        with self._guard:
            if not self._failures:
                return 0, False
            left = self._closed_until - self._clock()
            if left > 0 or self._trying:
                raise EngineUnavailableError(
                    "the cluster did not answer in time a moment ago; searches wait until it does",
                    retry_after=max(1, math.ceil(left)),
                )
            self._trying = True
            return self._failures, True

    def _close(self, seen: int) -> None:
        """Close after a search that came in when there had been `seen` failures; all that did so count once."""
        with self._guard:
            if seen != self._failures:
                return
            self._failures += 1
            self._trying = False
            self._closed_until = self._clock() + min(LONGEST, FIRST * 2 ** (self._failures - 1))

    def _open(self) -> None:
        with self._guard:
            self._failures = 0
            self._trying = False
