"""The in-memory buffer of the next segment: documents as arrays of word numbers, inverted when it is written."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import accumulate, chain
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from index.analysis.tokens import AnalyzedText
from index.document import AnalyzedDocument
from index.engines.embedded.arrays import ArrayFileWriter, narrowed, narrowest, put_strings
from index.engines.embedded.checked import Array
from index.engines.embedded.segment import NO_TIMESTAMP, SECTIONS
from index.engines.embedded.vocabulary import Vocabulary, put_words
from index.schema import FacetField


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    """One buffered document, without its text."""

    id: bytes
    day: int
    timestamp: int
    facets: tuple[tuple[str, ...], ...]
    """Values of each facet, in the order of `FacetField`."""
    tokens: tuple[bytes, ...]
    """For each section: word numbers, then starts, then ends, as native uint32."""


class InvertedSegmentBuilder:
    """Buffers documents and writes them as a segment. A document replaces an earlier one with the same id."""

    def __init__(self, vocabulary: Vocabulary, zone: ZoneInfo) -> None:
        self._vocabulary = vocabulary
        self._zone = zone
        self._entries: dict[str, _Entry] = {}
        self.tokens = 0
        """Number of tokens added, about 12 bytes each, for the limit on memory; not reduced by `discard`."""

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, document_id: str) -> bool:
        return document_id in self._entries

    def add(self, analyzed: AnalyzedDocument) -> None:
        """Buffer a document."""
        document = analyzed.document
        timestamp = document.published_time(self._zone)
        facets = document.facet_values()
        self._entries.pop(document.id, None)
        self._entries[document.id] = _Entry(
            id=document.id.encode("utf-8", "surrogatepass"),
            day=analyzed.day.toordinal() if analyzed.day else 0,
            timestamp=_seconds(timestamp) if timestamp else NO_TIMESTAMP,
            facets=tuple(facets[field] for field in FacetField),
            tokens=tuple(self._section(analyzed.sections.get(section)) for section in SECTIONS),
        )

    def discard(self, document_id: str) -> None:
        """Remove a document from the buffer, if it is there."""
        self._entries.pop(document_id, None)

    def write(self, path: Path) -> int:
        """Write all documents as a segment, which adds the vocabulary's fresh words; return its checksum.

        Raises:
            OSError: the file cannot be written; it is removed.
        """
        entries = list(self._entries.values())
        file = ArrayFileWriter(path)
        try:
            _put_documents(file, entries)
            numbers = _put_tokens(file, entries, self._vocabulary.stop_words())
            put_words(file, self._vocabulary.fresh_from, self._vocabulary.fresh)
            _put_postings(file, *numbers)
            return file.finish({"documents": len(entries), "first_word": self._vocabulary.fresh_from})
        except BaseException:
            file.discard()
            raise

    def _section(self, text: AnalyzedText | None) -> bytes:
        if text is None:
            return b""
        self.tokens += len(text)
        numbers = self._vocabulary.numbers(text.words)
        return b"".join((numbers.tobytes(), text.starts.tobytes(), text.ends.tobytes()))


def _seconds(timestamp: dt.datetime) -> int:
    return int(timestamp.timestamp())


def _put_documents(file: ArrayFileWriter, entries: list[_Entry]) -> None:
    ids = [entry.id for entry in entries]
    put_strings(file, "ids", ids)
    file.put("id_order", narrowed(np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)))
    file.put("days", np.fromiter((entry.day for entry in entries), "<i4", len(entries)))
    file.put("moments", np.fromiter((entry.timestamp for entry in entries), "<i8", len(entries)))
    for index, field in enumerate(FacetField):
        put_facet(file, field, [entry.facets[index] for entry in entries])


def put_facet(file: ArrayFileWriter, field: FacetField, values: list[tuple[str, ...]]) -> None:
    """Write the column of a facet; `values` has the values of each document."""
    labels: dict[str, int] = {}
    ordinals = [labels.setdefault(value, len(labels)) for value in chain.from_iterable(values)]
    put_strings(file, f"facet_{field}_labels", (label.encode("utf-8", "surrogatepass") for label in labels))
    file.put(f"facet_{field}_ordinals", narrowed(np.array(ordinals, np.int64)))
    counts = list(map(len, values))
    if any(count != 1 for count in counts):
        file.put(f"facet_{field}_starts", narrowed(np.array([0, *accumulate(counts)], np.int64)))


def _put_tokens(
    file: ArrayFileWriter, entries: list[_Entry], stop_words: Array
) -> tuple[Array, npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Write the tokens; return the arrays that `_put_postings` takes.

    By address: the word (uint32), and whether it is a content word (bool). Then the first address of each section, and
    the end of the last (int64).
    """
    sections = [
        np.frombuffer(section, np.uint32).reshape(3, -1) if section else np.empty((3, 0), np.uint32)
        for entry in entries
        for section in entry.tokens
    ]
    lengths = np.fromiter((section.shape[1] for section in sections), np.int64, len(sections))
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    words, begins, ends = (
        np.concatenate([section[row] for section in sections]) if sections else np.empty(0, np.uint32)
        for row in range(3)
    )
    content = ~np.isin(words, stop_words)
    file.put("section_starts", narrowed(starts))
    file.put("tokens", words)
    # readers compute ends as start + length, so the dtype of the starts must hold the ends too
    file.put("token_starts", begins.astype(narrowest(int(ends.max(initial=0)))))
    file.put("token_lengths", narrowed(ends - begins))
    counted = np.concatenate([[0], np.cumsum(content)])
    content_lengths = np.diff(counted[starts])
    for index, section in enumerate(SECTIONS):
        file.put(f"{section}_lengths", narrowed(content_lengths[index :: len(SECTIONS)]))
    return words, content, starts


def _put_postings(
    file: ArrayFileWriter, words: Array, content: npt.NDArray[np.bool_], starts: npt.NDArray[np.int64]
) -> None:
    """Invert the tokens: write the postings of each content word, from the word at each address (see `_put_tokens`).

    Stop words have none: they would be a third of all occurrences. Searches read them in the tokens.
    """
    addresses = np.flatnonzero(content)
    order = np.argsort(words[addresses], kind="stable")
    occurrences = addresses[order]
    sorted_words = words[occurrences]
    section_of = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[occurrences]
    documents = section_of // len(SECTIONS)
    new_word = _changes(sorted_words)
    new_posting = new_word | _changes(documents)
    posting_at, word_at = np.flatnonzero(new_posting), np.flatnonzero(new_word)
    file.put("present", sorted_words[word_at])
    file.put("occurrence_starts", narrowed(np.append(word_at, len(sorted_words))))
    file.put("occurrences", narrowed(occurrences))
    file.put("posting_starts", narrowed(np.append(np.flatnonzero(new_word[posting_at]), len(posting_at))))
    file.put("posting_documents", narrowed(documents[posting_at]))
    for index, section in enumerate(SECTIONS):
        in_section = (section_of % len(SECTIONS) == index).astype(np.int64)
        counts = np.add.reduceat(in_section, posting_at) if len(posting_at) else in_section
        file.put(f"{section}_frequencies", narrowed(counts))


def _changes(values: Array) -> npt.NDArray[np.bool_]:
    """Return a boolean array: true where a value differs from the one before it, and at index 0."""
    changed = np.ones(len(values), bool)
    changed[1:] = values[1:] != values[:-1]
    return changed
