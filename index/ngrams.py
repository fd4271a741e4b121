"""Character n-grams: candidates for words spelled similarly are those that share them."""

from __future__ import annotations

EDGE = "\0"
"""Padding before the first and after the last letter, so that n-grams distinguish beginnings and ends."""
_SIZES = (2, 3)


def ngrams_of(word: str) -> list[str]:
    """Return the padded bigrams of a word in order, then its trigrams; repeated ones are repeated."""
    edged = f"{EDGE}{word}{EDGE}"
    return [edged[start : start + size] for size in _SIZES for start in range(len(edged) - size + 1)]
