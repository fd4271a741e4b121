"""Wire copies: articles with the same text in several newspapers, found by the runs of words that they share.

Two articles are copies if they share at least 40% of the distinct runs of five words of the shorter one and 30% of
those of the longer one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RUN = 5
OF_SHORTER, OF_LONGER = 0.4, 0.3
_COMMON = 60
"""A run in more articles than this is boilerplate (prayer times, a newspaper's own notice) and is ignored."""
_WORD = re.compile(r"\w+")
_PRIME = np.uint64(1_000_003)


def wire_copies(texts: Sequence[str]) -> dict[int, frozenset[int]]:
    """Return for the index of each text that has copies the indices of its copies."""
    runs = _runs(texts)
    sizes = np.array([len(text_runs) for text_runs in runs])
    owners = np.repeat(np.arange(len(runs)), sizes)
    hashes = np.concatenate(runs)
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], owners[order]
    edges = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1], True])
    pairs = [
        first * len(texts) + second
        for width in range(2, _COMMON + 1)
        for first, second in _pairs(owners, edges[:-1][np.diff(edges) == width], width)
    ]
    if not pairs:
        return {}
    pair_keys, shared = np.unique(np.concatenate(pairs), return_counts=True)
    left, right = pair_keys // len(texts), pair_keys % len(texts)
    small, large = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
    copied = (shared >= OF_SHORTER * small) & (shared >= OF_LONGER * large)
    copies: dict[int, set[int]] = {}
    for first, second in zip(left[copied].tolist(), right[copied].tolist(), strict=True):
        copies.setdefault(first, set()).add(second)
        copies.setdefault(second, set()).add(first)
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
        for offset in range(RUN):
            hashed = hashed * _PRIME + words[offset : offset + count]
        runs.append(np.unique(hashed))
    return runs


def _pairs(
    owners: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], width: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Return the pairs of articles, the lower index first, that share runs of `width` articles each.

    `owners` has the article of each run, sorted by run; `starts` the positions in it at which such a run begins. Each
    pair of arrays has the shape of `starts`.
    """
    if not len(starts):
        return []
    return [
        (owners[starts + first], owners[starts + second])
        for first in range(width)
        for second in range(first + 1, width)
    ]
