"""The whole read path on one page: parse → expand → run → snippets → result."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterable, Mapping

from index.analysis.pipeline import Analyzer
from index.document import StoredDocument
from index.schema import FacetField, Level
from search.engine import Engine, EngineRequest, EngineResult, FacetRequest, Histogram, Interval, Searcher
from search.errors import TooManyFormsError
from search.expansion import Expansion
from search.hits import HitBuilder
from search.parser import ParsedQuery, Parser
from search.query import DateRange, HasValue
from search.request import SearchRequest, Sort
from search.results import Hit, SearchResult
from search.second_try import second_try

FACET_VALUES = 50
"""Values of a facet that one answer lists; the rest is counted as `other`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """What a real query found out about the health of the index."""

    ok: bool
    documents: int
    generation: str
    analyzer: str
    detail: str
    """What failed, in English; empty when all is well."""


class SearchService:
    """Answers requests over one engine. Safe to share among threads."""

    def __init__(
        self, engine: Engine, analyzer: Analyzer, *, zone: dt.tzinfo, labels: Mapping[str, str] | None = None
    ) -> None:
        """Answer over `engine`; `zone` is where days are counted, `labels` are names of sources by their ids."""
        self._engine = engine
        self._analyzer = analyzer
        self._parser = Parser(analyzer, zone=zone, labels=labels or {})

    def search(self, request: SearchRequest) -> SearchResult:
        """Return the page of hits that was asked for, with the counts over all matches.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
        """
        began = time.perf_counter()
        parsed = self._parser.parse(request.text, Expansion(request.match, request.variants))
        with self._engine.searcher() as searcher:
            answer, parsed = _answer(searcher, request, parsed)
            if not answer.total:
                answer, parsed = _second_answer(searcher, request, parsed, answer)
            hits = tuple(_hits(answer, searcher, HitBuilder(parsed.words, self._analyzer)))
            info = searcher.info()
        return SearchResult(
            request=request,
            notes=parsed.notes,
            total=answer.total,
            further=answer.further,
            exact=answer.exact,
            hits=hits,
            facets=answer.facets,
            histogram=answer.histogram or Histogram(Interval.DAY, (), 0),
            index=info,
            took_ms=(time.perf_counter() - began) * 1000,
        )

    def article(self, document_id: str) -> StoredDocument | None:
        """Return the article of this id, or None.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
        """
        with self._engine.searcher() as searcher:
            return searcher.get(document_id)

    def probe(self) -> Probe:
        """Search for a word of the newest article and tell whether the index finds it.

        Raises:
            EngineUnavailableError: the engine cannot answer at all.
        """
        newest = self.search(SearchRequest(sort=Sort.NEWEST, per_page=1))
        detail = ""
        for hit in newest.hits:
            words = self._analyzer.analyze(hit.document.title or hit.document.text).tokens()
            word = next((token.text for token in words if not token.word.stop), None)
            if word is not None:
                found = self.search(
                    SearchRequest(text=f'"{word}"', selected=_selection(hit), match=Level.EXACT, per_page=1)
                )
                if not found.total:
                    detail = f'the newest article, {hit.document.id}, is not found by its own word "{word}"'
        return Probe(not detail, newest.index.documents, newest.index.generation, newest.index.analyzer, detail)


def _selection(hit: Hit) -> dict[FacetField, tuple[str, ...]]:
    return {FacetField.SOURCE: hit.document.facet_values()[FacetField.SOURCE]}


def _engine_request(request: SearchRequest, parsed: ParsedQuery) -> EngineRequest:
    days = request.dates
    return EngineRequest(
        query=parsed.query,
        further=parsed.further,
        selected=tuple(HasValue(field, values) for field, values in request.selected.items() if values),
        excluded=tuple(HasValue(field, values) for field, values in request.excluded.items() if values),
        dates=DateRange(days.first, days.last, days.unknown) if days else None,
        facets=tuple(FacetRequest(field, FACET_VALUES) for field in FacetField),
        histogram=True,
        sort=Sort.NEWEST if request.sort is Sort.RELEVANCE and not parsed.scored else request.sort,
        recency=request.recency,
        offset=(request.page - 1) * request.per_page,
        limit=request.per_page,
    )


def _answer(searcher: Searcher, request: SearchRequest, parsed: ParsedQuery) -> tuple[EngineResult, ParsedQuery]:
    """Return the engine's answer, and the query without the prefixes that stand for too many words."""
    while True:
        try:
            return searcher.search(_engine_request(request, parsed)), parsed
        except TooManyFormsError as error:
            parsed = parsed.without_prefix(error.prefix)


def _second_answer(
    searcher: Searcher, request: SearchRequest, parsed: ParsedQuery, first: EngineResult
) -> tuple[EngineResult, ParsedQuery]:
    """Return the answer of a second try where it finds more than the first; `match` and quotes rule it out."""
    if not request.second_try or request.match is not Level.ROOT:
        return first, parsed
    wider = second_try(searcher, parsed)
    if wider is None:
        return first, parsed
    answer = searcher.search(_engine_request(request, wider))
    return (answer, wider) if answer.total else (first, parsed)


def _hits(answer: EngineResult, searcher: Searcher, builder: HitBuilder) -> Iterable[Hit]:
    articles = searcher.get_many([hit.id for hit in answer.hits])
    for hit, stored in zip(answer.hits, articles, strict=True):
        if stored is not None:  # else two commits went by while this search ran, and took the article away
            yield builder.hit(hit, stored)
