"""Evaluation: every system on every collection, measured query by query."""

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
from bench.quality.ranking.system import FEATURES, Listed, Numbers, System, ranked
from index.analysis.pipeline import Analyzer
from search.parser import ParsedQuery

TIMED = 100
"""Queries of a collection whose time is taken."""


class Cost(NamedTuple):
    """Microseconds of processor time of the two stages, the mean over queries asked for the first time."""

    first: float
    second: float


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """One collection, all systems."""

    collection: Collection
    tune: npt.NDArray[np.bool_]
    """Which queries are in the tune half."""
    peers: Mapping[str, Measured]
    ours: Measured
    """The product: matches, then further documents."""
    answers: Sequence[tuple[Listed, ...]]
    cost: Cost
    system: System
    queries: Sequence[ParsedQuery]

    def weighted(self, weights: Mapping[str, float]) -> Measured:
        """Return the measures when some features count more or less (1 where nothing is said)."""
        factors = np.array([weights.get(name, 1.0) for name in FEATURES])
        return self._measured([ranked(answer, factors) for answer in self.answers])

    def reranked(self, documents: int) -> Measured:
        """Return the measures when the second stage sees fewer documents."""
        return self._measured(
            [
                np.concatenate(
                    [
                        part
                        for one in answer
                        for part in (
                            ranked([Listed(one.documents[:documents], one.parts[:, :documents])]),
                            one.documents[documents:],
                        )
                    ]
                )
                for answer in self.answers
            ]
        )

    def _measured(self, found: list[Numbers]) -> Measured:
        return measured(found, [query.relevant for query in self.collection.queries])


class Workbench:
    """Texts analyzed once for all collections: by us, and for the peers in a second process meanwhile."""

    def __init__(self, collections: Sequence[Collection], analyzer: Analyzer, folder: Path) -> None:
        """Analyze the texts of all collections; their indexes come into `folder`."""
        self._analyzer = analyzer
        self._folder = folder
        indexed = {text for each in collections for text in (*each.titles, *each.texts)}
        texts = sorted(indexed | {query.text for each in collections for query in each.queries})
        with ProcessPoolExecutor(1) as other:
            awaited = other.submit(stemmed, texts)
            self._analyzed = {text: analyzer.analyze(text) for text in sorted(indexed)}
            found = awaited.result()
        self._tokens = dict(zip(texts, found.tokens, strict=True))
        self._terms = found.terms

    def results(self, collection: Collection) -> Results:
        """Return the measures of all systems on a collection."""
        relevant = [query.relevant for query in collection.queries]
        peers = {}
        for name, terms in self._terms.items():
            inverted, queries = self._stemmed(collection, terms)
            ranker = Bm25(inverted)
            peers[name] = measured([ranker.ranked(query, RECALL_DEPTH) for query in queries], relevant)
        place = self._folder / str(len(list(self._folder.iterdir())))
        system = System(collection, self._analyzed, self._analyzer, place)
        parsed = [system.parse(query.text) for query in collection.queries]
        answers = [system.listed(query) for query in parsed]
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
        texts = [
            np.concatenate([self._tokens[title], self._tokens[text]])
            for title, text in zip(collection.titles, collection.texts, strict=True)
        ]
        return (
            invert([terms[text] for text in texts], int(terms.max(initial=0)) + 1),
            [terms[self._tokens[query.text]] for query in collection.queries],
        )
