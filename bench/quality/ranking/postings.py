"""Postings in memory: which documents have a term, how often, as flat arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

K1, B = 1.2, 0.75
"""Lucene's."""


@dataclasses.dataclass(frozen=True, slots=True)
class Postings:
    """Term → documents: the postings of term t lie in `starts[t]:starts[t + 1]`, documents ascending."""

    starts: npt.NDArray[np.int64]
    documents: Ints
    frequencies: Floats
    lengths: Floats
    """Tokens of each document."""

    @property
    def average(self) -> float:
        """Return the mean length of the documents that are not empty (Lucene's)."""
        return float(self.lengths.sum() / max(1, np.count_nonzero(self.lengths)))

    def doc_frequency(self) -> npt.NDArray[np.int64]:
        """Return for each term the number of its documents (int64)."""
        return np.diff(self.starts)


def invert(documents: Sequence[Ints], terms: int) -> Postings:
    """Return the postings of documents given as sequences of term numbers below `terms`."""
    lengths = np.array([len(one) for one in documents], dtype=np.int64)
    held = np.concatenate([*documents, np.empty(0, np.int32)]).astype(np.int64)
    keys, counts = np.unique(held * len(documents) + np.repeat(np.arange(len(documents)), lengths), return_counts=True)
    starts = np.searchsorted(keys // len(documents), np.arange(terms + 1))
    return Postings(
        starts, (keys % len(documents)).astype(np.int32), counts.astype(np.float64), lengths.astype(np.float64)
    )


class Bm25:
    """Lucene's BM25Similarity over one field of terms."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._idf = _idf(len(postings.lengths), postings.doc_frequency())
        normal = K1 * (1 - B + B * postings.lengths / postings.average)
        frequencies = postings.frequencies
        # Lucene leaves the constant factor k1 + 1 out; it orders nothing.
        self._impacts = frequencies / (frequencies + normal[postings.documents])

    def ranked(self, terms: Ints, limit: int) -> npt.NDArray[np.int64]:
        """Return the documents that have any of the terms, best first; a term asked twice counts twice."""
        scores = np.zeros(len(self._postings.lengths))
        for term in terms.tolist():
            if 0 <= term < len(self._idf):
                place = slice(self._postings.starts[term], self._postings.starts[term + 1])
                scores[self._postings.documents[place]] += self._idf[term] * self._impacts[place]
        return best(scores, limit)


def best(scores: Floats, limit: int) -> npt.NDArray[np.int64]:
    """Return the documents with a score above zero, best first, ties by number."""
    held = np.flatnonzero(scores > 0)
    if len(held) > limit:
        cut = np.partition(scores[held], len(held) - limit)[len(held) - limit]
        held = held[scores[held] >= cut]
    return held[np.argsort(-scores[held], kind="stable")][:limit]


def _idf(documents: int, doc_frequency: npt.NDArray[np.int64]) -> Floats:
    """Return Lucene's BM25 idf of terms, never negative."""
    idf: Floats = np.log1p((documents - doc_frequency + 0.5) / (doc_frequency + 0.5))
    return idf
