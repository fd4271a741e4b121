"""Which values of `match=` count a document: a bit for each value of `LADDER`, so that one evaluation serves all."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from index.schema import LADDER, Level
from search.engines.embedded.snapshot import Mask, Numbers
from search.forms import LEVELS, Levels
from search.levels import is_counted
from search.query import Prefix, Term

Bits = npt.NDArray[np.uint8]
"""Bit `i` says whether a document is a match if `LADDER[i]` is the widest level counted."""

EVERY_LEVEL = (1 << len(LADDER)) - 1
"""All bits: the document is a match whatever `match=` is."""
_COUNTING = np.array(
    [sum(1 << number for number, match in enumerate(LADDER) if is_counted(level, match)) for level in LEVELS], np.uint8
)
"""For each level, by closeness, the bits of the values of `match=` that count it."""
_LANE_BITS = 8
"""Bits of a lane in a sum of bits: enough for all words of a query."""
_LANES = np.array(
    [
        sum((bits >> number & 1) << _LANE_BITS * number for number in range(len(LADDER)))
        for bits in range(EVERY_LEVEL + 1)
    ],
    np.uint64,
)
"""For each value of bits the same bits as numbers in lanes, so that those of several nodes are counted by addition."""


def bit(level: Level) -> int:
    """Return the bit of a value of `match=`."""
    return 1 << LADDER.index(level)


def at_every_level(mask: Mask) -> Bits:
    """Return the bits of documents that match whatever is counted, or not at all."""
    return mask.astype(np.uint8) * np.uint8(EVERY_LEVEL)


def of_levels(word: Term | Prefix, levels: Levels) -> Bits:
    """Return the bits of documents that have a word of the query at these levels."""
    if isinstance(word, Prefix) or word.unlimited:
        return np.full(len(levels), EVERY_LEVEL, np.uint8)
    return _COUNTING[levels]


def of_some(parts: Iterable[tuple[Numbers, Bits]], minimum: int, size: int) -> Bits:
    """Return the bits of documents that at least `minimum` (1 or more) of several nodes match, shape (size,).

    `parts` has the documents of each node, and their bits.
    """
    if minimum == 1:
        bits = np.zeros(size, np.uint8)
        for documents, own in parts:
            bits[documents] |= own
        return bits
    counts = np.zeros(size, "<u8")
    for documents, own in parts:
        counts[documents] += _LANES[own]
    lanes = counts.view(np.uint8).reshape(size, counts.itemsize)[:, : len(LADDER)]
    return np.packbits(lanes >= minimum, axis=1, bitorder="little")[:, 0]
