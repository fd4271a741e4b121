"""The formula: in which order articles are listed, in two stages, with every weight in one place.

Stage 1 looks at postings alone: per query word, BM25F over graded word forms. Stage 2 sees the best of it again through
the forward index (the word ids of title and body in order) and adds what postings do not tell: how early the words of
the query stand, how close together, and close spellings. Nothing here knows an engine: a query word arrives as the word
ids that match it with a strength for each match level, a document as its word ids.

The weights were chosen on the tune halves of `bench.quality.ranking`; its ablation says what each part earns. Tried and
left out, since they earned nothing: the part of speech of a query word, semantic vectors of the index, document
frequencies of a larger collection, more stemmers, powers of idf, other k1 and b, learned weights.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


class Rung(enum.IntEnum):
    """The columns of strengths: the match levels, and `soft` behind them."""

    EXACT = 0
    CLITIC = 1
    LEMMA = 2
    FAMILY = 3
    ROOT = 4
    SPELLING = 5
    SOFT = 6


class Evidence(enum.IntEnum):
    """What stage 2 counts by frequency: each is a rung or anything closer, and has document frequencies of its own."""

    SURFACE = 0
    LEMMA = 1
    FAMILY = 2
    SOFT = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Weights:
    """All weights; the defaults are the product's, other values are for ablation."""

    k1: float = 1.2
    """Saturation of frequencies (Lucene's value)."""
    b: float = 0.75
    """Share of length normalization (as above)."""
    title: float = 2.0
    """What an occurrence in the title counts, in one of the body."""
    listed: tuple[float, ...] = (1.0, 1.0, 0.9, 0.4, 0.15, 0.8, 0.0)
    """Stage 1: what a match counts on each rung; soft ones list nothing."""
    near: tuple[float, ...] = (1.0, 1.0, 0.95, 0.85, 0.75, 0.9, 0.75)
    """Stage 2: what a match counts on each rung for opening, window and pairs."""
    counted: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    """Stage 2: weight of BM25 over each evidence."""
    opening: float = 4.0
    """Weight of standing early: most articles say at once what they are about."""
    elsewhere: float = 0.6
    """What a passage further down counts as an opening, for the long article whose answer stands late."""
    decay: float = 50.0
    """Tokens after which an occurrence is worth half of one at the very beginning."""
    window: float = 2.0
    """Weight of the best passage of `WINDOW` tokens."""
    pairs: float = 1.0
    """Weight of neighbours in the query that stand together, in this order, in the article."""


WEIGHTS = Weights()
RERANKED = 200
"""Documents that stage 2 sees."""
WINDOW = 16
"""Tokens of a passage."""
PAIR = 3
"""Tokens from one word of a pair to the other, at most."""
INFLECTED = 0.9
"""What another inflection of a word counts as evidence of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class QueryWord:
    """A content word of the query, as the index knows it."""

    words: Ints
    """Word ids of the index that match it on any rung, ascending."""
    strengths: Singles
    """Shape (words, rungs): on each rung the sum over readings of min(weight in the query, weight in the word)."""
    holders: Longs
    """Documents that have it by each evidence (one number for each)."""
    count: float = 1.0
    """How often it stands in the query."""


def evidence(strengths: Singles) -> Singles:
    """Return the strengths by evidence, shape (words, evidences): closer rungs count as wider ones."""
    surface = strengths[:, Rung.EXACT]
    # Less than whole, so that another inflection never ties with the word itself in other company.
    inflected = INFLECTED * strengths[:, Rung.LEMMA]
    lemma = np.maximum(np.maximum(surface, strengths[:, Rung.CLITIC]), inflected)
    family = np.maximum(lemma, strengths[:, Rung.FAMILY])
    soft = np.maximum(np.maximum(lemma, strengths[:, Rung.SPELLING]), strengths[:, Rung.SOFT])
    return np.stack([surface, lemma, family, soft], axis=1)


def inverse_document_frequency(documents: int, holders: npt.ArrayLike) -> Floats:
    """Return BM25's idf in Lucene's form, never negative; a word that no document has counts as had by one.

    `holders` may be sums over several words, which can exceed the index.
    """
    had = np.clip(np.asarray(holders, dtype=np.float64), 1.0, max(1, documents))
    return np.log1p((documents - had + 0.5) / (had + 0.5))


def normalization(lengths: Floats, average: float, weights: Weights = WEIGHTS) -> Floats:
    """Return the divisor of frequencies for each document; `lengths` are content tokens of one section."""
    return 1.0 - weights.b + weights.b * lengths / max(average, 1.0)


def saturated(frequencies: Floats, weights: Weights = WEIGHTS) -> Floats:
    """Return BM25's value of normalized frequencies: 0 to k1 + 1."""
    return frequencies * (weights.k1 + 1.0) / (frequencies + weights.k1)


