"""The terms and columns of non-text fields: ids, facet labels and dates, derived from the columns of the index."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.columns import ColumnReader

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import NO_TIMESTAMP
from index.schema import FacetField
from search.engines.embedded.snapshot import Numbers
from search.engines.whoosh_reader.matching import Postings
from search.engines.whoosh_reader.schema import UNKNOWN_TIMESTAMP
from search.engines.whoosh_reader.view import View

# ruff: noqa: ANN401 - what columns hold is Whoosh's, whose classes are untyped

_SECOND, _DAY = 1_000_000, 86_400_000_000
"""In microseconds, the unit of Whoosh's timestamps."""
_EPOCH = 62_135_596_800 * _SECOND
"""The beginning of 1970, in microseconds since the beginning of the year 1."""


class ValueTerms:
    """Terms of a field with one or a few values per document."""

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the terms not below `text`, ascending."""
        raise NotImplementedError

    def seeker(self) -> Callable[[bytes], bytes | None]:
        """See `FieldTerms.seeker`."""
        return lambda text: next(self.from_(text), None)


class IdTerms(ValueTerms):
    """The ids of articles as terms."""

    def __init__(self, view: View) -> None:
        self._view = view

    def __contains__(self, text: bytes) -> bool:
        return self._find(text) is not None

    def frequency(self, text: bytes) -> float:
        """Return the number of documents with the id: 1 or 0."""
        return float(text in self)

    def postings(self, text: bytes) -> Postings:
        """Return the document of an id."""
        document = self._find(text)
        return _unweighted(np.array([] if document is None else [document], np.int64))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the ids not below `text`, ascending."""
        segments = self._view.generation.segments
        ids = sorted(document_id for segment in segments for document_id in segment.ids.all() if document_id >= text)
        yield from (document_id for document_id, _ in itertools.groupby(ids) if document_id in self)

    def _find(self, text: bytes) -> int | None:
        try:
            return self._view.find(text.decode())
        except UnicodeDecodeError:
            return None


class LabelTerms(ValueTerms):
    """The values of a facet as terms."""

    def __init__(self, view: View, field: FacetField) -> None:
        self._view = view
        self._field = field

    def __contains__(self, text: bytes) -> bool:
        return self.frequency(text) > 0

    def frequency(self, text: bytes) -> float:
        """Return the number of documents with the value."""
        return float(len(self._documents(text)))

    def postings(self, text: bytes) -> Postings:
        """Return the documents of a value."""
        return _unweighted(self._documents(text))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the values not below `text` that a document has, ascending."""
        yield from (label for label in sorted(self._ordinals) if label >= text and label in self)

    def column(self) -> LabelColumn:
        """Return the value of each document, for a facet with one value per document."""
        return LabelColumn(
            list(self._ordinals), self._view.live_values(self._view.snapshot.facets[self._field].ordinals)
        )

    def _documents(self, text: bytes) -> Numbers:
        ordinal = self._ordinals.get(text)
        if ordinal is None:
            return np.empty(0, np.int64)
        begin, end = np.searchsorted(self._sorted[0], [ordinal, ordinal + 1]).tolist()
        return self._sorted[1][begin:end]

    @cached_property
    def _ordinals(self) -> dict[bytes, int]:
        labels = self._view.snapshot.facets[self._field].labels
        return {label.encode("utf-8", "surrogatepass"): ordinal for ordinal, label in enumerate(labels)}

    @cached_property
    def _sorted(self) -> tuple[Array, Numbers]:
        """Ordinals of values, ascending, and the document of each (ascending within a value); of one shape."""
        column = self._view.snapshot.facets[self._field]
        documents = np.arange(self._view.snapshot.size)
        if column.starts is not None:
            documents = np.repeat(documents, np.diff(column.starts))
        alive = self._view.alive(documents)
        ordinals, documents = column.ordinals[alive], self._view.numbered(documents[alive])
        order = np.argsort(ordinals, kind="stable")
        return ordinals[order], documents[order]


class TimestampTerms(ValueTerms):
    """Dates as in Whoosh's numeric fields: one term for the timestamp, and one for each lower precision.

    A term consists of the number of bits shifted out, and the shifted timestamp, to which Whoosh adds 2**63 as to all
    signed numbers. The documents of each term are consecutive in the order of timestamps, so no postings are stored.
    """

    _BITS, _STEP = 64, 8
    _PACKED = struct.Struct(">BQ")

    def __init__(self, read: Callable[[], npt.NDArray[np.int64]]) -> None:
        """Set the function that reads the timestamp of each document, in microseconds since the beginning of year 1."""
        self._read = read
        self._distinct: dict[int, npt.NDArray[np.uint64]] = {}

    def __contains__(self, text: bytes) -> bool:
        begin, end = self._range(text)
        return begin < end

    def frequency(self, text: bytes) -> float:
        """Return the number of documents with the term."""
        begin, end = self._range(text)
        return float(end - begin)

    def postings(self, text: bytes) -> Postings:
        """Return the documents of a term."""
        begin, end = self._range(text)
        return _unweighted(np.sort(self._order[begin:end]))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the terms not below `text`, ascending."""
        first, least = self._PACKED.unpack(text[: self._PACKED.size].ljust(self._PACKED.size, b"\0"))
        for shift in range(0, self._BITS, self._STEP):
            if shift >= first:
                values = self._values(shift)
                begin = int(np.searchsorted(values, np.uint64(least))) if shift == first else 0
                terms = (self._PACKED.pack(shift, value) for value in values[begin:].tolist())
                # the first term is below `text` if it is a proper prefix of it
                yield from (term for term in terms if term >= text)

    def column(self) -> TimestampColumn:
        """Return the timestamp of each document."""
        return TimestampColumn(self._timestamps)

    def _range(self, text: bytes) -> tuple[int, int]:
        """Return start and end in `_order` of the documents of a term."""
        if len(text) != self._PACKED.size:
            return 0, 0
        shift, value = self._PACKED.unpack(text)
        low, high = value << shift, ((value + 1) << shift) - 1
        if high >= 1 << self._BITS:
            return 0, 0
        begin = np.searchsorted(self._sorted, np.uint64(low))
        return int(begin), int(np.searchsorted(self._sorted, np.uint64(high), side="right"))

    def _values(self, shift: int) -> npt.NDArray[np.uint64]:
        """Return the distinct timestamps shifted right by `shift` bits, ascending."""
        if shift not in self._distinct:
            self._distinct[shift] = np.unique(self._sorted >> np.uint64(shift))
        return self._distinct[shift]

    @cached_property
    def _timestamps(self) -> npt.NDArray[np.int64]:
        return self._read()

    @cached_property
    def _order(self) -> Numbers:
        """The documents with a known timestamp, sorted by timestamp."""
        dated = np.flatnonzero(self._timestamps != UNKNOWN_TIMESTAMP)
        return dated[np.argsort(self._timestamps[dated], kind="stable")]

    @cached_property
    def _sorted(self) -> npt.NDArray[np.uint64]:
        """The timestamps of `_order`, plus 2**63."""
        return self._timestamps[self._order].astype(np.uint64) + np.uint64(1 << (self._BITS - 1))


