"""How our fields look to Whoosh: one field a section and token field, and columns for what is not text."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence

from whoosh import columns, fields, formats

from index.schema import FacetField, Section, TokenField

ID_FIELD = "id"
DAY_COLUMN = "day"
"""Proleptic ordinal of the day of publication (`date.toordinal`); 0 is unknown."""
TIMESTAMP_COLUMN = "moment"
"""Seconds since 1970 of the moment of publication."""


def term_field(section: Section, field: TokenField) -> str:
    """Return Whoosh's name for a token field of a section."""
    return f"{section}_{field}"


TERM_FIELDS = {term_field(section, field): (section, field) for section in Section for field in TokenField}
"""Section and token field by Whoosh's name."""


class PositionsFormat(formats.Format):  # type: ignore[misc]  # Whoosh's classes are untyped
    """The positions of a term in a document, as 32-bit numbers in ascending order."""

    def decode_positions(self, value: bytes) -> list[int]:
        """Return the positions."""
        positions = array("I", value)
        if sys.byteorder == "big":
            positions.byteswap()
        return positions.tolist()

    def decode_frequency(self, value: bytes) -> int:
        """Return how often the term occurs."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """Return the frequency as a weight; the true weight stands in the posting itself."""
        return len(value) / 4


class TokenFieldType(fields.FieldType):  # type: ignore[misc]  # Whoosh's classes are untyped
    """A field of terms as our analyzer gives them: Whoosh analyzes nothing."""

    def __init__(self) -> None:
        super().__init__(format=PositionsFormat(), analyzer=None, scorable=True, stored=False)


def whoosh_schema() -> fields.Schema:
    """Return the schema of every embedded index."""
    schema = fields.Schema()
    schema.add(ID_FIELD, fields.STORED())
    for name in TERM_FIELDS:
        schema.add(name, TokenFieldType())
    for facet in FacetField:
        schema.add(facet.value, fields.COLUMN(columns.RefBytesColumn()))
    schema.add(DAY_COLUMN, fields.COLUMN(columns.NumericColumn("i")))
    schema.add(TIMESTAMP_COLUMN, fields.COLUMN(columns.NumericColumn("q")))
    return schema


def encode_positions(positions: Sequence[int]) -> bytes:
    """Return positions as `PositionsFormat` reads them."""
    packed = array("I", positions)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
