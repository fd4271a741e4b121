"""SearchResult: the result of a search, for the page, the API and the terminal."""

from __future__ import annotations

import dataclasses
import enum
from typing import NamedTuple

from index.document import Document
from index.schema import Level
from search.engine import Explanation, FacetCounts, FormCounts, Histogram, IndexInfo
from search.levels import Tier
from search.request import MAX_DEPTH, SearchRequest, Sort


class NoteKind(enum.StrEnum):
    """What was changed or ignored in a query."""

    STOP_WORDS = "stop_words"
    """`text` lists the stop words, which are not searched."""
    UNKNOWN_FIELD = "unknown_field"
    """`text` is before a colon but is no field name; it is searched as words."""
    SPACED_FIELD = "spaced_field"
    """`text` is a field name with a space at its colon; it is searched as words."""
    UNKNOWN_VALUE = "unknown_value"
    """`text` is a field name, a colon and a value that no article has in this field; nothing matches it."""
    UNREADABLE_DATE = "unreadable_date"
    """`text` is not a valid date; it is searched as words."""
    UNCLOSED_QUOTE = "unclosed_quote"
    """`text` follows an opening quote without a closing one; the quote ends with the query."""
    UNBALANCED_PARENTHESIS = "unbalanced_parenthesis"
    """`text` is a parenthesis without its counterpart: an open one is closed at the end, a closing one is dropped."""
    NESTED_TOO_DEEP = "nested_too_deep"
    """Parentheses nested too deep are dropped; their content is searched."""
    OPERATOR_AS_WORD = "operator_as_word"
    """`text` is an operator without operands; it is searched as a word."""
    UNREAD_SIGN = "unread_sign"
    """`text` is a sign of the query language that has no meaning at its position; it is dropped."""
    SHORT_PREFIX = "short_prefix"
    """`text` is too short for a prefix; it is searched as a word."""
    WIDE_PREFIX = "wide_prefix"
    """`text` is a prefix that matches too many words of this index; it is dropped."""
    NO_ROOT = "no_root"
    """`text` is not a root and has none; it is searched as words."""
    WIDE_WINDOW = "wide_window"
    """The distance between words is above the limit; `text` is the limit, which is used."""
    TOO_MANY_WORDS = "too_many_words"
    """`text` lists the words that are dropped."""
    TOO_MANY_PREFIXES = "too_many_prefixes"
    """`text` lists the prefixes that are dropped."""
    TOO_MANY_FILTERS = "too_many_filters"
    """`text` lists the facet values and dates that are dropped."""
    CLOSE_SPELLING = "close_spelling"
    """`text` lists words that no article has; similarly spelled words are searched."""
    ONLY_EXCLUDED = "only_excluded"
    """The query only excludes words; all other articles match, newest first."""
    NOTHING_SEARCHABLE = "nothing_searchable"
    """The query has no letters or digits, or only stop words; nothing matches."""


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """A note on how the query was parsed; the web layer translates it."""

    kind: NoteKind
    text: str = ""
    position: int | None = None
    """Offset in the query, in code points; None for a note on the whole query."""


class Mark(NamedTuple):
    """A marked span of the text of a snippet or title: offsets in code points, half open, always whole words."""

    start: int
    end: int
    level: Level


class Snippet(NamedTuple):
    """A passage of the article, verbatim."""

    field: str
    """`body`, or `teaser` if the words occur only in lines that advertise other articles."""
    text: str
    marks: tuple[Mark, ...]
    before: bool
    """Whether it begins within a sentence."""
    after: bool
    """Whether it ends within a sentence."""
    more: int
    """Number of matches in the text that no snippet shows (on the last snippet, else 0)."""


class FoundForm(NamedTuple):
    """A word form of an article that matches a word of the query."""

    text: str
    """As the article writes it."""
    level: Level
    """The closest level at which it matches."""
    lemma: str | None = None
    """Dictionary form of the query's word, for the levels `lemma`, `family` and `root`; None if unknown."""
    root: str | None = None
    """Root of the query's word, for the same levels; None for names and unknown words."""
    folded: bool = False
    """Whether it has other letters than the word as typed, and the same ones after folding (level `exact`)."""


class ArticleMarks(NamedTuple):
    """The marks of all matching tokens of an article; offsets are relative to the title, and to the text."""

    title: tuple[Mark, ...]
    text: tuple[Mark, ...]


class Match(NamedTuple):
    """How a hit matches."""

    level: Level | None
    """Every matching word of the query matches at this level or closer; None if no word matches."""
    tier: Tier
    """The tier of the list in which it stands."""
    forms: tuple[FoundForm, ...]
    """The distinct matching forms, the closest level first."""
    lemma: str | None = None
    """Dictionary form of the query's word with the widest level (that of `level`)."""
    root: str | None = None
    """Its root; None for names and unknown words."""
    missing: tuple[str, ...] = ()
    """What the query asks for and the article does not have: words, prefixes, phrases, as typed."""

    @property
    def words(self) -> tuple[str, ...]:
        """The forms as the article writes them."""
        return tuple(form.text for form in self.forms)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The level of each of `words`."""
        return tuple(form.level for form in self.forms)


class Hit(NamedTuple):
    """One result on the page."""

    document: Document
    title: str
    """The document's title, or the opening words of its text if it has none (`title_inferred`)."""
    title_inferred: bool
    title_marks: tuple[Mark, ...]
    score: float
    match: Match
    snippets: tuple[Snippet, ...]
    explanation: Explanation | None = None
    """The explanation of the score, if `SearchRequest.explained`."""
    marks: ArticleMarks | None = None
    """The marks of the whole article, if `SearchRequest.positioned`."""


@dataclasses.dataclass(frozen=True, slots=True)
class FacetResult:
    """The values of one facet whose names match a text, with their counts under the request and its other filters."""

    request: SearchRequest
    counts: FacetCounts | FormCounts
    words: tuple[str, ...]
    """The words of the query as typed; the number of a word is its index."""
    index: IndexInfo


@dataclasses.dataclass(frozen=True, slots=True)
class SearchResult:
    """The requested page of hits, with the counts over all matches."""

    request: SearchRequest
    notes: tuple[Note, ...]
    words: tuple[str, ...]
    """The words of the query as typed; the number of a word is its index."""
    tiered: bool
    """Whether the tiers of the list follow each other; otherwise the score alone orders it."""
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
    hits: tuple[Hit, ...]
    facets: tuple[FacetCounts, ...]
    """Those that the request asks for; so the next two."""
    forms: FormCounts | None
    """The forms that match the words of the query; empty for a search without words."""
    histogram: Histogram | None
    index: IndexInfo
    took_ms: float
    """Wall time from the request to the result, in milliseconds."""

    @property
    def listed(self) -> int:
        """Number of documents in the list: those of the tiers follow the matches unless something rules them out."""
        return self.total + (self.further if self.lists_tiers else 0)

    @property
    def lists_tiers(self) -> bool:
        """Whether the documents of the tiers are listed."""
        return self.request.further and self.request.sort is Sort.RELEVANCE

    @property
    def reachable(self) -> int:
        """Number of documents in the list that paging reaches."""
        size = self.request.per_page
        return min(self.listed, MAX_DEPTH // size * size if size else MAX_DEPTH)
