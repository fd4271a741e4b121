"""A bounded memory of what was worked out before: the least recently asked for goes first."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

ENTRY_BYTES = 1_000
"""What an entry costs besides its arrays, its key included, so that many small ones are bounded too."""


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
        entries = self._entries
        value = entries.get(key)
        if isinstance(value, kind):
            with contextlib.suppress(KeyError):  # another thread has just dropped it
                entries.move_to_end(key)
            return value
        made = make()
        with self._lock:
            if key not in entries:
                entries[key] = made
                self._used += made.nbytes + ENTRY_BYTES
                while self._used > self._limit and entries:
                    _, dropped = entries.popitem(last=False)
                    self._used -= dropped.nbytes + ENTRY_BYTES
        return made
