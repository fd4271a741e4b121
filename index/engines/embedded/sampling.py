"""Compares what an index says of some articles with a fresh analysis of their texts.

Checksums tell whether the bytes are those that were written. This tells whether what was written is right: a version
before 0.3.0 could merge a damaged segment into a new one, with new checksums.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np

from index.analysis.installed import load_analyzer
from index.archive.reader import Archive
from index.document import AnalyzedDocument
from index.engines.embedded.generation import Generation
from index.engines.embedded.segment import NO_TIMESTAMP, SECTIONS, Segment
from index.engines.embedded.vocabulary import Vocabulary
from index.jobs import analyze_document
from index.schema import FacetField

SAMPLE = 500
"""Articles that one run compares: one to three seconds. Each run draws others."""
_AT_ONCE = 50


def sample_problems(generation: Generation, archive: Archive) -> Iterator[str]:
    """Yield what is wrong with the index entries of a random sample of articles.

    Raises:
        IndexDamagedError: an article or an array is not what was written.
    """
    live = np.flatnonzero(np.concatenate([*generation.live, np.empty(0, bool)]))
    chosen = random.SystemRandom().sample(live.tolist(), min(SAMPLE, len(live)))
    comparison = _Comparison(generation)
    for begin in range(0, len(chosen), _AT_ONCE):
        places = [generation.locate(document) for document in sorted(chosen[begin : begin + _AT_ONCE])]
        ids = [segment.document_id(number) for segment, number in places]
        documents = archive.get_many(ids, at=generation.commit_point.change)
        for (segment, number), document_id in zip(places, ids, strict=True):
            if document_id not in documents:
                continue  # reported as missing
            analyzed = analyze_document(documents[document_id], load_analyzer(), comparison.zone)
            fault = comparison.fault(segment, number, analyzed)
            if fault:
                yield f"article {document_id} is indexed with {fault} than its text has"


class _Comparison:
    """The words of a generation, to compare articles with."""

    def __init__(self, generation: Generation) -> None:
        self.zone = ZoneInfo(generation.commit_point.zone)
        self._vocabulary = Vocabulary(generation.segments)

    def fault(self, segment: Segment, number: int, analyzed: AnalyzedDocument) -> str:
        """Return what differs between the entry of a document in a segment and its fresh analysis; empty if nothing."""
        if not self._same_values(segment, number, analyzed):
            return "another date, or other values of facets,"
        bounds = segment.section_starts[2 * number : 2 * number + 3].tolist()
        words, content = [], []
        for begin, end, section in zip(bounds, bounds[1:], SECTIONS, strict=False):
            text = analyzed.sections[section]
            numbers = np.frombuffer(self._vocabulary.numbers(text.words), np.uint32)
            starts, ends = (np.frombuffer(offsets, np.uint32) for offsets in (text.starts, text.ends))
            if not np.array_equal(segment.tokens[begin:end], numbers):
                return "other words"
            if not (
                np.array_equal(segment.token_starts[begin:end], starts)
                and np.array_equal(segment.token_lengths[begin:end], ends - starts)
            ):
                return "other positions of its words"
            words.append(numbers)
            content.append(np.array([not word.stop for word in text.words], bool))
            if int(segment.lengths[section][number]) != int(content[-1].sum()):
                return "another number of words"
        return "" if self._same_postings(segment, number, words, content) else "other postings"

    def _same_values(self, segment: Segment, number: int, analyzed: AnalyzedDocument) -> bool:
        document = analyzed.document
        timestamp = document.published_time(self.zone)
        day = analyzed.day.toordinal() if analyzed.day else 0
        seconds = int(timestamp.timestamp()) if timestamp else NO_TIMESTAMP
        if (int(segment.days[number]), int(segment.timestamps[number])) != (day, seconds):
            return False
        values = document.facet_values()
        for field in FacetField:
            labels, starts, ordinals = segment.facet(field)
            begin, end = (number, number + 1) if starts is None else starts[number : number + 2].tolist()
            if tuple(labels[ordinal] for ordinal in ordinals[begin:end].tolist()) != values[field]:
                return False
        return True

    @staticmethod
    def _same_postings(segment: Segment, number: int, words: list[np.ndarray], content: list[np.ndarray]) -> bool:
        first = int(segment.section_starts[2 * number])
        every = np.concatenate(words)
        kept = np.concatenate(content)
        section_of = np.repeat(np.arange(len(words)), [len(part) for part in words])
        for word in np.unique(every[kept]):
            rows = segment.present_indices(np.array([word], np.uint32))
            if not len(rows):
                return False
            row = int(rows[0])
            begin, end = segment.posting_starts[row : row + 2].tolist()
            places = np.flatnonzero(segment.posting_documents[begin:end] == number)
            if len(places) != 1:
                return False
            at = every == word
            for index, section in enumerate(SECTIONS):
                posting = begin + int(places[0])
                frequency = int(segment.frequencies[section][posting : posting + 1][0])
                if frequency != int((at & (section_of == index)).sum()):
                    return False
            begin, end = segment.occurrence_starts[row : row + 2].tolist()
            addresses = segment.occurrences[begin:end]
            of_document = addresses[(addresses >= first) & (addresses < first + len(every))]
            if not np.array_equal(of_document, first + np.flatnonzero(at)):
                return False
        return True
