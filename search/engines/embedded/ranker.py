"""Orders documents by the first stage, and the best of them by both stages; explains the scores of hits."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

from search.engine import Explanation, Listing
from search.engines.embedded.candidates import SnapshotCandidates
from search.engines.embedded.executor import Executor, Matches
from search.explaining import ScoredDocument, explained
from search.query import Node
from search.ranking_stages import Ranked, rank
from search.request import Sort


class Ranker:
    """Ranks the documents of listings; its only state is the snapshot's cache."""

    def __init__(self, executor: Executor) -> None:
        self.candidates = SnapshotCandidates(executor)
        """The documents of the snapshot."""
        self._executor = executor
        self._snapshot = executor.snapshot

    def first(self, listing: Listing, parts: Callable[[], Iterable[Matches]], wanted: int) -> Ranked[int]:
        """Return the first `wanted` documents of a listing in the requested order.

        `parts` returns the documents to list, in parts that follow each other.
        """
        if listing.sort is not Sort.RELEVANCE or not listing.reranked or not wanted:
            return Ranked(self._by_first_stage(listing, parts(), wanted), 0)
        ranked: Ranked[int] = self._snapshot.cache.get(("best", listing), Ranked, lambda: self._best(listing, parts()))
        order = ranked.order[:wanted]
        if len(order) < wanted and len(ranked.order) >= listing.reranked:
            order = [*order, *self._by_first_stage(listing, parts(), wanted)[len(order) :]]
        return Ranked(order, ranked.reranked)

    def _best(self, listing: Listing, parts: Iterable[Matches]) -> Ranked[int]:
        """Return the first documents, as many as the second stage scores, in the order of both stages."""
        order: list[tuple[int, float]] = []
        reranked = 0
        for part in parts:
            left = listing.reranked - len(order)
            if left <= 0:
                break
            ranked = rank(self.candidates, listing, self.candidates.first_of(part, listing.sort, left), left)
            order += ranked.order
            reranked += ranked.reranked
        return Ranked(order, reranked)

    def _by_first_stage(self, listing: Listing, parts: Iterable[Matches], wanted: int) -> list[tuple[int, float]]:
        order: list[tuple[int, float]] = []
        for part in parts:
            order += self.candidates.first_of(part, listing.sort, wanted - len(order))
        return order

    def explain(self, listing: Listing, document: int, *, reranked: bool) -> Explanation:
        """Return the explanation of the score of a hit; `reranked` is whether the second stage scored it."""
        scored = ScoredDocument(self.candidates, document, functools.partial(self._score, document))
        return explained(scored, listing, reranked=reranked)

    def _score(self, document: int, node: Node) -> float | None:
        # cached for AND and OR too: the next hits of the page ask for the same
        make = functools.partial(self._executor.run, node)
        return self._snapshot.cache.get(("explained", node), Matches, make).score_of(document)
