"""The cost of each part of a search on a cluster: times of the same searches with one part left out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from bench.cluster.searches import Search
from index.analysis.analyzer import Analyzer
from index.schema import FacetField
from search.engine import CountRequest, Engine, EngineRequest, FacetRequest, Listing
from search.expansion import Expansion
from search.parser import Parser
from search.request import Sort
from search.service import FACET_VALUES, FORM_VALUES

ROUNDS = 3

WITHOUT: dict[str, Callable[[EngineRequest], EngineRequest]] = {
    "everything": lambda request: request,
    "without forms": lambda request: _counting(request, form_limit=None),
    "without facets": lambda request: _counting(request, facets=()),
    "without histogram": lambda request: _counting(request, histogram=False),
    "without tiers": lambda request: _listing(request, partial=None, further=False),
    "without ranking (newest first)": lambda request: _listing(request, sort=Sort.NEWEST),
    "hits alone": lambda request: dataclasses.replace(
        _listing(request, partial=None, further=False), counts=CountRequest()
    ),
    "total alone": lambda request: dataclasses.replace(
        _listing(request, partial=None, further=False), counts=CountRequest(), limit=0
    ),
}


def costs(engine: Engine, searches: Sequence[Search], analyzer: Analyzer, zone: ZoneInfo) -> dict[str, list[float]]:
    """Return for each variant the seconds of every search, the least of ROUNDS rounds, with the words in the cache.

    The ranking itself is never taken from the cache: each round reranks another number of documents.
    """
    parser = Parser(analyzer, zone=zone, labels={})
    seconds: dict[str, list[float]] = {name: [] for name in WITHOUT}
    for search in searches:
        parsed = parser.parse(search.request.text, Expansion(search.request.variants))
        whole = EngineRequest(
            Listing(parsed.query, partial=parsed.partial, tiered=parsed.single, typed=parsed.typed),
            CountRequest(
                tuple(FacetRequest(field, FACET_VALUES) for field in FacetField), histogram=True, form_limit=FORM_VALUES
            ),
        )
        for name, variant in WITHOUT.items():
            request = variant(whole)
            seconds[name].append(min(_seconds(engine, request, attempt) for attempt in range(ROUNDS)))
    return seconds


def _listing(request: EngineRequest, **changes: object) -> EngineRequest:
    return dataclasses.replace(request, listing=dataclasses.replace(request.listing, **changes))  # type: ignore[arg-type]


def _counting(request: EngineRequest, **changes: object) -> EngineRequest:
    return dataclasses.replace(request, counts=dataclasses.replace(request.counts, **changes))  # type: ignore[arg-type]


def _seconds(engine: Engine, request: EngineRequest, attempt: int) -> float:
    with engine.searcher() as searcher:
        # Another number of reranked documents is another cache key, at almost the same cost.
        uncached = _listing(request, reranked=request.listing.reranked - attempt)
        began = time.perf_counter()
        searcher.search(uncached)
        return time.perf_counter() - began
