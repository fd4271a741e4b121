"""The terms of a token field: the dictionaries of all segments as one, postings gathered from those of words."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from index.engines.embedded.arrays import Array
from index.engines.embedded.segment import FIELD_CODES, SECTIONS, Segment
from index.schema import Section, TokenField
from search.engines.embedded.postings import changes, runs
from search.engines.embedded.snapshot import Numbers
from search.engines.whoosh_reader.matching import Occurrences, Postings
from search.engines.whoosh_reader.view import SECTION_PLACES, View

_FIRST_BLOCK, _LARGEST_BLOCK = 16, 4096
"""Terms that are read at once: few at first, since a prefix has few."""
_REMEMBERED = 4096
"""Frequencies that are kept: Whoosh asks whether there is a term before it asks for its statistics."""


class TokenTerms:
    """The terms of one token field of one section. A term is there while a document has one of its words."""

    def __init__(self, view: View, section: Section, field: TokenField) -> None:
        self._view = view
        self._section = section
        self._field = field
        self._code = FIELD_CODES[field]
        self._frequencies: dict[bytes, float] = {}

    def __contains__(self, text: bytes) -> bool:
        return self.frequency(text) > 0

    def frequency(self, text: bytes) -> float:
        """Return the weight of a term in all documents: the occurrences of each word times the term's share in it."""
        found = self._frequencies.get(text)
        if found is None:
            words, shares = self._view.generation.words_of(self._code + text)
            found = float(self._view.word_totals(self._section)[words] @ shares)
            if len(self._frequencies) >= _REMEMBERED:
                self._frequencies.clear()
            self._frequencies[text] = found
        return found

    def postings(self, text: bytes) -> Postings:
        """Return the postings of a term; its weight in a document is made as `frequency` is."""
        words, shares = self._view.generation.words_of(self._code + text)
        documents, weights = [np.empty(0, np.int64)], [np.empty(0)]
        for segment, base in self._segments():
            places = segment.present_indices(words)
            if len(places):
                rows, lengths = runs(segment.posting_starts, places)
                share = shares[np.searchsorted(words, segment.present[places])]
                documents.append(segment.posting_documents[rows].astype(np.int64) + base)
                weights.append(segment.frequencies[self._section][rows] * np.repeat(share, lengths))
        found, weight = np.concatenate(documents), np.concatenate(weights)
        kept = (weight > 0) & self._view.alive(found)
        found, weight = self._view.numbered(found[kept]), weight[kept]
        if len(words) > 1:
            order = np.argsort(found, kind="stable")
            found = found[order]
            first = np.flatnonzero(changes(found))
            found, weight = found[first], np.add.reduceat(weight[order], first) if len(first) else weight
        return Postings(found, weight, lambda: self._occurrences(words))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the terms that are not below `text`, ascending, and read no more of them than are asked for."""
        streams = [self._of_segment(segment, end, text) for segment, end in self._ends]
        last = None
        for term in heapq.merge(*streams):
            if term != last:
                yield term
            last = term

    def seeker(self) -> Callable[[bytes], bytes | None]:
        """Return what finds the first term that is not below a text, for texts that ascend from call to call."""
        heads = [_Head(segment, end) for segment, end in self._ends]
        totals = self._view.word_totals(self._section)

        def seek(text: bytes) -> bytes | None:
            key = self._code + text
            while True:
                for head in heads:
                    head.seek(key)
                ahead = [head for head in heads if head.key]
                if not ahead:
                    return None
                key = min(head.key for head in ahead)
                if any(totals[head.words()].any() for head in ahead if head.key == key):
                    return key[1:]
                key += b"\0"

        return seek

    def _segments(self) -> Iterator[tuple[Segment, int]]:
        yield from zip(self._view.generation.segments, self._view.generation.bases, strict=False)

    @property
    def _ends(self) -> Iterator[tuple[Segment, int]]:
        """Each segment, and the number after the field's last term in its dictionary."""
        return ((segment, segment.terms_of_field(self._field)[1]) for segment in self._view.generation.segments)

    def _of_segment(self, segment: Segment, last: int, text: bytes) -> Iterator[bytes]:
        """Yield the terms of a segment's dictionary that are not below `text` and that a document has."""
        totals = self._view.word_totals(self._section)
        begin = segment.term_lower_bound(self._code + text)
        size = _FIRST_BLOCK
        while begin < last:
            end = min(begin + size, last)
            starts = segment.term_word_starts[begin : end + 1].astype(np.int64)
            counts = np.add.reduceat(totals[segment.term_words[starts[0] : starts[-1]]], starts[:-1] - starts[0])
            for key in segment.terms.select(begin + np.flatnonzero(counts)):
                yield key[1:]
            begin, size = end, min(2 * size, _LARGEST_BLOCK)

    def _occurrences(self, words: Array) -> Occurrences:
        """Return where words stand in our documents, document by document."""
        documents, rows = [np.empty(0, np.int64)], [np.empty((0, 3), np.uint32)]
        for segment, base in self._segments():
            places = segment.present_indices(words)
            if len(places):
                taken, _ = runs(segment.occurrence_starts, places)
                addresses = np.sort(segment.occurrences[taken].astype(np.int64))
                sections = np.searchsorted(segment.section_starts, addresses, side="right") - 1
                found = sections // len(SECTIONS) + base
                kept = (sections % len(SECTIONS) == SECTION_PLACES[self._section]) & self._view.alive(found)
                documents.append(found[kept])
                rows.append(located(segment, addresses[kept], segment.section_starts[sections[kept]]))
        found = np.concatenate(documents)
        starts: Numbers = np.append(np.flatnonzero(changes(found)), len(found))
        return Occurrences(np.concatenate(rows), starts)


class _Head:
    """A place in the terms of a field in one segment's dictionary; it moves forwards only."""

    def __init__(self, segment: Segment, end: int) -> None:
        """Stand before the first term; `end` is the number after the last."""
        self._segment = segment
        self._number, self._end = 0, end
        self.key = b"\0"
        """Of the term at this place; below every key before the first, empty behind the last."""

    def seek(self, key: bytes) -> None:
        """Go to the first term whose key is not below `key`."""
        if self.key and self.key < key:
            self._number = self._segment.term_lower_bound(key)
            self.key = self._segment.terms[self._number] if self._number < self._end else b""

    def words(self) -> Array:
        """Return the words of the term at this place."""
        begin, end = self._segment.term_word_starts[self._number : self._number + 2].tolist()
        return self._segment.term_words[begin:end]


def located(segment: Segment, addresses: Numbers, sections: Array) -> npt.NDArray[np.uint32]:
    """Return position, first character and the one behind the last of tokens, by where their sections begin."""
    starts = segment.token_starts[addresses].astype(np.uint32)
    positions = addresses - sections.astype(np.int64)
    return np.stack([positions.astype(np.uint32), starts, starts + segment.token_lengths[addresses]], axis=1)
