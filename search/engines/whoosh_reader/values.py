"""The terms and columns of fields that are no text: ids, labels of facets, dates. They are made of columns."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.columns import ColumnReader

from index.engines.embedded.arrays import Array
from index.engines.embedded.segment import NO_TIMESTAMP
from index.schema import FacetField
from search.engines.embedded.snapshot import Numbers
from search.engines.whoosh_reader.matching import Postings
from search.engines.whoosh_reader.schema import UNKNOWN_TIMESTAMP
from search.engines.whoosh_reader.view import View

# ruff: noqa: ANN401 - what columns hold is Whoosh's, whose classes are untyped

_SECOND, _DAY = 1_000_000, 86_400_000_000
"""In microseconds, which Whoosh counts timestamps in."""
_EPOCH = 62_135_596_800 * _SECOND
"""The beginning of 1970, from the beginning of the year 1 on."""


class ValueTerms:
    """Terms of which a document has one or a few."""

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the terms that are not below `text`, ascending."""
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
        """Return in how many documents a term stands: one or none."""
        return float(text in self)

    def postings(self, text: bytes) -> Postings:
        """Return the one document of an id."""
        found = self._find(text)
        return _unweighted(np.array([] if found is None else [found], np.int64))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the ids that are not below `text`, ascending."""
        ids = sorted(
            known for segment in self._view.generation.segments for known in segment.ids.all() if known >= text
        )
        yield from (known for known, _ in itertools.groupby(ids) if known in self)

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
        """Return in how many documents a value stands."""
        return float(len(self._documents(text)))

    def postings(self, text: bytes) -> Postings:
        """Return the documents of a value."""
        return _unweighted(self._documents(text))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the values that are not below `text` and that a document has, ascending."""
        yield from (label for label in sorted(self._ordinals) if label >= text and label in self)

    def column(self) -> LabelColumn:
        """Return the value of each document, of a facet that has one of each."""
        return LabelColumn(list(self._ordinals), self._view.kept(self._view.snapshot.facets[self._field].ordinals))

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
        """Values by their ordinals, ascending, and the document that has each; those of one value ascend."""
        column = self._view.snapshot.facets[self._field]
        documents = np.arange(self._view.snapshot.size)
        if column.starts is not None:
            documents = np.repeat(documents, np.diff(column.starts))
        alive = self._view.alive(documents)
        ordinals, documents = column.ordinals[alive], self._view.numbered(documents[alive])
        order = np.argsort(ordinals, kind="stable")
        return ordinals[order], documents[order]


class MomentTerms(ValueTerms):
    """Dates as Whoosh's numeric fields have them: a term for the timestamp, and one for each coarser step above it.

    A term is the number of bits that were cut off, and the rest of the timestamp, to which 2**63 was added as Whoosh
    does with signed numbers. The documents of each term lie side by side in the order of timestamps: nothing has to be
    indexed.
    """

    _BITS, _STEP = 64, 8
    _PACKED = struct.Struct(">BQ")

    def __init__(self, read: Callable[[], npt.NDArray[np.int64]]) -> None:
        """Take what reads the timestamp of each document, in microseconds from the beginning of the year 1 on."""
        self._read = read
        self._distinct: dict[int, npt.NDArray[np.uint64]] = {}

    def __contains__(self, text: bytes) -> bool:
        begin, end = self._range(text)
        return begin < end

    def frequency(self, text: bytes) -> float:
        """Return in how many documents a term stands."""
        begin, end = self._range(text)
        return float(end - begin)

    def postings(self, text: bytes) -> Postings:
        """Return the documents of a term."""
        begin, end = self._range(text)
        return _unweighted(np.sort(self._order[begin:end]))

    def from_(self, text: bytes) -> Iterator[bytes]:
        """Yield the terms that are not below `text`, ascending."""
        first, least = self._PACKED.unpack(text[: self._PACKED.size].ljust(self._PACKED.size, b"\0"))
        for shift in range(0, self._BITS, self._STEP):
            if shift >= first:
                values = self._values(shift)
                begin = int(np.searchsorted(values, np.uint64(least))) if shift == first else 0
                terms = (self._PACKED.pack(shift, value) for value in values[begin:].tolist())
                # the first is below a text that goes on where it ends
                yield from (term for term in terms if term >= text)

    def column(self) -> MomentColumn:
        """Return the timestamp of each document."""
        return MomentColumn(self._timestamps)

    def _range(self, text: bytes) -> tuple[int, int]:
        """Return the first place in `_order` of the documents of a term, and the place behind the last."""
        if len(text) != self._PACKED.size:
            return 0, 0
        shift, value = self._PACKED.unpack(text)
        low, high = value << shift, ((value + 1) << shift) - 1
        if high >= 1 << self._BITS:
            return 0, 0
        begin = np.searchsorted(self._sorted, np.uint64(low))
        return int(begin), int(np.searchsorted(self._sorted, np.uint64(high), side="right"))

    def _values(self, shift: int) -> npt.NDArray[np.uint64]:
        """Return what is left of the timestamps without their last bits, ascending and each once."""
        if shift not in self._distinct:
            self._distinct[shift] = np.unique(self._sorted >> np.uint64(shift))
        return self._distinct[shift]

    @cached_property
    def _timestamps(self) -> npt.NDArray[np.int64]:
        return self._read()

    @cached_property
    def _order(self) -> Numbers:
        """The documents whose timestamp is known, by their timestamps."""
        known = np.flatnonzero(self._timestamps != UNKNOWN_TIMESTAMP)
        return known[np.argsort(self._timestamps[known], kind="stable")]

    @cached_property
    def _sorted(self) -> npt.NDArray[np.uint64]:
        """The timestamps of `_order`, 2**63 added."""
        return self._timestamps[self._order].astype(np.uint64) + np.uint64(1 << (self._BITS - 1))


def moments_of(view: View) -> npt.NDArray[np.int64]:
    """Return the timestamp of publication of each document in UTC, as `MomentTerms` takes it."""
    timestamps = view.kept(view.snapshot.timestamps)
    return np.where(timestamps == NO_TIMESTAMP, UNKNOWN_TIMESTAMP, timestamps * _SECOND + _EPOCH)


def days_of(view: View) -> npt.NDArray[np.int64]:
    """Return the beginning of the day of publication of each document, as `MomentTerms` takes it."""
    days = view.kept(view.snapshot.days).astype(np.int64)
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


class MomentColumn(ColumnReader):  # type: ignore[misc]
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
        """Return what documents are sorted by."""
        timestamp = self[docnum]
        return -timestamp if self._reverse and timestamp != UNKNOWN_TIMESTAMP else timestamp

    def set_reverse(self) -> None:
        """Sort the newest first."""
        self._reverse = True


def _unweighted(documents: Numbers) -> Postings:
    return Postings(documents, np.ones(len(documents)))
