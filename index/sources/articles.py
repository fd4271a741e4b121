"""From the fields of a file to a Document: cleaning, refusals, and the evidence of the metadata."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata
from typing import Any

from index.document import Basis, Document, Evidence, Notice, Refusal, Span
from index.schema import NAME_FIELDS, UNKNOWN_VALUE
from index.sources.agencies import cited_agencies
from index.sources.dates import parse_date
from index.sources.fields import Fields
from index.sources.lines import Line, LineKind, lines_of, teasers, title_line
from index.sources.pdf_text import seems_from_pdf
from index.sources.publishers import stated_publisher
from index.sources.tags import unescaped

MAX_TEXT = 10_000_000
"""Code points of one article."""
MAX_ID = 200
"""Code points (index/document.py)."""
MAX_VALUE = 500
"""Code points of a source, or of a name such as an author's; longer values are not names."""
MAX_ADDRESS = 4000
"""Code points of a web address, as in the answers to searches (`web.links`)."""
MAX_EVIDENCE = 500
"""Code points of the value and of the words of an `Evidence`; longer ones are cut."""
EARLIEST_YEAR = 1800
"""The first Arabic newspapers appeared in the early nineteenth century."""
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_UNSTORABLE_IN_ID = frozenset({"Cc", "Cs", "Zl", "Zp"})


def one_line(value: str, at_most: int = 60) -> str:
    """Return a value for a message: on one line, without control characters, at most `at_most` code points."""
    line = " ".join(_UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value).split())
    return line if len(line) <= at_most else line[: at_most - 1] + "…"


def refusal_of(identity: str, reason: str, location: str) -> Refusal:
    """Return the refusal of an article; an id that would not be accepted is shortened, and brought onto one line."""
    return Refusal(one_line(identity, MAX_ID), reason, location)


class Assembler:
    """Assembles Documents from fields."""

    def __init__(self, zone: dt.tzinfo, today: dt.date) -> None:
        self._zone = zone
        self._latest = today + dt.timedelta(days=1)

    def assemble(self, fields: Fields, *, origin: str, location: str) -> tuple[Document | Refusal, list[Notice]]:
        """Return the article of the fields, with notices of corrected and omitted values, or its refusal.

        Args:
            fields: As read.
            origin: The file, for `Document.origin`.
            location: File and line, for refusals and notices.
        """
        identity = fields.id.strip()
        if fault := _id_fault(identity) or _length_fault(fields.text):
            return refusal_of(identity, fault, location), []
        notes: list[str] = []
        text, title = _storable(fields.text, "text", notes), _storable(fields.title, "title", notes)
        if not text.strip() and not title.strip():
            return refusal_of(identity, "no text and no title; give it one", location), []
        if seems_from_pdf(text) or seems_from_pdf(title):
            notes.append(
                "the text seems to come from a PDF, with letters in the wrong order: check the program that took it"
            )
        storable = dataclasses.replace(fields, id=identity, text=text if text.strip() else "", title=title)
        document = self._document(storable, origin, notes)
        return document, [Notice(location, f'article "{identity}": {note}') for note in notes]

    def _document(self, fields: Fields, origin: str, notes: list[str]) -> Document:
        lines = tuple(lines_of(fields.text))
        evidence: list[Evidence] = []
        title, title_basis = _title(fields, lines, evidence)
        source, source_basis = _source(fields, lines, evidence, notes)
        published, published_basis = self._published(fields, lines, evidence, notes)
        names: dict[str, Any] = {
            name: _name(fields.names.get(facet, ""), name, notes) for facet, name in NAME_FIELDS.items()
        }
        advertised = teasers(lines)
        citations = cited_agencies(f"{title}\n{_without(fields.text, advertised)}", names["author"] or "")
        evidence += (Evidence("agency", citation.name, citation.words) for citation in citations)
        return Document(
            id=fields.id,
            text=fields.text,
            title=title,
            title_basis=title_basis,
            source=source,
            source_basis=source_basis,
            published=published,
            published_basis=published_basis,
            **names,
            url=_address(fields.url, notes),
            agencies=tuple(citation.name for citation in citations),
            teasers=advertised,
            evidence=tuple(
                Evidence(field, value[:MAX_EVIDENCE], words[:MAX_EVIDENCE]) for field, value, words in evidence
            ),
            origin=origin,
        )

    def _published(
        self, fields: Fields, lines: tuple[Line, ...], evidence: list[Evidence], notes: list[str]
    ) -> tuple[dt.datetime | dt.date | None, Basis | None]:
        """Return the date that the file gives, or else the date that a line of the text states."""
        given = fields.date.strip()
        if given and given != UNKNOWN_VALUE:
            published, fault = self._day_of(given)
            if published is not None:
                return published, _basis(fields, "published", published, evidence)
            notes.append(f'date "{one_line(given)}" {fault}: indexed without a date')
        for line in lines:
            if line.kind is LineKind.DATE:
                published, fault = self._day_of(line.value)
                if published is not None:
                    evidence.append(Evidence("published", published.isoformat(), line.text))
                    return published, Basis.STATED
        return None, None

    def _day_of(self, text: str) -> tuple[dt.datetime | dt.date | None, str]:
        """Return the day or time of a date and an empty text, or None and the reason."""
        parsed = parse_date(text, zone=self._zone)
        if parsed is None:
            return None, "is not a date that exists"
        if parsed.last > self._latest:
            return None, "lies in the future"
        if parsed.first.year < EARLIEST_YEAR:
            return None, f"lies before {EARLIEST_YEAR}"
        if not parsed.is_day:
            return None, "names no day"
        return parsed.time or parsed.first, ""


