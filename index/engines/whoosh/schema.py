"""How our fields lie in Whoosh: one field per section and token field, and columns for what is not text."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh import columns, fields, formats

from index.document import TokenOffsets
from index.schema import FacetField, Section, TokenField

ID_FIELD = "id"
DAY_COLUMN = "day"
"""Proleptic ordinal of the day of publication (`date.toordinal`); 0 is unknown."""
MOMENT_COLUMN = "moment"
"""Seconds since 1970 of the moment of publication, or of the day's beginning; `NO_MOMENT` is unknown."""
NO_MOMENT = -(1 << 62)
VALUE_SEPARATOR = "\x1f"
"""Stands between the values of a facet in its column; the readers of articles let no control character through."""

Postings = Mapping[str, tuple[float, Sequence[int]]]
"""Term → (sum of the weights of its readings, ascending positions), of one field of one document."""


def term_field(section: Section, field: TokenField) -> str:
    """Return Whoosh's name for a token field of a section."""
    return f"{section}_{field}"


def length_column(section: Section) -> str:
    """Return the name of the column with the number of tokens (without stop words) of a section."""
    return f"{section}_length"


def offsets_column(section: Section) -> str:
    """Return the name of the column with the token offsets of a section."""
    return f"{section}_offsets"


class PositionsFormat(formats.Format):  # type: ignore[misc]  # Whoosh's classes are untyped
    """The positions of a term in a document, as little-endian 32-bit numbers in ascending order."""

    def decode_positions(self, value: bytes) -> list[int]:
        """Return the positions."""
        return list(decode_positions(value))

    def decode_frequency(self, value: bytes) -> int:
        """Return how often the term occurs."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """Return the frequency as a weight; the true weight stands in the posting itself."""
        return len(value) / 4


class TokenFieldType(fields.FieldType):  # type: ignore[misc]  # Whoosh's classes are untyped
    """A field that takes terms with their weights and positions as they are: Whoosh analyzes nothing."""

    def __init__(self) -> None:
        super().__init__(format=PositionsFormat(), analyzer=None, scorable=False, stored=False)

    def index(self, value: Postings, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:  # noqa: ANN401
        """Yield what Whoosh's writer takes: term, frequency, weight, encoded positions."""
        for term, (weight, positions) in value.items():
            yield term.encode("utf-8"), len(positions), weight, encode_positions(positions)


def whoosh_schema() -> fields.Schema:
    """Return the schema of every embedded index."""
    schema = fields.Schema()
    schema.add(ID_FIELD, fields.ID(stored=True, unique=True))
    for section in Section:
        for field in TokenField:
            schema.add(term_field(section, field), TokenFieldType())
        schema.add(length_column(section), fields.COLUMN(columns.NumericColumn("i")))
        schema.add(offsets_column(section), fields.COLUMN(columns.VarBytesColumn()))
    for facet in FacetField:
        schema.add(facet.value, fields.COLUMN(columns.RefBytesColumn()))
    schema.add(DAY_COLUMN, fields.COLUMN(columns.NumericColumn("i")))
    schema.add(MOMENT_COLUMN, fields.COLUMN(columns.NumericColumn("q", default=NO_MOMENT)))
    return schema


def encode_positions(positions: Sequence[int]) -> bytes:
    """Return positions as little-endian 32-bit numbers."""
    packed = array("I", positions)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def decode_positions(value: bytes) -> npt.NDArray[np.int64]:
    """Return the positions in a value that `encode_positions` wrote (int64, ascending)."""
    return np.frombuffer(value, "<u4").astype(np.int64)


def encode_offsets(offsets: TokenOffsets) -> bytes:
    """Return token offsets as gaps and lengths: two bytes each where they fit, else four; the first byte tells."""
    starts = np.array(offsets.starts, np.int64)
    ends = np.array(offsets.ends, np.int64)
    gaps = np.diff(starts, prepend=0)
    pairs = np.concatenate([gaps, ends - starts])
    width = 2 if pairs.size == 0 or int(pairs.max()) < 1 << 16 else 4
    return bytes([width]) + pairs.astype(f"<u{width}").tobytes()


def decode_offsets(value: bytes) -> TokenOffsets:
    """Return the token offsets in a value that `encode_offsets` wrote."""
    pairs = np.frombuffer(value, f"<u{value[0]}", offset=1).astype(np.int64)
    half = pairs.size // 2
    starts = np.cumsum(pairs[:half])
    ends = starts + pairs[half:]
    return TokenOffsets(array("I", starts.tolist()), array("I", ends.tolist()))
