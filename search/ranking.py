"""Weights and formula of the score: the one place to read, or change, how hits are ordered.

The forms under which a word of the query is found count by how close they are: an occurrence of a form weighs the level
weight times the reading weight of the closest way in which it was found. The weighted occurrences of title and body,
each set against its own length, are added and pass through BM25's saturation once (BM25F: Robertson, Zaragoza & Taylor
2004, "Simple BM25 extension to multiple weighted fields"). How rare a word is is judged by the documents that have it
as a form of the same lemma: its root says nothing about it.
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
    Level.CLITIC: 0.75,
    Level.LEMMA: 0.65,
    Level.FAMILY: 0.4,
    Level.ROOT: 0.15,
    Level.SPELLING: 0.5,
}
RARITY_LEVEL = Level.LEMMA
"""The widest level whose documents count when it is judged how rare a word is."""

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


def section_norms(section: Section, lengths: npt.NDArray[np.integer], average: float) -> npt.NDArray[np.float64]:
    """Return what one occurrence in a section weighs in each document (float64): less in a long section.

    `lengths` are content words of the section, `average` their mean over the articles that have it
    (as Lucene counts: many articles have no title).
    """
    relative = lengths.astype(np.float64) / max(average, 1.0)
    return SECTION_WEIGHTS[section] / (1.0 - B + B * relative)


def saturation(frequencies: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return BM25's part of the weighted frequencies (float64, one for each document): 0 to `K1 + 1`."""
    return frequencies * (K1 + 1.0) / (frequencies + K1)
