"""The JSON of the API as types: the frozen shape of `/api/v1`. A key is never missing; what is not known is null.

Keys whose type is `None` are filled by later versions; they stand here so that clients can already ask for them.
"""

from __future__ import annotations

from typing import Literal, TypedDict


class NoteShape(TypedDict):
    """Something to know of how the query was read."""

    kind: str
    text: str
    position: int | None
    message: str


class QueryShape(TypedDict):
    """The query as it was read."""

    q: str
    match: str
    sort: str
    readings: list[None]
    notes: list[NoteShape]


class TotalShape(TypedDict):
    """How much was found."""

    value: int
    exact: bool
    further: int


class PageShape(TypedDict):
    """Where in the list this answer stands; `count` is the number of pages that hold matches."""

    number: int
    size: int
    count: int


class SourceShape(TypedDict):
    """Who published an article."""

    id: str
    name: str


class MarkShape(TypedDict):
    """A marked span: code points of the text it belongs to, half open."""

    start: int
    end: int
    level: str


class SnippetShape(TypedDict):
    """A passage; `html` holds the text escaped, with `mark` around whole words and no other tag."""

    field: str
    text: str
    html: str
    marks: list[MarkShape]
    before: bool
    after: bool
    more: int


class MatchShape(TypedDict):
    """How a hit matched."""

    level: str | None
    complete: bool
    lemma: str | None
    root: str | None
    words: list[str]
    why: str | None


class EvidenceShape(TypedDict):
    """The words that a piece of metadata rests on."""

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
    """What a hit gains by one feature; of `forms`, what one form of a word adds in one section. Else these are null."""

    feature: str
    value: float
    word: int | None
    form: str | None
    section: str | None
    level: str | None
    occurrences: int | None


class ExplanationShape(TypedDict):
    """Why a hit has its score: the values of the parts add up to it."""

    score: float
    parts: list[PartShape]


class PositionsShape(TypedDict):
    """Every place of an article that was found; offsets count in the article's own `title` and `text`."""

    title: list[MarkShape]
    text: list[MarkShape]


class HitShape(MetadataShape):
    """One result."""

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
    """One article to the letter; `teasers` are the lines of `text` that advertise other articles."""

    text: str
    teasers: list[SpanShape]


class ValueShape(TypedDict):
    """A facet value; following `toggle_url` selects it or lets it go."""

    value: str
    label: str
    count: int
    selected: bool
    toggle_url: str


class FacetValueShape(ValueShape):
    """A value that can also be excluded: following `exclude_url` leaves it out."""

    exclude_url: str


class TermsFacetShape(TypedDict):
    """Counts by value; `other` is the number of values left out."""

    name: str
    type: Literal["terms"]
    label: str
    other: int
    values: list[FacetValueShape]


class FormShape(FacetValueShape):
    """A form that words were found as; `level` is the closest at which it was found."""

    level: str


class FormsFacetShape(TypedDict):
    """Counts by form: articles that have it. Excluding a form drops it: words are no longer found as it."""

    name: str
    type: Literal["forms"]
    label: str
    other: int
    values: list[FormShape]


BucketShape = TypedDict("BucketShape", {"from": str, "to": str, "count": int, "selected": bool, "toggle_url": str})
"""Days `from` to `to`, both included."""


class HistogramShape(TypedDict):
    """Counts by date, oldest first, and the undated apart; `clear_url` lets the selected days go."""

    name: str
    type: Literal["histogram"]
    label: str
    interval: str
    values: list[BucketShape]
    clear_url: str | None
    unknown: ValueShape


class SearchLinksShape(TypedDict):
    """Addresses around this answer; `next` is null when matches and further articles have both ended."""

    self: str
    next: str | None
    prev: str | None
    first: str
    html: str
    csv: None
    atom: None


class IndexShape(TypedDict):
    """What was searched."""

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
    """Addresses around the values of a facet; `search` is the search that they belong to."""

    self: str
    html: str
    search: str


class FacetShape(TypedDict):
    """The answer of `/api/v1/facets/<name>`; `prefix` is what the values were sought by."""

    query: QueryShape
    prefix: str
    facet: TermsFacetShape | FormsFacetShape
    links: FacetLinksShape
    index: IndexShape


class RootShape(TypedDict):
    """One of the roots of a word, with its share among its readings."""

    root: str
    weight: float


class ReadingShape(TypedDict):
    """One way to read a word; what is not known of it is null."""

    lemma: str | None
    root: str | None
    pos: str | None
    weight: float
    source: str


class WordShape(TypedDict):
    """What is known of a word, as a line of `judhur analyze --jsonl` has it.

    `lemma` to `root` and `clitics` are those of the likeliest reading; `roots` are those of all.
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
    """One step of the analysis: the word after it, as readers are shown it, and the rule that fired."""

    name: str
    text: str
    rule: str


class TokenShape(WordShape):
    """One word of an analyzed text; `start` and `end` are code points of the text, half open."""

    text: str
    start: int
    end: int
    stop: bool
    steps: list[StepShape]


class AnalyzerShape(TypedDict):
    """Who analyzed: equal fingerprints mean equal terms."""

    version: str
    fingerprint: str


class AnalyzeLinksShape(TypedDict):
    """Addresses of an analysis."""

    self: str
    html: str


class AnalyzeShape(TypedDict):
    """The answer of `/api/v1/analyze`."""

    text: str
    tokens: list[TokenShape]
    analyzer: AnalyzerShape
    links: AnalyzeLinksShape


class HealthShape(TypedDict):
    """The answer of `/health` when all is well; else it is a problem of status 503."""

    status: str
    documents: int
    generation: str
    analyzer: str


class ProblemShape(TypedDict):
    """An error after RFC 9457, with the parameter at fault and the place in its value where they are known."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    param: str | None
    position: int | None
