"""What each part of a search costs on a cluster: the same searches with one part left out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from bench.cluster.asking import Asked
from index.analysis.pipeline import Analyzer
from index.schema import FacetField
from search.engine import Engine, EngineRequest, FacetRequest
from search.expansion import Expansion
from search.parser import Parser
from search.service import FACET_VALUES, FORM_VALUES

ROUNDS = 3

WITHOUT: dict[str, Callable[[EngineRequest], EngineRequest]] = {
    "everything": lambda it: it,
    "without forms": lambda it: dataclasses.replace(it, form_limit=None),
    "without facets": lambda it: dataclasses.replace(it, facets=()),
    "without histogram": lambda it: dataclasses.replace(it, histogram=False),
    "without further articles": lambda it: dataclasses.replace(it, further=None),
    "without ranking (newest first)": lambda it: dataclasses.replace(it, sort=it.sort.NEWEST),
    "hits alone": lambda it: dataclasses.replace(it, form_limit=None, facets=(), histogram=False, further=None),
    "total alone": lambda it: dataclasses.replace(
        it, form_limit=None, facets=(), histogram=False, further=None, limit=0
    ),
}


def costs(engine: Engine, asked: Sequence[Asked], analyzer: Analyzer, zone: ZoneInfo) -> dict[str, list[float]]:
    """Return for each variant the seconds of every search: the least of some rounds, its words known from before.

    What ranking found is asked for again each time, under another page size, since it is remembered.
    """
    parser = Parser(analyzer, zone=zone, labels={})
    seconds: dict[str, list[float]] = {name: [] for name in WITHOUT}
    for one in asked:
        parsed = parser.parse(one.request.text, Expansion(one.request.match, one.request.variants))
        whole = EngineRequest(
            query=parsed.query,
            further=parsed.further,
            facets=tuple(FacetRequest(field, FACET_VALUES) for field in FacetField),
            histogram=True,
            form_limit=FORM_VALUES,
        )
        for name, left in WITHOUT.items():
            request = left(whole)
            seconds[name].append(min(_seconds(engine, request, attempt) for attempt in range(ROUNDS)))
    return seconds


def _seconds(engine: Engine, request: EngineRequest, attempt: int) -> float:
    with engine.searcher() as searcher:
        # another number of reranked documents is another ranking to the engine, at the same price
        asked = dataclasses.replace(request, reranked=request.reranked - attempt)
        began = time.perf_counter()
        searcher.search(asked)
        return time.perf_counter() - began
