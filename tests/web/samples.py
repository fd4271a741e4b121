"""Hand-made results and a service that returns them, so that tests of the web layer need no index."""

from __future__ import annotations

import dataclasses
import datetime as dt
from array import array

from index.analysis.installed import load_analyzer
from index.document import Basis, Document, Evidence, Span, StoredDocument, TokenOffsets
from index.schema import FacetField, Level, Section
from search.engine import (
    Bucket,
    Condition,
    FacetCounts,
    FormCount,
    FormCounts,
    Histogram,
    IndexInfo,
    Interval,
    ValueCount,
)
from search.levels import Tier
from search.request import SearchRequest
from search.results import FacetResult, FoundForm, Hit, Mark, Match, Note, SearchResult, Snippet
from search.service import Probe

NOW = dt.datetime(2025, 3, 1, 12, 0, tzinfo=dt.UTC)

CALL = Document(
    id="aj/17",
    text="مكالمة هاتفية بين ترامب وبوتين\nقال إنه تلقى اتصالا.\nإقرأ أيضاً: خبر آخر\nوالاتصال الثاني غدا.",
    title="مكالمة هاتفية بين ترامب وبوتين",
    title_basis=Basis.STATED,
    source="aljazeera",
    source_basis=Basis.GIVEN,
    published=dt.datetime(2025, 3, 1, 9, 30, tzinfo=dt.UTC),
    published_basis=Basis.STATED,
    author="كاتب",
    section="سياسة",
    url="https://example.org/a/17",
    agencies=("رويترز",),
    teasers=(Span(52, 71),),
    evidence=(Evidence("published", "2025-03-01", "تاريخ النشر: 1 مارس 2025"),),
)
BARE = Document(id="bare", text="نص بلا عنوان ولا مصدر.")


def hit(document: Document = CALL, *, tier: Tier = Tier.MATCH, level: Level = Level.EXACT) -> Hit:
    title = document.title or document.text[:20]
    return Hit(
        document=document,
        title=title,
        title_inferred=not document.title,
        title_marks=(Mark(0, 6, level),) if title.startswith("مكالمة") else (),
        score=11.42371,
        match=Match(
            level=level,
            tier=tier,
            forms=(FoundForm("اتصالا", Level.EXACT), FoundForm("والاتصال", Level.CLITIC)),
        ),
        snippets=(
            Snippet(
                "body",
                "قال إنه تلقى اتصالا. والاتصال الثاني",
                (Mark(13, 19, Level.EXACT), Mark(21, 29, Level.CLITIC)),
                before=False,
                after=True,
                more=3,
            ),
        ),
    )


def result(request: SearchRequest | None = None, **changes: object) -> SearchResult:
    """Return a result of 41 matches, with two hits on its first page; `changes` replace its fields."""
    base = SearchResult(
        request=request or SearchRequest(text="اتصال"),
        notes=(),
        words=("اتصال",),
        tiered=False,
        total=41,
        levels=(10, 25, 41, 43, 48),
        further=9,
        partial=2,
        exact=True,
        hits=(hit(), hit(BARE, tier=Tier.PARTIAL)),
        facets=(
            FacetCounts(FacetField.SOURCE, (ValueCount("aljazeera", 30), ValueCount("-", 11)), 2),
            FacetCounts(FacetField.AGENCY, (ValueCount("رويترز", 7),), 0),
            FacetCounts(FacetField.AUTHOR, (ValueCount("-", 41),), 0),
            FacetCounts(FacetField.SECTION, (), 0),
        ),
        forms=FormCounts(
            (FormCount(0, "اداره", "إدارة", Level.EXACT, 25), FormCount(0, "والاتصال", "والاتصال", Level.CLITIC, 20)), 3
        ),
        histogram=Histogram(
            Interval.MONTH,
            (
                Bucket(dt.date(2025, 1, 1), dt.date(2025, 1, 31), 10),
                Bucket(dt.date(2025, 2, 1), dt.date(2025, 2, 28), 0),
                Bucket(dt.date(2025, 3, 1), dt.date(2025, 3, 31), 30),
            ),
            1,
        ),
        index=IndexInfo("2026-11-21T06:00:00Z-a41f", "3", 51234),
        took_ms=18.26,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]  # the tests only name existing fields


def note(kind: object, text: str = "") -> Note:
    return Note(kind, text)  # type: ignore[arg-type]  # the tests pass every kind


class Service:
    """Answers every request with `result` and records the requests; raises `fault` instead if it is set."""

    def __init__(self, **changes: object) -> None:
        self.changes = changes
        self.analyzer = load_analyzer()
        self.requests: list[SearchRequest] = []
        self.facet_searches: list[tuple[FacetField | None, str]] = []
        self.articles = {document.id: document for document in (CALL, BARE)}
        self.fault: Exception | None = None
        self.health = Probe(
            ok=True, documents=51234, generation="g1", analyzer="3", detail="", condition=Condition(0, None)
        )

    def search(self, request: SearchRequest) -> SearchResult:
        if self.fault:
            raise self.fault
        self.requests.append(request)
        return result(request, **self.changes)

    def facet_values(self, request: SearchRequest, facet: FacetField | None, typed: str) -> FacetResult:
        if self.fault:
            raise self.fault
        self.requests.append(request)
        self.facet_searches.append((facet, typed))
        whole = result(request, **self.changes)
        counts = whole.forms if facet is None else next(counts for counts in whole.facets if counts.field is facet)
        assert counts is not None
        return FacetResult(request, counts, whole.words, whole.index)

    def article(self, document_id: str) -> StoredDocument | None:
        if self.fault:
            raise self.fault
        document = self.articles.get(document_id)
        empty = array("I")
        offsets = {section: TokenOffsets(empty, empty) for section in Section}
        return StoredDocument(document, offsets) if document else None

    def probe(self) -> Probe:
        if self.fault:
            raise self.fault
        return self.health
