"""The fields: those of an article in one table, and those of an index: sections, token fields and facets.

Everything that both sides must agree on by name stands here; the write path fills these fields, the read path asks
for them, and every engine maps them to its own.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

FORMAT_VERSION = 2
"""Raised whenever an index written by older code cannot be read by newer code."""

UNKNOWN_VALUE = "-"
"""The facet value of an article that has none, where a facet has one value an article (labelled «غير معروف»)."""

DEFAULT_ZONE = "Asia/Riyadh"
"""Time zone in which days are counted where no other is given."""


class Section(enum.StrEnum):
    """The searched parts of an article; each has a token stream with positions of its own."""

    TITLE = "title"
    BODY = "body"


LEAD_LENGTH = 50
"""Words of the body, stop words included, that are its lead: the first paragraph of 90% of 10,161 Tunisian articles
has 46 words or fewer. Where the text has no paragraphs of news, it is what a reader sees first."""


class TokenField(enum.StrEnum):
    """The token fields; each section has all of them, at the same positions."""

    WRITTEN = "written"
    """The letters as written: harakat, tatweel and presentation forms aside."""
    SURFACE = "surface"
    """The folded word."""
    CLITIC = "clitic"
    """The folded word without its particles and attached pronouns."""
    LEMMA = "lemma"
    FAMILY = "family"
    ROOT = "root"
    SPELLING = "spelling"


class Level(enum.StrEnum):
    """How a word of the query was found in an article, the closest first.

    `spelling` stands beside the ladder; `soft` is for words that nothing else finds, and says so.
    """

    EXACT = "exact"
    CLITIC = "clitic"
    LEMMA = "lemma"
    FAMILY = "family"
    ROOT = "root"
    SPELLING = "spelling"
    SOFT = "soft"


LADDER = (Level.EXACT, Level.CLITIC, Level.LEMMA, Level.FAMILY, Level.ROOT)
"""The values of `match=`, narrow to wide; each allows those before it."""

CLOSENESS = {level: rank for rank, level in enumerate(Level)}
"""Rank of each level, the closest 0."""

LEVEL_OF_FIELD = {
    TokenField.WRITTEN: Level.EXACT,
    TokenField.SURFACE: Level.EXACT,
    TokenField.CLITIC: Level.CLITIC,
    TokenField.LEMMA: Level.LEMMA,
    TokenField.FAMILY: Level.FAMILY,
    TokenField.ROOT: Level.ROOT,
    TokenField.SPELLING: Level.SPELLING,
}
"""The match level that a hit in a token field proves."""


class FacetField(enum.StrEnum):
    """Fields with values to count and to filter by, in the order in which they are shown.

    The value is the name of the facet: of its parameter, its option of the command line and its column in every engine.
    """

    SOURCE = "source"
    AGENCY = "agency"
    AUTHOR = "author"
    SECTION = "section"


PUBLISHED = "published"
"""The date facet: days in the configured time zone."""


class IncompleteFieldError(Exception):
    """A field lacks an entry that it needs; the message says which, and in which file to add it."""


@dataclasses.dataclass(frozen=True, slots=True)
class ArticleField:
    """A field of an article: what every layer knows of it."""

    name: str
    """Attribute of `Document`, column of the archive, and key in the JSON where the value is a plain name."""
    doc: str
    """Its line in docs/reference/fields.md."""
    facet: FacetField | None = None
    """The facet that counts its values; None for a field that is only stored."""
    several: bool = False
    """Whether an article may have several values; such a field is a tuple, empty where there are none."""
    keys: tuple[str, ...] = ()
    """Keys of JSON Lines and columns of tables that give it, the first one that is not empty; none: no source does."""


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
"""The table of the fields of an article; index/document.py makes sure that `Document` has these and no others."""


def _by_facet() -> Mapping[FacetField, ArticleField]:
    found = {field.facet: field for field in ARTICLE_FIELDS if field.facet}
    for facet in FacetField:
        if facet not in found:
            raise IncompleteFieldError(
                f'facet "{facet}" has no field; add its row to ARTICLE_FIELDS in index/schema.py'
            )
    return {facet: found[facet] for facet in FacetField}


FACETS = _by_facet()
"""The field that each facet counts."""

NAME_FIELDS = {
    facet: field.name
    for facet, field in FACETS.items()
    if field.keys and not field.several and facet is not FacetField.SOURCE
}
"""Facets whose value is one name, kept and shown as a file gives it, with the name of their field.

A source is more than that: it may be stated in the text instead, and has a table of names to be shown by.
"""
