"""The fields: those of an article in one table, and those of an index: sections, token fields and facets.

This module defines every name that the write path and the read path share: the write path fills these fields, the read
path queries them, and every engine maps them to its own.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

FORMAT_VERSION = 2
"""Raised whenever an index written by older code cannot be read by newer code."""

UNKNOWN_VALUE = "-"
"""The facet value of an article without one, for facets with one value per article (labelled «غير معروف»)."""

DEFAULT_ZONE = "Asia/Riyadh"
"""Time zone of the days if no other is given."""


class Section(enum.StrEnum):
    """The searched parts of an article; each has its own token stream and positions."""

    TITLE = "title"
    BODY = "body"


LEAD_LENGTH = 50
"""Length of the lead, in words of the body, stop words included: the first paragraph of 90% of 10,161 Tunisian articles
has 46 words or fewer. In a text without paragraphs, the lead is what a reader sees first."""


class TokenField(enum.StrEnum):
    """The token fields; each section has all of them, at the same positions."""

    WRITTEN = "written"
    """The letters as written, without harakat and tatweel, and with presentation forms resolved."""
    SURFACE = "surface"
    """The folded word."""
    CLITIC = "clitic"
    """The folded word without its particles and attached pronouns."""
    LEMMA = "lemma"
    FAMILY = "family"
    ROOT = "root"
    SPELLING = "spelling"
    STOP = "stop"
    """The folded stop word. It has no other terms but `WRITTEN`, so that no content word of a query matches it."""


FIELD_LETTERS = {
    TokenField.WRITTEN: "w",
    TokenField.SURFACE: "s",
    TokenField.CLITIC: "c",
    TokenField.LEMMA: "l",
    TokenField.FAMILY: "f",
    TokenField.ROOT: "r",
    TokenField.SPELLING: "v",
    TokenField.STOP: "p",
}
"""The first letter of each term where an engine keeps the terms of all token fields together; its text follows."""

BM25_K1 = 1.2
"""Saturation of term frequency (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework"; Lucene's value)."""
BM25_B = 0.75
"""Share of length normalization (as above)."""


class Level(enum.StrEnum):
    """How a word of the query matched a word of an article, closest level first.

    `spelling` is not part of `LADDER`, and is counted with `lemma`. `soft` is for words that no other level finds, and
    answers mark it.
    """

    EXACT = "exact"
    CLITIC = "clitic"
    LEMMA = "lemma"
    SPELLING = "spelling"
    FAMILY = "family"
    ROOT = "root"
    SOFT = "soft"


LADDER = (Level.EXACT, Level.CLITIC, Level.LEMMA, Level.FAMILY, Level.ROOT)
"""The values of `match=`, narrow to wide; each includes those before it."""

CLOSENESS = {level: rank for rank, level in enumerate(Level)}
"""Rank of each level; 0 is the closest."""

DEFAULT_MATCH = Level.LEMMA
"""The widest level that is counted if the request does not say: the word, with clitics, and inflected."""

WIDEST_COUNTED = {level: level for level in LADDER} | {Level.LEMMA: Level.SPELLING}
"""For each value of `match=` the widest level that is counted; all closer ones are counted too."""

LEVEL_OF_FIELD = {
    TokenField.WRITTEN: Level.EXACT,
    TokenField.SURFACE: Level.EXACT,
    TokenField.CLITIC: Level.CLITIC,
    TokenField.LEMMA: Level.LEMMA,
    TokenField.FAMILY: Level.FAMILY,
    TokenField.ROOT: Level.ROOT,
    TokenField.SPELLING: Level.SPELLING,
    TokenField.STOP: Level.EXACT,
}
"""The match level of a hit in each token field."""


class FacetField(enum.StrEnum):
    """Fields with values to count and to filter by, in display order.

    The value is the name of the facet: its parameter, its command-line option, and its column in every engine.
    """

    SOURCE = "source"
    AGENCY = "agency"
    AUTHOR = "author"
    SECTION = "section"


PUBLISHED = "published"
"""The date facet: days in the configured time zone."""


class IncompleteFieldError(Exception):
    """A field lacks a required entry; the message names the entry and the file to add it to."""


@dataclasses.dataclass(frozen=True, slots=True)
class ArticleField:
    """A field of an article: its entries for every layer."""

    name: str
    """Attribute of `Document`, column of the archive, and JSON key if the value is a plain name."""
    doc: str
    """Its line in docs/reference/fields.md."""
    facet: FacetField | None = None
    """The facet that counts its values; None for a field that is only stored."""
    several: bool = False
    """Whether an article may have several values; such a field is a tuple, empty if there are none."""
    keys: tuple[str, ...] = ()
    """Keys of JSON Lines and columns of tables that give the value (the first that is not empty); () if no source does.
    """


ARTICLE_FIELDS = (
    ArticleField("id", "the name of the article, at most 200 characters", keys=("id",)),
    ArticleField("text", "the article, unchanged", keys=("text",)),
    ArticleField(
        "title",
        "the given title, or the first line of the text if it reads as a title; empty if there is none",
        keys=("title",),
    ),
    ArticleField("title_basis", "how the title is known, see [evidence](#evidence)"),
    ArticleField("source", "the publisher", facet=FacetField.SOURCE, keys=("source",)),
    ArticleField("source_basis", "how the source is known"),
    ArticleField("published", "a time or a day", keys=("date",)),
    ArticleField("published_basis", "how the date is known"),
    ArticleField("author", "as given", facet=FacetField.AUTHOR, keys=("author",)),
    ArticleField(
        "section", "the section of the newspaper, as given", facet=FacetField.SECTION, keys=("section", "category")
    ),
    ArticleField("url", "the address", keys=("url",)),
    ArticleField("agencies", "the news agencies that the text cites", facet=FacetField.AGENCY, several=True),
    ArticleField("teasers", "lines of the text that advertise other articles", several=True),
    ArticleField("evidence", "the words that support a value", several=True),
    ArticleField("origin", "the file that the article was read from"),
)
"""The table of the fields of an article; index/document.py checks that `Document` has exactly these."""


def _by_facet() -> Mapping[FacetField, ArticleField]:
    fields = {field.facet: field for field in ARTICLE_FIELDS if field.facet}
    for facet in FacetField:
        if facet not in fields:
            raise IncompleteFieldError(
                f'facet "{facet}" has no field; add its row to ARTICLE_FIELDS in index/schema.py'
            )
    return {facet: fields[facet] for facet in FacetField}


FACETS = _by_facet()
"""The field that each facet counts."""

NAME_FIELDS = {
    facet: field.name
    for facet, field in FACETS.items()
    if field.keys and not field.several and facet is not FacetField.SOURCE
}
"""Facets whose value is a single name, stored and displayed as the file gives it, with the name of their field.

The source is not among them: it may also be stated in the text, and has a table of display names.
"""
