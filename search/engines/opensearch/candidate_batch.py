"""A few documents of an index, with the scores that the embedded engine would give them.

The cluster proposes candidates and sends their tokens; both stages of `search/ranking.py` are then worked out here,
with lengths and rarities of the whole index. So the best hits of a cluster stand in the order of a single machine.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import numpy as np

from index.engines.opensearch.encoding import Forward
from index.schema import FacetField, Section
from search.engine import MatchPosition
from search.engines.forms import Array, Forms
from search.engines.opensearch.vocabulary import Words
from search.engines.places import SECTIONS, Mask, Numbers
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
)
from search.ranking import READ_TOKENS, Floats, saturation, section_norms
from search.reranking import Parts, ranked_words, rerank
from search.wordforms import form_key, searched_words


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A document as the cluster sends it to be ranked."""

    id: str
    forward: Forward
    day: int
    """0 when it is unknown."""
    facets: Mapping[FacetField, tuple[str, ...]]
    """Empty unless they were asked for."""


class Scored:
    """What a tree matches among the candidates, and what it gives them."""

    __slots__ = ("matches", "scores")

    def __init__(self, matches: Mask, scores: Floats) -> None:
        self.matches = matches
        self.scores = scores


class CandidateBatch:
    """Candidates, numbered from 0 in the order they were given."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        averages: Mapping[Section, float],
        words: Callable[[Term | Prefix], Words],
        idf: Callable[[Term | Prefix], float],
    ) -> None:
        """Look at `candidates`; `averages` are those of the lengths of all sections of the index."""
        self.candidates = candidates
        self._words = words
        self._idf = idf
        forwards = [candidate.forward for candidate in candidates]
        empty = np.empty(0, np.int64)
        self._keys, numbers = np.unique(
            np.concatenate([empty, *(forward.keys for forward in forwards)]), return_inverse=True
        )
        counts = np.array([len(forward.keys) for forward in forwards], np.int64)
        lengths = np.array([len(forward.places) for forward in forwards], np.int64)
        titles = np.array([forward.title for forward in forwards], np.int64)
        bases = np.cumsum(counts) - counts
        places = np.concatenate([empty, *(forward.places for forward in forwards)]).astype(np.int64)
        # of a place in its document's words, counted from 1, the number among all words, counted from 1; 0 stays
        numbered = np.concatenate([[0], numbers.astype(np.int64) + 1])
        self.tokens: Array = numbered[np.where(places > 0, places + np.repeat(bases, lengths), 0)]
        ends = np.cumsum(np.stack([titles, lengths - titles], axis=1).ravel()) if forwards else empty
        self._starts: Numbers = np.concatenate([[0], ends]).astype(np.int64)
        self._forms: dict[object, Forms] = {}
        self.norms = {
            section: section_norms(section, self._lengths(place), averages[section])
            for place, section in enumerate(SECTIONS)
        }
        self._all = Tokens(self.tokens, self._starts, self.forms)

    def forms(self, node: Term | Prefix) -> Forms:
        """Return the forms of a word of the query that occur here, by the numbers of `tokens`."""
        key = form_key(node)
        known = self._forms.get(key)
        if known is None:
            known = self._forms[key] = self._present(self._words(node))
        return known

    def score(self, node: Node) -> Scored:
        """Return what a tree matches, and what the first stage gives it."""
        match node:
            case Term() | Prefix():
                return self._word(node)
            case AtLeast():
                found = self._word(node.term)
                times = np.bincount(self._documents(self._all.word(node.term).places), minlength=len(self.candidates))
                return _kept(found, times >= node.count)
            case Phrase() | Near():
                starts = self._all.starts_of(node)
                return self._weighed(starts, np.ones(len(starts)), sum(self._idf(term) for term in node.terms))
            case And():
                parts = [self.score(child) for child in node.children]
                matches = reduce(np.logical_and, (each.matches for each in parts), self._none | True)
                return _kept(Scored(matches, sum((each.scores for each in parts), self._zero)), matches)
            case Or():
                parts = [self.score(child) for child in node.children]
                times = sum((each.matches.astype(np.int64) for each in parts), np.zeros(len(self.candidates), np.int64))
                return _kept(
                    Scored(self._none, sum((each.scores for each in parts), self._zero)), times >= node.minimum
                )
            case _:
                return Scored(self._mask(node), self._zero)

    def second_stage(self, node: Node, chosen: Numbers) -> Parts:
        """Return what the second stage adds to the scores of some candidates."""
        words = ranked_words(node)
        tokens, starts = self._read(chosen)
        found = occurrences(words, self.forms, tokens, starts)
        norms = np.stack([self.norms[section][chosen] for section in SECTIONS], axis=1)
        return rerank(found, norms, np.array([self._idf(word) for word in words]))

    def positions(self, node: Node, chosen: Sequence[int]) -> list[tuple[MatchPosition, ...]]:
        """Return for each of some candidates the tokens that the words of a tree found."""
        if not chosen:
            return []
        tokens, starts = self._read(np.array(chosen, np.int64), whole=True)
        few = Tokens(tokens, starts, self.forms).only(tuple(searched_words(node)))
        return few.positions(node)

    def explained(self, number: int) -> ExplainedCandidate:
        """Return one of the candidates, to explain its score."""
        return ExplainedCandidate(self, number)

    def tokens_of(self, number: int) -> tuple[Array, Numbers]:
        """Return the tokens of a candidate, and where its title and its body begin and end."""
        return self._read(np.array([number]), whole=True)

    def letters(self, node: Term | Prefix) -> dict[int, str]:
        """Return the letters of the forms of a word, by the numbers of `tokens`."""
        words = self._words(node)
        at = words.places(self._keys)
        return {int(number) + 1: words.written[at[number]] for number in np.flatnonzero(at >= 0)}

    @property
    def _none(self) -> Mask:
        return np.zeros(len(self.candidates), bool)

    @property
    def _zero(self) -> Floats:
        return np.zeros(len(self.candidates))

    def _present(self, words: Words) -> Forms:
        at = words.places(self._keys)
        here = np.flatnonzero(at >= 0)
        return Forms(here + 1, words.forms.grades[at[here]], words.forms.levels[at[here]])

    def _lengths(self, place: int) -> Numbers:
        """Return how many tokens with terms each title (0) or body (1) has."""
        counted = np.concatenate([[0], np.cumsum(self.tokens > 0)])
        lengths: Numbers = counted[self._starts[place + 1 :: 2]] - counted[self._starts[place:-1:2]]
        return lengths

    def _documents(self, places: Numbers) -> Numbers:
        return self._all.within(places) // len(SECTIONS)

    def _word(self, node: Term | Prefix) -> Scored:
        found = self._all.word(node)
        forms = self.forms(node)
        weights = (
            forms.weights[np.searchsorted(forms.words, self.tokens[found.places])] if len(found.places) else np.empty(0)
        )
        return self._weighed(found.places, weights, self._idf(node))

    def _weighed(self, places: Numbers, weights: Floats, idf: float) -> Scored:
        within = self._all.within(places)
        documents = within // len(SECTIONS)
        norms = np.stack([self.norms[section] for section in SECTIONS])
        frequencies = np.bincount(
            documents, weights * norms[within % len(SECTIONS), documents], minlength=len(self.candidates)
        ).astype(np.float64)
        matches = np.bincount(documents, minlength=len(self.candidates)) > 0
        return Scored(matches, idf * saturation(frequencies))

    def _mask(self, node: Node) -> Mask:
        match node:
            case Not():
                return ~self.score(node.child).matches
            case FacetFilter():
                wanted = set(node.values)
                return self._of_each(lambda it: bool(wanted & set(it.facets[node.field])))
            case DateRange():
                first = node.first.toordinal() if node.first else 1
                last = node.last.toordinal() if node.last else 1 << 30
                given = node.first is not None or node.last is not None
                return self._of_each(lambda it: given and first <= it.day <= last if it.day else node.unknown)
            case MatchAll():
                return self._none | True
            case MatchNone():
                return self._none
            case _:
                return self.score(node).matches

    def _of_each(self, holds: Callable[[Candidate], bool]) -> Mask:
        return np.fromiter(map(holds, self.candidates), bool, len(self.candidates))

    def _read(self, chosen: Numbers, *, whole: bool = False) -> tuple[Array, Numbers]:
        """Return the tokens of some candidates end to end, and where each section begins.

        Of bodies the first `READ_TOKENS`, unless they are to be `whole`.
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
    """One candidate as `search.engines.explaining` asks about it."""

    def __init__(self, batch: CandidateBatch, number: int) -> None:
        self._batch = batch
        self._number = number
        self.norms: dict[Section, float] = {section: float(batch.norms[section][number]) for section in SECTIONS}
        self.words: Array
        self.words, starts = batch.tokens_of(number)
        self.tokens = Tokens(self.words, starts, batch.forms)
        self._letters: dict[int, str] = {}

    def score(self, node: Node) -> float | None:
        """See `Scored.score`."""
        found = self._batch.score(node)
        return float(found.scores[self._number]) if found.matches[self._number] else None

    def forms(self, node: Term | Prefix) -> Forms:
        """See `Scored.forms`; the letters of what it returns are known afterwards."""
        self._letters |= self._batch.letters(node)
        return self._batch.forms(node)

    def written(self, word: int) -> str:
        """See `Scored.written`."""
        return self._letters[word]


def _kept(found: Scored, matches: Mask) -> Scored:
    return Scored(matches, np.where(matches, found.scores, 0.0))
