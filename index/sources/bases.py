"""The field `date_basis`, in which a file says that a value is not simply given, and the words that it rests on."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.document import Basis, Document

DATE_BASIS = "date_basis"
"""The key of the field."""

_SAID = re.compile(r"(?:^|;)\s*(?:(?P<field>source|title)\s+)?(?P<basis>stated|inferred)\s*:\s*", re.IGNORECASE)
"""A part of `date_basis`; one without a field before it is of the date."""


class Provenance(NamedTuple):
    """What a file says that one of its values rests on."""

    basis: Basis
    words: str


def provenance_in(cell: str) -> dict[str, Provenance]:
    """Return what `date_basis` says: «stated: '…'; source stated: '…'» or «inferred: …»."""
    marks = list(_SAID.finditer(cell))
    provenance: dict[str, Provenance] = {}
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(cell)
        field = (mark["field"] or "published").lower()
        provenance[field] = Provenance(Basis(mark["basis"].lower()), _unquoted(cell[mark.end() : end].strip()))
    return provenance


def said_of(document: Document) -> str:
    """Return the `date_basis` from which `provenance_in` reads what the values of a document rest on."""
    words = {evidence.field: evidence.words for evidence in document.evidence}
    bases = {"published": document.published_basis, "source": document.source_basis, "title": document.title_basis}
    return "; ".join(
        f"{'' if field == 'published' else f'{field} '}{basis}: {_quoted(words[field])}"
        for field, basis in bases.items()
        if basis not in (None, Basis.GIVEN) and field in words
    )


def _quoted(words: str) -> str:
    return words if "'" in words else f"'{words}'"


def _unquoted(note: str) -> str:
    inner = note[1:-1]
    return inner if note[:1] == note[-1:] == "'" and "'" not in inner else note
