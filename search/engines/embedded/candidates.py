"""The documents of a snapshot as the shared stages of ranking read them: `search.ranking_stages.Candidates`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import SECTIONS
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.snapshot import Numbers, Weights
from search.ranking_stages import in_order, ranks_of, relevance_keys
from search.request import Sort

MANY_TIES = 1_000
"""Number of tied documents beyond which their order is read from `Snapshot.id_ranks`, computed once for all documents;
fewer are sorted by their ids."""


class SnapshotCandidates:
    """All documents of a snapshot, by their numbers in it."""

    def __init__(self, executor: Executor) -> None:
        self.words = executor
        """See `Candidates.words`."""
        self._snapshot = executor.snapshot

    def tokens(self, documents: Sequence[int], most: int | None = None) -> tuple[Array, Numbers]:
        """See `Candidates.tokens`."""
        return self._snapshot.tokens(documents, most)

    def norms(self, documents: Sequence[int]) -> Weights:
        """See `Candidates.norms`."""
        chosen = list(documents)
        return np.stack([self._snapshot.norms[section][chosen] for section in SECTIONS], axis=1)

    def gains(self, documents: Sequence[int]) -> Weights:
        """See `Candidates.gains`."""
        return self._snapshot.recency[list(documents)]

    def id_ranks(self, documents: Numbers) -> Array:
        """See `Candidates.id_ranks`."""
        if len(documents) > MANY_TIES:
            return self._snapshot.id_ranks[documents]
        return ranks_of([self._snapshot.document_id(document) for document in documents.tolist()])

    def first_of(self, matches: Matches, sort: Sort, wanted: int) -> list[tuple[int, float]]:
        """Return the first `wanted` matches in the order of `sort`, ties by id, each with its score.

        Not all are sorted: a query may match every document.
        """
        documents, scores = matches.documents, matches.scores
        if not wanted or not len(documents):
            return []
        keys = self._keys(matches, sort)
        if len(keys) > wanted:
            last = np.partition(keys, wanted - 1)[wanted - 1]
            kept = np.flatnonzero(keys <= last)
            documents, scores, keys = documents[kept], scores[kept], keys[kept]
        chosen = in_order(self, documents, keys)[:wanted]
        return list(zip(documents[chosen].tolist(), scores[chosen].tolist(), strict=True))

    def _keys(self, matches: Matches, sort: Sort) -> Array:
        """Return the sort key of each match: the smallest is listed first, undated documents last."""
        if sort is Sort.RELEVANCE:
            return relevance_keys(matches.scores)
        timestamps = self._snapshot.timestamps[matches.documents]
        undated = self._snapshot.days[matches.documents] == 0
        keys = -timestamps if sort is Sort.NEWEST else timestamps.copy()
        keys[undated] = np.iinfo(np.int64).max
        return keys
