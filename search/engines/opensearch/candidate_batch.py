"""A few documents of an index on a cluster, with the scores that the embedded engine would give them.

The cluster proposes candidates and sends their tokens. Both stages of `search/ranking.py` are computed here, with the
section lengths and idfs of the whole index, so that the best hits have the same order as in the embedded engine.

Documents are numbered by their index in the batch. Tokens are numbers of words of the batch, counted from 1; 0 is a
token without terms. The address of a token is its index in `CandidateBatch.tokens` (`search/engines/addresses.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import assert_never

import numpy as np

from index.engines.opensearch.encoding import Forward
from index.schema import FacetField, Section
from search.engine import MatchPosition
from search.engines.addresses import SECTIONS, Mask, Numbers
from search.engines.forms import Array, Forms
from search.engines.opensearch.vocabulary import Words
from search.engines.tokens import Tokens, occurrences
from search.query import (
    And,
    AtLeast,
    DateRange,
    FacetFilter,
    MatchAll,
    MatchNone,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    Unscored,
)
from search.ranking import READ_TOKENS, Floats, saturation, section_norms
from search.reranking import Parts, ranked_words, rerank
from search.wordforms import form_key, searched_words


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A document with the columns that ranking needs, as the cluster sends it."""

    id: str
    forward: Forward
    day: int
    """Ordinal of the day of publication (`date.toordinal`); 0 when it is unknown."""
    facets: Mapping[FacetField, tuple[str, ...]]
    """The values of each facet field; empty unless the request filters by a facet within its query."""


class Scored:
    """The candidates that a tree matches, and their scores of the first stage."""

    __slots__ = ("matches", "scores")

    def __init__(self, matches: Mask, scores: Floats) -> None:
        """Hold `matches` (bool) and `scores` (float64, 0 where there is no match), each of shape (candidates,)."""
        self.matches = matches
        self.scores = scores


