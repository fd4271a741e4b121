"""One generation of an embedded index as searches read it: its columns, numbered by document over all segments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.document import TokenOffsets
from index.engines.embedded.checked import Array
from index.engines.embedded.generation import Generation
from index.engines.embedded.segment import SECTIONS
from index.schema import FacetField, Section
from search.engines.cache import Cache
from search.ranking import last_day, recency, section_norms
from search.ranking_stages import ranks_of

Numbers = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class FacetColumn(NamedTuple):
    """The values of a facet in all documents; for the first three see `index.engines.embedded.segment.FacetColumn`."""

    labels: tuple[str, ...]
    starts: Numbers | None
    ordinals: Array
    ranks: Numbers
    """Rank of each label in the order of code points, shape (labels,)."""


class Snapshot:
    """The documents of a generation, numbered from 0 over all segments. Safe to share among threads.

    All columns have one element for each document, deleted ones included: shape (`size`,).
    """

    def __init__(self, generation: Generation, cache: Cache) -> None:
        self.generation = generation
        self.cache = cache
        """Results that are valid for this generation only."""
        segments = generation.segments
        self.size = generation.size
        """Number of documents, deleted ones included."""
        self.documents = generation.commit_point.documents
        """Number of documents that are not deleted."""
        self.live: Mask | None = None
        """Which documents are not deleted; None if no document is deleted."""
        if self.documents < self.size:
            self.live = np.concatenate(generation.live)
        self.days = _joined([segment.days for segment in segments], np.int32)
        """Ordinal of the day of publication (`date.toordinal`); 0 if unknown."""
        self.timestamps = _joined([segment.timestamps for segment in segments], np.int64)
        """Time of publication in seconds since 1970 (int64); `days` says whether it is known."""

    @cached_property
    def norms(self) -> dict[Section, Weights]:
        """Norm of each section of each document (float64): see `search.ranking.section_norms`."""
        norms = {}
        for section in SECTIONS:
            lengths = _joined([segment.lengths[section] for segment in self.generation.segments], np.uint8)
            counted = lengths[lengths > 0] if self.live is None else lengths[(lengths > 0) & self.live]
            average = float(counted.mean()) if len(counted) else 0.0
            norms[section] = section_norms(section, lengths, average)
        return norms

    @cached_property
    def recency(self) -> Weights:
        """Share of its score that each document gains by its recency (float64): see `search.ranking.recency`."""
        past = (self.days <= last_day().toordinal()) & self.all_live
        return recency(self.days, int(self.days.max(initial=0, where=past)))

    @cached_property
    def all_live(self) -> Mask:
        """Which documents are not deleted."""
        return np.ones(self.size, bool) if self.live is None else self.live

    @cached_property
    def facets(self) -> dict[FacetField, FacetColumn]:
        """The columns of all facets."""
        return {field: self._facet(field) for field in FacetField}

    @cached_property
    def id_ranks(self) -> Numbers:
        """Rank of each document's id in the order of ids (int64); only needed for thousands of ties."""
        return ranks_of([document_id for segment in self.generation.segments for document_id in segment.ids.all()])

    def document_id(self, document: int) -> str:
        """Return the id of a document."""
        segment, number = self.generation.locate(document)
        return segment.document_id(number)

    def tokens(self, documents: Sequence[int], most: int | None = None) -> tuple[Array, Numbers]:
        """Return the tokens of documents: see `search.ranking_stages.Candidates.tokens`."""
        generation = self.generation
        segments = np.searchsorted(generation.bases, documents, side="right") - 1
        numbers = np.asarray(documents) - np.asarray(generation.bases)[segments]
        ranges = np.empty((len(numbers), 3), np.int64)
        for number in np.unique(segments):
            rows = segments == number
            first = len(SECTIONS) * numbers[rows]
            ranges[rows] = generation.segments[number].section_starts[first[:, None] + np.arange(3)]
        begins, middles, ends = ranges.T
        if most is not None:
            ends = np.minimum(ends, middles + most)
        rows = zip(segments.tolist(), begins.tolist(), ends.tolist(), strict=True)
        tokens = np.concatenate([generation.segments[number].tokens[begin:end] for number, begin, end in rows])
        lengths = np.stack([middles - begins, ends - middles], axis=1)
        return tokens, np.concatenate([[0], np.cumsum(lengths)])

    def offsets(self, document: int) -> dict[Section, TokenOffsets]:
        """Return the offsets of a document's tokens in its title and body, in code points."""
        segment, number = self.generation.locate(document)
        begin, middle, end = segment.section_starts[2 * number : 2 * number + 3].tolist()
        starts = segment.token_starts[begin:end]
        ends = starts + segment.token_lengths[begin:end]
        title = middle - begin
        return {
            Section.TITLE: TokenOffsets(starts[:title], ends[:title]),
            Section.BODY: TokenOffsets(starts[title:], ends[title:]),
        }

    def _facet(self, field: FacetField) -> FacetColumn:
        """Return the column of a facet over all segments; labels of several segments are merged."""
        ordinal_of: dict[str, int] = {}
        ordinals, counts = [], []
        columns = [segment.facet(field) for segment in self.generation.segments]
        single = all(column.starts is None for column in columns)
        for column in columns:
            merged = np.array([ordinal_of.setdefault(label, len(ordinal_of)) for label in column.labels], np.int64)
            same = len(columns) == 1 or np.array_equal(merged, np.arange(len(merged)))
            ordinals.append(column.ordinals if same else merged[column.ordinals])
            if not single:
                counts.append(
                    np.ones(len(column.ordinals), np.int64) if column.starts is None else np.diff(column.starts)
                )
        labels = tuple(ordinal_of)
        starts = None if single else np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
        return FacetColumn(labels, starts, _joined(ordinals, np.uint8), ranks_of(labels))


def _joined(parts: list[Array], kind: npt.DTypeLike) -> Array:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, kind)
