"""The first of many matches in the asked order, ties by id, without sorting them all."""

from __future__ import annotations

import numpy as np

from search.engines.whoosh.executor import Matches
from search.engines.whoosh.snapshot import Numbers, Snapshot
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
    if len(documents) - wanted > MANY_TIES:
        order = np.lexsort((snapshot.id_ranks[documents], keys))[:wanted].tolist()
    else:
        ids = [snapshot.document_id(document) for document in documents.tolist()]
        order = sorted(range(len(ids)), key=lambda place: (keys[place], ids[place]))[:wanted]
    return [(int(documents[place]), float(scores[place])) for place in order]


def _keys(snapshot: Snapshot, matches: Matches, sort: Sort) -> Numbers | np.ndarray:
    """Return what orders each match: the least comes first. Undated documents come last."""
    if sort is Sort.RELEVANCE:
        return -np.round(matches.scores, SCORE_DIGITS)
    moments = snapshot.moments[matches.documents]
    undated = snapshot.days[matches.documents] == 0
    keys = -moments if sort is Sort.NEWEST else moments.copy()
    keys[undated] = np.iinfo(np.int64).max
    return keys
