"""Wire copies: articles that are one text in several newspapers, found by the runs of words they share.

Two articles are copies when they share at least 40% of the shorter's and 30% of the longer's distinct runs of five
words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RUN = 5
OF_SHORTER, OF_LONGER = 0.4, 0.3
_COMMON = 60
"""A run that more articles have is a form (prayer times, a newspaper's own notice) and joins none of them."""
_WORD = re.compile(r"\w+")
_PRIME = np.uint64(1_000_003)


def wire_copies(texts: Sequence[str]) -> dict[int, frozenset[int]]:
    """Return for each text that has copies the numbers of those."""
    runs = _runs(texts)
    sizes = np.array([len(one) for one in runs])
    owners = np.repeat(np.arange(len(runs)), sizes)
    every = np.concatenate(runs)
    order = np.argsort(every, kind="stable")
    every, owners = every[order], owners[order]
    edges = np.flatnonzero(np.r_[True, every[1:] != every[:-1], True])
    pairs = [
        first * len(texts) + second
        for width in range(2, _COMMON + 1)
        for first, second in _pairs(owners, edges[:-1][np.diff(edges) == width], width)
    ]
    if not pairs:
        return {}
    found, shared = np.unique(np.concatenate(pairs), return_counts=True)
    left, right = found // len(texts), found % len(texts)
    small, large = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
    copied = (shared >= OF_SHORTER * small) & (shared >= OF_LONGER * large)
    copies: dict[int, set[int]] = {}
    for one, other in zip(left[copied].tolist(), right[copied].tolist(), strict=True):
        copies.setdefault(one, set()).add(other)
        copies.setdefault(other, set()).add(one)
    return {number: frozenset(others) for number, others in copies.items()}


def _runs(texts: Sequence[str]) -> list[npt.NDArray[np.uint64]]:
    """Return the distinct runs of each text as hashes of its word numbers (uint64)."""
    numbers: dict[str, int] = {}
    runs = []
    for text in texts:
        words = np.array([numbers.setdefault(word, len(numbers) + 1) for word in _WORD.findall(text)], dtype=np.uint64)
        count = len(words) - RUN + 1
        if count < 1:
            runs.append(np.empty(0, np.uint64))
            continue
        hashed = np.zeros(count, np.uint64)
        for place in range(RUN):
            hashed = hashed * _PRIME + words[place : place + count]
        runs.append(np.unique(hashed))
    return runs


def _pairs(
    owners: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], width: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Return the pairs of articles, the lower number first, that share the runs starting at `starts`."""
    if not len(starts):
        return []
    return [(owners[starts + one], owners[starts + other]) for one in range(width) for other in range(one + 1, width)]
