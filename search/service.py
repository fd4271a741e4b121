"""The read path from request to result: parse → expand → search → snippets → result."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress

from index.analysis.analyzer import Analyzer
from index.document import StoredDocument
from index.schema import CLOSENESS, DEFAULT_MATCH, LADDER, PUBLISHED, FacetField, Level
from search import deadline
from search.admission import Admission, Work
from search.engine import (
    Condition,
    CountRequest,
    Engine,
    EngineRequest,
    EngineResult,
    FacetCounts,
    FacetRequest,
    FormCounts,
    Listing,
    Searcher,
)
from search.errors import SnapshotExpiredError, TooManyFormsError
from search.expansion import Expansion
from search.facets import named
from search.hits import HitBuilder
from search.parser import ParsedQuery, Parser
from search.query import DateRange, FacetFilter
from search.request import FORM, SearchRequest, Sort
from search.results import FacetResult, Hit, SearchResult
from search.second_try import second_try
from search.snippet import all_marks
from search.typed_values import TypedValues
from search.wordforms import read_words, without_forms

FACET_VALUES = 50
"""Number of values that a facet lists; the rest is counted in `other`."""
AUTHOR_VALUES = 10
"""The same for the authors in the result of a search: there are many, with few articles each, and long to write."""
FORM_VALUES = 30
"""Number of forms that a result lists: a common root has hundreds, most of them in a single article."""
EVERY = 1_000_000
"""Number of values to count if the values themselves are searched."""
FOLDED_NAMES = 100_000
"""Number of names of facet values whose folded form is cached."""
NO_FORMS = FormCounts((), 0)
SNAPSHOTS = 3
"""Snapshots that a search is tried on, if several commits come during each of them."""
MOST_POSTINGS = 2
"""Postings for each document that a word is supposed to have at most: where even those are cheap, none are counted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """The result of a health check by a real query."""

    ok: bool
    documents: int
    generation: str
    analyzer: str
    detail: str
    """What failed, in English; empty if `ok`."""
    condition: Condition
    """What is known of damage."""


