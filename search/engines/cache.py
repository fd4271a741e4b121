"""A least-recently-used cache, bounded by the size of its values in bytes."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

from index.memory import share_of_memory

ENTRY_BYTES = 1_000
"""Size of an entry besides its value, key included, so that the number of small entries is bounded too."""

_MEGABYTE = 1024 * 1024
MOST_MB, LEAST_MB = 1024, 64
"""Bounds of `usual_megabytes`. A million articles use at most 700 MB of cache, thirty thousand use 30."""
MEMORY_SHARE = 16
"""Divisor of the machine's memory."""


def usual_megabytes() -> int:
    """Return the default size of a cache in megabytes: a sixteenth of the machine's memory, within bounds."""
    return share_of_memory(MEMORY_SHARE, least=LEAST_MB * _MEGABYTE, most=MOST_MB * _MEGABYTE) // _MEGABYTE


class Sized(Protocol):
    """A value with a size."""

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes."""


_Value = TypeVar("_Value", bound=Sized)


@dataclasses.dataclass(frozen=True, slots=True)
class Stems:
    """The stems of an index that may be spelled like a word."""

    texts: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes."""
        return 100 * len(self.texts)


class Cache:
    """Values by key, up to a total number of bytes. Safe to share among threads."""

    def __init__(self, limit: int) -> None:
        """Keep at most `limit` bytes."""
        self._limit = limit
        self._used = 0
        self._entries: OrderedDict[Hashable, Sized] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes that the values take, with their entries."""
        return self._used

    def get(self, key: Hashable, kind: type[_Value], make: Callable[[], _Value]) -> _Value:
        """Return the value of a key; call `make` if it is not cached (two threads may do so at the same time)."""
        value = self.find(key, kind)
        if value is None:
            value = make()
            self.keep(key, value)
        return value

    def find(self, key: Hashable, kind: type[_Value]) -> _Value | None:
        """Return the value of a key if it is cached and of this type, else None."""
        value = self._entries.get(key)
        if not isinstance(value, kind):
            return None
        with contextlib.suppress(KeyError):  # another thread has just dropped it
            self._entries.move_to_end(key)
        return value

    def keep(self, key: Hashable, value: Sized) -> None:
        """Cache a value unless its key has one, and evict the least recently used entries beyond the limit."""
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = value
            self._used += value.nbytes + ENTRY_BYTES
            while self._used > self._limit and self._entries:
                _, dropped = self._entries.popitem(last=False)
                self._used -= dropped.nbytes + ENTRY_BYTES
