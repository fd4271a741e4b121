"""Runs a query tree over a snapshot by arrays: which documents match, and what they score."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import reduce

import numpy as np

from index.engines.embedded.segment import SECTIONS, Segment
from search.engines.addresses import common_sections
from search.engines.embedded.forms import forms_of
from search.engines.embedded.positional import near_starts, phrase_starts
from search.engines.embedded.postings import Postings, added, distinct, read_occurrences, read_postings
from search.engines.embedded.snapshot import Mask, Numbers, Snapshot, Weights
from search.engines.forms import Forms
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
from search.ranking import inverse_document_frequency, saturation

SEARCH_RATIO = 24
"""Looking up each of a few in many by bisection is cheaper than marking the many, from this ratio on (measured)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Matches:
    """What a node matches."""

    documents: Numbers
    """Ascending, each once, none that is deleted."""
    scores: Weights
    """Greater than 0 where a word matched; 0 for what only filters let through."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.documents.nbytes + self.scores.nbytes

    def score_of(self, document: int) -> float | None:
        """Return the score of a document, or None when it does not match."""
        place = int(np.searchsorted(self.documents, document))
        found = place < len(self.documents) and self.documents[place] == document
        return float(self.scores[place]) if found else None


@dataclasses.dataclass(frozen=True, slots=True)
class Idf:
    """How rare a word is: its inverse document frequency."""

    value: float
    nbytes: int = 0


FILTERS = (Not, FacetFilter, DateRange, MatchAll, MatchNone)
"""Nodes that score nothing."""


class Executor:
    """Evaluates trees over one snapshot; holds no state but the snapshot's cache."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def run(self, node: Node) -> Matches:
        """Return what the tree matches.

        Raises:
            TooManyFormsError: a prefix stands for too many words.
        """
        match node:
            case Term() | Prefix():
                return self.snapshot.cache.get(node, Matches, lambda: self._word(node))
            case AtLeast():
                return self.snapshot.cache.get(node, Matches, lambda: self._often(node))
            case Phrase() | Near():
                return self.snapshot.cache.get(node, Matches, lambda: self._together(node))
            case And():
                return self._all_of(node.children)
            case Or():
                return self._some_of(node)
            case _:
                documents = np.flatnonzero(self.mask(node))
                return Matches(documents, np.zeros(len(documents)))

    def mask(self, node: Node) -> Mask:
        """Return which documents a tree matches, as a mask over all."""
        snapshot = self.snapshot
        match node:
            case Not():
                return snapshot.all_live & ~self.mask(node.child)
            case FacetFilter():
                return self.having(node)
            case DateRange():
                return self.published(node)
            case MatchAll():
                return snapshot.all_live
            case MatchNone():
                return np.zeros(snapshot.size, bool)
            case _:
                mask = np.zeros(snapshot.size, bool)
                mask[self.run(node).documents] = True
                return mask

    def having(self, node: FacetFilter) -> Mask:
        """Return the mask of the documents that have one of the values."""
        column = self.snapshot.facets[node.field]
        wanted = np.fromiter((label in node.values for label in column.labels), bool, len(column.labels))
        if not wanted.any():
            return np.zeros(self.snapshot.size, bool)
        having = wanted[column.ordinals]
        if column.starts is not None:
            counted = np.concatenate([[0], np.cumsum(having)])
            having = counted[column.starts[1:]] > counted[column.starts[:-1]]
        return having & self.snapshot.all_live

    def published(self, node: DateRange) -> Mask:
        """Return the mask of the documents published in the range."""
        days = self.snapshot.days
        mask = np.zeros(len(days), bool)
        if node.first is not None or node.last is not None:
            first = node.first.toordinal() if node.first else 1
            last = node.last.toordinal() if node.last else np.iinfo(np.int32).max
            mask = (days >= first) & (days <= last)
        if node.unknown:
            mask = mask | (days == 0)
        return mask & self.snapshot.all_live

    def forms(self, node: Term | Prefix) -> Forms:
        """Return the forms of a word of the query in this index."""
        key = ("forms", getattr(node, "alternatives", None) or node.text, node.without)
        return self.snapshot.cache.get(key, Forms, lambda: forms_of(self.snapshot, node))

    def _word(self, node: Term | Prefix) -> Matches:
        postings = self._postings(node)
        documents, frequencies = added(postings, self.snapshot.size)
        idf = self._idf(postings)
        self.snapshot.cache.keep(("idf", node), idf)
        return Matches(documents, idf.value * saturation(frequencies))

    def _often(self, node: AtLeast) -> Matches:
        """Return what a word matches where it stands so many times."""
        found = self.run(node.term)
        forms = self.forms(node.term)
        places = read_occurrences(self.snapshot, forms, node.term.sections, node.term.within)
        counts = np.bincount(places.documents, minlength=self.snapshot.size)
        kept = counts[found.documents] >= node.count
        return Matches(found.documents[kept], found.scores[kept])

    def _postings(self, node: Term | Prefix) -> Postings:
        if node.within is None:
            return read_postings(self.snapshot, self.forms(node), node.sections)
        return read_occurrences(self.snapshot, self.forms(node), node.sections, node.within)

    def _together(self, node: Phrase | Near) -> Matches:
        """Return what a phrase or words near each other match: each place counts once, as rare as its words are."""
        generation = self.snapshot.generation
        parts: list[tuple[Numbers, Weights]] = []
        for segment, base in zip(generation.segments, generation.bases, strict=False):
            _, within = self._starts(node, segment)
            documents = within // len(SECTIONS) + base
            frequencies = np.zeros(len(documents))
            for place, section in enumerate(SECTIONS):
                here = within % len(SECTIONS) == place
                frequencies[here] = self.snapshot.norms[section][documents[here]]
            parts.append((documents, frequencies))
        if not parts:
            return Matches(np.empty(0, np.int64), np.empty(0))
        documents, frequencies = (np.concatenate(column) for column in zip(*parts, strict=True))
        if self.snapshot.live is not None:
            live = self.snapshot.live[documents]
            documents, frequencies = documents[live], frequencies[live]
        found = Postings(documents, frequencies, np.empty(0, bool))
        idf = sum(self.idf(term) for term in node.terms)
        documents, frequencies = added(found, self.snapshot.size)
        return Matches(documents, idf * saturation(frequencies))

    def _starts(self, node: Phrase | Near, segment: Segment) -> tuple[Numbers, Numbers]:
        """Return the addresses in a segment at which it begins, and the section each lies in."""
        sections = common_sections(node)
        forms = [self.forms(term) for term in node.terms]
        if isinstance(node, Phrase):
            return phrase_starts(segment, node, forms, sections)
        return near_starts(segment, node, forms, sections)

    def idf(self, node: Term | Prefix) -> float:
        """Return how rare a word is, by the documents that have it as a form of its lemma, or else at all."""
        made = self.snapshot.cache.get(("idf", node), Idf, lambda: self._idf(self._postings(node)))
        return made.value

    def _idf(self, postings: Postings) -> Idf:
        size = self.snapshot.size
        doc_frequency = distinct(postings.documents[postings.close], size) or distinct(postings.documents, size)
        return Idf(inverse_document_frequency(self.snapshot.documents, doc_frequency))

    def _all_of(self, children: Sequence[Node]) -> Matches:
        words = [child for child in children if not isinstance(child, FILTERS)]
        masks = [self.mask(child) for child in children if isinstance(child, FILTERS)]
        if not words:
            documents = np.flatnonzero(reduce(np.logical_and, masks, self.snapshot.all_live))
            return Matches(documents, np.zeros(len(documents)))
        found = sorted((self.run(child) for child in words), key=lambda matches: len(matches.documents))
        both = reduce(self._intersection, found)
        for mask in masks:
            kept = mask[both.documents]
            both = Matches(both.documents[kept], both.scores[kept])
        return both

    def _intersection(self, few: Matches, many: Matches) -> Matches:
        """Return the documents of both, scores added."""
        if len(few.documents) * SEARCH_RATIO < len(many.documents):
            places = np.searchsorted(many.documents, few.documents)
            places[places == len(many.documents)] = 0
            kept = many.documents[places] == few.documents
            places = places[kept]
        else:
            lookup = np.full(self.snapshot.size, -1, np.int64)
            lookup[many.documents] = np.arange(len(many.documents))
            places = lookup[few.documents]
            kept = places >= 0
            places = places[kept]
        return Matches(few.documents[kept], few.scores[kept] + many.scores[places])

    def _some_of(self, node: Or) -> Matches:
        found = [self.run(child) for child in node.children]
        if len(found) == 1 and node.minimum <= 1:
            return found[0]
        size = self.snapshot.size
        counts = np.zeros(size, np.uint16)
        scores = np.zeros(size)
        for matches in found:
            counts[matches.documents] += 1
            scores[matches.documents] += matches.scores
        documents = (
            np.flatnonzero(counts >= node.minimum) if node.minimum > 0 else np.flatnonzero(self.snapshot.all_live)
        )
        return Matches(documents, scores[documents])
