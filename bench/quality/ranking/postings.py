"""An inverted index in memory as flat arrays, and BM25 over it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

K1, B = 1.2, 0.75
"""Lucene's defaults."""


@dataclasses.dataclass(frozen=True, slots=True)
class Postings:
    """Term → documents: the postings of term t are `starts[t]:starts[t + 1]`, with ascending documents."""

    starts: npt.NDArray[np.int64]
    """Shape (terms + 1,)."""
    documents: Ints
    """Document number of each posting, shape (postings,)."""
    frequencies: Floats
    """Term frequency of each posting, shape (postings,)."""
    lengths: Floats
    """Number of tokens of each document, shape (documents,)."""

    @property
    def average(self) -> float:
        """Return the mean length of the documents that are not empty, as Lucene computes it."""
        return float(self.lengths.sum() / max(1, np.count_nonzero(self.lengths)))

    def doc_frequency(self) -> npt.NDArray[np.int64]:
        """Return the document frequency of each term, shape (terms,), int64."""
        return np.diff(self.starts)


def invert(documents: Sequence[Ints], terms: int) -> Postings:
    """Return the postings of documents, each an array of its term numbers in order (int32, below `terms`)."""
    lengths = np.array([len(tokens) for tokens in documents], dtype=np.int64)
    tokens = np.concatenate([*documents, np.empty(0, np.int32)]).astype(np.int64)
    owners = np.repeat(np.arange(len(documents)), lengths)
    keys, counts = np.unique(tokens * len(documents) + owners, return_counts=True)
    starts = np.searchsorted(keys // len(documents), np.arange(terms + 1))
    return Postings(
        starts, (keys % len(documents)).astype(np.int32), counts.astype(np.float64), lengths.astype(np.float64)
    )


class Bm25:
    """Lucene's BM25Similarity over one field of terms."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._idf = _idf(len(postings.lengths), postings.doc_frequency())
        normalization = K1 * (1 - B + B * postings.lengths / postings.average)
        frequencies = postings.frequencies
        # As in Lucene without the constant factor k1 + 1, which does not change the order.
        self._impacts = frequencies / (frequencies + normalization[postings.documents])

    def ranked(self, terms: Ints, limit: int) -> npt.NDArray[np.int64]:
        """Return at most `limit` documents with any of the terms, best first; a repeated term counts repeatedly."""
        scores = np.zeros(len(self._postings.lengths))
        for term in terms.tolist():
            if 0 <= term < len(self._idf):
                of_term = slice(self._postings.starts[term], self._postings.starts[term + 1])
                scores[self._postings.documents[of_term]] += self._idf[term] * self._impacts[of_term]
        return best(scores, limit)


def best(scores: Floats, limit: int) -> npt.NDArray[np.int64]:
    """Return at most `limit` documents with a score above zero, best first, ties by number.

    `scores` has the score of each document, shape (documents,).
    """
    documents = np.flatnonzero(scores > 0)
    if len(documents) > limit:
        lowest = np.partition(scores[documents], len(documents) - limit)[len(documents) - limit]
        documents = documents[scores[documents] >= lowest]
    return documents[np.argsort(-scores[documents], kind="stable")][:limit]


def _idf(documents: int, doc_frequency: npt.NDArray[np.int64]) -> Floats:
    """Return Lucene's BM25 idf of each term, which is never negative; same shape as `doc_frequency`."""
    idf: Floats = np.log1p((documents - doc_frequency + 0.5) / (doc_frequency + 0.5))
    return idf
