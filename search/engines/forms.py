"""The forms of a word of the query in an index: which of its words they are, how close, and what they weigh."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from index.schema import Level
from search.ranking import Grade, grades

Array = npt.NDArray[Any]
"""Of numbers, mapped or not."""

LEVELS = tuple(Level)
"""Levels by their closeness."""

TABLE_RATIO = 64
"""A table of all words is quicker to fill and ask than bisection is, up to so many words a token (measured)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Forms:
    """Words of the index, by their numbers; three arrays of one length."""

    words: Array
    """Ascending, each once (uint32)."""
    grades: npt.NDArray[np.float64]
    """What one occurrence counts, shape (words, grades)."""
    levels: npt.NDArray[np.uint8]
    """Closeness of the closest level that finds the word."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.words.nbytes + self.grades.nbytes + self.levels.nbytes

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """What one occurrence counts in the first stage."""
        return self.grades[:, Grade.LISTED]

    def only(self, words: Array) -> Forms:
        """Return those of the forms that are among `words`."""
        return self._kept(np.isin(self.words, words))

    def but(self, words: Array) -> Forms:
        """Return those of the forms that are not among `words`."""
        return self._kept(~np.isin(self.words, words))

    def _kept(self, kept: npt.NDArray[np.bool_]) -> Forms:
        return Forms(self.words[kept], self.grades[kept], self.levels[kept])

    def within(self, tokens: Array) -> npt.NDArray[np.bool_]:
        """Return which of `tokens` (words of the index) are among the forms."""
        found: npt.NDArray[np.bool_]
        words = self.words
        if not len(words):
            return np.zeros(len(tokens), bool)
        size = int(words[-1]) + 1
        if len(words) == 1:
            found = tokens == words[0]
        elif size > TABLE_RATIO * len(tokens):
            found = words[np.minimum(words.searchsorted(tokens), len(words) - 1)] == tokens
        else:
            table = np.zeros(size + 1, bool)
            table[words] = True
            found = table[np.minimum(tokens, size)]
        return found

    def levels_of(self, tokens: Array) -> npt.NDArray[np.uint8]:
        """Return the closeness at which tokens are found that are all among the forms."""
        return (
            np.full(len(tokens), self.levels[0])
            if len(self.words) == 1
            else self.levels[self.words.searchsorted(tokens)]
        )


def merged(several: Sequence[Forms]) -> Forms:
    """Return the words of all, each once, at its closest level and with its greatest grades."""
    if len(several) == 1:
        return several[0]
    words = np.concatenate([forms.words for forms in several])
    levels = np.concatenate([forms.levels for forms in several])
    if not len(words):
        return several[0]
    order = np.lexsort((levels, words))
    words = words[order]
    first = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]]))
    graded = np.maximum.reduceat(np.concatenate([forms.grades for forms in several])[order], first, axis=0)
    return Forms(words[first], graded, levels[order][first])


def graded(words: Array, strengths: npt.NDArray[np.float64], levels: npt.NDArray[np.uint8]) -> Forms:
    """Return each word once, of what it has in common with the word of the query by each reading."""
    different, places = np.unique(words, return_inverse=True)
    by_level = np.bincount(places * len(LEVELS) + levels, strengths, minlength=len(different) * len(LEVELS))
    table = np.minimum(by_level.reshape(len(different), len(LEVELS)), 1.0)
    return Forms(different, grades(table), np.argmax(table > 0, axis=1).astype(np.uint8))
