"""The JSON of the API as types: the frozen shape of `/api/v1`. A key is never missing; unknown values are null.

Keys of type `None` are reserved for later versions and are always null now.
"""

from __future__ import annotations

from typing import Literal, TypedDict


class NoteShape(TypedDict):
    """A remark on how the query was parsed."""

    kind: str
    text: str
    position: int | None
    message: str


class QueryShape(TypedDict):
    """The query as it was parsed; `words` are its words as typed, by their number."""

    q: str
    match: str
    sort: str
    words: list[str]
    readings: list[None]
    notes: list[NoteShape]


class LevelShape(TypedDict):
    """The number of matches of the same search with this `match`, and its address."""

    level: str
    value: int
    url: str


class TotalShape(TypedDict):
    """Number of matches; `further` articles are listed in tiers beside them, `partial` of these in the last one.

    `reachable` is the number of listed articles that paging reaches; `further` and `levels` do not depend on what is
    listed.
    """

    value: int
    exact: bool
    further: int
    partial: int
    reachable: int
    levels: list[LevelShape]


class PageShape(TypedDict):
    """The page of this answer; `count` is the number of pages that paging reaches, 0 without hits."""

    number: int
    size: int
    count: int


class SourceShape(TypedDict):
    """Who published an article."""

    id: str
    name: str


class MarkShape(TypedDict):
    """A highlighted span in code points of the text it belongs to, half open."""

    start: int
    end: int
    level: str


class SnippetShape(TypedDict):
    """A passage; `html` is the text escaped, with `mark` around whole words and no other tag."""

    field: str
    text: str
    html: str
    marks: list[MarkShape]
    before: bool
    after: bool
    more: int


class MatchShape(TypedDict):
    """How a hit matched; `missing` is what the query asks for and the article does not have, as typed."""

    level: str | None
    complete: bool
    tier: str
    lemma: str | None
    root: str | None
    words: list[str]
    missing: list[str]
    why: str | None


class EvidenceShape(TypedDict):
    """The words of the article that a metadata value was taken from."""

    field: str
    value: str
    words: str


class ArticleLinksShape(TypedDict):
    """Addresses of one article."""

    self: str
    html: str


class NamesShape(TypedDict):
    """The facets that are one name, as it was given; a further one of `index.schema.NAME_FIELDS` is a key too."""

    author: str | None
    section: str | None


class MetadataShape(NamesShape):
    """What is known of an article, in hits and in the article itself."""

    id: str
    title: str
    title_basis: str | None
    url: str | None
    source: SourceShape | None
    source_basis: str | None
    agencies: list[str]
    published_at: str | None
    published_basis: str | None
    evidence: list[EvidenceShape] | None
    story: None
    links: ArticleLinksShape


class PartShape(TypedDict):
    """What one feature adds to a score; of `forms`, what one form of a word adds in one section. Else null."""

    feature: str
    value: float
    word: int | None
    form: str | None
    section: str | None
    level: str | None
    occurrences: int | None


class ExplanationShape(TypedDict):
    """The parts of a score; their values add up to it."""

    score: float
    parts: list[PartShape]


class PositionsShape(TypedDict):
    """All matched spans of an article, with offsets in its own `title` and `text`."""

    title: list[MarkShape]
    text: list[MarkShape]


class HitShape(MetadataShape):
    """One result; with `fields=` it has only the keys that were asked for."""

    title_html: str
    title_marks: list[MarkShape]
    score: float
    match: MatchShape
    snippets: list[SnippetShape]
    explanation: ExplanationShape | None
    positions: PositionsShape | None


class SpanShape(TypedDict):
    """A range of code points, half open."""

    start: int
    end: int


class ArticleShape(MetadataShape):
    """One article with its unchanged text; `teasers` are the lines of `text` that advertise other articles."""

    text: str
    teasers: list[SpanShape]


class ValueShape(TypedDict):
    """A facet value; `toggle_url` selects it, or deselects it if it is selected."""

    value: str
    label: str
    count: int
    selected: bool
    toggle_url: str


class FacetValueShape(ValueShape):
    """A value that can also be excluded; `exclude_url` excludes it, or includes it again."""

    exclude_url: str


