"""SearchRequest: all parameters of a search, for the page, the API and the terminal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping

from index.schema import DEFAULT_MATCH, PUBLISHED, FacetField, Level

MAX_QUERY_LENGTH = 1000
"""Maximum length of `q` in code points; the web layer rejects longer queries, and nothing truncates them."""

MAX_DEPTH = 10_000
"""Number of hits that paging can reach."""

FORM = "form"
"""The facet of the forms that words were found as; its values are the same however they are spelled."""
COUNTED_FACETS = (*(field.value for field in FacetField), PUBLISHED, FORM)
"""Names of all facets that a search counts."""


class Sort(enum.StrEnum):
    """Order of the hits; `relevance` is the same as `newest` if the query has no words."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclasses.dataclass(frozen=True, slots=True)
class DateSelection:
    """The selected days; `unknown` adds the undated articles, or selects only these if both days are None."""

    first: dt.date | None = None
    last: dt.date | None = None
    unknown: bool = False

    def __bool__(self) -> bool:
        """Return whether anything is selected."""
        return self.first is not None or self.last is not None or self.unknown


@dataclasses.dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. Values of the same facet are alternatives; the conditions of several facets must all be met."""

    text: str = ""
    match: Level = DEFAULT_MATCH
    """The widest level that is counted."""
    variants: bool = True
    """Whether other spellings of foreign names match."""
    selected: Mapping[FacetField, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    excluded: Mapping[FacetField, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    forms: tuple[str, ...] = ()
    """If not empty, a word of the query must match one of these forms; they are compared folded."""
    dropped_forms: tuple[str, ...] = ()
    """Forms that do not match any word of the query; they are compared folded."""
    dates: DateSelection = DateSelection()
    sort: Sort = Sort.RELEVANCE
    recency: bool = False
    """Whether the scores of newer articles are raised, if the order is `relevance`."""
    further: bool = True
    """Whether documents that are not counted are listed too, in tiers, if the order is `relevance`."""
    second_try: bool = True
    """Whether words that no article has match similarly spelled words, if there are no other matches."""
    page: int = 1
    """Number of the page, from 1."""
    per_page: int = 20
    """Number of hits; 0 counts without hits."""
    facets: tuple[str, ...] = COUNTED_FACETS
    """Names of the facets to count."""
    passages: bool = True
    """Whether hits have snippets and the marks of the title."""
    matched: bool = True
    """Whether hits have the details of their match."""
    explained: bool = False
    """Whether each hit has the explanation of its score."""
    positioned: bool = False
    """Whether each hit has the marks of the whole article."""
