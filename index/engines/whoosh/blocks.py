"""Posting blocks: all postings of one term in one segment as arrays that numpy reads where they lie.

magic · number of documents · number of positions · widths of gaps and counts · whether weights differ from counts
| gaps between document numbers | counts | weights (only where they differ) | positions
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.errors import IndexDamagedError

_HEADER = struct.Struct("<4sIIBBB")
_SINGLE = struct.Struct("<II")
_MAGIC = b"JPB1"
_TYPES: dict[int, npt.DTypeLike] = {1: np.dtype("u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4")}
_POSITION = np.dtype("<u4")
_WEIGHT = np.dtype("<f8")


class Block(NamedTuple):
    """The postings of a term: `counts[i]` of the `positions` belong to document `documents[i]`, in order."""

    documents: npt.NDArray[np.int64]
    """Numbers within the segment, ascending."""
    counts: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    positions: npt.NDArray[np.uint32]


def pack(documents: Sequence[int], counts: Sequence[int], weights: Sequence[float], positions: bytes) -> bytes:
    """Return the block of one term; `positions` are little-endian 32-bit numbers, or empty where none are kept."""
    if len(documents) == 1 and counts[0] == weights[0]:  # half of all terms: arrays would cost more than they hold
        header = _HEADER.pack(_MAGIC, 1, len(positions) // _POSITION.itemsize, 4, 4, 0)
        return header + _SINGLE.pack(documents[0], counts[0]) + positions
    numbers = np.asarray(documents, np.int64)
    gaps = numbers.copy()
    gaps[1:] -= numbers[:-1]
    occurrences = np.asarray(counts, np.int64)
    shares = np.asarray(weights, np.float64)
    weighted = not np.array_equal(shares, occurrences)
    gap_width, count_width = _width(gaps), _width(occurrences)
    header = _HEADER.pack(_MAGIC, len(numbers), len(positions) // _POSITION.itemsize, gap_width, count_width, weighted)
    return b"".join(
        [
            header,
            gaps.astype(_TYPES[gap_width]).tobytes(),
            occurrences.astype(_TYPES[count_width]).tobytes(),
            shares.astype(_WEIGHT).tobytes() if weighted else b"",
            positions,
        ]
    )


def unpack(data: bytes) -> Block:
    """Return the block in `data`.

    Raises:
        IndexDamagedError: the bytes are no block.
    """
    try:
        magic, size, places, gap_width, count_width, weighted = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise IndexDamagedError(f"expected a posting block, found {magic!r}; `judhur index rebuild` mends it")
        at = _HEADER.size
        documents = np.cumsum(np.frombuffer(data, _TYPES[gap_width], size, at), dtype=np.int64)
        at += size * gap_width
        counts = np.frombuffer(data, _TYPES[count_width], size, at).astype(np.int64)
        at += size * count_width
        weights = np.frombuffer(data, _WEIGHT, size, at) if weighted else counts.astype(np.float64)
        at += size * _WEIGHT.itemsize * weighted
        return Block(documents, counts, weights, np.frombuffer(data, _POSITION, places, at))
    except (struct.error, KeyError, ValueError) as error:
        raise IndexDamagedError(f"a posting block cannot be read ({error}); `judhur index rebuild` mends it") from error


def _width(values: npt.NDArray[np.int64]) -> int:
    largest = int(values.max(initial=0))
    return 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 4
