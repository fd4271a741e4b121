"""Growth of the vocabulary: Heaps' law fitted on real articles, and made-up words for what real ones would bring.

Heaps' law says that a text of n tokens has about K·n^β distinct words (Heaps 1978, "Information Retrieval",
section 7.5). A corpus enlarged by copying keeps its vocabulary, which flatters every index.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np

POINTS = 60
"""Points of the growth curve that the law is fitted on, evenly spaced in the logarithm of the tokens."""
FITTED_SHARE = 0.02
"""Where the fit begins, as a share of all tokens: the first few articles say little about the slope at the end."""


@dataclasses.dataclass(frozen=True, slots=True)
class HeapsLaw:
    """The law of one corpus; it passes through the corpus's own end (`types` words in `tokens`)."""

    exponent: float
    """β."""
    tokens: int
    types: int

    @property
    def constant(self) -> float:
        """K."""
        return float(self.types / self.tokens**self.exponent)

    def types_at(self, tokens: float) -> float:
        """Return how many distinct words a corpus of so many tokens has."""
        return float(self.types * (tokens / self.tokens) ** self.exponent)


def fit(articles: Iterable[Sequence[str]]) -> HeapsLaw:
    """Return the law of articles, each the sequence of its words; their order must be random.

    The exponent is the least-squares slope of log(types) over log(tokens).
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
    places = np.unique(np.searchsorted(sizes, np.geomspace(begin, tokens, POINTS)))
    exponent = 1.0
    if len(places) > 1:
        exponent = float(np.polyfit(np.log(sizes[places]), np.log(np.maximum(types[places], 1)), 1)[0])
    return HeapsLaw(min(max(exponent, 0.05), 0.95), tokens, len(seen))


_CONSONANTS = "بتثجحخدذرزسشصضطظعغفقكلمن"
"""Letters that folding leaves alone and that are no vowels."""
_STEMS = (
    "{}ا{}{}{}", "{}ي{}و{}{}", "{}و{}ا{}{}", "{}{}ا{}ي{}", "{}{}ي{}ا{}", "{}{}و{}ي{}",
    "{}ا{}و{}{}", "{}ي{}{}ا{}", "{}و{}ي{}{}", "{}{}ا{}و{}", "{}{}{}ي{}", "{}ا{}{}ي{}",
)  # fmt: skip
"""Four consonants with long vowels between them, as in names from abroad and in derived nouns."""
_AFFIXES = ("{}", "ال{}", "و{}", "ب{}", "ل{}", "وال{}", "{}ي", "{}يه", "{}ين", "{}ات")
_SHAPES = tuple(affix.format(stem) for stem, affix in product(_STEMS, _AFFIXES))
_PAIRS = tuple(product(_CONSONANTS, repeat=2))
FORMS = len(_SHAPES) * len(_PAIRS) ** 2
"""How many made-up words there are: 39.8 million."""
_SCATTER = 15_485_863
"""A prime that does not divide FORMS: neighbouring ordinals give words that have nothing in common."""
assert math.gcd(_SCATTER, FORMS) == 1


def coined(ordinal: int) -> str:
    """Return made-up word number `ordinal`, in folded letters; different ordinals hardly ever give the same word."""
    rest, shape = divmod(ordinal * _SCATTER % FORMS, len(_SHAPES))
    first, second = divmod(rest, len(_PAIRS))
    return _SHAPES[shape].format(*_PAIRS[first], *_PAIRS[second])
