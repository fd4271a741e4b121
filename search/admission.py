"""Admission: which searches run now, which wait, and which are refused because too many wait already.

Searches are divided into two lanes by what they are estimated to cost, so that cheap ones never wait for expensive
ones. An expensive search occupies a processor for up to a second, and Python runs one thread at a time: a second one
beside it would only slow both down.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from search import deadline
from search.errors import OverloadedError, SearchTimeoutError

CHEAP_RUNNING = 4
"""Cheap searches that run at a time: more would only share the one thread that Python runs."""
CHEAP_WAITING = 64
"""Cheap searches that wait at most. Each takes some ten milliseconds, so that the last one is answered in time."""
COSTLY_RUNNING = 1
WAITING_FOR_EACH = 2
"""Expensive searches that wait for each that runs; a third one would not be answered in time."""
NEWEST_SHARE = 0.2
"""Share of the newest turn in the average length of a turn."""
SAFETY = 1.3
"""How much longer than expected an answer may take: it is written after the turn."""
MAX_CHEAP = 150.0
"""Milliseconds up to which a search is cheap."""

_BASE, _PER_WORD = 2.0, 0.5
_PER_HIT, _PER_HIT_WORD = 0.3, 0.01
_PER_MARKED_HIT = 0.5
_EXPLAINED_HIT, _EXPLAINED_HIT_WORD = 0.4, 0.1
_PER_MILLION_POSTINGS = 60.0
"""Milliseconds, fitted to searches of 1 to 31 words over 20,102 articles: the order of magnitude decides the lane."""


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """What a search asks for, as far as it decides what the search costs."""

    words: int
    """Words, prefixes included."""
    postings: int = 0
    """Postings of all words; 0 if they are not known."""
    hits: int = 20
    explained: bool = False
    positioned: bool = False

    @property
    def milliseconds(self) -> float:
        """The estimated time of the search, of one processor with nothing else to do."""
        per_hit = _PER_HIT + _PER_HIT_WORD * self.words
        if self.positioned:
            per_hit += _PER_MARKED_HIT
        if self.explained:
            per_hit += _EXPLAINED_HIT + _EXPLAINED_HIT_WORD * self.words
        return _BASE + _PER_WORD * self.words + _PER_MILLION_POSTINGS * self.postings / 1e6 + per_hit * self.hits

    @property
    def expensive(self) -> bool:
        """Whether the search has to wait in the lane of the expensive ones."""
        return self.milliseconds > MAX_CHEAP


class Lane:
    """A number of turns and a queue for them, first come first served. Safe to share among threads."""

    def __init__(self, running: int, waiting: int) -> None:
        """Let `running` have a turn at a time, and `waiting` wait for one."""
        self._running = self._free = running
        self._most = waiting
        self._queue: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._average = 0.0
        """Recent length of a turn in seconds."""

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether the current request would be refused.

        Besides the length of the queue the deadline decides: whoever could not be answered in time any more would only
        take the time of others.
        """
        if self._free:
            return False
        left = deadline.remaining()
        expected = self._average * ((len(self._queue) + 0.5) / max(self._running, 1) + 1)
        return len(self._queue) >= self._most or (left is not None and expected * SAFETY > left)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it during the block.

        Raises:
            OverloadedError: too many wait already.
            SearchTimeoutError: the deadline of the request came first.
        """
        self._acquire()
        began, least = time.monotonic(), 0.0
        try:
            yield
        except SearchTimeoutError:
            least = self._average  # it would have taken longer than it did
            raise
        finally:
            self._release(max(time.monotonic() - began, least))

    def _acquire(self) -> None:
        with self._lock:
            if self.full:
                raise OverloadedError
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._queue.append(turn)
        if turn.wait(deadline.remaining()):
            return
        with self._lock:
            if not turn.is_set():
                self._queue.remove(turn)
                raise SearchTimeoutError("the deadline passed while the search waited for its turn")
        # the turn came at the same moment as the deadline: the first step of the search finds that it is over

    def _release(self, seconds: float) -> None:
        with self._lock:
            self._average += NEWEST_SHARE * (seconds - self._average)
            if self._queue:
                self._queue.popleft().set()
            else:
                self._free += 1


class Admission:
    """The two lanes of a process. Safe to share among threads."""

    def __init__(self, costly: int = COSTLY_RUNNING) -> None:
        """Let `costly` expensive searches run at a time: more than one where they wait for another machine."""
        self.cheap = Lane(CHEAP_RUNNING, CHEAP_WAITING)
        self.costly = Lane(costly, WAITING_FOR_EACH * costly)

    def check(self, work: Work) -> None:
        """Return at once unless a search would be refused now.

        Raises:
            OverloadedError: it is expensive, and too many expensive searches wait already.
        """
        if self.costly.full and work.expensive:
            raise OverloadedError

    def turn(self, work: Work) -> AbstractContextManager[None]:
        """Return the turn of a search, to wait for and to hold; see `Lane.turn`."""
        return (self.costly if work.expensive else self.cheap).turn()
