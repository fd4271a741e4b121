"""A few documents of an index on a cluster, with the scores that the embedded engine would give them.

The cluster proposes candidates and sends their tokens. The first stage of `search/ranking.py` is computed here, with
the section lengths and idfs of the whole index, and `search/ranking_stages.py` reads the tokens for the second, so that
the best hits have the same order as in the embedded engine.

Documents are numbered by their index in the batch. Tokens are numbers of words of the batch, counted from 1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import assert_never

import numpy as np

from index.engines.opensearch.encoding import FIRST_CONTENT_KEY, Forward, Keys
from index.schema import LADDER, FacetField, Level
from search.addresses import SECTIONS, Mask, Numbers
from search.engine import Listing
from search.engines.opensearch.point_in_time import Totals
from search.engines.opensearch.vocabulary import Words
from search.forms import Array, Forms
from search.levels import Tier, tiers, widest_level
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
)
from search.ranking import Floats, recency, saturation, section_norms
from search.ranking_stages import counted_forms, ranks_of
from search.tokens import Tokens
from search.wordforms import form_key

WordsOf = Callable[[Term | Prefix], Words]
IdfOf = Callable[[Term | Prefix], float]


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


class BatchWords:
    """The words of a batch: see `search.ranking_stages.QueryWords`."""

    def __init__(self, keys: Keys, words: WordsOf, idf: IdfOf) -> None:
        """Hold words by their `keys`, ascending; a word's number is its index there, counted from 1."""
        self._keys = keys
        self._words = words
        self._idf = idf
        self._forms: dict[object, Forms] = {}
        self._looked_up: list[Words] = []
        """What `words` returned."""

    def forms(self, node: Term | Prefix) -> Forms:
        """Return the forms of a word of the query that occur in the batch."""
        key = form_key(node)
        if key not in self._forms:
            words = self._words(node)
            indices = words.indices_of(self._keys)
            present = np.flatnonzero(indices >= 0)
            grades, levels = words.forms.grades[indices[present]], words.forms.levels[indices[present]]
            self._forms[key] = Forms(present + 1, grades, levels)
            self._looked_up.append(words)
        return self._forms[key]

    def idf(self, node: Term | Prefix) -> float:
        """See `QueryWords.idf`."""
        return self._idf(node)

    def written(self, number: int) -> str:
        """See `QueryWords.written`."""
        key = self._keys[number - 1 : number]
        return next(words.written[index] for words in self._looked_up if (index := int(words.indices_of(key)[0])) >= 0)


