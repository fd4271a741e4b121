"""A bounded memory of what was worked out before: the least recently asked for goes first."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

ENTRY_BYTES = 1_000
"""What an entry costs besides its arrays, its key included, so that many small ones are bounded too."""


MOST_MB, LEAST_MB = 1024, 64
"""Bounds of `usual_megabytes`. A million articles make the most of 700 MB, thirty thousand of 30."""
MEMORY_SHARE = 16


def usual_megabytes() -> int:
    """Return how much to remember where nobody says: a sixteenth of the machine's memory, within bounds."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1024 * 1024)
    except (AttributeError, OSError, ValueError):  # not told on this system
        memory = 0
    return min(max(memory // MEMORY_SHARE, LEAST_MB), MOST_MB)


class Sized(Protocol):
    """Something that knows its size."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""


_Value = TypeVar("_Value", bound=Sized)


class Cache:
    """Values by key, up to a number of bytes. Safe to share among threads."""

    def __init__(self, limit: int) -> None:
        """Keep at most `limit` bytes."""
        self._limit = limit
        self._used = 0
        self._entries: OrderedDict[Hashable, Sized] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, kind: type[_Value], make: Callable[[], _Value]) -> _Value:
        """Return the value of a key, made when it is not known; two threads may make it at once."""
        value = self.find(key, kind)
        if value is None:
            value = make()
            self.keep(key, value)
        return value

    def find(self, key: Hashable, kind: type[_Value]) -> _Value | None:
        """Return the value of a key, or None."""
        value = self._entries.get(key)
        if not isinstance(value, kind):
            return None
        with contextlib.suppress(KeyError):  # another thread has just dropped it
            self._entries.move_to_end(key)
        return value

    def keep(self, key: Hashable, value: Sized) -> None:
        """Remember a value, and drop what was not asked for longest where it needs the room."""
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = value
            self._used += value.nbytes + ENTRY_BYTES
            while self._used > self._limit and self._entries:
                _, dropped = self._entries.popitem(last=False)
                self._used -= dropped.nbytes + ENTRY_BYTES
