"""What is computed from the tokens of a few documents: the second stage, match positions and explanations."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import SECTIONS
from index.schema import Section
from search import deadline
from search.engine import MatchPosition
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.snapshot import Numbers, Snapshot
from search.engines.forms import Forms
from search.engines.tokens import Tokens, occurrences
from search.query import Node, Prefix, Term
from search.ranking import READ_TOKENS
from search.reranking import Parts, ranked_words, rerank
from search.wordforms import searched_words


def second_stage(executor: Executor, node: Node, documents: Sequence[int]) -> Parts:
    """Return what the second stage adds to the score of each document, in the order of `documents`."""
    deadline.check()
    words = ranked_words(node)
    snapshot = executor.snapshot
    occurring = occurrences(words, executor.forms, *_read_tokens(snapshot, documents))
    norms = np.stack([snapshot.norms[section][list(documents)] for section in SECTIONS], axis=1)
    return rerank(occurring, norms, np.array([executor.idf(word) for word in words]))


def match_positions(executor: Executor, node: Node, documents: Sequence[int]) -> list[tuple[MatchPosition, ...]]:
    """Return for each document the tokens that the words of the tree match, in order, each at its closest level."""
    if not documents:
        return []
    deadline.check()
    parts = [executor.snapshot.tokens(document) for document in documents]
    lengths = [length for tokens, title in parts for length in (title, len(tokens) - title)]
    starts = np.array([0, *itertools.accumulate(lengths)], np.int64)
    tokens = Tokens(np.concatenate([tokens for tokens, _ in parts]), starts, executor.forms)
    return tokens.only(tuple(searched_words(node))).positions(node)


class ScoredDocument:
    """One document with its first-stage scores: see `search.engines.explaining.Scored`."""

    def __init__(self, executor: Executor, document: int) -> None:
        self._executor = executor
        self._document = document
        snapshot = executor.snapshot
        self.norms: dict[Section, float] = {section: float(snapshot.norms[section][document]) for section in SECTIONS}
        self.words: Array
        self.words, title = snapshot.tokens(document)
        self.tokens = Tokens(self.words, np.array([0, title, len(self.words)]), executor.forms)

    def score(self, node: Node) -> float | None:
        """See `Scored.score`."""
        # cached for AND and OR too: the next hits of the page ask for the same
        make = functools.partial(self._executor.run, node)
        return self._executor.snapshot.cache.get(("explained", node), Matches, make).score_of(self._document)

    def forms(self, node: Term | Prefix) -> Forms:
        """See `Scored.forms`."""
        return self._executor.forms(node)

    def written(self, word: int) -> str:
        """See `Scored.written`."""
        owner, number = self._executor.snapshot.generation.word_owner(word)
        return owner.written_form(number)


def _read_tokens(snapshot: Snapshot, documents: Sequence[int]) -> tuple[Array, Numbers]:
    """Return the concatenated tokens of the documents, and the start of each section (title, body, title, …, end).

    Only the first `READ_TOKENS` of each body are included.
    """
    parts: list[Array] = []
    lengths: list[int] = []
    for segment, begin, middle, end in snapshot.token_ranges(documents):
        last = min(end, middle + READ_TOKENS)
        parts.append(segment.tokens[begin:last])
        lengths += (middle - begin, last - middle)
    return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])
