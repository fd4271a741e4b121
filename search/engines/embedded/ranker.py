"""Orders the matches by the first stage, and the best of them by both stages; explains the scores of hits."""

from __future__ import annotations

import functools

from search.engine import Explanation, Listing
from search.engines.embedded.candidates import SnapshotCandidates
from search.engines.embedded.executor import Executor, Matches
from search.explaining import ScoredDocument, explained
from search.query import Node
from search.ranking_stages import Ranked, rank
from search.request import Sort


class Ranker:
    """Ranks the matches of nodes; its only state is the snapshot's cache."""

    def __init__(self, executor: Executor) -> None:
        self.candidates = SnapshotCandidates(executor)
        """The documents of the snapshot."""
        self._executor = executor
        self._snapshot = executor.snapshot

    def run(self, listing: Listing, node: Node) -> Matches:
        """Return the matches of a node with their first-stage scores, recency included.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """
        matches = self._executor.run(node)
        # over the columns of the snapshot: `Candidates.gains` would copy them for every match
        if not listing.raises_newer:
            return matches
        return Matches(matches.documents, matches.scores * (1.0 + self._snapshot.recency[matches.documents]))

    def first(self, listing: Listing, node: Node, matches: Matches, wanted: int) -> Ranked[int]:
        """Return the first `wanted` of the matches of a node in the requested order.

        The node is `listing.query` or `listing.further`; `matches` are those of its matches that pass the filters.
        """
        if listing.sort is not Sort.RELEVANCE or not listing.reranked or not wanted:
            return Ranked(self.candidates.first_of(matches, listing.sort, wanted), 0)

        def make() -> Ranked[int]:
            best = self.candidates.first_of(matches, listing.sort, listing.reranked)
            return rank(self.candidates, listing, node, best)

        ranked: Ranked[int] = self._snapshot.cache.get(("best", listing, node is listing.query), Ranked, make)
        order = ranked.order[:wanted]
        if len(order) < min(wanted, len(matches.documents)):
            order = [*order, *self.candidates.first_of(matches, listing.sort, wanted)[len(order) :]]
        return Ranked(order, ranked.reranked)

    def explain(self, listing: Listing, node: Node, document: int, *, reranked: bool) -> Explanation:
        """Return the explanation of the score of a hit of a node; `reranked` is whether the second stage scored it."""
        scored = ScoredDocument(self.candidates, document, functools.partial(self._score, document))
        return explained(scored, node, listing, reranked=reranked)

    def _score(self, document: int, node: Node) -> float | None:
        # cached for AND and OR too: the next hits of the page ask for the same
        make = functools.partial(self._executor.run, node)
        return self._snapshot.cache.get(("explained", node), Matches, make).score_of(document)
