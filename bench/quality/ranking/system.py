"""Judhur over a collection: its parser, its index, and access to each of the two ranking stages."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.collection import Collection
from index.analysis.analyzer import Analyzer
from index.analysis.tokens import AnalyzedText
from index.document import AnalyzedDocument, Document
from index.engines import store_of
from index.engines.embedded.generation import open_newest
from index.manifest import read_current_manifest
from index.schema import Section
from search.engine import Listing
from search.engines.cache import Cache
from search.engines.embedded.candidates import SnapshotCandidates
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.listed import found_documents, typed_documents
from search.engines.embedded.snapshot import Snapshot
from search.expansion import Expansion
from search.parser import ParsedQuery, Parser
from search.query import Node
from search.ranking import RERANKED
from search.ranking_stages import second_stage
from search.request import Sort
from search.reranking import Parts, ranked_words

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FEATURES = ("forms", *Parts._fields)
"""The parts of a score: the first stage, then those of the second stage."""

_ZONE = ZoneInfo("Asia/Riyadh")
_CACHE = 64 * 1024 * 1024
_EVERYTHING = Expansion()


class Candidates(NamedTuple):
    """The candidates of the second stage: the best documents of a part of the list by the first stage."""

    documents: Numbers
    """Numbers of the documents in the collection, best of the first stage first, shape (documents,)."""
    parts: Floats
    """What each feature adds to the score of each document, shape (features, documents)."""

    def ordered(self, weights: Floats) -> Numbers:
        """Return the documents by weighted score; ties keep the first stage's order. `weights`: shape (features,)."""
        order: Numbers = self.documents[np.argsort(-np.round(weights @ self.parts, 9), kind="stable")]
        return order


class System:
    """A collection in an index of Judhur."""

    def __init__(
        self, collection: Collection, texts: Mapping[str, AnalyzedText], analyzer: Analyzer, folder: Path
    ) -> None:
        """Index a collection in a new `folder`; `texts` has the analysis of each of its titles and texts."""
        self.size = len(collection.texts)
        with store_of(str(folder)).writer(create=_ZONE.key) as writer:
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
        self._numbers = np.array([int(document_id) for document_id in ids])
        """Number in the index → number in the collection, shape (documents,), int64."""

    def parse(self, text: str) -> ParsedQuery:
        """Return a query as Judhur parses it, with all match levels and spelling variants."""
        return self._parser.parse(text, _EVERYTHING)

    def candidates(self, query: ParsedQuery) -> tuple[Candidates, ...]:
        """Return the candidates of each part of the list of a query, one after the other."""
        listing = Listing(query.query, partial=query.partial, tiered=query.single, typed=query.typed)
        parts = found_documents(self._executor, listing).parts(typed_documents(self._executor, listing))
        return tuple(self._candidates(listing.listed, part) for part in parts)

    def words_present(self, query: ParsedQuery) -> tuple[npt.NDArray[np.bool_], Floats]:
        """Return which words of a query each document has, shape (documents, words), and their idf, shape (words,)."""
        words = ranked_words(query.partial or query.query)
        present = np.zeros((self.size, len(words)), bool)
        for index, word in enumerate(words):
            present[self._numbers[self._executor.run(word).documents], index] = True
        return present, np.array([self._executor.idf(word) for word in words])

    def any_of(
        self, query: ParsedQuery, matching: npt.NDArray[np.bool_] | None = None
    ) -> tuple[Candidates, Candidates]:
        """Return the candidates among the documents with any word of a query: those that match, then the others.

        `matching` has for each document of the collection whether it matches, shape (documents,); None: all match.
        """
        node = query.partial or query.query
        found = self._executor.run(node)
        kept = np.ones(len(found.documents), bool) if matching is None else matching[self._numbers[found.documents]]
        first, rest = found.only(kept), found.only(~kept)
        return self._candidates(node, first), self._candidates(node, rest)

    def timed(self, query: ParsedQuery) -> tuple[float, float]:
        """Return the processor time of each of the two stages over the matches, in seconds, with an empty cache."""
        fresh = Executor(Snapshot(self._executor.snapshot.generation, Cache(_CACHE)))
        _ = fresh.snapshot.norms
        began = time.process_time()
        candidates = SnapshotCandidates(fresh)
        best = _best(candidates, fresh.run(query.query))
        first_ended = time.process_time()
        if best:
            second_stage(candidates, query.query, [document for document, _ in best])
        return first_ended - began, time.process_time() - first_ended

    def _candidates(self, node: Node, matches: Matches) -> Candidates:
        candidates = SnapshotCandidates(self._executor)
        best = _best(candidates, matches)
        if not best:
            return Candidates(np.empty(0, np.int64), np.empty((len(FEATURES), 0)))
        documents = [document for document, _ in best]
        parts = [np.array([score for _, score in best]), *second_stage(candidates, node, documents)]
        return Candidates(self._numbers[documents], np.stack(parts))


def ranked(groups: Sequence[Candidates], weights: Floats | None = None) -> Numbers:
    """Return the documents in order, group after group; without `weights`, shape (features,), in Judhur's order."""
    weights = np.ones(len(FEATURES)) if weights is None else weights
    return np.concatenate([np.empty(0, np.int64), *(group.ordered(weights) for group in groups)])


def _best(candidates: SnapshotCandidates, matches: Matches) -> list[tuple[int, float]]:
    """Return number in the index and first-stage score of the best matches with a score above zero, best first."""
    best = candidates.first_of(matches, Sort.RELEVANCE, RERANKED)
    return [(document, score) for document, score in best if score > 0]
