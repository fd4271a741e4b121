"""Whoosh's per-document reader: stored fields, lengths, columns, and the terms of one document (its vector)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.columns import ColumnReader
from whoosh.formats import Format

from index.engines.embedded.checked import Array
from index.schema import UNKNOWN_VALUE, Section
from search.engines.whoosh_reader.matching import ArrayMatcher
from search.engines.whoosh_reader.schema import (
    ID_FIELD,
    SEVERAL_VALUES,
    TEXT_FIELD,
    TIME_FIELD,
    TITLE_FIELD,
    TOKEN_FIELDS,
    URL_FIELD,
)
from search.engines.whoosh_reader.values import LabelTerms, TimestampTerms
from search.engines.whoosh_reader.vectors import read_vector
from search.engines.whoosh_reader.view import View

# ruff: noqa: ANN401, D102 - the signatures and their meaning are Whoosh's, whose classes are untyped

_NONE: Array = np.empty(0, np.uint8)
"""Lengths of a field without lengths."""


class ArticleDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of a view, without deleted ones."""

    def __init__(self, view: View, values: Mapping[str, LabelTerms | TimestampTerms]) -> None:
        """Read the documents of `view`; `values` are the fields with columns, by name."""
        self._view = view
        self._values = values

    def close(self) -> None:
        self._view.close()

    def doc_count(self) -> int:
        return self._view.documents

    def doc_count_all(self) -> int:
        return self._view.documents

    def has_deletions(self) -> bool:
        return False

    def is_deleted(self, docnum: int) -> bool:
        del docnum
        return False

    def deleted_docs(self) -> set[int]:
        return set()

    def all_doc_ids(self) -> Iterator[int]:
        return iter(range(self._view.documents))

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in TOKEN_FIELDS or fieldname in self._values

    def list_columns(self) -> list[str]:
        return [*TOKEN_FIELDS, *self._values]

    def column_reader(self, fieldname: str, column: Any) -> ColumnReader:
        del column
        if fieldname in TOKEN_FIELDS:
            section, _ = TOKEN_FIELDS[fieldname]
            return _TextColumn(self._view, section)
        return self._values[fieldname].column()

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._lengths.get(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        return int(self._lengths.get(fieldname, _NONE).sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        lengths = self._lengths.get(fieldname, _NONE)
        return int(lengths.min()) if len(lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        return int(self._lengths.get(fieldname, _NONE).max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        article = self._view.article(docnum)
        fields: dict[str, Any] = {
            ID_FIELD: article.id,
            TITLE_FIELD: article.title,
            TEXT_FIELD: article.text,
            URL_FIELD: article.url,
            TIME_FIELD: article.published,
        }
        for field, values in article.facet_values().items():
            if field in SEVERAL_VALUES:
                fields[field.value] = list(values)
            elif values != (UNKNOWN_VALUE,):
                (fields[field.value],) = values
        return {name: value for name, value in fields.items() if value is not None}

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        del docnum
        return fieldname in TOKEN_FIELDS

    def vector(self, docnum: int, fieldname: str, format_: Format) -> ArrayMatcher:
        vector = read_vector(self._view, docnum, *TOKEN_FIELDS[fieldname])
        return ArrayMatcher(vector.terms, vector.weights, vector.occurrences, format_)

    @cached_property
    def _lengths(self) -> dict[str, Array]:
        return {name: self._view.lengths(section) for name, (section, _) in TOKEN_FIELDS.items()}


class _TextColumn(ColumnReader):  # type: ignore[misc]  # Whoosh's classes are untyped
    """The text of a section of each document, read on demand: highlighters use it for token fields."""

    def __init__(self, view: View, section: Section) -> None:
        self._view = view
        self._section = section

    def __len__(self) -> int:
        return self._view.documents

    def __getitem__(self, docnum: int) -> str:
        article = self._view.article(docnum)
        return article.title if self._section is Section.TITLE else article.text

    def __iter__(self) -> Iterator[str]:
        return (self[docnum] for docnum in range(len(self)))
