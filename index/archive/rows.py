"""Articles as rows, mappings by column name: the form in which the archive and the cluster store them."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from index.archive.migrations import FIRST_COLUMNS, Row, migrated, newest_columns
from index.document import HASHED_LATER, Basis, Document, Evidence, Span, hashed_part
from index.errors import IndexDamagedError
from index.schema import ARTICLE_FIELDS, IncompleteFieldError

COLUMNS = newest_columns()
"""The columns of an article in the newest version of `index.archive.migrations`."""

_LATER = {field.name: field.several for field in ARTICLE_FIELDS if field.name not in FIRST_COLUMNS}
"""The fields that were added after version 1: True for a tuple of texts, False for one text or None."""


def _check_columns() -> None:
    fields = {field.name for field in ARTICLE_FIELDS}
    for name in sorted(fields.difference(COLUMNS)):
        raise IncompleteFieldError(
            f'field "{name}" has no column; add new_column("{name}") to index/archive/migrations.py'
        )
    for name in sorted(set(COLUMNS) - fields):
        raise IncompleteFieldError(f'column "{name}" has no field; add its row to ARTICLE_FIELDS in index/schema.py')


_check_columns()

_Value = TypeVar("_Value")


class RowDamagedError(IndexDamagedError):
    """A stored row of an article cannot be decoded; the message names the article and the remedy."""

    def __init__(self, document_id: object, reason: str) -> None:
        super().__init__(
            f"article {document_id!r} cannot be read ({reason}); "
            "delete it and add it again, or restore it from a backup"
        )
        self.document_id = document_id
        self.reason = reason
        """What is wrong with the row."""


def row_of(document: Document) -> dict[str, str | None]:
    """Return an article as a row: its `COLUMNS`, each a text or None."""
    published = document.published
    row = {
        "id": document.id,
        "text": document.text,
        "title": document.title,
        "title_basis": _value(document.title_basis),
        "source": document.source,
        "source_basis": _value(document.source_basis),
        "published": None if published is None else published.isoformat(),
        "published_basis": _value(document.published_basis),
        "author": document.author,
        "section": document.section,
        "url": document.url,
        "agencies": _json(document.agencies),
        "teasers": _json(document.teasers),
        "evidence": _json(document.evidence),
        "origin": document.origin,
    }
    for name, several in _LATER.items():
        value = getattr(document, name)
        row[name] = _json(value) if several else value
    return row


_NONE = "[]"


def _value(basis: Basis | None) -> str | None:
    return None if basis is None else basis.value


def _json(values: tuple[object, ...]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else _NONE


def document_of(row: Row, version: int | None = None) -> Document:
    """Return the article of a row, migrated from `version` of the archive (None: the newest).

    Empty columns, which most are, skip JSON decoding.

    Raises:
        RowDamagedError: the row holds a value that `row_of` does not write.
    """
    try:
        if version is not None:
            row = migrated(row, version)
        return _document(row)
    except KeyError as error:
        raise RowDamagedError(_id_in(row), f"it has no column {error.args[0]}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise RowDamagedError(_id_in(row), str(error)) from error


def _document(row: Row) -> Document:
    agencies, teasers, evidence = row["agencies"], row["teasers"], row["evidence"]
    if len(row) != len(COLUMNS):
        raise ValueError(f"{', '.join(sorted(set(COLUMNS).symmetric_difference(row)))}: missing or not a column")
    if not _KINDS.issuperset(map(type, row.values())):
        raise TypeError("a column holds a value that is not text")
    published = row["published"]
    document = Document(
        id=row["id"],
        text=row["text"],
        title=row["title"],
        title_basis=_BASES[row["title_basis"]],
        source=row["source"],
        source_basis=_BASES[row["source_basis"]],
        published=None if published is None else _published(published),
        published_basis=_BASES[row["published_basis"]],
        author=row["author"],
        section=row["section"],
        url=row["url"],
        agencies=() if agencies == _NONE else tuple(_listed(agencies, str)),
        teasers=() if teasers == _NONE else _tuples(teasers, Span, int),
        evidence=() if evidence == _NONE else _tuples(evidence, Evidence, str),
        origin=row["origin"],
        **_later(row),
    )
    if None in (document.id, document.text, document.title, document.origin):
        raise TypeError("a required column is empty")
    return document


def hash_of(values: Sequence[str | None], document: Document) -> str:
    """Return `document.content_hash()` for the article of a row with these `COLUMNS`, in two thirds of its time.

    Most columns have the very text that is hashed, and some of these texts are the same in many rows.
    """
    if HASHED_LATER:
        return document.content_hash()
    published = values[6]
    parts = [
        *map(hashed_part, values[:3]),
        *map(_hashed_again, values[3:6]),
        hashed_part(None if published is None else published.replace("T", " ", 1)),
        *map(_hashed_again, values[7:10]),
        hashed_part(values[10]),
        *(
            _EMPTY if text == _NONE else hashed_part(value)
            for text, value in zip(values[11:14], (document.agencies, document.teasers, document.evidence), strict=True)
        ),
    ]
    return hashlib.blake2b(b"".join(parts), digest_size=32).hexdigest()


def _hashed_again(value: str | None) -> bytes:
    return hashed_part(value) if value is not None and len(value) > _SHORT else _remembered_part(value)


_SHORT = 80
"""Code points of a text that is worth remembering: names of sources, authors and sections."""
_remembered_part = functools.lru_cache(4096)(hashed_part)
_EMPTY = hashed_part(())


class _Bases(dict[str | None, Basis | None]):
    def __missing__(self, value: str) -> NoReturn:
        raise ValueError(f"there is no basis {value!r}")


_BASES = _Bases({basis.value: basis for basis in Basis})
_BASES[None] = None
_KINDS = frozenset((str, type(None)))


def _published(text: str) -> dt.datetime | dt.date:
    if "T" not in text:
        return dt.date.fromisoformat(text)
    time = dt.datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"the time {text!r} has no offset from UTC")
    return time


def _later(row: Row) -> dict[str, Any]:
    return {name: tuple(_listed(row[name], str)) if several else row[name] for name, several in _LATER.items()}


def _listed(text: str, kind: type) -> list[Any]:
    """Return the values of a JSON list, all of type `kind`."""
    values = json.loads(text)
    if type(values) is not list or any(type(value) is not kind for value in values):
        raise ValueError(f"{text[:40]!r} is not a list of {kind.__name__}")
    return values


def _tuples(text: str, construct: Callable[..., _Value], kind: type) -> tuple[_Value, ...]:
    """Return the value that `construct` gives for each list in a JSON list; the values of the lists are of `kind`."""
    lists = _listed(text, list)
    if any(type(value) is not kind for values in lists for value in values):
        raise ValueError(f"{text[:40]!r} is not a list of lists of {kind.__name__}")
    return tuple(construct(*values) for values in lists)


def _id_in(row: Row) -> object:
    return row.get("id") if isinstance(row, dict) else None
