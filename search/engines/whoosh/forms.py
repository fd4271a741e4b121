"""Which words of the index a word of the query may be found as, how close they are, and what they weigh."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.generation import Generation
from index.engines.whoosh.segment import term_key
from index.schema import CLOSENESS, Level, TokenField
from search.engines.whoosh.neighbours import neighbours
from search.engines.whoosh.snapshot import Snapshot
from search.errors import TooManyFormsError
from search.query import Prefix, Term
from search.ranking import Grade, grades

LEVELS = tuple(Level)
"""Levels by their closeness."""

MAX_PREFIX_FORMS = 50_000
"""Words of the index that one prefix may stand for: keeps the cost of a hostile query bounded."""

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


def forms_of(snapshot: Snapshot, node: Term | Prefix) -> Forms:
    """Return the forms of a word of the query.

    Raises:
        TooManyFormsError: a prefix stands for more than `MAX_PREFIX_FORMS` words.
    """
    generation = snapshot.generation
    forms = _prefix_forms(generation, node) if isinstance(node, Prefix) else _term_forms(snapshot, node)
    return forms.but(words_with_forms(generation, node.without)) if node.without else forms


def words_with_forms(generation: Generation, forms: Iterable[str]) -> Array:
    """Return the words (uint32, no order) whose folded letters are one of `forms`."""
    found = [generation.words_of(term_key(TokenField.SURFACE, form))[0] for form in forms]
    return np.concatenate(found) if found else np.empty(0, np.uint32)


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


def _term_forms(snapshot: Snapshot, node: Term) -> Forms:
    words, strengths, levels = [np.empty(0, np.uint32)], [np.empty(0)], [np.empty(0, np.uint8)]
    for alternative in node.alternatives:
        soft = alternative.level is Level.SOFT
        for term, weight in (
            neighbours(snapshot, alternative.term) if soft else [(alternative.term, alternative.weight)]
        ):
            found, shares = snapshot.generation.words_of(term_key(alternative.field, term))
            words.append(found)
            strengths.append(np.minimum(weight, shares))
            levels.append(np.full(len(found), CLOSENESS[alternative.level], np.uint8))
    return _graded(np.concatenate(words), np.concatenate(strengths), np.concatenate(levels))


def _graded(words: Array, strengths: npt.NDArray[np.float64], levels: npt.NDArray[np.uint8]) -> Forms:
    """Return each word once, of what it has in common with the word of the query by each reading."""
    different, places = np.unique(words, return_inverse=True)
    by_level = np.bincount(places * len(LEVELS) + levels, strengths, minlength=len(different) * len(LEVELS))
    table = np.minimum(by_level.reshape(len(different), len(LEVELS)), 1.0)
    return Forms(different, grades(table), np.argmax(table > 0, axis=1).astype(np.uint8))


def _prefix_forms(generation: Generation, node: Prefix) -> Forms:
    words = generation.words_with_prefix(term_key(TokenField.SURFACE, node.text))
    if len(words) > MAX_PREFIX_FORMS:
        raise TooManyFormsError(node.text, len(words), MAX_PREFIX_FORMS)
    return _graded(words, np.ones(len(words)), np.full(len(words), CLOSENESS[Level.EXACT], np.uint8))
