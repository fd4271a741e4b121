"""SearchResult: what a search gives back, for the page, the endpoint and the terminal alike."""

from __future__ import annotations

import dataclasses
import enum
from typing import NamedTuple

from index.document import Document
from index.schema import Level
from search.engine import Explanation, FacetCounts, FormCounts, Histogram, IndexInfo
from search.request import SearchRequest


class NoteKind(enum.StrEnum):
    """Something the reader should know of how the query was read."""

    STOP_WORDS = "stop_words"
    """Words too common to be searched; `text` lists them."""
    UNKNOWN_FIELD = "unknown_field"
    """`text` is a prefix that is no field; it was searched as words."""
    UNREADABLE_DATE = "unreadable_date"
    """`text` is a date that was not understood; it was searched as words."""
    UNCLOSED_QUOTE = "unclosed_quote"
    UNBALANCED_PARENTHESIS = "unbalanced_parenthesis"
    """`text` is a parenthesis without its other half: an open one was closed at the end, a closing one left out."""
    NESTED_TOO_DEEP = "nested_too_deep"
    """Parentheses so deep within others that they were left out; what stands in them was read."""
    OPERATOR_AS_WORD = "operator_as_word"
    """`text` is an operator with nothing to join or exclude; it was read as a word."""
    UNREAD_SIGN = "unread_sign"
    """`text` is a sign of the query language that means nothing where it stands; it was left out."""
    SHORT_PREFIX = "short_prefix"
    """`text` begins too many words to be searched with a star; it was searched as a word."""
    WIDE_PREFIX = "wide_prefix"
    """`text` begins more words of this index than one search looks at; it was left out."""
    NO_ROOT = "no_root"
    """`text` is no root and has none; it was searched as words."""
    WIDE_WINDOW = "wide_window"
    """Words were sought within a distance that is no nearness; `text` is the distance that was taken."""
    TOO_MANY_WORDS = "too_many_words"
    """`text` lists the words that were left out."""
    TOO_MANY_PREFIXES = "too_many_prefixes"
    """`text` lists the beginnings of words that were left out."""
    TOO_MANY_FILTERS = "too_many_filters"
    """`text` lists the values and dates that were left out."""
    CLOSE_SPELLING = "close_spelling"
    """`text` lists words that no article has; words that are spelled like them were searched."""
    ONLY_EXCLUDED = "only_excluded"
    """The query only excludes words; everything else is shown, newest first."""
    NOTHING_SEARCHABLE = "nothing_searchable"
    """The query has no letters or digits, or only words too common to be searched; nothing matches."""


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """A note on the reading of the query; the web layer puts it into Arabic."""

    kind: NoteKind
    text: str = ""
    position: int | None = None
    """Code point of the query at which it stands, where it has one place."""


class Mark(NamedTuple):
    """A marked span of a snippet's or title's text: code points, half open, always whole words."""

    start: int
    end: int
    level: Level


class Snippet(NamedTuple):
    """A passage of the article, as it stands there."""

    field: str
    """`body`, or `teaser` when the words stand only in lines that advertise other articles."""
    text: str
    marks: tuple[Mark, ...]
    before: bool
    """Whether it begins in the middle of a sentence."""
    after: bool
    """Whether it ends in the middle of a sentence."""
    more: int
    """Matching places of the text that the snippets shown do not cover (on the last snippet, else 0)."""


class FoundForm(NamedTuple):
    """A word form of an article that a word of the query was found as."""

    text: str
    """As the article writes it."""
    level: Level
    """The closest at which it was found."""
    lemma: str | None = None
    """Of an inflection, or a word of the family or root, the dictionary form of the query's word, where known."""
    root: str | None = None
    """Likewise its root; None for names and unknown words."""


class ArticleMarks(NamedTuple):
    """Every token of an article that was found: offsets count from the beginning of the title, and of the text."""

    title: tuple[Mark, ...]
    text: tuple[Mark, ...]


class Match(NamedTuple):
    """How a hit matched."""

    level: Level | None
    """Each word of the query was found at this level or closer; None when the search had no words."""
    complete: bool
    forms: tuple[FoundForm, ...]
    """The forms that were found, each once, closest level first."""
    lemma: str | None = None
    """Dictionary form of the query's word that was found the least closely (the one that `level` speaks of)."""
    root: str | None = None
    """Its root; None for names and unknown words."""

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
    """What to show as title: the document's own, or the opening words of its text (`title_inferred`)."""
    title_inferred: bool
    title_marks: tuple[Mark, ...]
    score: float
    match: Match
    snippets: tuple[Snippet, ...]
    explanation: Explanation | None = None
    """What the score is made of, where the request asks for it."""
    marks: ArticleMarks | None = None
    """The marks of the whole article, where the request asks for them."""


@dataclasses.dataclass(frozen=True, slots=True)
class FacetResult:
    """The values of one facet that were sought, with their counts under the request and its other filters."""

    request: SearchRequest
    counts: FacetCounts | FormCounts
    index: IndexInfo


@dataclasses.dataclass(frozen=True, slots=True)
class SearchResult:
    """The page that was asked for, with the counts over all matches."""

    request: SearchRequest
    notes: tuple[Note, ...]
    total: int
    further: int
    exact: bool
    hits: tuple[Hit, ...]
    facets: tuple[FacetCounts, ...]
    forms: FormCounts
    """The forms that the words were found as; none for a search without words."""
    histogram: Histogram
    index: IndexInfo
    took_ms: float
    """Wall time from the request to the result, in milliseconds."""
