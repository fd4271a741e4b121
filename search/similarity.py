"""Similarity of the spelling of two words, by their common bigrams and trigrams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from index.ngrams import ngrams_of

LEAST_SIMILAR = 0.45
"""Similarity from which on two words may be spellings of the same word."""
NEARLY = 0.75
"""Minimum similarity relative to that of the most similar word."""
LONGEST = 30
"""Maximum number of letters of a word for which similarly spelled words are searched; longer words are not
misspellings."""
MEASURED = 400
"""Number of words whose similarity to a word is computed, ten times as many as are used: an engine selects them by an
estimate."""
MOST_NEIGHBOURS = 40
"""Maximum number of similar words."""


def similarity(first: str, second: str) -> float:
    """Return the Dice coefficient of the n-grams of two words (Dice 1945), 0 to 1; 1 for equal words."""
    first_ngrams, second_ngrams = Counter(ngrams_of(first)), Counter(ngrams_of(second))
    return 2.0 * (first_ngrams & second_ngrams).total() / (first_ngrams.total() + second_ngrams.total())


def nearest(word: str, others: Iterable[str]) -> list[tuple[str, float]]:
    """Return those of `others` that are spelled like `word`, with their similarity, the highest first.

    Ties are in the order of code points.
    """
    ranked = sorted((-similarity(word, other), other) for other in set(others))
    least = max(LEAST_SIMILAR, -ranked[0][0] * NEARLY) if ranked else 1.0
    return [(other, -negative) for negative, other in ranked[:MOST_NEIGHBOURS] if -negative >= least]