def times_of(view: View) -> npt.NDArray[np.int64]:
    """Return the timestamp of publication of each document in UTC, in the unit of `TimestampTerms`."""
    timestamps = view.live_values(view.snapshot.timestamps)
    return np.where(timestamps == NO_TIMESTAMP, UNKNOWN_TIMESTAMP, timestamps * _SECOND + _EPOCH)


def days_of(view: View) -> npt.NDArray[np.int64]:
    """Return the beginning of the day of publication of each document, in the unit of `TimestampTerms`."""
    days = view.live_values(view.snapshot.days).astype(np.int64)
    return np.where(days == 0, UNKNOWN_TIMESTAMP, (days - 1) * _DAY)


class LabelColumn(ColumnReader):  # type: ignore[misc]  # Whoosh's classes are untyped
    """One label for each document."""

    def __init__(self, labels: list[bytes], ordinals: Array) -> None:
        self._labels = labels
        self._ordinals = ordinals

    def __len__(self) -> int:
        return len(self._ordinals)

    def __getitem__(self, docnum: int) -> bytes:
        return self._labels[int(self._ordinals[docnum])]

    def __iter__(self) -> Iterator[bytes]:
        return (self._labels[ordinal] for ordinal in self._ordinals.tolist())


class TimestampColumn(ColumnReader):  # type: ignore[misc]
    """One timestamp for each document; unknown ones are sorted last in both directions."""

    def __init__(self, timestamps: npt.NDArray[np.int64]) -> None:
        self._timestamps = timestamps
        self._reverse = False

    def __len__(self) -> int:
        return len(self._timestamps)

    def __getitem__(self, docnum: int) -> int:
        return int(self._timestamps[docnum])

    def __iter__(self) -> Iterator[int]:
        timestamps: Iterator[int] = iter(self._timestamps.tolist())
        return timestamps

    def sort_key(self, docnum: int) -> Any:
        """Return the sort key of a document."""
        timestamp = self[docnum]
        return -timestamp if self._reverse and timestamp != UNKNOWN_TIMESTAMP else timestamp

    def set_reverse(self) -> None:
        """Sort the newest first."""
        self._reverse = True


def _unweighted(documents: Numbers) -> Postings:
    return Postings(documents, np.ones(len(documents)))
