"""The JSON of the API as types: the frozen shape of `/api/v1`. A key is never missing; what is not known is null.

Keys whose type is `None` are filled by later versions; they stand here so that clients can already ask for them.
"""

from __future__ import annotations

from typing import TypedDict


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


class MetadataShape(TypedDict):
    """What is known of an article, in hits and in the article itself."""

    id: str
    title: str
    title_basis: str | None
    url: str | None
    source: SourceShape | None
    source_basis: str | None
    agencies: list[str]
    author: str | None
    section: str | None
    published_at: str | None
    published_basis: str | None
    evidence: list[EvidenceShape] | None
    story: None
    links: ArticleLinksShape


class HitShape(MetadataShape):
    """One result."""

    title_html: str
    title_marks: list[MarkShape]
    score: float
    match: MatchShape
    snippets: list[SnippetShape]
    explanation: None


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


class TermsFacetShape(TypedDict):
    """Counts by value; `other` is the number of values left out."""

    name: str
    type: str
    label: str
    other: int
    values: list[ValueShape]


BucketShape = TypedDict("BucketShape", {"from": str, "to": str, "count": int, "selected": bool, "toggle_url": str})
"""Days `from` to `to`, both included."""


class HistogramShape(TypedDict):
    """Counts by date, oldest first, and the undated apart."""

    name: str
    type: str
    label: str
    interval: str
    values: list[BucketShape]
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
    facets: list[TermsFacetShape | HistogramShape]
    suggestion: None
    links: SearchLinksShape
    index: IndexShape
    took_ms: float


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
