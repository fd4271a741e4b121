"""One committed moment of an embedded index as arrays: columns, and postings as they are asked for."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.reading import IndexReader

from index.document import TokenOffsets
from index.engines.whoosh.codec import term_block
from index.engines.whoosh.schema import (
    DAY_COLUMN,
    ID_FIELD,
    MOMENT_COLUMN,
    VALUE_SEPARATOR,
    decode_offsets,
    length_column,
    offsets_column,
    term_field,
    whoosh_schema,
)
from index.engines.whoosh.storage import DurableStorage
from index.manifest import Manifest
from index.schema import FacetField, Section, TokenField

CACHE_BYTES = 256 * 1024 * 1024
"""Upper bound of the decoded postings that a snapshot keeps."""

Numbers = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True)
class Postings:
    """Where one term stands. Documents ascend; deleted ones are left out."""

    documents: Numbers
    weights: Weights
    """Sum of the reading weights of the term in each document."""
    bounds: Numbers
    """Positions of document `i` are `positions[bounds[i]:bounds[i + 1]]`."""
    positions: Numbers

    @property
    def size(self) -> int:
        """Bytes of memory, the cache's own entry included, so that terms which no article has are bounded too."""
        arrays = (self.documents, self.weights, self.bounds, self.positions)
        return 500 + sum(array.nbytes for array in arrays)

    def in_document(self, document: int) -> Numbers:
        """Return the positions in a document; empty when the term is not in it."""
        place = int(np.searchsorted(self.documents, document))
        if place == len(self.documents) or self.documents[place] != document:
            return self.positions[:0]
        return self.positions[self.bounds[place] : self.bounds[place + 1]]


@dataclasses.dataclass(frozen=True, slots=True)
class FacetColumn:
    """The values of one facet: value `ordinals[i]` (an index into `labels`) belongs to document `documents[i]`."""

    labels: tuple[str, ...]
    documents: Numbers
    ordinals: Numbers


NO_POSTINGS = Postings(np.empty(0, np.int64), np.empty(0, np.float64), np.zeros(1, np.int64), np.empty(0, np.int64))


class Snapshot:
    """An open reader over one generation. Safe to share among threads."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open the generation that `manifest` describes."""
        self.manifest = manifest
        self._storage = DurableStorage(folder / manifest.directory)
        self._reader: IndexReader = self._storage.open_index(schema=whoosh_schema()).reader()
        self._lock = threading.RLock()
        self._cache: OrderedDict[tuple[Section, TokenField, str], Postings] = OrderedDict()
        self._cached_bytes = 0
        self.size = int(self._reader.doc_count_all())
        self.live = np.zeros(self.size, bool)
        self.live[np.fromiter(self._reader.all_doc_ids(), np.int64)] = True
        self.ids = [self._reader.stored_fields(number)[ID_FIELD] for number in range(self.size)]
        self.numbers = {self.ids[number]: int(number) for number in np.flatnonzero(self.live)}
        self.days = self._numeric(DAY_COLUMN)
        self.moments = self._numeric(MOMENT_COLUMN)
        self.lengths = {section: self._numeric(length_column(section)).astype(np.float64) for section in Section}
        self.average_lengths = {
            section: float(lengths[self.live].mean()) if self.live.any() else 0.0
            for section, lengths in self.lengths.items()
        }
        self.facets = {facet: self._facet(facet) for facet in FacetField}
        self._offsets = {section: self._column(offsets_column(section)) for section in Section}

    @cached_property
    def id_ranks(self) -> Numbers:
        """Rank of each document's id in the order of ids: breaks ties."""
        ranks = np.empty(self.size, np.int64)
        ranks[np.array(sorted(range(self.size), key=self.ids.__getitem__), np.int64)] = np.arange(self.size)
        return ranks

    def postings(self, section: Section, field: TokenField, term: str) -> Postings:
        """Return the postings of a term; empty when no article has it."""
        key = (section, field, term)
        with self._lock:
            known = self._cache.get(key)
            if known is not None:
                self._cache.move_to_end(key)
                return known
            postings = self._read(term_field(section, field), term)
            self._cache[key] = postings
            self._cached_bytes += postings.size
            while self._cached_bytes > CACHE_BYTES and len(self._cache) > 1:
                self._cached_bytes -= self._cache.popitem(last=False)[1].size
            return postings

    def offsets(self, document: int) -> dict[Section, TokenOffsets]:
        """Return where the tokens of a document lie in its texts."""
        with self._lock:
            return {section: decode_offsets(reader[document]) for section, reader in self._offsets.items()}

    def close(self) -> None:
        """Release the files."""
        self._reader.close()
        self._storage.close()

    def _read(self, field: str, term: str) -> Postings:
        if not self.size:
            return NO_POSTINGS
        parts = []
        for segment, base in self._reader.leaf_readers():
            block = term_block(segment, field, term)
            if block is not None:
                parts.append((block.documents + base, block.counts, block.weights, block.positions))
        if not parts:
            return NO_POSTINGS
        documents, counts, weights, positions = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        live = self.live[documents]
        if not live.all():
            positions = positions[np.repeat(live, counts)]
            documents, counts, weights = documents[live], counts[live], weights[live]
        bounds = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=bounds[1:])
        return Postings(documents, weights, bounds, positions.astype(np.int64))

    def _column(self, name: str) -> Sequence[Any]:
        """Return a column, one value for each document (Whoosh has none to read in an index without segments)."""
        return self._reader.column_reader(name) if self.size else ()

    def _numeric(self, column: str) -> Numbers:
        reader = self._column(column)
        return np.fromiter((reader[number] for number in range(self.size)), np.int64, self.size)

    def _facet(self, facet: FacetField) -> FacetColumn:
        reader = self._column(facet.value)
        ordinals: dict[str, int] = {}
        pairs = [
            (number, ordinals.setdefault(value, len(ordinals)))
            for number in range(self.size)
            if self.live[number]
            for value in reader[number].decode("utf-8").split(VALUE_SEPARATOR)
            if value
        ]
        table = np.array(pairs, np.int64).reshape(-1, 2)
        return FacetColumn(tuple(ordinals), table[:, 0], table[:, 1])
