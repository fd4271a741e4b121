"""Evaluation: measures of every system on every collection, query by query."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.collection import Collection
from bench.quality.ranking.measures import RECALL_DEPTH, Measured, measured
from bench.quality.ranking.peers import stemmed
from bench.quality.ranking.postings import Bm25, Ints, Postings, invert
from bench.quality.ranking.system import FEATURES, Candidates, Numbers, System, ranked
from index.analysis.analyzer import Analyzer
from search.parser import ParsedQuery

TIMED = 100
"""Number of queries of a collection that are timed."""


class Cost(NamedTuple):
    """Mean processor time of the two ranking stages, in microseconds, with an empty cache."""

    first: float
    second: float


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """The measures of all systems on one collection."""

    collection: Collection
    tune: npt.NDArray[np.bool_]
    """Whether each query is in the tune half, shape (queries,)."""
    peers: Mapping[str, Measured]
    ours: Measured
    """Judhur: matches, then partial matches."""
    answers: Sequence[tuple[Candidates, ...]]
    """By query: the candidates among the matches, then those among the partial matches."""
    cost: Cost
    system: System
    queries: Sequence[ParsedQuery]

    def weighted(self, weights: Mapping[str, float]) -> Measured:
        """Return the measures with other weights of some features; the default weight is 1."""
        factors = np.array([weights.get(name, 1.0) for name in FEATURES])
        return self._measured([ranked(answer, factors) for answer in self.answers])

    def reranked(self, documents: int) -> Measured:
        """Return the measures if the second stage reranks only the first `documents` candidates."""
        return self._measured(
            [
                np.concatenate(
                    [
                        part
                        for candidates in answer
                        for part in (
                            ranked([Candidates(candidates.documents[:documents], candidates.parts[:, :documents])]),
                            candidates.documents[documents:],
                        )
                    ]
                )
                for answer in self.answers
            ]
        )

    def _measured(self, rankings: list[Numbers]) -> Measured:
        return measured(rankings, [query.relevant for query in self.collection.queries])


class Workbench:
    """The texts of all collections, analyzed once by Judhur and once by the peers."""

    def __init__(self, collections: Sequence[Collection], analyzer: Analyzer, folder: Path) -> None:
        """Analyze the texts of all collections, for the peers in a second process; indexes are built in `folder`."""
        self._analyzer = analyzer
        self._folder = folder
        indexed = {text for collection in collections for text in (*collection.titles, *collection.texts)}
        texts = sorted(indexed | {query.text for collection in collections for query in collection.queries})
        with ProcessPoolExecutor(1) as pool:
            of_peers = pool.submit(stemmed, texts)
            self._analyzed = {text: analyzer.analyze(text) for text in sorted(indexed)}
            stems = of_peers.result()
        self._tokens = dict(zip(texts, stems.tokens, strict=True))
        self._terms = stems.terms

    def results(self, collection: Collection) -> Results:
        """Return the measures of all systems on a collection."""
        relevant = [query.relevant for query in collection.queries]
        peers = {}
        for name, terms in self._terms.items():
            inverted, queries = self._stemmed(collection, terms)
            ranker = Bm25(inverted)
            peers[name] = measured([ranker.ranked(query, RECALL_DEPTH) for query in queries], relevant)
        index_folder = self._folder / str(len(list(self._folder.iterdir())))
        system = System(collection, self._analyzed, self._analyzer, index_folder)
        parsed = [system.parse(query.text) for query in collection.queries]
        answers = [system.candidates(query) for query in parsed]
        tune = np.array([query.tune for query in collection.queries])
        times = np.array([system.timed(query) for query in parsed[:: max(1, len(parsed) // TIMED)]])
        return Results(
            collection=collection,
            tune=tune,
            peers=peers,
            ours=measured([ranked(answer) for answer in answers], relevant),
            answers=answers,
            cost=Cost(*(1e6 * times.mean(axis=0)).tolist()),
            system=system,
            queries=parsed,
        )

    def _stemmed(self, collection: Collection, terms: Ints) -> tuple[Postings, list[Ints]]:
        """Return the postings of a collection and the terms of its queries; `terms` has the term of each token."""
        texts = [
            np.concatenate([self._tokens[title], self._tokens[text]])
            for title, text in zip(collection.titles, collection.texts, strict=True)
        ]
        return (
            invert([terms[text] for text in texts], int(terms.max(initial=0)) + 1),
            [terms[self._tokens[query.text]] for query in collection.queries],
        )
