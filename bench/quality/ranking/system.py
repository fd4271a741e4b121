"""The product over a collection: its parser, an index of its own making, and both stages, looked at one by one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.collection import Collection
from index.analysis.pipeline import Analyzer
from index.analysis.tokens import AnalyzedText
from index.document import AnalyzedDocument, Document
from index.engines import open_writer
from index.engines.embedded.generation import open_newest
from index.manifest import read_current_manifest
from index.schema import Level, Section
from search.engines.cache import Cache
from search.engines.embedded.candidates import second_stage
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.order import first_of
from search.engines.embedded.snapshot import Snapshot
from search.expansion import Expansion
from search.parser import ParsedQuery, Parser
from search.query import Node
from search.ranking import RERANKED
from search.request import Sort
from search.reranking import Parts, ranked_words

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FEATURES = ("forms", *Parts._fields)
"""What a score is made of: the first stage, then the parts of the second."""

_ZONE = ZoneInfo("Asia/Riyadh")
_CACHE = 64 * 1024 * 1024
_EVERYTHING = Expansion(Level.ROOT, variants=True)


class Listed(NamedTuple):
    """The best of the matches, or of the further documents, by the first stage."""

    documents: Numbers
    parts: Floats
    """Shape (features, documents): what each adds to the score."""

    def ordered(self, weights: Floats) -> Numbers:
        """Return the documents in the order of their scores, the parts weighted; ties as in the first stage."""
        order: Numbers = self.documents[np.argsort(-np.round(weights @ self.parts, 9), kind="stable")]
        return order


class System:
    """A collection in an index of the product."""

    def __init__(
        self, collection: Collection, texts: Mapping[str, AnalyzedText], analyzer: Analyzer, folder: Path
    ) -> None:
        """Index the documents of a collection, whose `texts` are analyzed, in a new `folder`."""
        self.size = len(collection.texts)
        with open_writer(str(folder), create=_ZONE.key) as writer:
            writer.add(
                AnalyzedDocument(
                    Document(id=f"{number:06}", text=text, title=title),
                    {Section.TITLE: texts[title], Section.BODY: texts[text]},
                    None,
                )
                for number, (title, text) in enumerate(zip(collection.titles, collection.texts, strict=True))
            )
            writer.commit()
        generation = open_newest(folder, read_current_manifest(folder).directory)
        self._executor = Executor(Snapshot(generation, Cache(_CACHE)))
        self._parser = Parser(analyzer, zone=_ZONE, labels={})
        ids = [self._executor.snapshot.document_id(document) for document in range(self.size)]
        self._numbers = np.array([int(known) for known in ids])
        """Of the documents in the collection, by their numbers in the index."""

    def parse(self, text: str) -> ParsedQuery:
        """Return how the product reads a query."""
        return self._parser.parse(text, _EVERYTHING)

    def listed(self, query: ParsedQuery) -> tuple[Listed, ...]:
        """Return the matches of a query, and then the further documents."""
        found = self._executor.run(query.query)
        if query.further is None:
            return (self._seen(query.query, found),)
        wider = self._executor.run(query.further)
        others = ~np.isin(wider.documents, found.documents, assume_unique=True)
        behind = Matches(wider.documents[others], wider.scores[others])
        return self._seen(query.query, found), self._seen(query.further, behind)

    def carried(self, query: ParsedQuery) -> tuple[npt.NDArray[np.bool_], Floats]:
        """Return which words of a query each document has, shape (documents, words), and how rare these are."""
        words = ranked_words(query.further or query.query)
        has = np.zeros((self.size, len(words)), bool)
        for place, word in enumerate(words):
            has[self._numbers[self._executor.run(word).documents], place] = True
        return has, np.array([self._executor.idf(word) for word in words])

    def any_of(self, query: ParsedQuery, matching: npt.NDArray[np.bool_] | None = None) -> tuple[Listed, Listed]:
        """Return what has any word of a query, first the documents that are `matching` (None: all of them are)."""
        node = query.further or query.query
        found = self._executor.run(node)
        kept = np.ones(len(found.documents), bool) if matching is None else matching[self._numbers[found.documents]]
        first, rest = (Matches(found.documents[mask], found.scores[mask]) for mask in (kept, ~kept))
        return self._seen(node, first), self._seen(node, rest)

    def timed(self, query: ParsedQuery) -> tuple[float, float]:
        """Return the processor time of the two stages over the matches, in seconds, nothing known from before."""
        fresh = Executor(Snapshot(self._executor.snapshot.generation, Cache(_CACHE)))
        _ = fresh.snapshot.norms
        began = time.process_time()
        best = _best(fresh, fresh.run(query.query))
        between = time.process_time()
        if best:
            second_stage(fresh, query.query, [document for document, _ in best])
        return between - began, time.process_time() - between

    def _seen(self, node: Node, matches: Matches) -> Listed:
        best = _best(self._executor, matches)
        if not best:
            return Listed(np.empty(0, np.int64), np.empty((len(FEATURES), 0)))
        documents = [document for document, _ in best]
        parts = [np.array([score for _, score in best]), *second_stage(self._executor, node, documents)]
        return Listed(self._numbers[documents], np.stack(parts))


def ranked(listed: Sequence[Listed], weights: Floats | None = None) -> Numbers:
    """Return the documents of each list in order, one list after the other; without weights the product's order."""
    weights = np.ones(len(FEATURES)) if weights is None else weights
    return np.concatenate([np.empty(0, np.int64), *(one.ordered(weights) for one in listed)])


def _best(executor: Executor, matches: Matches) -> list[tuple[int, float]]:
    best = first_of(executor.snapshot, matches, Sort.RELEVANCE, RERANKED)
    return [(document, score) for document, score in best if score > 0]
