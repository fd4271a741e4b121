"""How alike two words are spelled: by the runs of two and three letters that they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from index.ngrams import ngrams_of

LEAST_SIMILAR = 0.45
"""From here on a word is another spelling rather than another word."""
NEARLY = 0.75
"""Of the similarity of the nearest word; who is farther away than that is not meant."""
MOST_NEIGHBOURS = 40
"""Words that are taken for alike to one."""


def similarity(one: str, other: str) -> float:
    """Return the Dice coefficient of the runs of two words (Dice 1945), 0 to 1: 1 for the same word."""
    mine, theirs = Counter(ngrams_of(one)), Counter(ngrams_of(other))
    return 2.0 * (mine & theirs).total() / (mine.total() + theirs.total())


def nearest(word: str, others: Iterable[str]) -> list[tuple[str, float]]:
    """Return the words that are alike to a word, with their similarity, the nearest first, ties by code points."""
    alike = sorted((-similarity(word, other), other) for other in set(others))
    least = max(LEAST_SIMILAR, -alike[0][0] * NEARLY) if alike else 1.0
    return [(other, -negative) for negative, other in alike[:MOST_NEIGHBOURS] if -negative >= least]
