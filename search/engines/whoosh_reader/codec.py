"""Our segments as Whoosh's own readers see them: a codec of arrays in place of its third format.

The product's read path takes the arrays themselves (search/engines/embedded). Through this door Whoosh's searchers,
queries and matchers work on the same files, posting by posting; the tests use it as a second opinion. Writing goes
through `EmbeddedWriter` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from whoosh.codec import base
from whoosh.columns import ColumnReader
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Format
from whoosh.index import FileIndex
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo

from index.engines.embedded.arrays import Array
from index.engines.embedded.generation import Generation, open_newest
from index.engines.embedded.segment import FIELD_CODES, SECTIONS
from index.manifest import read_current_manifest
from index.schema import FacetField
from search.engines.whoosh_reader.schema import (
    DAY_COLUMN,
    ID_FIELD,
    TERM_FIELDS,
    TIMESTAMP_COLUMN,
    encode_positions,
    whoosh_schema,
)

# ruff: noqa: ANN401, D102 - the signatures and their meaning are Whoosh's, whose classes are untyped


class ColumnarIndex(FileIndex):  # type: ignore[misc]
    """One generation of an index for Whoosh's own readers and searchers, which may read it but not write it."""

    def __init__(self, folder: Path) -> None:
        """Open the newest generation of the index in `folder`.

        Raises:
            IndexMissingError, IndexDamagedError, IndexMismatchError: it cannot be read.
        """
        directory = read_current_manifest(folder).directory
        self._generation = open_newest(folder, directory)
        self.storage = FileStorage(str(folder / directory), readonly=True)
        self.indexname = "MAIN"
        self._schema = whoosh_schema()

    def latest_generation(self) -> int:
        return self._generation.commit_point.number

    def writer(self, procs: int = 1, **_: Any) -> NoReturn:
        raise NotImplementedError(f"no Whoosh writer ({procs} processes) can write this index; use EmbeddedWriter")

    def _read_toc(self) -> _Toc:
        return _Toc(self._generation, self._schema)


class _Toc:
    """What Whoosh asks of a table of contents; its own is a pickle, and ours is not."""

    def __init__(self, generation: Generation, schema: Schema) -> None:
        self.schema = schema
        self.generation = generation.commit_point.number
        self.segments = [ColumnarSegment(generation, place) for place in range(len(generation.segments))]


class ColumnarSegment(base.Segment):  # type: ignore[misc]
    """One segment of a generation."""

    def __init__(self, generation: Generation, place: int) -> None:
        super().__init__("MAIN")
        self.generation = generation
        self.data = generation.segments[place]
        self.live = generation.live[place]
        self.segid = generation.commit_point.segments[place].name.removeprefix("MAIN_")

    def codec(self) -> ColumnarCodec:
        return ColumnarCodec()

    def doc_count_all(self) -> int:
        return self.data.documents

    def deleted_count(self) -> int:
        return int(len(self.live) - np.count_nonzero(self.live))

    def deleted_docs(self) -> set[int]:
        return set(np.flatnonzero(~self.live).tolist())

    def is_deleted(self, docnum: int) -> bool:
        return not self.live[docnum]


class ColumnarCodec(base.Codec):  # type: ignore[misc]
    """Reads segments of arrays."""

    def terms_reader(self, _: FileStorage, segment: ColumnarSegment) -> ColumnarTerms:
        return ColumnarTerms(segment)

    def per_document_reader(self, _: FileStorage, segment: ColumnarSegment) -> ColumnarDocuments:
        return ColumnarDocuments(segment)