class SearchService:
    """Answers requests over one engine. Safe to share among threads."""

    def __init__(
        self,
        engine: Engine,
        analyzer: Analyzer,
        *,
        zone: dt.tzinfo,
        labels: Mapping[str, str] | None = None,
        admission: Admission | None = None,
    ) -> None:
        """Answer requests over `engine`; days are those of `zone`, `labels` are the names of sources by id.

        With `admission`, searches wait for their turn; without it, each runs at once.
        """
        self._engine = engine
        self.analyzer = analyzer
        self._admission = admission
        self._labels = labels or {}
        self._parser = Parser(analyzer, zone=zone, labels=self._labels)
        self._fold = functools.lru_cache(maxsize=FOLDED_NAMES)(analyzer.fold)
        self._values = TypedValues(analyzer.fold, self._labels)

    def search(self, request: SearchRequest) -> SearchResult:
        """Return the requested page of hits, with the counts over all matches.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
            OverloadedError: too many searches wait already.
            SearchTimeoutError: the deadline of the request came first.
        """
        return self._found(request, self._turn)

    def _found(
        self,
        request: SearchRequest,
        turn: Callable[[Searcher, SearchRequest, ParsedQuery], AbstractContextManager[None]],
    ) -> SearchResult:
        for _ in range(SNAPSHOTS - 1):
            with suppress(SnapshotExpiredError):
                return self._found_at_once(request, turn)
        return self._found_at_once(request, turn)

    def _found_at_once(
        self,
        request: SearchRequest,
        turn: Callable[[Searcher, SearchRequest, ParsedQuery], AbstractContextManager[None]],
    ) -> SearchResult:
        """Return the result of a request from one snapshot."""
        began = time.perf_counter()
        query = self._parse(request)
        with self._engine.searcher() as searcher, turn(searcher, request, query):
            compiled = functools.partial(self._page_request, request)
            query = self._values.resolved(query, searcher)
            answer, parsed = _search_twice(searcher, request, query, compiled)
            builder = HitBuilder(
                parsed.words, self.analyzer, parsed.optional, passages=request.passages, matched=request.matched
            )
            hits = tuple(_hits(request, answer, searcher, builder))
            info = searcher.info()
        return SearchResult(
            request=request,
            notes=parsed.notes,
            words=_typed_words(parsed),
            tiered=parsed.single,
            total=answer.total,
            levels=answer.levels,
            further=answer.further,
            partial=answer.partial,
            exact=answer.exact,
            hits=hits,
            facets=answer.facets,
            forms=answer.forms or (NO_FORMS if FORM in request.facets else None),
            histogram=answer.histogram,
            index=info,
            took_ms=(time.perf_counter() - began) * 1000,
        )

    def facet_values(self, request: SearchRequest, facet: FacetField | None, typed: str) -> FacetResult:
        """Return the values of a facet whose names contain `typed`, compared folded; None is the facet of forms.

        As in a search, they are counted under the request and its filters, except the selection of the facet itself.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
            OverloadedError: too many searches wait already.
            SearchTimeoutError: the deadline of the request came first.
        """
        facets = () if facet is None else (FacetRequest(facet, EVERY),)
        counts = CountRequest(facets=facets, form_limit=EVERY if facet is None else None)

        def compiled(parsed: ParsedQuery) -> EngineRequest:
            return EngineRequest(self._listing(request, parsed), counts, limit=0)

        query = self._parse(request)
        with self._engine.searcher() as searcher, self._turn(searcher, request, query):
            query = self._values.resolved(query, searcher)
            answer, parsed = _search_twice(searcher, request, query, compiled)
            info = searcher.info()
        words = _typed_words(parsed)
        wanted = self._fold(typed)
        if facet is None:
            forms = named((answer.forms or NO_FORMS).values, wanted, lambda form: form.form)
            counted = FormCounts(tuple(forms[:FORM_VALUES]), len(forms[FORM_VALUES:]))
            return FacetResult(request, counted, words, info)
        values = named(answer.facets[0].values, wanted, lambda value: self._fold(self._name(facet, value.value)))
        listed = FacetCounts(facet, tuple(values[:FACET_VALUES]), len(values[FACET_VALUES:]))
        return FacetResult(request, listed, words, info)

    def _name(self, facet: FacetField, value: str) -> str:
        return self._labels.get(value, value) if facet is FacetField.SOURCE else value

    def _turn(self, searcher: Searcher, request: SearchRequest, parsed: ParsedQuery) -> AbstractContextManager[None]:
        """Return the turn of a search, in the lane that what it costs decides."""
        if self._admission is None:
            return nullcontext()
        nodes = [parsed.query] if parsed.partial is None else [parsed.query, parsed.partial]
        words = list({word: None for node in nodes for word in read_words(node)})
        most = MOST_POSTINGS * len(words) * searcher.info().documents
        work = Work(len(words), most, request.per_page, explained=request.explained, positioned=request.positioned)
        if work.expensive and not dataclasses.replace(work, postings=0).expensive:  # then the postings decide
            with suppress(TooManyFormsError):  # the search itself leaves such a prefix out
                work = dataclasses.replace(work, postings=searcher.postings(words))
        return self._admission.turn(work)

    def _parse(self, request: SearchRequest) -> ParsedQuery:
        return self._parser.parse(request.text, Expansion(request.variants))

    def _page_request(self, request: SearchRequest, parsed: ParsedQuery) -> EngineRequest:
        """Return the engine's request for the page of a request."""
        return EngineRequest(
            self._listing(request, parsed),
            CountRequest(
                facets=tuple(FacetRequest(field, _listed(field)) for field in FacetField if field in request.facets),
                histogram=PUBLISHED in request.facets,
                form_limit=FORM_VALUES if FORM in request.facets else None,
            ),
            offset=(request.page - 1) * request.per_page,
            limit=request.per_page,
            explained=request.explained,
        )

    def _listing(self, request: SearchRequest, parsed: ParsedQuery) -> Listing:
        days = request.dates
        dropped = tuple(self._fold(form) for form in request.dropped_forms)
        return Listing(
            query=without_forms(parsed.query, dropped),
            match=request.match,
            partial=None if parsed.partial is None else without_forms(parsed.partial, dropped),
            tiered=parsed.single,
            typed=None if parsed.typed is None else dataclasses.replace(parsed.typed, without=dropped),
            further=request.further,
            selected=tuple(FacetFilter(field, values) for field, values in request.selected.items() if values),
            excluded=tuple(FacetFilter(field, values) for field, values in request.excluded.items() if values),
            dates=DateRange(days.first, days.last, days.unknown) if days else None,
            forms=tuple(self._fold(form) for form in request.forms),
            sort=Sort.NEWEST if request.sort is Sort.RELEVANCE and not parsed.scored else request.sort,
            recency=request.recency,
        )

    def article(self, document_id: str) -> StoredDocument | None:
        """Return the article with this id, or None.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
        """
        with self._engine.searcher() as searcher:
            return searcher.get_many([document_id])[0]

    def probe(self) -> Probe:
        """Search for a word of the newest article and return whether the index finds it; do not wait for a turn.

        Raises:
            EngineUnavailableError: the engine cannot answer now.
        """
        newest = self._found(SearchRequest(sort=Sort.NEWEST, per_page=1), _at_once)
        detail = ""
        for hit in newest.hits:
            words = self.analyzer.analyze(hit.document.title or hit.document.text).tokens()
            word = next((token.text for token in words if not token.word.stop), None)
            if word is not None:
                check = SearchRequest(text=f'"{word}"', selected=_selection(hit), match=Level.EXACT, per_page=1)
                if not self._found(check, _at_once).total:
                    detail = f'the newest article, {hit.document.id}, is not found by its own word "{word}"'
        info = newest.index
        return Probe(not detail, info.documents, info.generation, info.analyzer, detail, self._engine.condition())


