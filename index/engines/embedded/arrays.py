"""Files of named arrays: written once, then memory-mapped and read without copying.

magic · arrays, each at a multiple of 64 bytes · directory (JSON) · offset, length and CRC of the directory · magic

The directory has the type, offset, length and CRC-32 of each array, and facts about the whole file. It is plain data,
no pickle: a file from another source can have wrong values but cannot run code. The last array, `block_checksums`, has
the CRC-32 of each block of the others (`index.engines.embedded.checked`), in their order.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from index.disk import NewFile
from index.engines.embedded.checked import BLOCK, Array, BlockSums, CheckedArray
from index.errors import FileDamagedError

_MAGIC = b"judhur\x01\n"
_TRAILER = struct.Struct("<QQI8s")
_ALIGNMENT = 64
"""Bytes: a cache line."""
_STRIDE = 64
"""Distance between two strings that are kept in memory for binary search: 2 MB for two million strings."""
_SUMS = "block_checksums"
_TYPES = frozenset({"|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f8"})


def narrowest(largest: int) -> np.dtype[Any]:
    """Return the smallest unsigned dtype that holds `largest`."""
    return np.dtype("u1" if largest < 1 << 8 else "<u2" if largest < 1 << 16 else "<u4" if largest < 1 << 32 else "<u8")


def narrowed(values: Array) -> Array:
    """Return an array of non-negative integers in the smallest unsigned dtype that holds them all."""
    return values.astype(narrowest(int(values.max(initial=0))), copy=False)


class ArrayFileWriter:
    """Writes one file, which is incomplete until `finish` returns."""

    def __init__(self, path: Path) -> None:
        self._file = NewFile(path)
        self._arrays: dict[str, tuple[str, int, int, int]] = {}
        self._sums: list[Array] = []
        try:
            self._file.write(_MAGIC)
        except BaseException:
            self._file.discard()
            raise

    def put(self, name: str, array: Array) -> None:
        """Write a one-dimensional array."""
        self.put_chunks(name, array.dtype, [array])

    def put_chunks(self, name: str, dtype: npt.DTypeLike, chunks: Iterable[Array]) -> None:
        """Write a one-dimensional array given in chunks, each converted to `dtype` (little-endian)."""
        kind = np.dtype(dtype).newbyteorder("<")
        self._file.write(bytes(-self._file.size % _ALIGNMENT))
        offset, count, checksum, sums = self._file.size, 0, 0, BlockSums()
        for chunk in chunks:
            data = np.ascontiguousarray(chunk, kind).view(np.uint8).data
            checksum = zlib.crc32(data, checksum)
            sums.add(data)
            self._file.write(data)
            count += len(chunk)
        self._arrays[name] = (kind.str, offset, count, checksum)
        self._sums.append(sums.result())

    def finish(self, facts: Mapping[str, int]) -> int:
        """Write the directory with `facts` about the file and sync the file to disk; return the directory's CRC."""
        self.put(_SUMS, np.concatenate([np.empty(0, "<u4"), *self._sums]))
        directory = json.dumps({"facts": dict(facts), "arrays": self._arrays}).encode()
        checksum = zlib.crc32(directory)
        offset = self._file.size
        self._file.write(directory)
        self._file.write(_TRAILER.pack(offset, len(directory), checksum, _MAGIC))
        self._file.finish()
        return checksum

    def discard(self) -> None:
        """Remove the file."""
        self._file.discard()


