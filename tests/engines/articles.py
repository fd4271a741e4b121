"""Small articles with terms at every level, made without the real analyzer: engines only depend on tokens."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from array import array
from zoneinfo import ZoneInfo

from index.analysis.tokens import AnalyzedText, FieldTerm, Word
from index.document import AnalyzedDocument, Document
from index.schema import LEVEL_OF_FIELD, Level, Section, TokenField
from search.engine import CountRequest, EngineRequest, Listing
from search.query import Alternative, Node, Term

ZONE = ZoneInfo("Asia/Riyadh")
STOP_WORDS = ("of", "in")
BOTH = (Section.TITLE, Section.BODY)


def word(text: str) -> Word:
    """Return a word whose clitic form lacks a leading `al-`, and whose lemma and root are its first letters.

    Folding removes apostrophes: `bo'ok` is another spelling of the form `book`, and `o'f` of the stop word `of`.
    """
    surface = text.replace("'", "")
    if surface in STOP_WORDS:
        letters = (FieldTerm(TokenField.WRITTEN, text), FieldTerm(TokenField.STOP, surface))
        return Word(text, surface, (), letters, stop=True)
    bare = surface.removeprefix("al-")
    terms = (
        FieldTerm(TokenField.WRITTEN, text),
        FieldTerm(TokenField.SURFACE, surface),
        FieldTerm(TokenField.CLITIC, bare),
        FieldTerm(TokenField.LEMMA, bare[:4]),
        FieldTerm(TokenField.ROOT, bare[:3], 0.75),
        FieldTerm(TokenField.ROOT, bare[:1] + "-", 0.25),
    )
    return Word(text, surface, (), terms)


def analyze(text: str) -> AnalyzedText:
    """Return the words of a text, which are separated by spaces."""
    found = list(re.finditer(r"\S+", text))
    return AnalyzedText(
        text,
        tuple(word(match.group()) for match in found),
        array("I", [match.start() for match in found]),
        array("I", [match.end() for match in found]),
    )


def article(document_id: str, text: str, **values: object) -> AnalyzedDocument:
    """Return an analyzed article; `values` are fields of Document."""
    document = dataclasses.replace(Document(id=document_id, text=text), **values)  # type: ignore[arg-type]
    sections = {Section.TITLE: analyze(document.title), Section.BODY: analyze(text)}
    return AnalyzedDocument(document, sections, document.published_day(ZONE))


def asked(query: Node, **values: object) -> EngineRequest:
    """Return the request for a query; `values` are fields of Listing, CountRequest and EngineRequest.

    Unless they say otherwise, all levels are counted.
    """
    counted = {name: values.pop(name) for name in ("facets", "histogram", "form_limit") if name in values}
    values.setdefault("match", Level.ROOT)
    page = {name: values.pop(name) for name in ("offset", "limit", "explained") if name in values}
    return EngineRequest(Listing(query, **values), CountRequest(**counted), **page)  # type: ignore[arg-type]


def term(text: str, number: int = 0, *, widest: Level = Level.ROOT, sections: tuple[Section, ...] = BOTH) -> Term:
    """Return the query's word with a term for each level up to `widest`."""
    levels = list(Level)
    alternatives = tuple(
        Alternative(level, found.field, found.text, found.weight)
        for found in word(text).terms
        if found.field is not TokenField.WRITTEN
        and levels.index(level := LEVEL_OF_FIELD[found.field]) <= levels.index(widest)
    )
    return Term(text, number, alternatives, sections, stop=word(text).stop)


def written(text: str, number: int = 0) -> Term:
    """Return the query's word that requires its letters."""
    return Term(text, number, (Alternative(Level.EXACT, TokenField.WRITTEN, text, 1.0),), BOTH, stop=word(text).stop)


def day(text: str) -> dt.date:
    """Return the day of an ISO date."""
    return dt.date.fromisoformat(text)
