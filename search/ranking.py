"""Weights and formula of the score: the one place to read, or change, how hits are ordered.

A word's score in a document is the sum, over sections and over the terms under which the word may be found, of
section weight x level weight x reading weight x BM25. A closer level finds a subset of what a wider one finds, so a
word found exactly collects the terms of all levels, and one found by its root only the last.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from index.schema import Level, Section

K1 = 1.2
"""Saturation of term frequency (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework"; Lucene's value)."""
B = 0.75
"""Share of length normalization (as above)."""

SECTION_WEIGHTS = {Section.TITLE: 2.0, Section.BODY: 1.0}
LEVEL_WEIGHTS = {
    Level.EXACT: 1.0,
    Level.CLITIC: 1.0,
    Level.LEMMA: 1.0,
    Level.FAMILY: 0.75,
    Level.ROOT: 0.35,
    Level.SPELLING: 0.75,
}

SCORE_DIGITS = 9
"""Decimals of a score that order hits: what lies beyond is rounding, and ties break by id."""

QUORUM_FROM = 3
"""Up to this many content words a match has all of them."""


def quorum(words: int) -> int:
    """Return how many of a query's content words a match must have: all of up to three, else half, at least three."""
    return words if words <= QUORUM_FROM else max(QUORUM_FROM, math.ceil(words / 2))


def inverse_document_frequency(documents: int, holders: int) -> float:
    """Return BM25's weight of a term that `holders` of `documents` have (Lucene's form: never negative)."""
    return math.log(1.0 + (documents - holders + 0.5) / (holders + 0.5))


def saturation(
    frequencies: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], average: float
) -> npt.NDArray[np.float64]:
    """Return BM25's term-frequency part (float64, one for each posting): 0 to `K1 + 1`.

    `frequencies` are sums of reading weights, `lengths` tokens of the section, `average` their mean over the index.
    """
    normal = K1 * (1.0 - B + B * lengths / max(average, 1.0))
    return frequencies * (K1 + 1.0) / (frequencies + normal)
