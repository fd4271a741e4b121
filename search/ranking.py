"""Weights and formulas of the score: the one place to read, or change, how hits are ordered.

The first stage looks at postings, and ranks every match. The forms under which a word of the query is found count by
how close they are. The weighted occurrences of title and body, each set against its own length, are added and pass
through BM25's saturation once (BM25F: Robertson, Zaragoza & Taylor 2004, "Simple BM25 extension to multiple weighted
fields"). How rare a word is is judged by the documents that have it as a form of the same lemma: its root says nothing
about it.

The second stage looks again at the best of them, at where the words stand (`search/reranking.py`), and adds to their
scores: for the very word that was asked for, for standing early, for standing together. It never takes anything away,
so what the first stage ranked behind them stays there.

The weights were chosen on the tune halves of `bench.quality.ranking`; docs/decisions/0011 says what each part earns.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from index.schema import Level, Section

Floats = npt.NDArray[np.float64]

K1 = 1.2
"""Saturation of term frequency (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework"; Lucene's value)."""
B = 0.75
"""Share of length normalization (as above)."""

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
"""What an occurrence counts in the first stage."""
NEAR_WEIGHTS = {
    Level.EXACT: 1.0,
    Level.CLITIC: 1.0,
    Level.LEMMA: 0.95,
    Level.FAMILY: 0.85,
    Level.ROOT: 0.75,
    Level.SPELLING: 0.9,
    Level.SOFT: 0.75,
}
"""What an occurrence counts in the second stage: where it stands says much, even of a word of the same root."""
IDF_LEVEL = Level.LEMMA
"""The widest level whose documents count when it is judged how rare a word is."""

RERANKED = 100
"""Documents that the second stage looks at: of 200 the order of the first ten is no better, of 50 hardly worse."""
READ_TOKENS = 2_000
"""Tokens of a body that the second stage reads: bounds its time on long articles."""
SURFACE = 0.5
"""Weight of BM25F over the word itself, without other forms of it: enough that a form of it in a title does not stand
above it."""
OPENING = 2.0
"""Weight of standing early: most articles say at once what they are about."""
ELSEWHERE = 0.7
"""What a passage further down counts as an opening, for the long article whose answer stands late."""
DECAY = 50.0
"""Tokens after which an occurrence is worth half of one at the very beginning."""
PASSAGE = 0.5
"""Weight of the best passage."""
PASSAGE_TOKENS = 16
PAIRS = 1.0
"""Weight of neighbours in the query that stand together, in this order, in the article."""
PAIR_TOKENS = 3
"""Tokens from one word of a pair to the other, at most."""

RECENCY = 0.5
"""Share of its score that the newest article gains when newer ones are preferred."""
HALF_LIFE = 30.0
"""Days after which an article gains half of that."""

SCORE_DIGITS = 9
"""Decimals of a score that order hits: what lies beyond is rounding, and ties break by id."""

QUORUM_FROM = 3
"""Up to this many content words a match has all of them, and of more never fewer."""
QUORUM_SHARE = 0.4
"""Share of the content words that is enough when there are more, and of a question; rounded up. docs/decisions/0011 has
what other shares cost."""


class Grade(enum.IntEnum):
    """What an occurrence of a form counts, by what is counted."""

    LISTED = 0
    """In the first stage."""
    NEAR = 1
    """In the second, where it stands."""
    SURFACE = 2
    """In the second, as the word itself."""


def grades(strengths: Floats) -> Floats:
    """Return what an occurrence of each form counts, shape (forms, grades).

    `strengths`, shape (forms, levels), say how far a form is one of the word at each level: 0 to 1, the sum over the
    readings that both have of the lesser of their weights.
    """
    return np.stack(
        [
            (strengths * _columns(LEVEL_WEIGHTS)).max(axis=1),
            (strengths * _columns(NEAR_WEIGHTS)).max(axis=1),
            strengths[:, list(Level).index(Level.EXACT)],
        ],
        axis=1,
    )


def _columns(weights: Mapping[Level, float]) -> Floats:
    return np.array([weights[level] for level in Level])


def quorum(words: int, *, question: bool = False) -> int:
    """Return how many of a query's content words a match must have: all of up to three, of more words a share.

    A question is asked in words of its own, which the answer need not repeat: of it the share is enough in any case.
    """
    share = math.ceil(QUORUM_SHARE * words)
    return share if question else max(min(words, QUORUM_FROM), share)


def inverse_document_frequency(documents: int, doc_frequency: int) -> float:
    """Return BM25's weight of a term that `doc_frequency` of `documents` have (Lucene's form: never negative)."""
    return math.log(1.0 + (documents - doc_frequency + 0.5) / (doc_frequency + 0.5))


def section_norms(section: Section, lengths: npt.NDArray[np.integer], average: float) -> Floats:
    """Return what one occurrence in a section weighs in each document (float64): less in a long section.

    `lengths` are content words of the section, `average` their mean over the articles that have it
    (as Lucene counts: many articles have no title).
    """
    relative = lengths.astype(np.float64) / max(average, 1.0)
    return SECTION_WEIGHTS[section] / (1.0 - B + B * relative)


def saturation(frequencies: Floats) -> Floats:
    """Return BM25's part of the weighted frequencies (float64, one for each document): 0 to `K1 + 1`."""
    return frequencies * (K1 + 1.0) / (frequencies + K1)


def position_decay(positions: npt.NDArray[np.integer]) -> Floats:
    """Return what standing at a position of the body is worth as an opening: 1 at the very beginning."""
    return 1.0 / (1.0 + positions / DECAY)


def last_day() -> dt.date:
    """Return the last day that is today anywhere on earth; what is dated later is dated wrongly."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


def recency(ages: npt.NDArray[np.integer]) -> Floats:
    """Return the share of its score that each article gains by being new; `ages` are days before the newest one."""
    gains: Floats = RECENCY * np.exp2(-np.maximum(ages, 0) / HALF_LIFE)
    return gains
