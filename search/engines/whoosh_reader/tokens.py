"""The terms of a token field: the merged dictionaries of all segments, with postings collected from those of words."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import FIELD_CODES, SECTIONS, Segment
from index.schema import Section, TokenField
from search.engines.embedded.postings import changes, runs
from search.engines.embedded.snapshot import Numbers
from search.engines.whoosh_reader.matching import Occurrences, Postings
from search.engines.whoosh_reader.view import SECTION_INDICES, View

_FIRST_BLOCK, _LARGEST_BLOCK = 16, 4096
"""Terms that are read at once: few at first, since a prefix has few terms."""
_REMEMBERED = 4096
"""Size of the cache of frequencies: Whoosh checks whether a term exists before it reads its statistics."""


class TokenTerms:
    """The terms of one token field of one section. A term exists while a document has one of its words."""

    def __init__(self, view: View, section: Section, field: TokenField) -> None:
        self._view = view
        self._section = section
        self._field = field
        self._code = FIELD_CODES[field]
        self._frequencies: dict[bytes, float] = {}

    def __contains__(self, text: bytes) -> bool:
        return self.frequency(text) > 0

    def frequency(self, text: bytes) -> float:
        """Return the total weight of a term: the sum over its words of occurrences times the term's share."""
        frequency = self._frequencies.get(text)
        if frequency is None:
            words, shares = self._view.generation.words_of(self._code + text)
            frequency = float(self._view.word_totals(self._section)[words] @ shares)
            if len(self._frequencies) >= _REMEMBERED:
                self._frequencies.clear()
            self._frequencies[text] = frequency
        return frequency

    def postings(self, text: bytes) -> Postings:
        """Return the postings of a term; its weight in a document is calculated like `frequency`."""
        words, shares = self._view.generation.words_of(self._code + text)
        document_parts, weight_parts = [np.empty(0, np.int64)], [np.empty(0)]
        for segment, base in self._segments():
            indices = segment.present_indices(words)
            if len(indices):
                rows, lengths = runs(segment.posting_starts, indices)
                share = shares[np.searchsorted(words, segment.present[indices])]
                document_parts.append(segment.posting_documents[rows].astype(np.int64) + base)
                weight_parts.append(segment.frequencies[self._section][rows] * np.repeat(share, lengths))
        documents, weights = np.concatenate(document_parts), np.concatenate(weight_parts)
        selected = (weights > 0) & self._view.alive(documents)
        documents, weights = self._view.numbered(documents[selected]), weights[selected]
        if len(words) > 1:
            order = np.argsort(documents, kind="stable")
            documents = documents[order]
            first = np.flatnonzero(changes(documents))
            documents = documents[first]
            weights = np.add.reduceat(weights[order], first) if len(first) else weights
        return Postings(documents, weights, lambda: self._occurrences(words))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the terms not below `text`, ascending; terms are read on demand."""
        streams = [self._of_segment(segment, end, text) for segment, end in self._ends]
        last = None
        for term in heapq.merge(*streams):
            if term != last:
                yield term
            last = term

    def seeker(self) -> Callable[[bytes], bytes | None]:
        """See `FieldTerms.seeker`."""
        heads = [_Head(segment, end) for segment, end in self._ends]
        totals = self._view.word_totals(self._section)

        def seek(text: bytes) -> bytes | None:
            key = self._code + text
            while True:
                for head in heads:
                    head.seek(key)
                remaining = [head for head in heads if head.key]
                if not remaining:
                    return None
                key = min(head.key for head in remaining)
                if any(totals[head.words()].any() for head in remaining if head.key == key):
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
        """Yield the terms of a segment's dictionary that are not below `text` and occur in a document."""
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
        """Return the occurrences of words in the documents of the view, grouped by document."""
        document_parts, rows = [np.empty(0, np.int64)], [np.empty((0, 3), np.uint32)]
        for segment, base in self._segments():
            indices = segment.present_indices(words)
            if len(indices):
                selected, _ = runs(segment.occurrence_starts, indices)
                addresses = np.sort(segment.occurrences[selected].astype(np.int64))
                sections = np.searchsorted(segment.section_starts, addresses, side="right") - 1
                documents = sections // len(SECTIONS) + base
                in_section = sections % len(SECTIONS) == SECTION_INDICES[self._section]
                mask = in_section & self._view.alive(documents)
                document_parts.append(documents[mask])
                rows.append(located(segment, addresses[mask], segment.section_starts[sections[mask]]))
        documents = np.concatenate(document_parts)
        starts: Numbers = np.append(np.flatnonzero(changes(documents)), len(documents))
        return Occurrences(np.concatenate(rows), starts)


class _Head:
    """A forward-only cursor over the terms of a field in one segment's dictionary."""

    def __init__(self, segment: Segment, end: int) -> None:
        """Start before the first term; `end` is the number after the last one."""
        self._segment = segment
        self._number, self._end = 0, end
        self.key = b"\0"
        """Key of the current term; before the first term a value below every key, after the last one empty."""

    def seek(self, key: bytes) -> None:
        """Move to the first term whose key is not below `key`."""
        if self.key and self.key < key:
            self._number = self._segment.term_lower_bound(key)
            self.key = self._segment.terms[self._number] if self._number < self._end else b""

    def words(self) -> Array:
        """Return the words of the current term."""
        begin, end = self._segment.term_word_starts[self._number : self._number + 2].tolist()
        return self._segment.term_words[begin:end]


def located(segment: Segment, addresses: Numbers, sections: Array) -> npt.NDArray[np.uint32]:
    """Return position, start and end offset of tokens, shape (tokens, 3).

    `addresses` are the indices of the tokens in the segment, `sections` those of the first tokens of their sections;
    both have shape (tokens,).
    """
    starts = segment.token_starts[addresses].astype(np.uint32)
    positions = addresses - sections.astype(np.int64)
    return np.stack([positions.astype(np.uint32), starts, starts + segment.token_lengths[addresses]], axis=1)