class CandidateBatch:
    """The candidates of one search, numbered from 0 in the given order: see `search.ranking_stages.Candidates`."""

    def __init__(self, candidates: Sequence[Candidate], totals: Totals, words: WordsOf, idf: IdfOf) -> None:
        """Concatenate the tokens of `candidates` and compute the norms of their sections.

        `totals` are those of the whole index; `words` and `idf` are called with words of the query.
        """
        self.candidates = candidates
        forwards = [candidate.forward for candidate in candidates]
        empty = np.empty(0, np.int64)
        keys, numbers = np.unique(np.concatenate([empty, *(forward.keys for forward in forwards)]), return_inverse=True)
        self.words = BatchWords(keys, words, idf)
        """The words of the batch, see `Candidates.words`."""
        counts = np.array([len(forward.keys) for forward in forwards], np.int64)
        lengths = np.array([len(forward.word_numbers) for forward in forwards], np.int64)
        titles = np.array([forward.title for forward in forwards], np.int64)
        bases = np.cumsum(counts) - counts
        indices = np.concatenate([empty, *(forward.word_numbers for forward in forwards)]).astype(np.int64)
        # an index in `forward.keys` is counted from 1
        self._tokens: Array = numbers.astype(np.int64)[indices - 1 + np.repeat(bases, lengths)] + 1
        """Word numbers (int64) of all tokens: title and body of the first candidate, then of the second, and so on."""
        ends = np.cumsum(np.stack([titles, lengths - titles], axis=1).ravel()) if forwards else empty
        self._content = keys[self._tokens - 1] >= FIRST_CONTENT_KEY
        """Which of the tokens are content words."""
        self._starts: Numbers = np.concatenate([[0], ends]).astype(np.int64)
        self._norms = np.stack(
            [
                section_norms(section, self._lengths(number), totals.averages[section])
                for number, section in enumerate(SECTIONS)
            ],
            axis=1,
        )
        """Norm of each section (`search.ranking.section_norms`), float64 of shape (candidates, sections)."""
        self._gains = recency(np.array([candidate.day for candidate in candidates], np.int64), totals.newest)
        self._all_tokens = Tokens(self._tokens, self._starts, self.words.forms)
        self._counted_tokens = {
            level: Tokens(self._tokens, self._starts, counted_forms(self.words.forms, level)) for level in LADDER
        }
        """All tokens, with the forms that each value of `match=` counts."""
        self._scored: dict[Node, Scored] = {}

    def tokens(self, documents: Sequence[int], most: int | None = None) -> tuple[Array, Numbers]:
        """See `Candidates.tokens`."""
        chosen = np.asarray(documents)
        begins, middles, ends = (self._starts[2 * chosen + offset] for offset in range(3))
        if most is not None:
            ends = np.minimum(ends, middles + most)
        parts = [self._tokens[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        lengths = np.stack([middles - begins, ends - middles], axis=1)
        return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])

    def norms(self, documents: Sequence[int]) -> Floats:
        """See `Candidates.norms`."""
        return self._norms[list(documents)]

    def gains(self, documents: Sequence[int]) -> Floats:
        """See `Candidates.gains`."""
        return self._gains[list(documents)]

    def id_ranks(self, documents: Numbers) -> Array:
        """See `Candidates.id_ranks`."""
        return ranks_of([self.candidates[document].id for document in documents.tolist()])

    def scores(self, node: Node, listing: Listing) -> Floats:
        """Return the scores of the first stage, recency included, shape (candidates,); 0 without a match."""
        scores = self.score(node).scores
        return scores * (1.0 + self._gains) if listing.raises_newer else scores

    def score_of(self, document: int, node: Node) -> float | None:
        """Return the first-stage score of a candidate for a tree; None if it does not match."""
        scored = self._scored.get(node)
        if scored is None:  # kept: the next hits of the page ask for the same
            scored = self._scored[node] = self.score(node)
        return float(scored.scores[document]) if scored.matches[document] else None

    def score(self, node: Node) -> Scored:
        """Return the candidates that a tree matches at any level, with their scores of the first stage."""
        match node:
            case Term() | Prefix():
                return self._word(node)
            case AtLeast():
                return _restricted(self._word(node.term), self._any_level(node))
            case Phrase() | Near():
                starts = self._all_tokens.starts_of(node)
                return self._bm25f(starts, np.ones(len(starts)), sum(self.words.idf(term) for term in node.terms))
            case And() | Or():
                scores = sum((self.score(child).scores for child in node.children), self._zeros)
                return _restricted(Scored(self._no_match, scores), self._any_level(node))
            case Not() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
                return Scored(self._any_level(node), self._zeros)
            case _:
                assert_never(node)

    def tiers(self, listing: Listing) -> list[Tier]:
        """Return the tier of each candidate."""
        found = [Tier.PARTIAL] * len(self.candidates)
        for tier in reversed(tiers(listing.match)[:-1]):
            for number in np.flatnonzero(self.matching(listing.query, widest_level(tier, listing.match))).tolist():
                found[number] = tier
        return found

    def matching(self, node: Node, match: Level) -> Mask:  # noqa: PLR0911 - one case per kind of node
        """Return which candidates a tree matches at the levels that `match` counts."""
        tokens = self._counted_tokens[match]
        match node:
            case Term() | Prefix():
                return self._times(tokens.word(node).addresses) > 0
            case AtLeast():
                return self._times(tokens.word(node.term).addresses) >= node.count
            case Phrase() | Near():
                return self._times(tokens.starts_of(node)) > 0
            case And():
                masks = (self.matching(child, match) for child in node.children)
                return reduce(np.logical_and, masks, ~self._no_match)
            case Or():
                numbers = (self.matching(child, match).astype(np.int64) for child in node.children)
                return sum(numbers, np.zeros(len(self.candidates), np.int64)) >= node.minimum
            case Not():
                return ~self.matching(node.child, match)
            case FacetFilter() | DateRange() | MatchAll() | MatchNone():
                return self._mask(node)
            case _:
                assert_never(node)

    def _any_level(self, node: Node) -> Mask:
        return reduce(np.logical_or, (self.matching(node, level) for level in LADDER))

    def _times(self, addresses: Numbers) -> Numbers:
        """Return how many of some addresses each candidate has."""
        documents = self._all_tokens.section_of(addresses) // len(SECTIONS)
        return np.bincount(documents, minlength=len(self.candidates))

    @property
    def _no_match(self) -> Mask:
        return np.zeros(len(self.candidates), bool)

    @property
    def _zeros(self) -> Floats:
        return np.zeros(len(self.candidates))

    def _lengths(self, section: int) -> Numbers:
        """Return the number of content words in each candidate's title (section 0) or body (1)."""
        counted = np.concatenate([[0], np.cumsum(self._content)])
        lengths: Numbers = counted[self._starts[section + 1 :: 2]] - counted[self._starts[section:-1:2]]
        return lengths

    def _word(self, node: Term | Prefix) -> Scored:
        found = self._all_tokens.word(node)
        forms = self.words.forms(node)
        weights = np.empty(0)
        if len(found.addresses):
            weights = forms.weights[np.searchsorted(forms.words, self._tokens[found.addresses])]
        return self._bm25f(found.addresses, weights, self.words.idf(node))

    def _bm25f(self, addresses: Numbers, weights: Floats, idf: float) -> Scored:
        """Return the BM25F scores of one word, given the addresses of its occurrences and the weight of each."""
        sections = self._all_tokens.section_of(addresses)
        documents = sections // len(SECTIONS)
        norms = self._norms[documents, sections % len(SECTIONS)]
        frequencies = np.bincount(documents, weights * norms, minlength=len(self.candidates)).astype(np.float64)
        matches = np.bincount(documents, minlength=len(self.candidates)) > 0
        return Scored(matches, idf * saturation(frequencies))

    def _mask(self, node: FacetFilter | DateRange | MatchAll | MatchNone) -> Mask:
        match node:
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


def _restricted(scored: Scored, matches: Mask) -> Scored:
    """Return `matches`, with the scores of the others set to 0."""
    return Scored(matches, np.where(matches, scored.scores, 0.0))
