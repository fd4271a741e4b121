"""Growth of the vocabulary: Heaps' law fitted on real articles, and pseudowords for the growth beyond them.

Heaps' law: a text of n tokens has about K·n^β distinct words (Heaps 1978, "Information Retrieval", section 7.5). A
corpus that is enlarged by copying keeps its vocabulary, so that every index looks better on it than on real articles.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np

POINTS = 60
"""Points of the growth curve that the law is fitted on, evenly spaced in the logarithm of the number of tokens."""
FITTED_SHARE = 0.02
"""Start of the fit, as a share of all tokens: the first few articles say little about the slope at the end."""


@dataclasses.dataclass(frozen=True, slots=True)
class HeapsLaw:
    """The law of one corpus, which passes through its last point: `types` distinct words in `tokens` tokens."""

    exponent: float
    """β."""
    tokens: int
    types: int

    @property
    def constant(self) -> float:
        """K."""
        return float(self.types / self.tokens**self.exponent)

    def types_at(self, tokens: float) -> float:
        """Return the number of distinct words in a corpus of `tokens` tokens."""
        return float(self.types * (tokens / self.tokens) ** self.exponent)


def fit(articles: Iterable[Sequence[str]]) -> HeapsLaw:
    """Return the law of articles, each given as its words in order; the order of the articles must be random.

    The exponent is the least-squares slope of log(types) over log(tokens).

    Raises:
        ValueError: the articles have no words.
    """
    seen: set[str] = set()
    tokens = 0
    curve = []
    for words in articles:
        seen.update(words)
        tokens += len(words)
        curve.append((tokens, len(seen)))
    if not tokens:
        raise ValueError("no words to fit Heaps' law on; give articles that have text")
    sizes, types = np.array(curve, np.float64).T
    begin = max(1.0, FITTED_SHARE * tokens)
    points = np.unique(np.searchsorted(sizes, np.geomspace(begin, tokens, POINTS)))
    exponent = 1.0
    if len(points) > 1:
        exponent = float(np.polyfit(np.log(sizes[points]), np.log(np.maximum(types[points], 1)), 1)[0])
    return HeapsLaw(min(max(exponent, 0.05), 0.95), tokens, len(seen))


_CONSONANTS = "بتثجحخدذرزسشصضطظعغفقكلمن"
"""Consonants that folding does not change."""
_STEMS = (
    "{}ا{}{}{}", "{}ي{}و{}{}", "{}و{}ا{}{}", "{}{}ا{}ي{}", "{}{}ي{}ا{}", "{}{}و{}ي{}",
    "{}ا{}و{}{}", "{}ي{}{}ا{}", "{}و{}ي{}{}", "{}{}ا{}و{}", "{}{}{}ي{}", "{}ا{}{}ي{}",
)  # fmt: skip
"""Four consonants with long vowels between them, as in foreign names and derived nouns."""
_AFFIXES = ("{}", "ال{}", "و{}", "ب{}", "ل{}", "وال{}", "{}ي", "{}يه", "{}ين", "{}ات")
_SHAPES = tuple(affix.format(stem) for stem, affix in product(_STEMS, _AFFIXES))
_PAIRS = tuple(product(_CONSONANTS, repeat=2))
FORMS = len(_SHAPES) * len(_PAIRS) ** 2
"""Number of pseudowords: 39.8 million."""
_SCATTER = 15_485_863
"""A prime that does not divide FORMS, so that neighbouring ordinals give dissimilar words."""
assert math.gcd(_SCATTER, FORMS) == 1


def pseudoword(ordinal: int) -> str:
    """Return pseudoword number `ordinal`, in folded letters; different ordinals rarely give the same word."""
    rest, shape = divmod(ordinal * _SCATTER % FORMS, len(_SHAPES))
    first, second = divmod(rest, len(_PAIRS))
    return _SHAPES[shape].format(*_PAIRS[first], *_PAIRS[second])
