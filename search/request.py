"""SearchRequest: everything that a caller asks, page and endpoint alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping

from index.schema import FacetField, Level

MAX_QUERY_LENGTH = 1000
"""Code points of `q`; longer queries are refused by the web layer and cut by no one."""

MAX_DEPTH = 10_000
"""Hits that paging can reach; the answer to «what is on page 1,001» is a narrower search."""


class Sort(enum.StrEnum):
    """Order of the hits; without words `relevance` is the same as `newest`."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclasses.dataclass(frozen=True, slots=True)
class DateSelection:
    """The selected days; `unknown` adds the undated articles (alone: only them)."""

    first: dt.date | None = None
    last: dt.date | None = None
    unknown: bool = False

    def __bool__(self) -> bool:
        """Return whether anything is selected."""
        return self.first is not None or self.last is not None or self.unknown


@dataclasses.dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. Values of one facet are alternatives; facets among themselves all hold."""

    text: str = ""
    match: Level = Level.ROOT
    """The widest level allowed."""
    variants: bool = True
    """Whether other spellings of foreign names count."""
    selected: Mapping[FacetField, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    excluded: Mapping[FacetField, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    forms: tuple[str, ...] = ()
    """Only articles in which a word of the query was found as one of these forms, however they are spelled."""
    dropped_forms: tuple[str, ...] = ()
    """Forms that words of the query are not found as."""
    dates: DateSelection = DateSelection()
    sort: Sort = Sort.RELEVANCE
    recency: bool = False
    """Whether newer articles gain, when the order is that of relevance."""
    second_try: bool = True
    """Whether words that no article has are sought where they are spelled alike, when nothing else matches."""
    page: int = 1
    per_page: int = 20
    explained: bool = False
    """Whether each hit says what its score is made of."""
    positioned: bool = False
    """Whether each hit has the marks of the whole article."""
