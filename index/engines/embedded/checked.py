"""Large arrays of a file that are checked block by block, each block when it is first read.

Checking a whole array when it is opened would read gigabytes before the first answer. A block is a page of memory: the
first read of a byte brings the whole page from disk anyway.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BLOCK = 4096
"""Bytes that share one checksum."""
_SCAN_BYTES = 1 << 20
"""Bytes that `scan` checks between two pauses: a quarter of a millisecond."""


class BlockSums:
    """Computes the CRC-32 of each block of an array that arrives in pieces."""

    def __init__(self) -> None:
        self._sums: list[int] = []
        self._current = 0
        """CRC of the bytes of the block that is not full yet."""
        self._filled = 0
        """Number of these bytes."""

    def add(self, data: memoryview) -> None:
        """Take the next bytes of the array."""
        begin = 0
        while begin < len(data):
            part = data[begin : begin + BLOCK - self._filled]
            self._current = zlib.crc32(part, self._current)
            self._filled += len(part)
            begin += len(part)
            if self._filled == BLOCK:
                self._end_block()

    def result(self) -> Array:
        """Return the checksums (uint32), one for each block of `BLOCK` bytes; the last block may be shorter."""
        if self._filled:
            self._end_block()
        return np.array(self._sums, "<u4")

    def _end_block(self) -> None:
        self._sums.append(self._current)
        self._current = self._filled = 0


class CheckedArray:
    """A one-dimensional array in a file. `array[slice]` and `array[indices]` check the blocks that they read.

    Safe to share among threads.
    """

    def __init__(self, array: Array, checksum: int, sums: Array | None, fail: Callable[[], NoReturn]) -> None:
        """Check nothing yet.

        `checksum` is the CRC-32 of the whole array, `sums` has one for each block; None in files written before 0.3.0,
        where the first read checks the whole array. `fail` is called when a checksum does not match, and raises.
        """
        self._array = array
        self._bytes = array.view(np.uint8).data
        self._checksum = checksum
        self._sums = None if sums is None else sums.data
        self._fail = fail
        self._shift = (BLOCK // array.itemsize).bit_length() - 1
        """Log2 of the number of elements in a block."""
        self._checked = bytearray(-(-array.nbytes // BLOCK))
        """For each block, 1 if it was checked."""
        self._flags = np.frombuffer(self._checked, np.bool_)
        self._complete = array.nbytes == 0

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, index: slice | npt.NDArray[np.integer[Any]]) -> Array:
        """Return the elements of a slice without a step, as a view; or those at non-negative indices, as a copy.

        Raises:
            IndexDamagedError: a block of them is not what was written.
        """
        if not self._complete:
            self._check(index)
        return self._array[index]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the elements."""
        return self._array.dtype

    def whole(self) -> Array:
        """Return all elements, checked, as a view.

        Raises:
            IndexDamagedError: they are not what was written.
        """
        for _ in self.scan():
            pass
        return self._array

    def scan(self) -> Iterator[int]:
        """Check the whole array in parts, unless it was checked; yield the number of bytes of each part.

        Raises:
            IndexDamagedError: it is not what was written.
        """
        if self._complete:
            return
        checksum = 0
        for begin in range(0, len(self._bytes), _SCAN_BYTES):
            part = self._bytes[begin : begin + _SCAN_BYTES]
            checksum = zlib.crc32(part, checksum)  # other threads run meanwhile: it holds no lock of Python's
            yield len(part)
        if checksum != self._checksum:
            self._fail()
        self._complete = True

    def _check(self, index: slice | npt.NDArray[np.integer[Any]]) -> None:
        sums = self._sums
        if sums is None:
            self.whole()
        elif isinstance(index, slice):
            begin, end, _ = index.indices(len(self._array))
            if begin < end:
                first, last = begin >> self._shift, (end - 1) >> self._shift
                checked = self._checked
                if not checked[first] or (first < last and not all(checked[first + 1 : last + 1])):
                    self._check_blocks(sums, range(first, last + 1))
        else:
            blocks = index >> self._shift
            if not self._flags[blocks].all():
                self._check_blocks(sums, np.unique(blocks).tolist())

    def _check_blocks(self, sums: memoryview, blocks: Iterable[int]) -> None:
        checked, data = self._checked, self._bytes
        for block in blocks:
            if not checked[block]:
                if zlib.crc32(data[block * BLOCK : (block + 1) * BLOCK]) != sums[block]:
                    self._fail()
                checked[block] = 1