class CandidateBatch:
    """The candidates of one search, numbered from 0 in the given order."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        averages: Mapping[Section, float],
        words: Callable[[Term | Prefix], Words],
        idf: Callable[[Term | Prefix], float],
    ) -> None:
        """Concatenate the tokens of `candidates` and compute the norms of their sections.

        `averages` are the mean lengths of the sections over the whole index; `words` and `idf` are called with words
        of the query.
        """
        self.candidates = candidates
        self._words = words
        self._idf = idf
        forwards = [candidate.forward for candidate in candidates]
        empty = np.empty(0, np.int64)
        self._keys, numbers = np.unique(
            np.concatenate([empty, *(forward.keys for forward in forwards)]), return_inverse=True
        )
        counts = np.array([len(forward.keys) for forward in forwards], np.int64)
        lengths = np.array([len(forward.word_numbers) for forward in forwards], np.int64)
        titles = np.array([forward.title for forward in forwards], np.int64)
        bases = np.cumsum(counts) - counts
        indices = np.concatenate([empty, *(forward.word_numbers for forward in forwards)]).astype(np.int64)
        # maps an index in the concatenated `forward.keys`, counted from 1, to the number of the word; 0 stays 0
        numbered = np.concatenate([[0], numbers.astype(np.int64) + 1])
        self.tokens: Array = numbered[np.where(indices > 0, indices + np.repeat(bases, lengths), 0)]
        """Word numbers (int64) of all tokens: title and body of the first candidate, then of the second, and so on."""
        ends = np.cumsum(np.stack([titles, lengths - titles], axis=1).ravel()) if forwards else empty
        self._starts: Numbers = np.concatenate([[0], ends]).astype(np.int64)
        self._forms: dict[object, Forms] = {}
        self.norms = {
            section: section_norms(section, self._lengths(number), averages[section])
            for number, section in enumerate(SECTIONS)
        }
        """Norm of each section (`search.ranking.section_norms`), float64 of shape (candidates,)."""
        self._all_tokens = Tokens(self.tokens, self._starts, self.forms)

    def forms(self, node: Term | Prefix) -> Forms:
        """Return the forms of a word of the query that occur here, by the numbers of `tokens`."""
        key = form_key(node)
        forms = self._forms.get(key)
        if forms is None:
            forms = self._forms[key] = self._present_forms(self._words(node))
        return forms

    def score(self, node: Node) -> Scored:
        """Return the candidates that a tree matches, with their scores of the first stage."""
        match node:
            case Term() | Prefix():
                return self._word(node)
            case AtLeast():
                scored = self._word(node.term)
                documents = self._documents(self._all_tokens.word(node.term).addresses)
                return _restricted(scored, np.bincount(documents, minlength=len(self.candidates)) >= node.count)
            case Phrase() | Near():
                starts = self._all_tokens.starts_of(node)
                return self._bm25f(starts, np.ones(len(starts)), sum(self._idf(term) for term in node.terms))
            case And():
                parts = [self.score(child) for child in node.children]
                matches = reduce(np.logical_and, (part.matches for part in parts), self._no_match | True)
                return _restricted(Scored(matches, sum((part.scores for part in parts), self._zeros)), matches)
            case Or():
                parts = [self.score(child) for child in node.children]
                none = np.zeros(len(self.candidates), np.int64)
                matching = sum((part.matches.astype(np.int64) for part in parts), none)
                scores = sum((part.scores for part in parts), self._zeros)
                return _restricted(Scored(self._no_match, scores), matching >= node.minimum)
            case Not() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
                return Scored(self._mask(node), self._zeros)
            case _:
                assert_never(node)

    def second_stage(self, node: Node, chosen: Numbers) -> Parts:
        """Return what the second stage adds to the scores of the `chosen` candidates, one row for each."""
        words = ranked_words(node)
        tokens, starts = self._tokens_of(chosen)
        occurring = occurrences(words, self.forms, tokens, starts)
        norms = np.stack([self.norms[section][chosen] for section in SECTIONS], axis=1)
        return rerank(occurring, norms, np.array([self._idf(word) for word in words]))

    def positions(self, node: Node, chosen: Sequence[int]) -> list[tuple[MatchPosition, ...]]:
        """Return for each of the `chosen` candidates the tokens that the words of a tree match."""
        if not chosen:
            return []
        tokens, starts = self._tokens_of(np.array(chosen, np.int64), whole=True)
        return Tokens(tokens, starts, self.forms).only(tuple(searched_words(node))).positions(node)

    def explained(self, index: int) -> ExplainedCandidate:
        """Return one of the candidates, to explain its score."""
        return ExplainedCandidate(self, index)

    def tokens_of(self, index: int) -> tuple[Array, Numbers]:
        """Return the tokens of a candidate, and the starts of its title and body, followed by the end of the body."""
        return self._tokens_of(np.array([index]), whole=True)

    def letters(self, node: Term | Prefix) -> dict[int, str]:
        """Return the letters of the forms of a word as written, by word number of `tokens`."""
        words = self._words(node)
        indices = words.indices_of(self._keys)
        return {int(number) + 1: words.written[indices[number]] for number in np.flatnonzero(indices >= 0)}

    @property
    def _no_match(self) -> Mask:
        return np.zeros(len(self.candidates), bool)

    @property
    def _zeros(self) -> Floats:
        return np.zeros(len(self.candidates))

    def _present_forms(self, words: Words) -> Forms:
        """Return the forms of `words` that occur in the batch."""
        indices = words.indices_of(self._keys)
        present = np.flatnonzero(indices >= 0)
        return Forms(present + 1, words.forms.grades[indices[present]], words.forms.levels[indices[present]])

    def _lengths(self, section: int) -> Numbers:
        """Return the number of tokens with terms in each candidate's title (section 0) or body (1)."""
        counted = np.concatenate([[0], np.cumsum(self.tokens > 0)])
        lengths: Numbers = counted[self._starts[section + 1 :: 2]] - counted[self._starts[section:-1:2]]
        return lengths

    def _documents(self, addresses: Numbers) -> Numbers:
        """Return the candidate that each address lies in."""
        return self._all_tokens.section_of(addresses) // len(SECTIONS)

    def _word(self, node: Term | Prefix) -> Scored:
        found = self._all_tokens.word(node)
        forms = self.forms(node)
        weights = np.empty(0)
        if len(found.addresses):
            weights = forms.weights[np.searchsorted(forms.words, self.tokens[found.addresses])]
        return self._bm25f(found.addresses, weights, self._idf(node))

    def _bm25f(self, addresses: Numbers, weights: Floats, idf: float) -> Scored:
        """Return the BM25F scores of one word, given the addresses of its occurrences and the weight of each."""
        sections = self._all_tokens.section_of(addresses)
        documents = sections // len(SECTIONS)
        norms = np.stack([self.norms[section] for section in SECTIONS])
        frequencies = np.bincount(
            documents, weights * norms[sections % len(SECTIONS), documents], minlength=len(self.candidates)
        ).astype(np.float64)
        matches = np.bincount(documents, minlength=len(self.candidates)) > 0
        return Scored(matches, idf * saturation(frequencies))

    def _mask(self, node: Unscored) -> Mask:
        match node:
            case Not():
                return ~self.score(node.child).matches
            case FacetFilter():
                wanted = set(node.values)
                return self._mask_of(lambda candidate: bool(wanted & set(candidate.facets[node.field])))
            case DateRange():
                first = node.first.toordinal() if node.first else 1
                last = node.last.toordinal() if node.last else 1 << 30
                given = node.first is not None or node.last is not None
                return self._mask_of(
                    lambda candidate: given and first <= candidate.day <= last if candidate.day else node.unknown
                )
            case MatchAll():
                return self._no_match | True
            case MatchNone():
                return self._no_match
            case _:
                assert_never(node)

    def _mask_of(self, holds: Callable[[Candidate], bool]) -> Mask:
        """Return for which candidates a condition holds."""
        return np.fromiter(map(holds, self.candidates), bool, len(self.candidates))

    def _tokens_of(self, chosen: Numbers, *, whole: bool = False) -> tuple[Array, Numbers]:
        """Return the concatenated tokens of the `chosen` candidates, and the start of each section.

        Only the first `READ_TOKENS` of each body are included, unless `whole`.
        """
        begins = self._starts[2 * chosen]
        middles = self._starts[2 * chosen + 1]
        ends = self._starts[2 * chosen + 2]
        if not whole:
            ends = np.minimum(ends, middles + READ_TOKENS)
        parts = [self.tokens[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        lengths = np.stack([middles - begins, ends - middles], axis=1).ravel()
        return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])


class ExplainedCandidate:
    """One candidate as `search.engines.explaining` needs it."""

    def __init__(self, batch: CandidateBatch, index: int) -> None:
        self._batch = batch
        self._index = index
        self.norms: dict[Section, float] = {section: float(batch.norms[section][index]) for section in SECTIONS}
        self.words: Array
        self.words, starts = batch.tokens_of(index)
        self.tokens = Tokens(self.words, starts, batch.forms)
        self._letters: dict[int, str] = {}

    def score(self, node: Node) -> float | None:
        """See `Scored.score`."""
        scored = self._batch.score(node)
        return float(scored.scores[self._index]) if scored.matches[self._index] else None

    def forms(self, node: Term | Prefix) -> Forms:
        """See `Scored.forms`; `written` then has the letters of the returned words."""
        self._letters |= self._batch.letters(node)
        return self._batch.forms(node)

    def written(self, word: int) -> str:
        """See `Scored.written`."""
        return self._letters[word]


def _restricted(scored: Scored, matches: Mask) -> Scored:
    """Return `matches`, with the scores of the others set to 0."""
    return Scored(matches, np.where(matches, scored.scores, 0.0))