# Stage 1


class SectionPostings(NamedTuple):
    """Word id → documents of one section: those of word w lie in `starts[w]:starts[w + 1]`, ascending."""

    starts: Longs
    documents: Ints
    frequencies: Floats
    lengths: Floats
    """Content tokens of each document."""
    average: float
    """Mean length of the documents that have the section."""


def first_stage(
    words: Sequence[QueryWord], body: SectionPostings, title: SectionPostings | None, weights: Weights = WEIGHTS
) -> Floats:
    """Return the score of every document (float64), 0 where no word matches on a rung that lists."""
    documents = len(body.lengths)
    scores = np.zeros(documents)
    for word in words:
        graded = (word.strengths * np.array(weights.listed, dtype=np.float32)).max(axis=1, initial=0.0)
        matching, grades = word.words[graded > 0], graded[graded > 0]
        found = _normalized(matching, grades, body, weights)
        if title is not None:
            found += weights.title * _normalized(matching, grades, title, weights)
        rarity = inverse_document_frequency(documents, word.holders[Evidence.LEMMA])
        scores += word.count * rarity * saturated(found, weights)
    return scores


def _normalized(words: Ints, grades: Singles, section: SectionPostings, weights: Weights) -> Floats:
    """Return for each document the graded frequency of the words, length taken into account."""
    held, counts = places(section.starts, words)
    graded = np.repeat(grades, counts) * section.frequencies[held]
    sums = np.bincount(section.documents[held], graded, minlength=len(section.lengths))
    return sums / normalization(section.lengths, section.average, weights)


def places(starts: Longs, groups: npt.NDArray[np.integer]) -> tuple[Longs, Longs]:
    """Return the places of some groups of a flat array, one group after the other, and the size of each."""
    begins = starts[groups]
    counts = starts[groups + 1] - begins
    return np.repeat(begins - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum()), counts


# Stage 2


class Forward(NamedTuple):
    """One section of the documents to rank again, through the forward index."""

    words: Ints
    """Word ids of all documents, one after the other; stop words are 0 and keep their place."""
    starts: Longs
    """Where each document begins in `words`, and their end."""
    lengths: Floats
    """Content tokens of each document."""
    average: float
    """Mean length over the index, as in `SectionPostings`."""


class Parts(NamedTuple):
    """The weighted parts of the score, each one value for each document (float64); they add up to it."""

    surface: Floats
    lemma: Floats
    family: Floats
    soft: Floats
    opening: Floats
    window: Floats
    pairs: Floats

    def score(self) -> Floats:
        """Return the score of each document."""
        added: Floats = np.sum(self, axis=0)
        return added


def second_stage(
    words: Sequence[QueryWord],
    body: Forward,
    title: Forward | None,
    *,
    documents: int,
    vocabulary: int,
    weights: Weights = WEIGHTS,
) -> Parts:
    """Return the parts of the score of each document in `body` and `title`.

    `documents` is the size of the index, `vocabulary` is above every word id. The words stand in order of the query.
    """
    matching = _Matching(words, vocabulary)
    repeated = np.array([word.count for word in words])
    rarities = inverse_document_frequency(documents, np.stack([word.holders for word in words]))
    worth = rarities[:, Evidence.LEMMA] * repeated
    hits = matching.hits(body)
    near = (matching.strengths * np.array(weights.near, dtype=np.float32)).max(axis=2)

    counts = np.stack([evidence(matching.strengths[:, number]) for number in range(len(words))], axis=1)
    found = hits.sums(counts[hits.rows]) / normalization(body.lengths, body.average, weights)[:, None, None]
    grades = near[hits.rows]
    early = hits.maxima(grades / (1.0 + hits.positions / weights.decay)[:, None])
    if title is not None:
        heads = matching.hits(title)
        normal = normalization(title.lengths, title.average, weights)[:, None, None]
        found += weights.title * heads.sums(counts[heads.rows]) / normal
        early = np.maximum(early, heads.maxima(near[heads.rows]))
    values = rarities * repeated[:, None] * np.array(weights.counted)
    levels = np.einsum("dwe,we->ed", saturated(found, weights), values)
    passage = hits.maxima(_passages(hits, grades) @ worth)
    opening = weights.opening * np.maximum(early @ worth, weights.elsewhere * passage)
    together = weights.pairs * _pairs(hits, grades, worth)
    return Parts(levels[0], levels[1], levels[2], levels[3], opening, weights.window * passage, together)


