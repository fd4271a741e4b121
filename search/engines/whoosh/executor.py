"""Runs a query tree over a snapshot: masks and scores as arrays with one entry for each document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import reduce

import numpy as np
import numpy.typing as npt

from index.schema import CLOSENESS, Section
from search.engine import MatchPosition
from search.engines.whoosh.snapshot import Numbers, Postings, Snapshot, Weights
from search.query import (
    Alternative,
    And,
    AtLeast,
    DateRange,
    HasValue,
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
from search.ranking import SECTION_WEIGHTS, inverse_document_frequency, saturation

Mask = npt.NDArray[np.bool_]

POSITION_BITS = 32
"""Phrases compare keys of document << 32 | position."""


@dataclasses.dataclass(frozen=True, slots=True)
class Matches:
    """What a node matches: `mask` (bool) and `scores` (float64, 0 where the mask is false), one entry a document."""

    mask: Mask
    scores: Weights


class Executor:
    """Evaluates trees over one snapshot. Holds no state between calls but the snapshot's cache."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def run(self, node: Node) -> Matches:
        """Return what the tree matches; deleted documents never do."""
        match node:
            case Term():
                return self._term(node)
            case Phrase():
                return self._phrase(node)
            case And():
                parts = [self.run(child) for child in node.children]
                mask = reduce(np.logical_and, (part.mask for part in parts), self._snapshot.live)
                return _masked(mask, parts)
            case Or():
                parts = [self.run(child) for child in node.children]
                counts = sum((part.mask.astype(np.int32) for part in parts), np.zeros(self._snapshot.size, np.int32))
                return _masked(counts >= node.minimum, parts)
            case AtLeast() | Near() | Prefix():
                raise NotImplementedError(type(node).__name__)
            case _:
                return Matches(self._filter(node), np.zeros(self._snapshot.size))

    def having(self, node: HasValue) -> Mask:
        """Return the mask of the documents that have one of the values."""
        column = self._snapshot.facets[node.field]
        wanted = np.array([label in node.values for label in column.labels], bool)
        mask = np.zeros(self._snapshot.size, bool)
        if wanted.any():
            mask[column.documents[wanted[column.ordinals]]] = True
        return mask

    def published(self, node: DateRange) -> Mask:
        """Return the mask of the documents published in the range."""
        days = self._snapshot.days
        mask = np.zeros(self._snapshot.size, bool)
        if node.first is not None or node.last is not None:
            first = node.first.toordinal() if node.first else 1
            last = node.last.toordinal() if node.last else np.iinfo(np.int64).max
            mask = (days >= first) & (days <= last)
        if node.unknown:
            mask = mask | (days == 0)
        return mask & self._snapshot.live

    def locate(self, node: Node, document: int) -> tuple[MatchPosition, ...]:
        """Return the tokens of a document that the words of the tree found, each at its closest level."""
        best: dict[tuple[Section, int], MatchPosition] = {}
        for found in self._occurrences(node, document):
            place = (found.section, found.position)
            known = best.get(place)
            if known is None or _closeness(found) < _closeness(known):
                best[place] = found
        order = list(Section)
        return tuple(sorted(best.values(), key=lambda found: (order.index(found.section), found.position)))

    def _filter(self, node: Not | HasValue | DateRange | MatchAll | MatchNone) -> Mask:
        match node:
            case Not():
                return self._snapshot.live & ~self.run(node.child).mask
            case HasValue():
                return self.having(node)
            case DateRange():
                return self.published(node)
            case MatchAll():
                return self._snapshot.live
            case MatchNone():
                return np.zeros(self._snapshot.size, bool)

    def _term(self, node: Term) -> Matches:
        mask = np.zeros(self._snapshot.size, bool)
        scores = np.zeros(self._snapshot.size)
        for section in node.sections:
            for alternative in node.alternatives:
                postings = self._postings(section, alternative)
                mask[postings.documents] = True
                scores[postings.documents] += self._impacts(section, alternative, postings)
        return Matches(mask, scores)

    def _postings(self, section: Section, alternative: Alternative) -> Postings:
        return self._snapshot.postings(section, alternative.field, alternative.term)

    def _impacts(
        self, section: Section, alternative: Alternative, postings: Postings, frequencies: Weights | None = None
    ) -> Weights:
        """Return the score that each posting adds; `frequencies` replace the postings' own."""
        snapshot = self._snapshot
        idf = inverse_document_frequency(len(snapshot.numbers), len(postings.documents))
        factor = SECTION_WEIGHTS[section] * alternative.weight * idf
        lengths = snapshot.lengths[section][postings.documents]
        weights = postings.weights if frequencies is None else frequencies
        return factor * saturation(weights, lengths, snapshot.average_lengths[section])

    def _phrase(self, node: Phrase) -> Matches:
        mask = np.zeros(self._snapshot.size, bool)
        scores = np.zeros(self._snapshot.size)
        for section in _phrase_sections(node):
            keys = self._phrase_keys(node, section)
            documents, frequencies = np.unique(keys >> POSITION_BITS, return_counts=True)
            mask[documents] = True
            found = np.zeros(self._snapshot.size)
            found[documents] = frequencies
            for term in node.terms:
                for alternative in term.alternatives:
                    postings = self._postings(section, alternative)
                    # a term counts where the phrase stands, as often as the phrase stands there
                    in_phrase = np.minimum(found[postings.documents], postings.weights)
                    scores[postings.documents] += self._impacts(section, alternative, postings, in_phrase)
        return Matches(mask, np.where(mask, scores, 0.0))

    def _phrase_keys(self, node: Phrase, section: Section) -> Numbers:
        """Return the keys of the first words of all occurrences of the phrase in a section, ascending."""
        keys: Numbers | None = None
        for term, offset in zip(node.terms, node.offsets, strict=True):
            places = [_keys(self._postings(section, alternative)) for alternative in term.alternatives]
            here = np.unique(np.concatenate(places)) - offset if places else np.empty(0, np.int64)
            keys = here if keys is None else np.intersect1d(keys, here, assume_unique=True)
        return np.empty(0, np.int64) if keys is None else keys

    def _occurrences(self, node: Node, document: int) -> Iterator[MatchPosition]:
        match node:
            case Term():
                for section in node.sections:
                    for alternative in node.alternatives:
                        for position in self._postings(section, alternative).in_document(document).tolist():
                            yield MatchPosition(section, position, node.word, alternative.level)
            case Phrase():
                for section in _phrase_sections(node):
                    yield from self._phrase_occurrences(node, section, document)
            case And() | Or():
                for child in node.children:
                    yield from self._occurrences(child, document)
            case _:
                return

    def _phrase_occurrences(self, node: Phrase, section: Section, document: int) -> Iterator[MatchPosition]:
        starts: set[int] | None = None
        for term, offset in zip(node.terms, node.offsets, strict=True):
            here = {
                position - offset
                for alternative in term.alternatives
                for position in self._postings(section, alternative).in_document(document).tolist()
            }
            starts = here if starts is None else starts & here
        for start in sorted(starts or ()):
            for term, offset in zip(node.terms, node.offsets, strict=True):
                for alternative in term.alternatives:
                    if start + offset in self._postings(section, alternative).in_document(document):
                        yield MatchPosition(section, start + offset, term.word, alternative.level)


def _masked(mask: Mask, parts: list[Matches]) -> Matches:
    scores = sum((part.scores for part in parts), np.zeros(len(mask)))
    return Matches(mask, np.where(mask, scores, 0.0))


def _keys(postings: Postings) -> Numbers:
    counts = np.diff(postings.bounds)
    return (np.repeat(postings.documents, counts) << POSITION_BITS) | postings.positions


def _phrase_sections(node: Phrase) -> tuple[Section, ...]:
    """Return the sections that every term of the phrase may stand in."""
    return tuple(section for section in Section if all(section in term.sections for term in node.terms))


def _closeness(found: MatchPosition) -> tuple[int, int]:
    return (CLOSENESS[found.level], found.word)
