"""Evaluates a query tree over a snapshot: the matching documents, their scores, and which levels count them.

The words of a tree have terms at all levels. One evaluation finds the matches for every value of `match=`: the bit of
a value is set in each document that the tree of that value (`search.levels.counted`) matches.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import reduce
from typing import assert_never

import numpy as np

from index.engines.embedded.segment import SECTIONS, Segment
from index.schema import CLOSENESS, LADDER
from search import deadline
from search.addresses import common_sections
from search.engines.embedded.bits import EVERY_LEVEL, Bits, at_every_level, bit, of_levels, of_some
from search.engines.embedded.forms import forms_of
from search.engines.embedded.positional import near_starts, phrase_starts
from search.engines.embedded.postings import (
    Postings,
    added,
    count_postings,
    read_documents,
    read_occurrences,
    read_postings,
)
from search.engines.embedded.snapshot import Mask, Numbers, Snapshot, Weights
from search.engines.embedded.stopwords import stop_word_counts
from search.forms import Forms, Levels
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
from search.ranking import IDF_LEVEL, STOP_WORD_IDF, inverse_document_frequency, saturation
from search.ranking_stages import counted_forms
from search.tokens import FormsOf
from search.wordforms import is_stop_word

SEARCH_RATIO = 24
"""Ratio of the sizes of two match sets from which on they are intersected by binary search of the small set in the
large one, which is then faster than a lookup table (measured)."""
SCANNED_PER_POSTING = 32
"""Tokens that a scan compares in the time in which one posting is read and scored (measured)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Matches:
    """The documents that a node matches at any level; the arrays have one element for each."""

    documents: Numbers
    """Document numbers (int64), ascending, without duplicates and deleted documents."""
    scores: Weights
    """First-stage scores (float64): greater than 0 where a word matches, 0 where only filters do."""
    bits: Bits
    """Which levels count each of them: not 0."""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.documents.nbytes + self.scores.nbytes + self.bits.nbytes

    def only(self, kept: Mask) -> Matches:
        """Return the chosen documents."""
        return Matches(self.documents[kept], self.scores[kept], self.bits[kept])

    def score_of(self, document: int) -> float | None:
        """Return the score of a document, or None if it does not match."""
        index = int(np.searchsorted(self.documents, document))
        matches = index < len(self.documents) and self.documents[index] == document
        return float(self.scores[index]) if matches else None


@dataclasses.dataclass(frozen=True, slots=True)
class Idf:
    """The inverse document frequency of a word."""

    value: float
    nbytes: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """A number of postings."""

    value: int
    nbytes: int = 0