class TermsFacetShape(TypedDict):
    """Counts by value; `other` is the number of values left out."""

    name: str
    type: Literal["terms"]
    label: str
    other: int
    values: list[FacetValueShape]


class FormShape(FacetValueShape):
    """A form that matched a word of the query; `level` is the closest match level of it, `word` the word's number."""

    word: int
    level: str


class FormsFacetShape(TypedDict):
    """Number of articles by matched form, word by word, the closest level first.

    Excluding a form drops it: it no longer matches any word of the query.
    """

    name: str
    type: Literal["forms"]
    label: str
    other: int
    values: list[FormShape]


BucketShape = TypedDict("BucketShape", {"from": str, "to": str, "count": int, "selected": bool, "toggle_url": str})
"""Days `from` to `to`, both included."""


class HistogramShape(TypedDict):
    """Counts by date, oldest first, and of undated articles; `clear_url` removes the selection of days."""

    name: str
    type: Literal["histogram"]
    label: str
    interval: str
    values: list[BucketShape]
    clear_url: str | None
    unknown: ValueShape


class SearchLinksShape(TypedDict):
    """Related addresses; `next` is null after the last page of the list, or where paging ends."""

    self: str
    next: str | None
    prev: str | None
    first: str
    html: str
    csv: None
    atom: None


class IndexShape(TypedDict):
    """The index that was searched."""

    generation: str
    analyzer: str
    documents: int


class SearchShape(TypedDict):
    """The answer of `/api/v1/search`."""

    query: QueryShape
    total: TotalShape
    page: PageShape
    hits: list[HitShape]
    facets: list[TermsFacetShape | HistogramShape | FormsFacetShape]
    suggestion: None
    links: SearchLinksShape
    index: IndexShape
    took_ms: float


class FacetLinksShape(TypedDict):
    """Related addresses; `search` is the search that the facet belongs to."""

    self: str
    html: str
    search: str


class FacetShape(TypedDict):
    """The answer of `/api/v1/facets/<name>`; `prefix` is the text that its values were searched by."""

    query: QueryShape
    prefix: str
    facet: TermsFacetShape | FormsFacetShape
    links: FacetLinksShape
    index: IndexShape


class RootShape(TypedDict):
    """One of the roots of a word, with its weight over all readings."""

    root: str
    weight: float


class ReadingShape(TypedDict):
    """One morphological reading of a word; unknown values are null."""

    lemma: str | None
    root: str | None
    pos: str | None
    weight: float
    source: str


class WordShape(TypedDict):
    """The analysis of a word, as on a line of `judhur analyze --jsonl`.

    `lemma` to `root` and `clitics` are those of the likeliest reading; `roots` are those of all readings.
    """

    word: str
    folded: str | None
    lemma: str | None
    vocalized: str | None
    family: str | None
    spelling: str | None
    root: str | None
    roots: list[RootShape]
    clitics: list[str]
    readings: list[ReadingShape]


class StepShape(TypedDict):
    """One step of the analysis: the displayed word after it, and the rule that applied."""

    name: str
    text: str
    rule: str


class TokenShape(WordShape):
    """One word of an analyzed text; `start` and `end` are offsets in code points of the text, half open."""

    text: str
    start: int
    end: int
    stop: bool
    steps: list[StepShape]


class AnalyzerShape(TypedDict):
    """The version of the analyzer; equal fingerprints mean equal terms."""

    version: str
    fingerprint: str


class AnalyzeLinksShape(TypedDict):
    """Addresses of this analysis."""

    self: str
    html: str


class AnalyzeShape(TypedDict):
    """The answer of `/api/v1/analyze`."""

    text: str
    tokens: list[TokenShape]
    analyzer: AnalyzerShape
    links: AnalyzeLinksShape


class HealthShape(TypedDict):
    """The answer of `/health` if the index answers; else it is a problem with status 503."""

    status: str
    """`ok`, or `damaged` if problems are known."""
    documents: int
    generation: str
    analyzer: str
    problems: int
    verified: str | None
    """When `judhur index verify` last ended."""
