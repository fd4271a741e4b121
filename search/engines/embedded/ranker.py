"""Orders the matches by the first stage, and the best of them by both stages; explains the scores."""

from __future__ import annotations

import dataclasses

import numpy as np

from search.engine import EngineRequest, Explanation, Feature, ScorePart
from search.engines.embedded.candidates import ScoredDocument, second_stage
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.order import first_of, in_order
from search.engines.explaining import form_parts
from search.query import Node
from search.request import Sort


@dataclasses.dataclass(frozen=True, slots=True)
class _Best:
    """The documents that the second stage has scored, in order, with their scores."""

    ranked: list[tuple[int, float]]

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes: a tuple with two numbers for each document."""
        return 128 * len(self.ranked)


class Ranker:
    """Ranks the matches of nodes; its only state is the snapshot's cache."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._snapshot = executor.snapshot

    def run(self, request: EngineRequest, node: Node) -> Matches:
        """Return the matches of a node with their first-stage scores, recency included.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """
        matches = self._executor.run(node)
        if not request.recency or request.sort is not Sort.RELEVANCE:
            return matches
        return Matches(matches.documents, matches.scores * (1.0 + self._snapshot.recency[matches.documents]))

    def first(self, request: EngineRequest, node: Node, matches: Matches, wanted: int) -> list[tuple[int, float]]:
        """Return the first `wanted` of the matches of a node in the requested order, each with its score.

        The node is `request.query` or `request.further`; `matches` are those of its matches that pass the filters.
        """
        if request.sort is not Sort.RELEVANCE or not request.reranked or not wanted:
            return first_of(self._snapshot, matches, request.sort, wanted)
        key = ("best", request.deciding(), node is request.query)
        best = self._snapshot.cache.get(key, _Best, lambda: self._best(request, node, matches)).ranked
        if wanted <= len(best) or len(best) == len(matches.documents):
            return best[:wanted]
        return best + first_of(self._snapshot, matches, request.sort, wanted)[len(best) :]

    def explain(self, request: EngineRequest, node: Node, matches: Matches, document: int) -> Explanation:
        """Return the explanation of the score of a document, which is one of `matches`; see `first`."""
        parts = [*form_parts(ScoredDocument(self._executor, document), node)]
        if request.sort is Sort.RELEVANCE:
            best = first_of(self._snapshot, matches, request.sort, request.reranked)
            if parts and document in (reranked for reranked, _ in best):
                added = second_stage(self._executor, node, [document])
                parts += [ScorePart(Feature(name), float(value[0])) for name, value in added._asdict().items()]
            if request.recency:
                gain = float(self._snapshot.recency[document]) * sum(part.value for part in parts)
                parts.append(ScorePart(Feature.RECENCY, gain))
        parts = [part for part in parts if part.value]
        return Explanation(sum(part.value for part in parts), tuple(parts))

    def _best(self, request: EngineRequest, node: Node, matches: Matches) -> _Best:
        """Return the best of the first stage, ordered by both stages."""
        candidates = first_of(self._snapshot, matches, request.sort, request.reranked)
        scored = [document for document, score in candidates if score > 0]
        if not scored:  # the node has only filters, and no words to rank by
            return _Best([])
        added = second_stage(self._executor, node, scored).score()
        if request.recency:
            added *= 1.0 + self._snapshot.recency[scored]
        scores = np.array([score for _, score in candidates[: len(scored)]]) + added
        return _Best(in_order(self._snapshot, np.array(scored), scores))
