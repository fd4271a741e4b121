"""Whoosh's terms reader: existence, statistics and postings of terms, and cursors over sorted terms."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from whoosh.codec import base
from whoosh.fields import FieldType
from whoosh.formats import Format
from whoosh.reading import TermInfo, TermNotFound

from search.engines.whoosh_reader.matching import ArrayMatcher, Postings
from search.engines.whoosh_reader.schema import TOKEN_FIELDS
from search.engines.whoosh_reader.view import View

# ruff: noqa: ANN401, D102 - the signatures and their meaning are Whoosh's, whose classes are untyped


class FieldTerms(Protocol):
    """The terms of one field, as bytes."""

    def __contains__(self, text: bytes, /) -> bool:
        """Return whether a document has the term."""

    def frequency(self, text: bytes, /) -> float:
        """Return the total weight of a term in all documents; 0 if there is no such term."""

    def postings(self, text: bytes, /) -> Postings:
        """Return the postings of a term; empty if there is no such term."""

    def from_(self, text: bytes, /) -> Iterator[bytes]:
        """Yield the terms from the lower bound `text` on, ascending."""

    def seeker(self) -> Callable[[bytes], bytes | None]:
        """Return a function from a text to the first term not below it, or None; its arguments must ascend."""


class _Term(NamedTuple):
    """Cached postings and statistics of a term, which a query needs several times."""

    postings: Postings
    info: TermInfo

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.postings.documents.nbytes + self.postings.weights.nbytes


class ArticleTerms(base.TermsReader):  # type: ignore[misc]  # Whoosh's classes are untyped
    """The terms of all fields of a view."""

    def __init__(self, view: View, fields: Mapping[str, FieldTerms]) -> None:
        """Read the terms of `fields`, by name."""
        self._view = view
        self._fields = dict(sorted(fields.items()))

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        fieldname, text = term
        return fieldname in self._fields and text in self._fields[fieldname]

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in self._fields:
            yield from ((name, text) for text in self._fields[name].from_(b""))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name, terms in self._fields.items():
            if name >= fieldname:
                yield from ((name, text) for text in terms.from_(prefix if name == fieldname else b""))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        # a copy: Whoosh's composite readers modify the numbers in the result
        return copy.copy(self._term(fieldname, text).info)

    def frequency(self, fieldname: str, text: bytes) -> float:
        return self._fields[fieldname].frequency(text)

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return len(self._term(fieldname, text).postings.documents)

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> ArrayMatcher:
        try:
            postings, info = self._term(fieldname, text)
        except KeyError:
            raise TermNotFound(f"{fieldname}:{text!r}") from None
        return ArrayMatcher(
            postings.documents.tolist(),
            postings.weights.tolist(),
            postings.occurrences,
            format_,
            scorer=scorer,
            term=(fieldname, text),
            info=info,
        )

    def cursor(self, fieldname: str, fieldobj: FieldType) -> TermCursor:
        return TermCursor(self._fields[fieldname], fieldobj)

    def indexed_field_names(self) -> list[str]:
        return list(self._fields)

    def _term(self, fieldname: str, text: bytes) -> _Term:
        """Return postings and statistics of a term.

        Raises:
            KeyError: no document has it.
        """
        return self._view.snapshot.cache.get(("term", fieldname, text), _Term, lambda: self._read(fieldname, text))

    def _read(self, fieldname: str, text: bytes) -> _Term:
        postings = self._fields[fieldname].postings(text)
        documents, weights, _ = postings
        if not len(documents):
            raise KeyError((fieldname, text))
        lengths = np.ones(1, np.int64)
        if fieldname in TOKEN_FIELDS:
            lengths = self._view.lengths(TOKEN_FIELDS[fieldname][0])[documents]
        info = TermInfo(
            weight=float(weights.sum()),
            df=len(documents),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(weights.max()),
            minid=int(documents[0]),
            maxid=int(documents[-1]),
        )
        return _Term(postings, info)


class TermCursor(base.FieldCursor):  # type: ignore[misc]  # Whoosh's classes are untyped
    """A cursor over the sorted terms of a field, for automata that skip from term to term."""

    def __init__(self, terms: FieldTerms, fieldobj: FieldType) -> None:
        self._terms = terms
        self._field = fieldobj
        self.first()

    def first(self) -> str | None:
        self._seek = self._terms.seeker()
        self._bytes = self._seek(b"")
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        """Move to the first term not below `string` and return it."""
        target = self._field.to_bytes(string)
        if self._bytes is None or target < self._bytes:
            self._seek = self._terms.seeker()
        self._bytes = self._seek(target)
        return self.text()

    def next(self) -> str | None:
        if self._bytes is not None:
            self._bytes = self._seek(self._bytes + b"\0")
        return self.text()

    def text(self) -> str | None:
        return None if self._bytes is None else self._field.from_bytes(self._bytes)

    def is_valid(self) -> bool:
        return self._bytes is not None