def _at_once(_searcher: Searcher, _request: SearchRequest, _parsed: ParsedQuery) -> AbstractContextManager[None]:
    return nullcontext()


def _selection(hit: Hit) -> dict[FacetField, tuple[str, ...]]:
    return {FacetField.SOURCE: hit.document.facet_values()[FacetField.SOURCE]}


def _listed(field: FacetField) -> int:
    """Return how many values of a facet the result of a search lists."""
    return AUTHOR_VALUES if field is FacetField.AUTHOR else FACET_VALUES


def _search_twice(
    searcher: Searcher,
    request: SearchRequest,
    parsed: ParsedQuery,
    compiled: Callable[[ParsedQuery], EngineRequest],
) -> tuple[EngineResult, ParsedQuery]:
    """Return the engine's result, or that of a second try if only that has matches, and the query that gave it.

    A request with a narrower `match` than the default has no second try. The numbers of the levels are those of the
    requests with these values of `match`: some of them may be those of a second try, and some not.
    """
    first = _search(searcher, parsed, compiled)
    if not request.second_try or all(map(_is_final, LADDER, first[0].levels)):
        return first
    wider = second_try(searcher, first[1])
    if wider is None:
        return first
    second = _search(searcher, wider, compiled)
    levels = tuple(
        one if _is_final(level, one) else other
        for level, one, other in zip(LADDER, first[0].levels, second[0].levels, strict=True)
    )
    answer, query = first if _is_final(request.match, first[0].total) or not second[0].total else second
    return dataclasses.replace(answer, levels=levels), query


def _is_final(level: Level, count: int) -> bool:
    """Return whether a number of matches at a level is not followed by a second try."""
    return count > 0 or CLOSENESS[level] < CLOSENESS[DEFAULT_MATCH]


def _typed_words(parsed: ParsedQuery) -> tuple[str, ...]:
    return tuple(word.written for word in parsed.words)


def _search(
    searcher: Searcher, parsed: ParsedQuery, compiled: Callable[[ParsedQuery], EngineRequest]
) -> tuple[EngineResult, ParsedQuery]:
    """Return the engine's result, and the query without the prefixes that match too many words."""
    while True:
        try:
            return searcher.search(compiled(parsed)), parsed
        except TooManyFormsError as error:
            parsed = parsed.without_prefix(error.prefix)


def _hits(request: SearchRequest, answer: EngineResult, searcher: Searcher, builder: HitBuilder) -> Iterable[Hit]:
    """Yield the hits of the engine's `answer`, with their articles."""
    articles = searcher.get_many([hit.id for hit in answer.hits])
    for engine_hit, stored in zip(answer.hits, articles, strict=True):
        deadline.check()
        if stored is None:  # commits during this search have deleted the article
            continue
        whole = builder.whole(engine_hit, stored)
        hit = builder.hit(whole, stored)
        if request.positioned:
            hit = hit._replace(marks=all_marks(stored, whole.matches))
        yield hit