class ArrayFile:
    """An open, memory-mapped file of arrays: pages that are not accessed are not read."""

    def __init__(self, path: Path, *, checksum: int | None = None) -> None:
        """Open a file and check that its directory has the CRC `checksum`, if given.

        Raises:
            IndexDamagedError: the file is missing, truncated, or not the file that was written.
        """
        self.path = path
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            offset, length, stored, magic = _TRAILER.unpack(self._map[-_TRAILER.size :])
            directory = self._map[offset : offset + length]
            if magic != _MAGIC or zlib.crc32(directory) != stored or checksum not in (None, stored):
                raise FileDamagedError(path, "is not the file that was written")
            values = json.loads(directory)
            self.facts: dict[str, int] = values["facts"]
            self._entries = {name: _Entry.read(self._map, *entry) for name, entry in values["arrays"].items()}
            self._arrays = self._checked_arrays()
        except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
            raise FileDamagedError(path, f"cannot be read ({error})") from error

    def __getitem__(self, name: str) -> Array:
        """Return a read-only view of an array in the file; its first use checks the whole array.

        Raises:
            IndexDamagedError: the file has no such array, or the array is not what was written.
        """
        return self.checked(name).whole()

    def checked(self, name: str) -> CheckedArray:
        """Return a large array of the file, whose blocks are checked when they are read.

        Raises:
            IndexDamagedError: the file has no such array.
        """
        try:
            return self._arrays[name]
        except KeyError:
            raise FileDamagedError(self.path, f"lacks the array {name}") from None

    def optional(self, name: str) -> Array | None:
        """Return an array as `file[name]` does, or None if the file has no array of this name."""
        return self[name] if name in self._arrays else None

    def damages(self) -> Iterator[str]:
        """Yield the names of the arrays whose checksum does not match; reads the whole file."""
        for name, entry in self._entries.items():
            if zlib.crc32(entry.array.view(np.uint8).data) != entry.checksum:
                yield name

    def check(self) -> None:
        """Compare the whole file with its checksums, also what was checked before.

        Raises:
            IndexDamagedError: an array is not what was written.
        """
        for name in self.damages():
            _fail(self.path, name)

    def scan(self) -> Iterator[int]:
        """Check what was not checked yet, in parts; yield the number of bytes of each.

        Raises:
            IndexDamagedError: an array is not what was written.
        """
        for array in self._arrays.values():
            yield from array.scan()

    def _checked_arrays(self) -> dict[str, CheckedArray]:
        sums = self._entries.get(_SUMS)
        if sums is not None and zlib.crc32(sums.array.view(np.uint8).data) != sums.checksum:
            _fail(self.path, _SUMS)
        arrays, first = {}, 0
        for name, entry in self._entries.items():
            last = first - (-entry.array.nbytes // BLOCK)
            of_array = None if sums is None or name == _SUMS else sums.array[first:last]
            arrays[name] = CheckedArray(entry.array, entry.checksum, of_array, partial(_fail, self.path, name))
            first = last
        return arrays


def _fail(path: Path, name: str) -> NoReturn:
    raise FileDamagedError(path, f"is damaged in its {name}")


class _Entry(NamedTuple):
    """One array of a file, and its CRC-32."""

    array: Array
    checksum: int

    @classmethod
    def read(cls, source: mmap.mmap, kind: str, offset: int, count: int, checksum: int) -> _Entry:
        if kind not in _TYPES:
            raise ValueError(f"no type {kind!r}")
        return cls(np.frombuffer(source, np.dtype(kind), count, offset), checksum)


class StringTable:
    """Strings as one array of bytes (UTF-8, concatenated) and one of end offsets, sorted or in any order."""

    def __init__(self, text: Array, ends: Array) -> None:
        self._text = text.data
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> bytes:
        begin = int(self._ends[number - 1]) if number else 0
        return bytes(self._text[begin : int(self._ends[number])])

    def select(self, numbers: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the strings with these numbers."""
        ends = self._ends[numbers].tolist()
        begins = np.where(numbers > 0, self._ends[numbers - 1], 0).tolist()
        text = self._text
        return [bytes(text[begin:end]) for begin, end in zip(begins, ends, strict=True)]

    def all(self) -> list[bytes]:
        """Return all strings."""
        whole = bytes(self._text)
        return [whole[begin:end] for begin, end in pairwise([0, *self._ends.tolist()])]

    def between(self, first: int, last: int) -> tuple[Array, Array]:
        """Return the concatenated bytes (uint8) of the strings `first:last`, and the end of each in them (int64)."""
        begin = int(self._ends[first - 1]) if first else 0
        ends = self._ends[first:last].astype(np.int64) - begin
        size = int(ends[-1]) if len(ends) else 0
        return np.frombuffer(self._text[begin : begin + size], np.uint8), ends


class SortedStrings:
    """A table of strings in ascending order, for binary search."""

    def __init__(self, table: StringTable, order: Array | None = None) -> None:
        """Take a table and the permutation that sorts it (numbers of strings); None if the table is sorted."""
        self._table = table
        self._order = order

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, rank: int) -> bytes:
        return self._table[rank if self._order is None else int(self._order[rank])]

    def lower_bound(self, key: bytes) -> int:
        """Return the first rank whose string is not less than `key`; the number of strings if all are less."""
        block = bisect_left(self._landmarks, key)
        # the result lies after the last landmark less than the key, and not after the first that is not less
        low, high = max(block - 1, 0) * _STRIDE, min(block * _STRIDE, len(self))
        while low < high:
            middle = (low + high) // 2
            if self[middle] < key:
                low = middle + 1
            else:
                high = middle
        return low

    @cached_property
    def _landmarks(self) -> list[bytes]:
        """Every `_STRIDE`-th string, in memory: most steps of a binary search use only these."""
        return [self[rank] for rank in range(0, len(self), _STRIDE)]


def put_strings(file: ArrayFileWriter, name: str, strings: Iterable[bytes]) -> None:
    """Write a table of strings, which `strings_of` reads, as the arrays `{name}_text` and `{name}_ends`."""
    values = list(strings)
    file.put(f"{name}_text", np.frombuffer(b"".join(values), np.uint8))
    file.put(f"{name}_ends", narrowed(np.cumsum(np.fromiter(map(len, values), np.int64, len(values)))))


def strings_of(file: ArrayFile, name: str) -> StringTable:
    """Return the table of strings that `put_strings` wrote.

    Raises:
        IndexDamagedError: the file has no such table.
    """
    return StringTable(file[f"{name}_text"], file[f"{name}_ends"])
