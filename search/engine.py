"""THE SEAM: what the read path asks of an engine, and what every engine answers.

Promised by every engine and tested by one contract (tests/engines/test_contract.py): nothing is visible before a
commit; a searcher sees one moment; ties break by id; totals are exact; an unknown field raises; a failed add leaves the
index as it was. Equal scores are not promised; equal match sets and facet counts are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from index.document import StoredDocument
from index.schema import FacetField, Level, Section
from index.writer import IndexWriter
from search.errors import UnknownFieldError
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
    """A facet to count; the values that are selected are always among the answer."""

    field: FacetField
    limit: int


@dataclasses.dataclass(frozen=True, slots=True)
class EngineRequest:
    """A compiled search."""

    query: Node
    """What a match must be; it also gives the score."""
    further: Node | None = None
    """What a document must be to be listed behind the matches (which it includes); None lists none."""
    selected: tuple[FacetFilter, ...] = ()
    """At most one per facet field; a facet's own counts ignore its own entry."""
    excluded: tuple[FacetFilter, ...] = ()
    """Values that no document of the answer may have; they hold for every count."""
    dates: DateRange | None = None
    """The selected days; the histogram ignores them but for its span, which they bound."""
    forms: tuple[str, ...] = ()
    """Selected forms (folded): a document of the answer has a word of the query as one of them; the form counts ignore
    it. Forms that are dropped stand in the query itself (`Term.without`)."""
    facets: tuple[FacetRequest, ...] = ()
    histogram: bool = False
    form_limit: int | None = None
    """How many forms to list; None counts none."""
    sort: Sort = Sort.RELEVANCE
    reranked: int = RERANKED
    """How many of the best the second stage looks at, of the matches and of the further documents; 0: it looks at none.
    It has no say in other sorts."""
    recency: bool = False
    """Whether newer articles gain (`ranking.recency`), when the order is that of relevance."""
    offset: int = 0
    limit: int = 20

    def deciding(self) -> EngineRequest:
        """Return the request with all that decides which documents are listed and in which order, and nothing else."""
        return dataclasses.replace(self, offset=0, limit=0, facets=(), histogram=False, form_limit=None)

    def check(self) -> None:
        """Make sure that every field of the request is one of the index.

        Raises:
            UnknownFieldError: one is not.
        """
        values = (*self.selected, *self.excluded)
        for field in (*(node.field for node in values), *(facet.field for facet in self.facets)):
            if field not in _FIELDS:
                raise UnknownFieldError(f'unknown field "{field}"; fields are: {", ".join(FacetField)}')


class MatchPosition(NamedTuple):
    """One token of a hit that a word of the query found, at the closest level that found it."""

    section: Section
    position: int
    word: int
    level: Level


class EngineHit(NamedTuple):
    """One ranked document; `matches` ascend by section (title first) and position."""

    id: str
    score: float
    complete: bool
    """True for a match, False for a further document."""
    matches: tuple[MatchPosition, ...]


class Feature(enum.StrEnum):
    """What a part of a score is given for."""

    FORMS = "forms"
    """Having forms of a word of the query, or a phrase: BM25F, the first stage."""
    SURFACE = "surface"
    """Having the very words of the query; with those below, the second stage."""
    OPENING = "opening"
    """Having them early."""
    WINDOW = "window"
    """Having them close together."""
    PAIRS = "pairs"
    """Having them side by side, in their order."""
    RECENCY = "recency"
    """Being new."""


@dataclasses.dataclass(frozen=True, slots=True)
class ScorePart:
    """A part of the score of a document: of `forms` what one form, or a phrase, adds in one section."""

    feature: Feature
    value: float
    word: int | None = None
    """Of `forms` the number of the word in the query; of a phrase, or of words near each other, its first."""
    form: str = ""
    """The form as the article writes it (harakat aside); of a phrase its words as they were typed."""
    section: Section | None = None
    level: Level | None = None
    """How it was found; of a phrase, the widest level among its tokens, each at the closest level that found it."""
    occurrences: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit has its score; the parts add up to it."""

    score: float
    parts: tuple[ScorePart, ...]


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
    """A form that words of the query were found as, and the number of matches that have it."""

    form: str
    """Folded: what `EngineRequest.forms` selects."""
    written: str
    """Of its spellings (harakat aside) the one that most matches have, of equals the first in code point order."""
    level: Level
    """The closest at which a word of the query finds it, wherever that word may stand."""
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class FormCounts:
    """Counts of the forms that some match has, highest first, ties by form.

    A document has a form when a word of the query is found as it in a section where that word may stand; where the
    query asks for a phrase, anywhere in the document.
    """

    values: tuple[FormCount, ...]
    other: int
    """Forms left out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Bucket:
    """Days `first` to `last`, both included, and the number of matches published on them."""

    first: dt.date
    last: dt.date
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class Histogram:
    """Matches over time, oldest first, empty buckets in between included."""

    interval: Interval
    buckets: tuple[Bucket, ...]
    unknown: int
    """Matches without a date."""


@dataclasses.dataclass(frozen=True, slots=True)
class EngineResult:
    """The answer to one EngineRequest."""

    total: int
    further: int
    exact: bool
    """Whether `total` and `further` are exact, not lower bounds."""
    hits: tuple[EngineHit, ...]
    facets: tuple[FacetCounts, ...]
    histogram: Histogram | None
    forms: FormCounts | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class IndexInfo:
    """What a searcher looks at."""

    generation: str
    """Changes with every commit."""
    analyzer: str
    """Version of the analyzer that the index was built with."""
    documents: int


@dataclasses.dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do: asked, never guessed from its type."""

    writes: bool
    """Whether `writer` may be called."""
    persistent: bool
    """Whether a commit outlives the process."""
    ranked: int | None = None
    """How many of the best hits stand in the order of `search/ranking.py`, those behind them in the engine's own; None:
    all of them."""
    values: int | None = None
    """Values of a facet up to which the number of those left out is exact; None: however many there are."""
    prefix_words: int | None = None
    """Words that a prefix may stand for; None: the engine sets no bound."""


class Searcher(Protocol):
    """Answers over one moment of an index."""

    def postings(self, words: Sequence[Term | Prefix]) -> int:
        """Return how many postings this process would read for these words: what a search is estimated to cost.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """

    def search(self, request: EngineRequest) -> EngineResult:
        """Return the asked page of the matches and further documents, and the counts.

        Raises:
            UnknownFieldError: the request names a field that the index does not have.
            SearchTimeoutError: the deadline of the request came first; it is checked between the steps.
        """

    def get(self, document_id: str) -> StoredDocument | None:
        """Return the article of this id, or None."""

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """Return the articles of these ids, each as `get` does: what a page of hits asks for at once."""

    def explain(self, request: EngineRequest, document_id: str) -> Explanation | None:
        """Return why the article of this id scores what it does as a hit of a request, on whichever page.

        None when there is none, or when it is neither a match nor a further document.
        """

    def info(self) -> IndexInfo:
        """Return what this searcher looks at."""


class Engine(Protocol):
    """One index behind the seam."""

    @property
    def capabilities(self) -> Capabilities:
        """What this engine can do."""

    def writer(self) -> AbstractContextManager[IndexWriter]:
        """Return the one writer; leaving the block without a commit forgets what was added.

        Raises:
            IndexLockedError: another writer is open.
        """

    def searcher(self) -> AbstractContextManager[Searcher]:
        """Return a searcher over the newest committed moment."""

    def close(self) -> None:
        """Release files and memory."""
