"""The two stages of ranking, and the tokens that match: what every engine does with its candidates.

An engine finds the documents that a node matches, with their scores of the first stage, and orders them by these. Its
best ones are the candidates. Here their tokens are read, and the second stage (`search/reranking.py`) adds to their
scores; they are listed first, in the order of the sums. `search/explaining.py` explains these scores.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import AnyStr, Generic, Protocol, TypeVar

import numpy as np

from index.schema import CLOSENESS, LADDER, WIDEST_COUNTED, Level
from search import deadline
from search.addresses import Numbers
from search.engine import Listing, MatchPosition
from search.forms import Array, Forms
from search.query import Node, Prefix, Term
from search.ranking import READ_TOKENS, SCORE_DIGITS, Floats
from search.reranking import Parts, ranked_words, rerank
from search.tokens import FormsOf, Tokens, occurrences
from search.wordforms import searched_words

_Document = TypeVar("_Document")


class QueryWords(Protocol):
    """What an index knows of the words of queries."""

    def forms(self, word: Term | Prefix) -> Forms:
        """Return the forms of a word of the query."""

    def idf(self, word: Term | Prefix) -> float:
        """Return the inverse document frequency of a word of the query, see `ranking.IDF_LEVEL`."""

    def written(self, number: int) -> str:
        """Return the letters, as written, of a word of the index that is among the returned forms, by its number."""


class Candidates(Protocol):
    """Documents of an index, by number, with what their ranking needs."""

    @property
    def words(self) -> QueryWords:
        """The words of the index."""

    def tokens(self, documents: Sequence[int], most: int | None = None) -> tuple[Array, Numbers]:
        """Return the word numbers of the documents' tokens and the starts of their sections, as `Tokens` takes them.

        Only the first `most` tokens of each body are included; None includes all.
        """

    def norms(self, documents: Sequence[int]) -> Floats:
        """Return the norms of the sections (`ranking.section_norms`), shape (documents, sections)."""

    def gains(self, documents: Sequence[int]) -> Floats:
        """Return the share of its score that each document gains by its recency (`ranking.recency`)."""

    def id_ranks(self, documents: Numbers) -> Array:
        """Return for each document a number; the numbers have the order of the ids."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ranked(Generic[_Document]):
    """Documents in ranked order, each with its score."""

    order: Sequence[tuple[_Document, float]]
    reranked: int
    """Number of documents that the second stage scored; they come first."""

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes: a document and a score each."""
        return 250 * len(self.order)


def rank(candidates: Candidates, listing: Listing, first_stage: Sequence[tuple[int, float]], most: int) -> Ranked[int]:
    """Return documents in the order of both stages, given them in the order of the first, with its scores.

    The best `most` are ordered by both stages, except those without a score: only filters match these. The others
    follow as they are. The scores of the first stage include recency.
    """
    best = [row for row in first_stage[:most] if row[1] > 0]
    if not best:
        return Ranked(first_stage, 0)
    unscored = [row for row in first_stage[:most] if row[1] <= 0]
    documents = [document for document, _ in best]
    added = second_stage(candidates, listing.listed, documents).score()
    if listing.raises_newer:
        added *= 1.0 + candidates.gains(documents)
    scores = np.array([score for _, score in best]) + added
    order = in_order(candidates, np.array(documents), relevance_keys(scores))
    totals = scores.tolist()
    ranked = [(documents[index], totals[index]) for index in order.tolist()]
    return Ranked([*ranked, *unscored, *first_stage[most:]], len(ranked))


def second_stage(candidates: Candidates, node: Node, documents: Sequence[int]) -> Parts:
    """Return what the second stage adds to the score of each document, in the order of `documents`."""
    deadline.check()
    words = ranked_words(node)
    if not words:
        return Parts(*np.zeros((len(Parts._fields), len(documents))))
    index = candidates.words
    occurring = occurrences(words, index.forms, *candidates.tokens(documents, READ_TOKENS))
    return rerank(occurring, candidates.norms(documents), np.array([index.idf(word) for word in words]))


def match_positions(
    candidates: Candidates, node: Node, documents: Sequence[int], levels: Sequence[Level]
) -> list[tuple[MatchPosition, ...]]:
    """Return for each document the tokens that the words of a tree match, in order, each at its closest level.

    `levels` has for each document the `match=` that counts the levels at which its tokens match.
    """
    if not documents:
        return []
    deadline.check()
    widest = np.array([CLOSENESS[WIDEST_COUNTED[level]] for level in levels], np.uint8)
    tokens = Tokens(*candidates.tokens(documents), candidates.words.forms, widest)
    return tokens.only(tuple(searched_words(node))).positions(node)


def counted_forms(forms: FormsOf, match: Level) -> FormsOf:
    """Return the function that returns the forms of a word of the query at the levels that `match` counts."""
    if match is LADDER[-1]:
        return forms
    return lambda word: forms(word) if isinstance(word, Prefix) or word.unlimited else forms(word).counted(match)


def relevance_keys(scores: Floats) -> Floats:
    """Return the sort keys of scores, of the same shape: the highest score has the lowest key."""
    keys: Floats = -np.round(scores, SCORE_DIGITS)
    return keys


def in_order(candidates: Candidates, documents: Numbers, keys: Array) -> Numbers:
    """Return the indices that sort `documents` by their keys, ties by id."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    equal = ordered[1:] == ordered[:-1]
    if not equal.any():
        return order
    tied = np.zeros(len(order), bool)
    tied[1:] |= equal
    tied[:-1] |= equal
    tied_indices = order[tied]
    ranks = np.zeros(len(documents), np.int64)
    ranks[tied_indices] = candidates.id_ranks(documents[tied_indices])
    return np.lexsort((ranks, keys))


def ranks_of(ids: Sequence[AnyStr]) -> Numbers:
    """Return the rank of each id in the order of ids, as texts or as UTF-8, which have the same order; shape (ids,)."""
    ranks = np.empty(len(ids), np.int64)
    ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return ranks
