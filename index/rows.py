"""Articles as rows of texts: how they are kept, by whatever keeps them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from index.document import Basis, Document, Evidence, Span

COLUMNS = (
    "id", "text", "title", "title_basis", "source", "source_basis", "published", "published_basis", "author",
    "section", "url", "agencies", "teasers", "evidence", "origin",
)  # fmt: skip


class RowDamagedError(Exception):
    """A row holds what nobody wrote."""


def row_of(document: Document) -> tuple[str | None, ...]:
    """Return an article as a row with `COLUMNS`."""
    published = document.published
    return (
        document.id,
        document.text,
        document.title,
        document.title_basis,
        document.source,
        document.source_basis,
        None if published is None else published.isoformat(),
        document.published_basis,
        document.author,
        document.section,
        document.url,
        _json(document.agencies),
        _json(document.teasers),
        _json(document.evidence),
        document.origin,
    )


_NONE = "[]"


def _json(values: tuple[object, ...]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else _NONE


def document_of(row: Sequence[str]) -> Document:
    """Return the article of a row with `COLUMNS`; what is empty, as most of it is, takes no time.

    Raises:
        RowDamagedError: it holds what `row_of` does not write.
    """
    (
        document_id, text, title, title_basis, source, source_basis, published, published_basis, author, section, url,
        agencies, teasers, evidence, origin,
    ) = row  # fmt: skip
    try:
        return Document(
            document_id,
            text,
            title,
            _basis(title_basis),
            source,
            _basis(source_basis),
            _published(published),
            _basis(published_basis),
            author,
            section,
            url,
            () if agencies == _NONE else tuple(json.loads(agencies)),
            () if teasers == _NONE else tuple(Span(*span) for span in json.loads(teasers)),
            () if evidence == _NONE else tuple(Evidence(*item) for item in json.loads(evidence)),
            origin,
        )
    except (ValueError, TypeError) as error:
        raise RowDamagedError(f"article {document_id}: {error}") from error


def _basis(value: str | None) -> Basis | None:
    return None if value is None else _BASES[value]


_BASES = {basis.value: basis for basis in Basis}


def _published(value: str | None) -> dt.datetime | dt.date | None:
    if value is None:
        return None
    return dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
