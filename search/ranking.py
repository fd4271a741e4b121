"""All weights and formulas of the score.

The first stage reads postings and scores every match. The forms of a word of the query are weighted by their levels.
The weighted frequencies in title and body, each normalized by the length of its section, are added and saturated once
(BM25F: Robertson, Zaragoza & Taylor 2004, "Simple BM25 extension to multiple weighted fields"). The document frequency
of a word counts the documents that have a form of its lemma: those that only have its root say nothing about how rare
the word is.

The second stage reads the positions of the words in the best hits (`search/reranking.py`) and adds to their scores: for
the words as typed, for words early in the article, and for words close together. It only adds, so that all other
hits stay behind them.

The weights were chosen on the tune halves of `bench.quality.ranking`; docs/decisions/0011 says what each part earns.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from index.schema import BM25_B, BM25_K1, Level, Section

Floats = npt.NDArray[np.float64]

SECTION_WEIGHTS = {Section.TITLE: 2.0, Section.BODY: 1.0}
LEVEL_WEIGHTS = {
    Level.EXACT: 1.0,
    Level.CLITIC: 0.95,
    Level.LEMMA: 0.9,
    Level.FAMILY: 0.4,
    Level.ROOT: 0.15,
    Level.SPELLING: 0.8,
    Level.SOFT: 0.3,
}
"""Weight of an occurrence at each level in the first stage."""
NEAR_WEIGHTS = {
    Level.EXACT: 1.0,
    Level.CLITIC: 1.0,
    Level.LEMMA: 0.95,
    Level.FAMILY: 0.85,
    Level.ROOT: 0.75,
    Level.SPELLING: 0.9,
    Level.SOFT: 0.75,
}
"""Weight of an occurrence at each level in the second stage: its position is significant even for a word that only has
the same root."""
FOLDED = 0.95
"""Weight of a word that has other letters than typed, and the same ones after folding: «كرة» for «كره»."""
IDF_LEVEL = Level.LEMMA
"""The widest level that counts for the document frequency of a word."""

STOP_WORD_IDF = 0.1
"""The idf of every stop word: that of a word that nine of ten articles have. Their document frequencies are not in the
index. It orders the articles of a phrase of stop words, and hardly counts in other phrases."""

RERANKED = 100
"""Number of documents that the second stage scores: with 200 the order of the first ten is no better, with 50 it is
hardly worse."""
READ_TOKENS = 2_000
"""Number of tokens of a body that the second stage reads: bounds its time on long articles."""
SURFACE = 0.5
"""Weight of BM25F over the word as typed, without its other forms: high enough that another form in a title does not
rank above it."""
OPENING = 2.0
"""Weight of words early in the body: most articles say at once what they are about."""
ELSEWHERE = 0.7
"""Weight of the best passage when it replaces the opening, for a long article with the answer further down."""
DECAY = 50.0
"""Position in the body at which an occurrence has half the weight of one at the beginning, in tokens."""
PASSAGE = 0.5
"""Weight of the best passage."""
PASSAGE_TOKENS = 16
"""Length of a passage."""
PAIRS = 1.0
"""Weight of adjacent words of the query that are close together, in the same order, in the article."""
PAIR_TOKENS = 3
"""Maximum distance between the words of a pair, in tokens."""

RECENCY = 0.5
"""Share of its score that the newest article gains when newer ones are preferred."""
HALF_LIFE = 30.0
"""Age in days at which an article gains half of that."""

SCORE_DIGITS = 9
"""Decimals of a score that order hits: further ones are rounding errors. Ties are broken by id."""

QUORUM_FROM = 3
"""Number of content words up to which a match must have all of them, and the minimum for longer queries."""
QUORUM_SHARE = 0.4
"""Share of the content words that a match of a longer query, or of a question, must have; rounded up. See
docs/decisions/0011 for the effect of other shares."""


class Grade(enum.IntEnum):
    """The weights of an occurrence of a form: the last axis of an array of grades."""

    LISTED = 0
    """Weight in the first stage, which lists the matches."""
    NEAR = 1
    """Weight in the second stage, for its position."""
    SURFACE = 2
    """Weight in the second stage, as the word itself."""


def grades(strengths: Floats) -> Floats:
    """Return the weights of an occurrence of each form, float64 of shape (forms, grades).

    `strengths`, shape (forms, levels), are the weights of the readings that the form shares with the word of the query
    at each level: the sum, over the shared readings, of the lesser of both weights; 0 to 1.
    """
    return np.stack(
        [
            (strengths * _by_level(LEVEL_WEIGHTS)).max(axis=1),
            (strengths * _by_level(NEAR_WEIGHTS)).max(axis=1),
            strengths[:, list(Level).index(Level.EXACT)],
        ],
        axis=1,
    )


def _by_level(weights: Mapping[Level, float]) -> Floats:
    return np.array([weights[level] for level in Level])


def quorum(words: int, *, question: bool = False) -> int:
    """Return how many of a query's content words a match must have: all of up to three, a share of more.

    Of a question a share is always enough: an answer need not repeat the words of the question.
    """
    share = math.ceil(QUORUM_SHARE * words)
    return share if question else max(min(words, QUORUM_FROM), share)


def inverse_document_frequency(documents: int, doc_frequency: int) -> float:
    """Return BM25's weight of a term that `doc_frequency` of `documents` have (Lucene's form: never negative)."""
    return math.log(1.0 + (documents - doc_frequency + 0.5) / (doc_frequency + 0.5))


def section_norms(section: Section, lengths: npt.NDArray[np.integer], average: float) -> Floats:
    """Return the weight of one occurrence in a section of each document, float64 of the shape of `lengths`.

    It combines the weight of the section with BM25's length normalization. `lengths` are numbers of content words,
    shape (documents,); `average` is their mean over the articles that have the section (as in Lucene: many articles
    have no title).
    """
    relative = lengths.astype(np.float64) / max(average, 1.0)
    return SECTION_WEIGHTS[section] / (1.0 - BM25_B + BM25_B * relative)


def saturation(frequencies: Floats) -> Floats:
    """Return BM25's saturation of weighted frequencies, float64 of the same shape: 0 to `BM25_K1 + 1`."""
    return frequencies * (BM25_K1 + 1.0) / (frequencies + BM25_K1)


def position_decay(positions: npt.NDArray[np.integer]) -> Floats:
    """Return the weight of positions in the body as an opening, float64 of the same shape: 1 at the beginning."""
    return 1.0 / (1.0 + positions / DECAY)


def last_day() -> dt.date:
    """Return the latest date that is today anywhere on earth; an article with a later date has a wrong one."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


def recency(days: npt.NDArray[np.integer], newest: int) -> Floats:
    """Return the share of its score that each article gains by its recency, float64 of the same shape.

    `days` are those of publication (`date.toordinal`), 0 if unknown; `newest` is the last of them that is not after
    `last_day`. A date in the future is an error in the data: it gains nothing, and no age is counted from it.
    """
    gains = RECENCY * np.exp2(-np.maximum(newest - days.astype(np.int64), 0) / HALF_LIFE)
    return np.where((days > 0) & (days <= newest), gains, 0.0)
