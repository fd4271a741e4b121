"""The Whoosh schema of an index: the fields of an article.

| field | content |
|---|---|
| `id`, `title`, `text`, `url` | stored unchanged; `id` is also a term |
| `title_surface`, `body_lemma` … | one per section and token field: terms, positions, character offsets, vectors |
| `source`, `author`, `section` | the facets: stored, one term each, a column for sorting and grouping |
| `agency` | the same without a column, since an article may cite several |
| `published` | stored unchanged; the timestamp in UTC as a term and a column |
| `day` | the day of publication in the index's time zone |
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from whoosh import columns, fields, formats

from index.schema import PUBLISHED, FacetField, Section, TokenField
from search.engines.whoosh_reader.analyzer import TokenFieldAnalyzer

# ruff: noqa: ANN401 - the signatures are Whoosh's, whose classes are untyped

ID_FIELD, TITLE_FIELD, TEXT_FIELD, URL_FIELD = "id", "title", "text", "url"
TIME_FIELD, DAY_FIELD = PUBLISHED, "day"

UNKNOWN_TIMESTAMP = (1 << 63) - 1
"""The value of unknown dates in columns, which sorts last."""


def term_field(section: Section, field: TokenField) -> str:
    """Return Whoosh's name for a token field of a section."""
    return f"{section}_{field}"


TOKEN_FIELDS = {
    term_field(section, field): (section, field)
    for section in Section
    for field in TokenField
    if field is not TokenField.STOP
}
"""Section and token field by field name. Stop words have no postings, and are in no field of Whoosh."""

LABEL_FIELDS = {field.value: field for field in FacetField}
"""Facet by field name."""

SEVERAL_VALUES = frozenset({FacetField.AGENCY})
"""Facets with several values per article; they have no column."""


class OccurrencesFormat(formats.Characters):  # type: ignore[misc]  # Whoosh's classes are untyped
    """The occurrences of a term in a document: position, start and end offset of each, as `<u4`."""

    def encode(self, poslist: list[tuple[int, int, int]]) -> bytes:
        """Return occurrences as the value of a posting."""
        return np.array(poslist, "<u4").tobytes()

    def decode_characters(self, valuestring: bytes) -> list[tuple[int, int, int]]:
        """Return the occurrences in ascending order."""
        return [tuple(row) for row in np.frombuffer(valuestring, "<u4").reshape(-1, 3).tolist()]

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Return the positions in ascending order."""
        positions: list[int] = np.frombuffer(valuestring, "<u4")[::3].tolist()
        return positions

    def decode_frequency(self, valuestring: bytes) -> int:
        """Return the number of occurrences, independent of weights."""
        return len(valuestring) // 12

    def decode_weight(self, valuestring: bytes) -> float:
        """Return the frequency: the value contains no weights, the matcher has them."""
        return float(self.decode_frequency(valuestring))


class TokenFieldType(fields.FieldType):  # type: ignore[misc]
    """A token field: queries are analyzed like articles, and its text (title or body) is read from the archive."""

    def __init__(self, field: TokenField) -> None:
        super().__init__(
            format=OccurrencesFormat(),
            analyzer=TokenFieldAnalyzer(field),
            scorable=True,
            multitoken_query="or",
            sortable=columns.VarBytesColumn(),
            vector=True,
        )

    def process_text(self, qstring: str, mode: str = "", **kwargs: Any) -> Iterator[str]:
        """Return the terms of a word of a query in all readings, which a parser combines with `Or`."""
        return (token.text for token in self.analyzer(qstring, mode=mode, readings=True, **kwargs))

    def from_column_value(self, value: str) -> str:
        """Return the text of the section; the column contains it unchanged."""
        return value


class TimestampType(fields.DATETIME):  # type: ignore[misc]
    """A date field whose column may lack a value."""

    def from_column_value(self, x: int) -> datetime | None:
        """Return the timestamp as a naive datetime, as everywhere in Whoosh; None if it is unknown."""
        if x == UNKNOWN_TIMESTAMP:
            return None
        timestamp: datetime = super().from_column_value(x)
        return timestamp


def whoosh_schema() -> fields.Schema:
    """Return the schema of every index."""
    schema = fields.Schema()
    schema.add(ID_FIELD, fields.ID(stored=True, unique=True))
    for name in (TITLE_FIELD, TEXT_FIELD, URL_FIELD):
        schema.add(name, fields.STORED())
    for name, (_, field) in TOKEN_FIELDS.items():
        schema.add(name, TokenFieldType(field))
    for name, facet in LABEL_FIELDS.items():
        schema.add(name, fields.ID(stored=True, sortable=facet not in SEVERAL_VALUES))
    schema.add(TIME_FIELD, TimestampType(stored=True, sortable=True))
    schema.add(DAY_FIELD, TimestampType(sortable=True))
    return schema