class ColumnarTerms(base.TermsReader):  # type: ignore[misc]
    """The terms of a segment: those of all words that occur in it, whichever segment added them."""

    def __init__(self, segment: ColumnarSegment) -> None:
        self._generation = segment.generation
        self._segment = segment.data

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return len(self._postings(*term)[0]) > 0

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in sorted(TERM_FIELDS):
            yield from self.terms_from(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        code = FIELD_CODES[TERM_FIELDS[fieldname][1]]
        keys = {key for part in self._generation.segments for key in part.terms.all() if key.startswith(code)}
        for key in sorted(keys):
            if key[1:] >= prefix and (fieldname, key[1:]) in self:
                yield fieldname, key[1:]

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for term in self.terms():
            yield term, self.term_info(*term)

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for term in self.terms_from(fieldname, prefix):
            yield term, self.term_info(*term)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        documents, weights, _ = self._postings(fieldname, text)
        if not len(documents):
            raise KeyError((fieldname, text))
        lengths = self._segment.lengths[TERM_FIELDS[fieldname][0]][documents]
        return TermInfo(
            weight=float(weights.sum()),
            df=len(documents),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(weights.max()),
            minid=int(documents[0]),
            maxid=int(documents[-1]),
        )

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> ListMatcher:
        documents, weights, positions = self._postings(fieldname, text)
        return ListMatcher(
            documents.tolist(),
            weights.tolist(),
            positions,
            format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text),
        )

    def indexed_field_names(self) -> list[str]:
        return sorted(TERM_FIELDS)

    def _postings(self, fieldname: str, text: bytes) -> tuple[Array, Array, list[bytes]]:
        """Return documents, weights and encoded positions of a term in one section."""
        section, field = TERM_FIELDS[fieldname]
        segment = self._segment
        words, shares = self._generation.words_of(FIELD_CODES[field] + text)
        found: dict[int, tuple[float, list[int]]] = {}
        for word, share in zip(words.tolist(), shares.tolist(), strict=True):
            for place in segment.places(np.array([word])).tolist():
                begin, end = segment.occurrence_starts[place : place + 2].tolist()
                for address in segment.occurrences[begin:end].tolist():
                    which = int(np.searchsorted(segment.section_starts, address, side="right")) - 1
                    if SECTIONS[which % len(SECTIONS)] is section:
                        weight, positions = found.setdefault(which // len(SECTIONS), (0.0, []))
                        positions.append(address - int(segment.section_starts[which]))
                        found[which // len(SECTIONS)] = (weight + share, positions)
        documents = sorted(found)
        weights = np.array([found[document][0] for document in documents])
        return np.array(documents, np.int64), weights, [encode_positions(sorted(found[d][1])) for d in documents]


class ColumnarDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """What a segment knows of its documents besides their terms."""

    def __init__(self, segment: ColumnarSegment) -> None:
        self._whoosh = segment
        self._segment = segment.data

    def doc_count(self) -> int:
        return int(self._whoosh.doc_count())

    def doc_count_all(self) -> int:
        return self._segment.documents

    def has_deletions(self) -> bool:
        return bool(self._whoosh.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return self._whoosh.is_deleted(docnum)

    def deleted_docs(self) -> set[int]:
        return self._whoosh.deleted_docs()

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in (DAY_COLUMN, TIMESTAMP_COLUMN, *FacetField)

    def column_reader(self, fieldname: str, _: Any) -> ColumnReader:
        return _Column(self._values[fieldname])

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        if fieldname not in TERM_FIELDS:
            return default
        return int(self._segment.lengths[TERM_FIELDS[fieldname][0]][docnum])

    def field_length(self, fieldname: str) -> int:
        return int(self._lengths(fieldname).sum())

    def min_field_length(self, fieldname: str) -> int:
        return int(self._lengths(fieldname).min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        return int(self._lengths(fieldname).max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, str]:
        return {ID_FIELD: self._segment.document_id(docnum)}

    def _lengths(self, fieldname: str) -> Array:
        return self._segment.lengths[TERM_FIELDS[fieldname][0]]

    @cached_property
    def _values(self) -> dict[str, list[Any]]:
        values: dict[str, list[Any]] = {
            DAY_COLUMN: self._segment.days.tolist(),
            TIMESTAMP_COLUMN: self._segment.timestamps.tolist(),
        }
        for field in FacetField:
            labels, starts, ordinals = self._segment.facet(field)
            names = [labels[ordinal].encode() for ordinal in ordinals.tolist()]
            bounds = range(len(names) + 1) if starts is None else starts.tolist()
            values[field] = [b"\x1f".join(names[begin:end]) for begin, end in pairwise(bounds)]
        return values


class _Column(ColumnReader):  # type: ignore[misc]
    """The values of a column, one a document."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        return self._values[docnum]
