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
from search.errors import TooManyFormsError
from search.query import Prefix, Term
from search.ranking import LEVEL_WEIGHTS

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
    weights: npt.NDArray[np.float64]
    """What one occurrence counts."""
    levels: npt.NDArray[np.uint8]
    """Closeness of the closest level that finds the word."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.words.nbytes + self.weights.nbytes + self.levels.nbytes

    def only(self, words: Array) -> Forms:
        """Return those of the forms that are among `words`."""
        return self._kept(np.isin(self.words, words))

    def but(self, words: Array) -> Forms:
        """Return those of the forms that are not among `words`."""
        return self._kept(~np.isin(self.words, words))

    def _kept(self, kept: npt.NDArray[np.bool_]) -> Forms:
        return Forms(self.words[kept], self.weights[kept], self.levels[kept])

    def within(self, tokens: Array) -> npt.NDArray[np.bool_]:
        """Return which of `tokens` (words of the index) are among the forms."""
        found: npt.NDArray[np.bool_]
        if not len(self.words):
            return np.zeros(len(tokens), bool)
        size = int(self.words[-1]) + 1
        if len(self.words) == 1:
            found = tokens == self.words[0]
        elif size > TABLE_RATIO * len(tokens):
            found = self.words[self._places(tokens)] == tokens
        else:
            table = np.zeros(size + 1, bool)
            table[self.words] = True
            found = table[np.minimum(tokens, size)]
        return found

    def levels_of(self, tokens: Array) -> npt.NDArray[np.uint8]:
        """Return the closeness at which tokens are found that are all among the forms."""
        return np.full(len(tokens), self.levels[0]) if len(self.words) == 1 else self.levels[self._places(tokens)]

    def _places(self, tokens: Array) -> npt.NDArray[np.int64]:
        """Return the place of each token in `words`, or of another word where it is not among them."""
        return np.minimum(self.words.searchsorted(tokens), len(self.words) - 1)


def forms_of(generation: Generation, node: Term | Prefix) -> Forms:
    """Return the forms of a word of the query.

    Raises:
        TooManyFormsError: a prefix stands for more than `MAX_PREFIX_FORMS` words.
    """
    forms = _prefix_forms(generation, node) if isinstance(node, Prefix) else _term_forms(generation, node)
    return forms.but(words_with_forms(generation, node.without)) if node.without else forms


def words_with_forms(generation: Generation, forms: Iterable[str]) -> Array:
    """Return the words (uint32, no order) whose folded letters are one of `forms`."""
    found = [generation.words_of(term_key(TokenField.SURFACE, form))[0] for form in forms]
    return np.concatenate(found) if found else np.empty(0, np.uint32)


def merged(several: Sequence[Forms]) -> Forms:
    """Return the words of all, each once, at its closest level."""
    if len(several) == 1:
        return several[0]
    return _closest(
        np.concatenate([forms.words for forms in several]),
        np.concatenate([forms.weights for forms in several]),
        np.concatenate([forms.levels for forms in several]),
    )


def _term_forms(generation: Generation, node: Term) -> Forms:
    words, weights, levels = [], [], []
    for alternative in node.alternatives:
        found, shares = generation.words_of(term_key(alternative.field, alternative.term))
        words.append(found)
        weights.append(alternative.weight * shares)
        levels.append(np.full(len(found), CLOSENESS[alternative.level], np.uint8))
    if len(words) == 1:
        return Forms(words[0], weights[0], levels[0])
    if not words:
        return Forms(np.empty(0, np.uint32), np.empty(0), np.empty(0, np.uint8))
    return _closest(np.concatenate(words), np.concatenate(weights), np.concatenate(levels))


def _closest(words: Array, weights: npt.NDArray[np.float64], levels: npt.NDArray[np.uint8]) -> Forms:
    """Return each word once, at its closest level, with its greatest weight."""
    if not len(words):
        return Forms(words, weights, levels)
    order = np.lexsort((levels, words))
    words = words[order]
    first = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]]))
    return Forms(words[first], np.maximum.reduceat(weights[order], first), levels[order][first])


def _prefix_forms(generation: Generation, node: Prefix) -> Forms:
    words = generation.words_with_prefix(term_key(TokenField.SURFACE, node.text))
    if len(words) > MAX_PREFIX_FORMS:
        raise TooManyFormsError(node.text, len(words), MAX_PREFIX_FORMS)
    return Forms(
        words,
        np.full(len(words), LEVEL_WEIGHTS[Level.EXACT]),
        np.full(len(words), CLOSENESS[Level.EXACT], np.uint8),
    )
