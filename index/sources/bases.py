"""The field `date_basis`, which gives the basis and the supporting words of values that are stated or inferred."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.document import Basis, Document

DATE_BASIS = "date_basis"
"""The key of the field."""

_PART = re.compile(r"(?:^|;)\s*(?:(?P<field>source|title)\s+)?(?P<basis>stated|inferred)\s*:\s*", re.IGNORECASE)
"""The beginning of a part of `date_basis`; a part without a field name is about the date."""


class Provenance(NamedTuple):
    """The basis that a file gives for one of its values, and the supporting words."""

    basis: Basis
    words: str


def provenance_in(cell: str) -> dict[str, Provenance]:
    """Return the parts of a `date_basis` («stated: '…'; source stated: '…'» or «inferred: …») by field."""
    marks = list(_PART.finditer(cell))
    provenance: dict[str, Provenance] = {}
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(cell)
        field = (mark["field"] or "published").lower()
        provenance[field] = Provenance(Basis(mark["basis"].lower()), _unquoted(cell[mark.end() : end].strip()))
    return provenance


def date_basis_of(document: Document) -> str:
    """Return the `date_basis` of a document, in the form that `provenance_in` reads."""
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