class Executor:
    """Evaluates trees over one snapshot; holds no state but the snapshot's cache."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def run(self, node: Node) -> Matches:
        """Return the matches of a tree with their scores.

        Raises:
            TooManyFormsError: a prefix matches too many words.
            SearchTimeoutError: the deadline of the request came first.
        """
        deadline.check()
        match node:
            case Term() | Prefix():
                return self.snapshot.cache.get(node, Matches, lambda: self._word_matches(node))
            case AtLeast():
                return self.snapshot.cache.get(node, Matches, lambda: self._at_least(node))
            case Phrase() | Near():
                return self.snapshot.cache.get(node, Matches, lambda: self._phrase_or_near(node))
            case And():
                return self._conjunction(node.children)
            case Or():
                return self._disjunction(node)
            case Not() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
                return self._unscored(self.bits(node))
            case _:
                assert_never(node)

    def bits(self, node: Node) -> Bits:
        """Return the bits of every document of the snapshot, uint8 of shape (documents,); 0 where a tree has no match.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """
        snapshot = self.snapshot
        match node:
            case Not():
                return at_every_level(snapshot.all_live) & ~self.bits(node.child)
            case FacetFilter():
                return at_every_level(self.having(node))
            case DateRange():
                return at_every_level(self.published(node))
            case MatchAll():
                return at_every_level(snapshot.all_live)
            case MatchNone():
                return np.zeros(snapshot.size, np.uint8)
            case Term() | Prefix() | AtLeast() | Phrase() | Near() | And() | Or():
                matches = self.run(node)
                bits = np.zeros(snapshot.size, np.uint8)
                bits[matches.documents] = matches.bits
                return bits
            case _:
                assert_never(node)

    def having(self, node: FacetFilter) -> Mask:
        """Return which documents have one of the facet values, bool of shape (documents,)."""
        deadline.check()
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
        """Return which documents were published in the range, bool of shape (documents,)."""
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
        """Return the forms of a word of the query in this index.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """
        deadline.check()
        key = ("forms", getattr(node, "alternatives", None) or node.text, node.without)
        return self.snapshot.cache.get(key, Forms, lambda: forms_of(self.snapshot.generation, node))

    def having_any_form(self, node: Term | Prefix, forms: Forms) -> Mask:
        """Return which documents have one of `forms` where a word of the query may occur, shape (documents,)."""
        mask = np.zeros(self.snapshot.size, bool)
        documents, _ = read_documents(self.snapshot, forms, node.sections, node.within)
        mask[documents] = True
        return mask & self.snapshot.all_live

    def written(self, number: int) -> str:
        """Return the letters of a word of the index, as written, by its number."""
        owner, own_number = self.snapshot.generation.word_owner(number)
        return owner.written_form(own_number)

    def count_postings(self, node: Term | Prefix) -> int:
        """Return how many postings a word of the query has, those of deleted documents included.

        A stop word has as many as are read in the time of a scan of all tokens.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """
        if is_stop_word(node):
            return sum(len(segment.tokens) for segment in self.snapshot.generation.segments) // SCANNED_PER_POSTING
        return self.snapshot.cache.get(
            ("postings", node), Count, lambda: Count(count_postings(self.snapshot, self.forms(node)))
        ).value

    def _word_matches(self, node: Term | Prefix) -> Matches:
        if isinstance(node, Term) and node.stop:
            return self._stop_word_matches(node, 1)
        documents, frequencies, levels = added(self._postings(node), self.snapshot.size)
        idf = self._idf_of(levels)
        self.snapshot.cache.keep(("idf", node), idf)
        return Matches(documents, idf.value * saturation(frequencies), of_levels(node, levels))

    def _stop_word_matches(self, node: Term, count: int) -> Matches:
        """Return the documents in which a stop word has at least `count` occurrences."""
        counts = stop_word_counts(self.snapshot, node, self.forms(node))
        documents = np.flatnonzero(counts.sum(axis=1) >= count)
        norms = np.stack([self.snapshot.norms[section][documents] for section in SECTIONS], axis=1)
        scores = STOP_WORD_IDF * saturation((counts[documents] * norms).sum(axis=1))
        return Matches(documents, scores, np.full(len(documents), EVERY_LEVEL, np.uint8))

    def _at_least(self, node: AtLeast) -> Matches:
        """Return the documents in which a word has at least `node.count` occurrences."""
        if node.term.stop:
            return self._stop_word_matches(node.term, node.count)
        matches = self.run(node.term)
        occurrences = read_occurrences(self.snapshot, self.forms(node.term), node.term.sections, node.term.within)
        counting = of_levels(node.term, occurrences.levels)
        bits = np.zeros(self.snapshot.size, np.uint8)
        for number in range(len(LADDER)):
            counted = occurrences.documents[counting >> number & 1 > 0]
            bits |= (np.bincount(counted, minlength=len(bits)) >= node.count).astype(np.uint8) << number
        own = bits[matches.documents]
        return Matches(matches.documents, matches.scores, own).only(own > 0)

    def _postings(self, node: Term | Prefix) -> Postings:
        if node.within is None:
            return read_postings(self.snapshot, self.forms(node), node.sections)
        return read_occurrences(self.snapshot, self.forms(node), node.sections, node.within)

    def _phrase_or_near(self, node: Phrase | Near) -> Matches:
        """Return the matches of a phrase or window, scored as one word that has the sum of the idfs of its words."""
        generation = self.snapshot.generation
        parts: list[tuple[Numbers, Weights]] = []
        for segment, base in zip(generation.segments, generation.bases, strict=False):
            _, section_of = self._starts(node, segment, self.forms)
            documents = section_of // len(SECTIONS) + base
            frequencies = np.zeros(len(documents))
            for number, section in enumerate(SECTIONS):
                in_section = section_of % len(SECTIONS) == number
                frequencies[in_section] = self.snapshot.norms[section][documents[in_section]]
            parts.append((documents, frequencies))
        if not parts:
            return self._unscored(np.zeros(0, np.uint8))
        documents, frequencies = (np.concatenate(column) for column in zip(*parts, strict=True))
        if self.snapshot.live is not None:
            live = self.snapshot.live[documents]
            documents, frequencies = documents[live], frequencies[live]
        postings = Postings(documents, frequencies, np.zeros(len(documents), np.uint8))
        idf = sum(self.idf(term) for term in node.terms)
        documents, frequencies, _ = added(postings, self.snapshot.size)
        return Matches(documents, idf * saturation(frequencies), self._bits_of_phrase(node, documents))

    def _bits_of_phrase(self, node: Phrase | Near, documents: Numbers) -> Bits:
        """Return the bits of the documents that a phrase or window matches at any level."""
        bits = np.full(len(documents), EVERY_LEVEL, np.uint8)
        generation = self.snapshot.generation
        for level in LADDER:
            counted = counted_forms(self.forms, level)
            if all(len(counted(term).words) == len(self.forms(term).words) for term in node.terms):
                break  # and at all wider levels
            starts = [self._starts(node, segment, counted)[1] for segment in generation.segments]
            bases = generation.bases[: len(starts)]
            found = [section_of // len(SECTIONS) + base for section_of, base in zip(starts, bases, strict=True)]
            bits[~np.isin(documents, np.concatenate(found))] &= EVERY_LEVEL ^ bit(level)
        return bits

    def _starts(self, node: Phrase | Near, segment: Segment, forms_of_word: FormsOf) -> tuple[Numbers, Numbers]:
        """Return the addresses in a segment at which a phrase or window begins, and the section number of each."""
        sections = common_sections(node)
        forms = [forms_of_word(term) for term in node.terms]
        if isinstance(node, Phrase):
            return phrase_starts(segment, node, forms, sections)
        return near_starts(segment, node, forms, sections)

    def idf(self, node: Term | Prefix) -> float:
        """Return the idf of a word, over the documents that have it at `IDF_LEVEL` or closer; if none, at any level."""
        if is_stop_word(node):
            return STOP_WORD_IDF
        make = lambda: self._idf_of(added(self._postings(node), self.snapshot.size).levels)  # noqa: E731
        return self.snapshot.cache.get(("idf", node), Idf, make).value

    def _idf_of(self, levels: Levels) -> Idf:
        """Return the idf of a word, given the closest level of each document that has it."""
        doc_frequency = int(np.count_nonzero(levels <= CLOSENESS[IDF_LEVEL])) or len(levels)
        return Idf(inverse_document_frequency(self.snapshot.documents, doc_frequency))

    def _conjunction(self, children: Sequence[Node]) -> Matches:
        words = [child for child in children if not isinstance(child, Unscored)]
        masks = [self.bits(child) for child in children if isinstance(child, Unscored)]
        if not words:
            return self._unscored(reduce(np.bitwise_and, masks, at_every_level(self.snapshot.all_live)))
        smallest_first = sorted((self.run(child) for child in words), key=lambda matches: len(matches.documents))
        common = reduce(self._intersection, smallest_first)
        for mask in masks:
            bits = common.bits & mask[common.documents]
            common = Matches(common.documents, common.scores, bits).only(bits > 0)
        return common

    def _unscored(self, bits: Bits) -> Matches:
        """Return the documents whose bits are not 0, given those of all documents."""
        documents = np.flatnonzero(bits)
        return Matches(documents, np.zeros(len(documents)), bits[documents])

    def _intersection(self, smaller: Matches, larger: Matches) -> Matches:
        """Return the documents that are in both, with the sums of their scores."""
        if len(smaller.documents) * SEARCH_RATIO < len(larger.documents):
            indices = np.searchsorted(larger.documents, smaller.documents)
            indices[indices == len(larger.documents)] = 0
            kept = larger.documents[indices] == smaller.documents
            indices = indices[kept]
        else:
            lookup = np.full(self.snapshot.size, -1, np.int64)
            lookup[larger.documents] = np.arange(len(larger.documents))
            indices = lookup[smaller.documents]
            kept = indices >= 0
            indices = indices[kept]
        bits = smaller.bits[kept] & larger.bits[indices]
        scores = smaller.scores[kept] + larger.scores[indices]
        return Matches(smaller.documents[kept], scores, bits).only(bits > 0)

    def _disjunction(self, node: Or) -> Matches:
        parts = [self.run(child) for child in node.children]
        if len(parts) == 1 and node.minimum <= 1:
            return parts[0]
        scores = np.zeros(self.snapshot.size)
        for matches in parts:
            scores[matches.documents] += matches.scores
        bits = at_every_level(self.snapshot.all_live)
        if node.minimum > 0:
            bits = of_some(((part.documents, part.bits) for part in parts), node.minimum, self.snapshot.size)
        documents = np.flatnonzero(bits)
        return Matches(documents, scores[documents], bits[documents])
