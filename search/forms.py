"""The forms of a word of the query: the words of an index that match it, with their levels and weights."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from index.schema import CLOSENESS, WIDEST_COUNTED, Level
from search.ranking import Grade, grades

Array = npt.NDArray[Any]
"""A numeric array, memory-mapped or not."""

Levels = npt.NDArray[np.uint8]
"""Closeness of levels, as in `index.schema.CLOSENESS`."""

LEVELS = tuple(Level)
"""All levels, the closest first: the index of a level is its closeness."""

TABLE_RATIO = 64
"""Number of words per token up to which a lookup table over all words is faster than binary search (measured)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Forms:
    """The words of an index that match one word of the query; the three arrays have one row for each word."""

    words: Array
    """Word numbers, ascending, without duplicates; uint32 in the embedded engine, shape (words,)."""
    grades: npt.NDArray[np.float64]
    """Weights of one occurrence, shape (words, grades); see `search.ranking.Grade`."""
    levels: Levels
    """Closeness of the closest level at which the word matches, shape (words,)."""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.words.nbytes + self.grades.nbytes + self.levels.nbytes

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Weight of one occurrence in the first stage, shape (words,)."""
        return self.grades[:, Grade.LISTED]

    def counted(self, match: Level) -> Forms:
        """Return the forms at the levels that `match` counts."""
        return self._filtered(self.levels <= CLOSENESS[WIDEST_COUNTED[match]])

    def only(self, words: Array) -> Forms:
        """Return the forms that are among `words`."""
        return self._filtered(np.isin(self.words, words))

    def excluding(self, words: Array) -> Forms:
        """Return the forms that are not among `words`."""
        return self._filtered(~np.isin(self.words, words))

    def _filtered(self, kept: npt.NDArray[np.bool_]) -> Forms:
        return Forms(self.words[kept], self.grades[kept], self.levels[kept])

    def contains(self, tokens: Array) -> npt.NDArray[np.bool_]:
        """Return which of `tokens` (word numbers, any order) are among the forms, bool of the same shape."""
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

    def levels_of(self, tokens: Array) -> Levels:
        """Return the closeness of the match of each token; all `tokens` must be among the forms."""
        return (
            np.full(len(tokens), self.levels[0])
            if len(self.words) == 1
            else self.levels[self.words.searchsorted(tokens)]
        )


def graded(words: Array, strengths: npt.NDArray[np.float64], levels: Levels) -> Forms:
    """Return the forms with their grades, given one row for each reading that a word shares with the word of the query.

    A row has the number of the word, the strength of the reading (the lesser of both weights, 0 to 1) and the closeness
    of its level. Strengths of the same word and level add up, to 1 at most.
    """
    distinct, rows = np.unique(words, return_inverse=True)
    by_level = np.bincount(rows * len(LEVELS) + levels, strengths, minlength=len(distinct) * len(LEVELS))
    table = np.minimum(by_level.reshape(len(distinct), len(LEVELS)), 1.0)
    return Forms(distinct, grades(table), np.argmax(table > 0, axis=1).astype(np.uint8))