def _id_fault(identity: str) -> str:
    """Return why an article with this id is refused; empty if it is not."""
    if not identity:
        return "no id; give every article one of its own"
    # printable text has none of these, which saves checking each character
    if not identity.isprintable() and any(unicodedata.category(letter) in _UNSTORABLE_IN_ID for letter in identity):
        return "control characters in the id; remove them"
    if len(identity) > MAX_ID:
        return f"id of {len(identity)} code points, at most {MAX_ID} are taken; shorten it"
    return ""


def _length_fault(text: str) -> str:
    """Return why an article with this text is refused; empty if it is not."""
    if len(text) > MAX_TEXT:
        return f"text of {len(text)} code points, at most {MAX_TEXT} are taken; split it"
    return ""


def _storable(text: str, field: str, notes: list[str]) -> str:
    """Return the text with characters that cannot be stored replaced one by one: controls by spaces."""
    storable, count = _UNSTORABLE.subn(lambda match: " " if match[0] < " " else "\N{REPLACEMENT CHARACTER}", text)
    if count:
        notes.append(f"{count} control characters or lone surrogates in the {field} replaced")
    return storable


def _without(text: str, spans: tuple[Span, ...]) -> str:
    """Return the text with the spans replaced by spaces: a citation in a teaser belongs to another article."""
    if not spans:
        return text
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (text[position:start], " " * (end - start))
        position = end
    return "".join(pieces) + text[position:]


def _title(fields: Fields, lines: tuple[Line, ...], evidence: list[Evidence]) -> tuple[str, Basis | None]:
    if fields.title.strip():
        return fields.title, _basis(fields, "title", fields.title, evidence)
    line = title_line(lines) if fields.title_in_text else ""
    if not line:
        return "", None
    evidence.append(Evidence("title", line, line))
    return line, Basis.STATED


def _source(
    fields: Fields, lines: tuple[Line, ...], evidence: list[Evidence], notes: list[str]
) -> tuple[str | None, Basis | None]:
    given = _name(fields.source, "source", notes)
    if given is not None:
        return given, _basis(fields, "source", given, evidence)
    for line in lines:
        publisher = stated_publisher(line)
        if publisher:
            evidence.append(Evidence("source", publisher, line.text))
            return publisher, Basis.STATED
    return None, None


def _address(value: str, notes: list[str]) -> str | None:
    """Return an address without white space, as browsers do; None if its scheme is not http or https."""
    address = "".join(_storable(value, "url", notes).split())
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        notes.append(f'url "{one_line(address)}" was left out: not a web address')
        return None
    if len(address) > MAX_ADDRESS:
        notes.append(f"url of {len(address)} code points was left out, at most {MAX_ADDRESS} are taken")
        return None
    return address or None


def _basis(fields: Fields, field: str, value: str | dt.date, evidence: list[Evidence]) -> Basis:
    """Return the basis of a given value, and append its evidence if the file has any."""
    provenance = fields.provenance.get(field)
    if provenance is None:
        return Basis.GIVEN
    evidence.append(Evidence(field, value if isinstance(value, str) else value.isoformat(), provenance.words))
    return provenance.basis


def _name(value: str, field: str, notes: list[str]) -> str | None:
    """Return a source, or a name such as an author's, on one line; None if there is none."""
    # text extracted from pages may still have entities: «&nbsp;عكاظ» and «عكاظ» are one author
    name = " ".join(_storable(unescaped(value), field, notes).split()) if value else ""
    if len(name) > MAX_VALUE:
        notes.append(f"{field} of {len(name)} code points was left out, at most {MAX_VALUE} are taken")
        return None
    return name if name and name != UNKNOWN_VALUE else None