class _Hits(NamedTuple):
    """The places of a section where any word of the query matches, by document and position."""

    rows: Longs
    """Rows of the matching words."""
    of: Longs
    """Numbers of the documents, ascending."""
    positions: Longs
    documents: int
    """Those without a hit included."""

    def sums(self, values: npt.NDArray[np.floating]) -> Floats:
        """Return the sums over each document's hits."""
        return self._reduced(np.add, values)

    def maxima(self, values: npt.NDArray[np.floating]) -> Floats:
        """Return the maxima over each document's hits, 0 where there are none."""
        return self._reduced(np.maximum, values)

    def _reduced(self, by: np.ufunc, values: npt.NDArray[np.floating]) -> Floats:
        reduced = np.zeros((self.documents, *values.shape[1:]))
        if len(self.of):
            begins = np.flatnonzero(np.diff(self.of, prepend=-1))
            reduced[self.of[begins]] = by.reduceat(values, begins, axis=0)
        return reduced


class _Matching:
    """All words of the index that match any word of the query, as rows; row 0 matches none."""

    def __init__(self, words: Sequence[QueryWord], vocabulary: int) -> None:
        union = np.unique(np.concatenate([word.words for word in words]))
        self._row = np.zeros(vocabulary, dtype=np.int32)
        self._row[union] = np.arange(1, len(union) + 1)
        self.strengths = np.zeros((len(union) + 1, len(words), len(Rung)), dtype=np.float32)
        """Shape (rows, words of the query, rungs)."""
        for number, word in enumerate(words):
            self.strengths[self._row[word.words], number] = word.strengths

    def hits(self, section: Forward) -> _Hits:
        rows = self._row[section.words]
        places = np.flatnonzero(rows)
        of = np.searchsorted(section.starts, places, side="right") - 1
        return _Hits(rows[places].astype(np.int64), of, places - section.starts[of], len(section.starts) - 1)


def _passages(hits: _Hits, grades: Singles) -> Singles:
    """Return for the passage that begins at each hit what each word of the query is worth in it at best."""
    best = grades.copy()
    for step in range(1, min(WINDOW, len(hits.of))):
        inside = np.flatnonzero(_within(hits, step, WINDOW - 1))
        if not len(inside):
            break
        best[inside] = np.maximum(best[inside], grades[inside + step])
    return best


def _pairs(hits: _Hits, grades: Singles, worth: Floats) -> Floats:
    """Return for each document what its best pairs are worth: two neighbours of the query, near and in order."""
    together = np.zeros((len(hits.of), max(0, len(worth) - 1)))
    for step in range(1, min(PAIR + 1, len(hits.of))):
        both = np.minimum(grades[:-step, :-1], grades[step:, 1:]) * _within(hits, step, PAIR)[:, None]
        together[:-step] = np.maximum(together[:-step], both)
    means: Floats = (worth[:-1] + worth[1:]) / 2
    return hits.maxima(together) @ means


def _within(hits: _Hits, step: int, distance: int) -> npt.NDArray[np.bool_]:
    """Return for each hit but the last `step` whether the hit `step` on is in the same document and near."""
    same = hits.of[step:] == hits.of[:-step]
    near: npt.NDArray[np.bool_] = same & (hits.positions[step:] - hits.positions[:-step] <= distance)
    return near
