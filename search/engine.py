"""The seam between the read path and the engines: requests, results, and the protocols that every engine implements.

One contract (tests/engines/test_contract.py) tests all engines: nothing is visible before a commit; a searcher reads
one point in time; ties are broken by id; totals are exact; an unknown field raises; a failed add leaves the index
unchanged. Engines have equal sets of matches and equal facet counts, but not necessarily equal scores.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from index.document import StoredDocument
from index.schema import DEFAULT_MATCH, FacetField, Level, Section
from search.errors import UnknownFieldError
from search.levels import Tier
from search.query import DateRange, FacetFilter, Node, Prefix, Term
from search.ranking import RERANKED
from search.request import Sort

_FIELDS = frozenset(FacetField)


class Interval(enum.StrEnum):
    """Width of the buckets of a date histogram; weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclasses.dataclass(frozen=True, slots=True)
class FacetRequest:
    """A facet to count; the result always includes the selected values."""

    field: FacetField
    limit: int
    """Maximum number of values, besides selected ones."""


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """Which documents a request lists, and in which order; ranked documents are cached under it."""

    query: Node
    """Condition of a match, with the terms of its words at all levels; it also determines the score."""
    match: Level = DEFAULT_MATCH
    """The widest level that is counted: the matches are the documents of `levels.counted(query, match)`."""
    partial: Node | None = None
    """Condition of the documents that have some of the words: the matches at any level and the documents of the tier
    `partial`. It matches wherever `query` does, and its score orders both. None if there is no such tier."""
    tiered: bool = False
    """Whether the tiers follow each other; otherwise the score alone orders the documents of all tiers."""
    typed: Term | None = None
    """The only word of the query in the letters typed, no stop word. If the documents that have it are at most half
    of the matches at level `exact`, they come first among the matches."""
    further: bool = True
    """Whether the documents of the tiers after `match` are listed, if the order is relevance."""
    selected: tuple[FacetFilter, ...] = ()
    """Selected facet values, at most one filter per field; the counts of a facet ignore its own filter."""
    excluded: tuple[FacetFilter, ...] = ()
    """Values that no document of the result may have; they apply to all counts."""
    dates: DateRange | None = None
    """The selected days; the histogram ignores them, except that they bound its span."""
    forms: tuple[str, ...] = ()
    """Selected forms (folded): in a document of the result a word of the query matches one of them. The form counts
    ignore this filter. Excluded forms are part of the query itself (`Term.without`)."""
    sort: Sort = Sort.RELEVANCE
    reranked: int = RERANKED
    """Number of documents that the second stage scores, the first ones of the list; 0 disables it. Ignored for other
    sorts than relevance."""
    recency: bool = False
    """Whether the scores of newer articles are raised (`ranking.recency`). Ignored for other sorts than relevance."""

    @property
    def listed(self) -> Node:
        """The condition of all listed documents, which scores them."""
        return self.query if self.partial is None else self.partial

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The conditions that have the words of the request."""
        return (self.query,) if self.partial is None else (self.query, self.partial)

    @property
    def lists_tiers(self) -> bool:
        """Whether documents that are not counted are listed after the matches, or among them."""
        return self.further and self.sort is Sort.RELEVANCE

    @property
    def raises_newer(self) -> bool:
        """Whether recency changes the scores."""
        return self.recency and self.sort is Sort.RELEVANCE


@dataclasses.dataclass(frozen=True, slots=True)
class CountRequest:
    """What is counted over the matches."""

    facets: tuple[FacetRequest, ...] = ()
    histogram: bool = False
    form_limit: int | None = None
    """Maximum number of forms to list; None counts no forms."""


@dataclasses.dataclass(frozen=True, slots=True)
class EngineRequest:
    """A compiled search."""

    listing: Listing
    counts: CountRequest = CountRequest()
    offset: int = 0
    """Number of listed documents before the first hit."""
    limit: int = 20
    """Maximum number of hits."""
    explained: bool = False
    """Whether each hit has the explanation of its score."""

    def check(self) -> None:
        """Check that every field of the request exists in the index.

        Raises:
            UnknownFieldError: a field does not exist.
        """
        values = (*self.listing.selected, *self.listing.excluded)
        for field in (*(node.field for node in values), *(facet.field for facet in self.counts.facets)):
            if field not in _FIELDS:
                raise UnknownFieldError(f'unknown field "{field}"; fields are: {", ".join(FacetField)}')


class MatchPosition(NamedTuple):
    """One token of a hit that matches a word of the query."""

    section: Section
    position: int
    """Position of the token in its section, stop words included."""
    word: int
    """Number of the word in the query."""
    level: Level
    """The closest level at which the token matches."""
    parts: int = 1
    """Number of tokens, this and the following ones, that are the word: more than one in a compound in several words.
    Engines return 1; `search.hits` looks at the text."""


class Feature(enum.StrEnum):
    """The reason for a part of a score."""

    FORMS = "forms"
    """Forms of a word of the query, or a phrase: BM25F, the first stage."""
    SURFACE = "surface"
    """The words of the query as typed; this and the next three are the second stage (`reranking.Parts`)."""
    OPENING = "opening"
    """Words early in the article."""
    WINDOW = "window"
    """Words close together."""
    PAIRS = "pairs"
    """Adjacent words of the query that are adjacent in the article, in their order."""
    RECENCY = "recency"
    """The date of the article."""


@dataclasses.dataclass(frozen=True, slots=True)
class ScorePart:
    """A part of the score of a document; a part of feature `forms` is that of one form, or phrase, in one section."""

    feature: Feature
    value: float
    word: int | None = None
    """For `forms` the number of the word in the query; for a phrase or `Near` that of its first word."""
    form: str = ""
    """For `forms` the form as the article writes it (without harakat); for a phrase its words as typed."""
    section: Section | None = None
    level: Level | None = None
    """The level of the match; for a phrase, the widest among its tokens, each at its closest level."""
    occurrences: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """The score of a hit and its parts, which add up to the score."""

    score: float
    parts: tuple[ScorePart, ...]


class EngineHit(NamedTuple):
    """One ranked document; `matches` ascend by section (title first) and position."""

    id: str
    score: float
    tier: Tier
    """The tier of the list in which it stands."""
    matches: tuple[MatchPosition, ...]
    explanation: Explanation | None = None
    """The explanation of the score, if the request asks for it."""


@dataclasses.dataclass(frozen=True, slots=True)
class ValueCount:
    """A facet value and the number of matches that have it."""

    value: str
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class FacetCounts:
    """Counts of one facet, highest first, ties by value; `other` is the number of values left out."""

    field: FacetField
    values: tuple[ValueCount, ...]
    other: int


@dataclasses.dataclass(frozen=True, slots=True)
class FormCount:
    """A form that matches a word of the query, and the number of matches that have it."""

    word: int
    """Number of the word in the query."""
    form: str
    """Folded letters, as in `Listing.forms`."""
    written: str
    """The spelling (without harakat) that most matches have; of equal ones the first in code point order."""
    level: Level
    """The closest level at which it matches the word."""
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class FormCounts:
    """Counts of the forms that occur in the matches: by word of the query, the closest level first, then by count.

    A document has a form if a token with that form matches the word, at a level that is counted, in a section where the
    word may occur. The words of a phrase count anywhere in the document. If not all are listed, each word has the same
    number of forms, as far as it has so many. Forms of equal level and count are in the order of their letters.
    """

    values: tuple[FormCount, ...]
    other: int
    """Number of forms left out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Bucket:
    """The number of matches published on the days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of matches by date, oldest first, with empty buckets in between."""

    interval: Interval
    buckets: tuple[Bucket, ...]
    unknown: int
    """Number of matches without a date."""


