"""The first of many matches in the asked order, ties by id, without sorting them all."""

from __future__ import annotations

import numpy as np

from index.engines.embedded.arrays import Array
from search.engines.embedded.executor import Matches
from search.engines.embedded.snapshot import Numbers, Snapshot, Weights
from search.ranking import SCORE_DIGITS
from search.request import Sort

MANY_TIES = 1_000
"""Ties beyond this many are broken by ranks worked out once for all documents, fewer by reading their ids."""


def first_of(snapshot: Snapshot, matches: Matches, sort: Sort, wanted: int) -> list[tuple[int, float]]:
    """Return the first `wanted` documents in order, each with its score."""
    documents, scores = matches.documents, matches.scores
    if not wanted or not len(documents):
        return []
    keys = _keys(snapshot, matches, sort)
    if len(keys) > wanted:
        last = np.partition(keys, wanted - 1)[wanted - 1]
        places = np.flatnonzero(keys <= last)
        documents, scores, keys = documents[places], scores[places], keys[places]
    chosen = _ordered(snapshot, documents, keys)[:wanted]
    return list(zip(documents[chosen].tolist(), scores[chosen].tolist(), strict=True))


def in_order(snapshot: Snapshot, documents: Numbers, scores: Weights) -> list[tuple[int, float]]:
    """Return documents by their scores, ties by id, each with its score."""
    order = _ordered(snapshot, documents, _by_relevance(scores))
    return list(zip(documents[order].tolist(), scores[order].tolist(), strict=True))


def _ordered(snapshot: Snapshot, documents: Numbers, keys: Array) -> Numbers:
    """Return the places of the documents in the order of their keys, ties by id."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    equal = ordered[1:] == ordered[:-1]
    if not equal.any():
        return order
    tied = np.zeros(len(order), bool)
    tied[1:] |= equal
    tied[:-1] |= equal
    among = order[tied]
    ranks = np.zeros(len(documents), np.int64)
    if len(among) > MANY_TIES:
        ranks[among] = snapshot.id_ranks[documents[among]]
    else:
        ids = [snapshot.document_id(document) for document in documents[among].tolist()]
        ranks[among[sorted(range(len(ids)), key=ids.__getitem__)]] = np.arange(len(ids))
    return np.lexsort((ranks, keys))


def _keys(snapshot: Snapshot, matches: Matches, sort: Sort) -> Array:
    """Return what orders each match: the least comes first. Undated documents come last."""
    if sort is Sort.RELEVANCE:
        return _by_relevance(matches.scores)
    timestamps = snapshot.timestamps[matches.documents]
    undated = snapshot.days[matches.documents] == 0
    keys = -timestamps if sort is Sort.NEWEST else timestamps.copy()
    keys[undated] = np.iinfo(np.int64).max
    return keys


def _by_relevance(scores: Weights) -> Array:
    return -np.round(scores, SCORE_DIGITS)
