"""Selects the first matches in the requested order, ties by id, without sorting all of them."""

from __future__ import annotations

import numpy as np

from index.engines.embedded.checked import Array
from search.engines.embedded.executor import Matches
from search.engines.embedded.snapshot import Numbers, Snapshot, Weights
from search.ranking import SCORE_DIGITS
from search.request import Sort

MANY_TIES = 1_000
"""Number of tied documents beyond which their order is read from `Snapshot.id_ranks`, computed once for all documents;
fewer are sorted by their ids."""


def first_of(snapshot: Snapshot, matches: Matches, sort: Sort, wanted: int) -> list[tuple[int, float]]:
    """Return the first `wanted` documents in the order of `sort`, ties by id, each with its score."""
    documents, scores = matches.documents, matches.scores
    if not wanted or not len(documents):
        return []
    keys = _keys(snapshot, matches, sort)
    if len(keys) > wanted:
        last = np.partition(keys, wanted - 1)[wanted - 1]
        kept = np.flatnonzero(keys <= last)
        documents, scores, keys = documents[kept], scores[kept], keys[kept]
    chosen = _ordered(snapshot, documents, keys)[:wanted]
    return list(zip(documents[chosen].tolist(), scores[chosen].tolist(), strict=True))


def in_order(snapshot: Snapshot, documents: Numbers, scores: Weights) -> list[tuple[int, float]]:
    """Return the documents by descending score, ties by id, each with its score."""
    order = _ordered(snapshot, documents, _by_relevance(scores))
    return list(zip(documents[order].tolist(), scores[order].tolist(), strict=True))


def _ordered(snapshot: Snapshot, documents: Numbers, keys: Array) -> Numbers:
    """Return the indices that sort `documents` by their keys, ties by id."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    equal = ordered[1:] == ordered[:-1]
    if not equal.any():
        return order
    tied = np.zeros(len(order), bool)
    tied[1:] |= equal
    tied[:-1] |= equal
    tied_indices = order[tied]
    ranks = np.zeros(len(documents), np.int64)
    if len(tied_indices) > MANY_TIES:
        ranks[tied_indices] = snapshot.id_ranks[documents[tied_indices]]
    else:
        ids = [snapshot.document_id(document) for document in documents[tied_indices].tolist()]
        ranks[tied_indices[sorted(range(len(ids)), key=ids.__getitem__)]] = np.arange(len(ids))
    return np.lexsort((ranks, keys))


def _keys(snapshot: Snapshot, matches: Matches, sort: Sort) -> Array:
    """Return the sort key of each match: the smallest is listed first, undated documents last."""
    if sort is Sort.RELEVANCE:
        return _by_relevance(matches.scores)
    timestamps = snapshot.timestamps[matches.documents]
    undated = snapshot.days[matches.documents] == 0
    keys = -timestamps if sort is Sort.NEWEST else timestamps.copy()
    keys[undated] = np.iinfo(np.int64).max
    return keys


def _by_relevance(scores: Weights) -> Array:
    return -np.round(scores, SCORE_DIGITS)
