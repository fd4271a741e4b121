"""Circuit breaker: rejects searches while the cluster is overloaded, so that they do not pile up.

Closed: searches pass. Open: they are rejected until a delay has passed. Half-open: one trial search passes, whose
outcome closes the breaker or opens it again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from search.errors import EngineUnavailableError, OverloadedError, SearchTimeoutError

FIRST, LONGEST = 1.0, 10.0
"""Seconds for which the breaker stays open after the first failure, and at most; each failure in a row doubles them.
`LONGEST` bounds how long a cluster that has recovered gets no searches."""


class CircuitBreaker:
    """Opens when a search finds the cluster overloaded. Safe to share among threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._failures = 0
        """Number of failures in a row; 0 when the breaker is closed."""
        self._open_until = 0.0
        self._trying = False
        """Whether a trial search is running."""

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Run one search within the block and record whether it finds the cluster overloaded.

        Raises:
            EngineUnavailableError: immediately, while the breaker is open.
        """
        failures, trying = self._enter()
        try:
            yield
        except EngineUnavailableError as error:
            if error.overloaded:
                self._trip(failures)
            elif trying:
                self._reset()
            raise
        except (OverloadedError, SearchTimeoutError):
            if trying:
                self._try_again()
            raise
        except BaseException:
            if trying:
                self._reset()
            raise
        else:
            if trying:
                self._reset()

    def _enter(self) -> tuple[int, bool]:
        """Return the number of failures in a row, and whether this search is the trial search.

        Raises:
            EngineUnavailableError: the breaker is open.
        """
        with self._guard:
            if not self._failures:
                return 0, False
            left = self._open_until - self._clock()
            if left > 0 or self._trying:
                raise EngineUnavailableError(
                    "the cluster did not answer the last search in time; new searches are rejected until it does",
                    retry_after=max(1, math.ceil(left)),
                )
            self._trying = True
            return self._failures, True

    def _trip(self, failures: int) -> None:
        """Open the breaker after a search that started at `failures` failures; concurrent searches count once."""
        with self._guard:
            if failures != self._failures:
                return
            self._failures += 1
            self._trying = False
            self._open_until = self._clock() + min(LONGEST, FIRST * 2 ** (self._failures - 1))

    def _try_again(self) -> None:
        """Let the next search be the trial search: this one ended before it found anything out."""
        with self._guard:
            self._trying = False

    def _reset(self) -> None:
        """Close the breaker."""
        with self._guard:
            self._failures = 0
            self._trying = False
