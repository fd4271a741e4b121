"""Evaluation: every system on every collection, measured query by query."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.collection import Collection
from bench.quality.ranking.formula import RERANKED, Ints, Longs, Parts, QueryWord, Weights
from bench.quality.ranking.measures import RECALL_DEPTH, Measured, measured
from bench.quality.ranking.peers import stemmed
from bench.quality.ranking.postings import Bm25, Postings, best, invert
from bench.quality.ranking.system import System
from bench.quality.ranking.vocabulary import Matcher, Vocabulary
from index.analysis.pipeline import Analyzer

REPEATED = 250
"""Test queries of a collection on which a variant is ranked anew."""


class Answer(NamedTuple):
    """What the two stages say to a query."""

    listed: Longs
    """The documents of stage 1, best first."""
    parts: npt.NDArray[np.float32]
    """Shape (parts, documents): the weighted parts of stage 2, in the order of `Parts`."""


class Cost(NamedTuple):
    """Means for each query."""

    postings: float
    """That stage 1 reads."""
    peer_postings: float
    """That Lucene's analysis would read."""
    tokens: float
    """Of the documents that stage 2 sees."""
    first: float
    second: float
    """Microseconds of processor time."""


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """One collection, all systems."""

    collection: Collection
    tune: npt.NDArray[np.bool_]
    """Which queries are in the tune half."""
    peers: Mapping[str, Measured]
    ours: Measured
    answers: Sequence[Answer]
    cost: Cost
    system: System
    queries: Sequence[list[QueryWord]]

    def without(self, *parts: str) -> Measured:
        """Return the measures when some parts of stage 2 do not count; without all of them it is stage 1 alone."""
        kept = [name not in parts for name in Parts._fields]
        return self._measured([_ordered(answer, kept) for answer in self.answers])

    def reranked(self, documents: int) -> Measured:
        """Return the measures when stage 2 sees fewer documents."""
        kept = [True] * len(Parts._fields)
        heads = [_ordered(Answer(one.listed[:documents], one.parts[:, :documents]), kept) for one in self.answers]
        return self._measured(
            [np.concatenate([head, one.listed[documents:]]) for head, one in zip(heads, self.answers, strict=True)]
        )

    def anew(self, weights: Weights) -> float:
        """Return the change of nDCG@10 on some test queries when they are ranked with other weights."""
        numbers = np.flatnonzero(~self.tune)[:REPEATED].tolist()
        ranked = [self.system.ranked(self.queries[number], weights) for number in numbers]
        found = measured(ranked, [self.collection.queries[number].relevant for number in numbers])
        return float(found.ndcg.mean() - self.ours.ndcg[numbers].mean())

    def _measured(self, ranked: list[Longs]) -> Measured:
        return measured(ranked, [query.relevant for query in self.collection.queries])


class Workbench:
    """Texts analyzed once for all collections: by us, and for the peers in a second process meanwhile."""

    def __init__(self, collections: Sequence[Collection], analyzer: Analyzer) -> None:
        texts = sorted(
            {
                text
                for each in collections
                for text in (*each.titles, *each.texts, *(query.text for query in each.queries))
            }
        )
        with ProcessPoolExecutor(1) as other:
            awaited = other.submit(stemmed, texts)
            self._vocabulary = Vocabulary(analyzer)
            self._numbered = {text: self._vocabulary.numbered(text) for text in texts}
            self._matcher = Matcher(self._vocabulary)
            found = awaited.result()
        self._tokens = dict(zip(texts, found.tokens, strict=True))
        self._terms = found.terms

    def results(self, collection: Collection) -> Results:
        """Return the measures of all systems on a collection."""
        relevant = [query.relevant for query in collection.queries]
        peers, read = {}, 0.0
        for name, terms in self._terms.items():
            inverted, queries = self._stemmed(collection, terms)
            ranker = Bm25(inverted)
            peers[name] = measured([ranker.ranked(query, RECALL_DEPTH) for query in queries], relevant)
            read = read or float(np.mean([ranker.touched(query) for query in queries]))
        system = System(collection, self._numbered, self._vocabulary, self._matcher)
        words = [system.query(number) for number in range(len(collection.queries))]
        answers, cost = _answers(system, words, read)
        ours = measured([_ordered(answer, [True] * len(Parts._fields)) for answer in answers], relevant)
        tune = np.array([query.tune for query in collection.queries])
        return Results(collection, tune, peers, ours, answers, cost, system, words)

    def _stemmed(self, collection: Collection, terms: Ints) -> tuple[Postings, list[Ints]]:
        texts = [
            np.concatenate([self._tokens[title], self._tokens[text]])
            for title, text in zip(collection.titles, collection.texts, strict=True)
        ]
        return (
            invert([terms[text] for text in texts], int(terms.max(initial=0)) + 1),
            [terms[self._tokens[query.text]] for query in collection.queries],
        )


def _answers(system: System, queries: Sequence[list[QueryWord]], peer_postings: float) -> tuple[list[Answer], Cost]:
    answers: list[Answer] = []
    first = second = 0.0
    tokens = postings = 0
    for words in queries:
        begun = time.process_time()
        listed = best(system.first(words), RERANKED)
        between = time.process_time()
        parts = np.stack(system.second(words, listed)) if len(listed) else np.empty((len(Parts._fields), 0))
        first, second = first + between - begun, second + time.process_time() - between
        answers.append(Answer(listed, parts.astype(np.float32)))
        tokens += system.tokens(listed)
        postings += system.touched(words)
    count = len(queries)
    return answers, Cost(postings / count, peer_postings, tokens / count, 1e6 * first / count, 1e6 * second / count)


def _ordered(answer: Answer, kept: Sequence[bool]) -> Longs:
    """Return the documents by the sum of the parts that are kept, ties by stage 1."""
    order = np.argsort(-answer.parts[list(kept)].sum(axis=0), kind="stable")
    ordered: Longs = answer.listed[order]
    return ordered