@dataclasses.dataclass(frozen=True, slots=True)
class EngineResult:
    """The result of one `EngineRequest`."""

    total: int
    """Number of matches."""
    levels: tuple[int, ...]
    """Number of matches for each value of `match=`, in the order of `index.schema.LADDER`."""
    further: int
    """Number of documents in the tiers after the matches, whether they are listed or not."""
    partial: int
    """Number of documents in the last of them."""
    exact: bool
    """Whether all four are exact; else they are lower bounds."""
    hits: tuple[EngineHit, ...]
    facets: tuple[FacetCounts, ...]
    histogram: Histogram | None
    forms: FormCounts | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class IndexInfo:
    """The version of the index that a searcher reads."""

    generation: str
    """Changes with every commit."""
    analyzer: str
    """Version of the analyzer that the index was built with."""
    documents: int


class Searcher(Protocol):
    """Answers requests over one point in time of an index."""

    def postings(self, words: Sequence[Term | Prefix]) -> int:
        """Return how many postings this process would read for these words: what a search is estimated to cost.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """

    def search(self, request: EngineRequest) -> EngineResult:
        """Return the requested page of the listing, and the counts.

        Raises:
            UnknownFieldError: the request has a field that the index does not have.
            TooManyFormsError: a prefix matches more words than the engine allows.
            SearchTimeoutError: the deadline of the request has passed; it is checked between the steps.
        """

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """Return the articles with these ids, in their order, None for a missing one."""

    def stems_like(self, word: str) -> Sequence[str]:
        """Return the stems of the index that may be spelled like a word: those that share most n-grams with it.

        `search.similarity.nearest` chooses among them; an engine returns `similarity.MEASURED` at most, or as many of
        each of its segments.

        Raises:
            SearchTimeoutError: the deadline of the request has passed.
        """

    def info(self) -> IndexInfo:
        """Return the version of the index that this searcher reads."""


@dataclasses.dataclass(frozen=True, slots=True)
class Condition:
    """What is known of damage to an index."""

    problems: int
    """Number of problems that the last verification found, or that were found since by reading."""
    verified: dt.datetime | None
    """When `judhur index verify` last ended, in UTC; None if it did not since the index was built."""


class Engine(Protocol):
    """One index, opened by an engine."""

    def searcher(self) -> AbstractContextManager[Searcher]:
        """Return a searcher over the newest commit.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
        """

    def condition(self) -> Condition:
        """Return what is known of damage to the index; reads no index files.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
        """

    def close(self) -> None:
        """Release files and memory."""
