"""Every engine gives the results of the reference engine, for random articles and random trees."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index.document import AnalyzedDocument
from index.schema import LADDER, FacetField, Level, Section
from search.engine import EngineHit, EngineRequest, EngineResult, FacetRequest
from search.query import And, AtLeast, DateRange, FacetFilter, MatchAll, Near, Node, Not, Or, Phrase, Prefix
from search.request import Sort
from tests.engines.articles import article, asked, term, written
from tests.engines.kinds import Archives, Engine, embedded_engine, reference_engine

WORDS = ("book", "bo'ok", "al-book", "bookish", "booze", "pen", "pencil", "ink", "of", "o'f", "in")
DAYS = [None, *(dt.date(2025, 1, 1) + dt.timedelta(days=7 * number) for number in range(4))]

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
sections = st.sampled_from([(Section.TITLE,), (Section.BODY,), tuple(Section)])
content_terms = st.builds(
    lambda text, number, level, where, within: dataclasses.replace(
        term(text, number, widest=level, sections=where), within=within
    ),
    st.sampled_from([word for word in WORDS if word not in ("of", "o'f", "in", "bo'ok")]),
    st.integers(0, 3),
    st.sampled_from([Level.EXACT, Level.CLITIC, Level.LEMMA, Level.ROOT]),
    sections,
    st.sampled_from([None, None, None, 0, 1, 3]),
).flatmap(lambda made: st.sampled_from([made, made, dataclasses.replace(made, without=("book", "booze"))]))
stop_terms = st.builds(
    lambda made, number, where, within: dataclasses.replace(made, word=number, sections=where, within=within),
    st.sampled_from([term("of"), term("in"), written("of"), written("o'f")]),
    st.integers(0, 3),
    sections,
    st.sampled_from([None, None, None, 1, 3]),
)
terms = st.one_of(content_terms, content_terms, stop_terms)
phrases = st.builds(
    lambda words, gaps: Phrase(tuple(words), tuple(itertools.accumulate(gaps[: len(words) - 1], initial=0))),
    st.lists(terms, min_size=2, max_size=4),
    st.lists(st.sampled_from([1, 1, 1, 2]), min_size=3, max_size=3),
)
nearby = st.builds(
    lambda words, slop, ordered: Near(tuple(words), slop, ordered),
    st.lists(terms, min_size=2, max_size=3),
    st.integers(0, 3),
    st.booleans(),
)
prefixes = st.builds(Prefix, st.sampled_from(["b", "boo", "pen", "al-", "x"]), st.integers(0, 3), sections)
often = st.builds(AtLeast, terms, st.integers(1, 4))
filters = st.one_of(
    st.just(MatchAll()),
    st.builds(FacetFilter, st.sampled_from(list(FacetField)), st.sampled_from([("x",), ("-",), ("r", "y")])),
    st.builds(DateRange, st.sampled_from(DAYS), st.sampled_from(DAYS), st.booleans()),
)
trees: st.SearchStrategy[Node] = st.recursive(
    st.one_of(terms, phrases, nearby, prefixes, often, filters),
    lambda nodes: st.one_of(
        st.builds(And, st.lists(nodes, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(nodes, min_size=1, max_size=3).map(tuple), st.integers(1, 2)),
        st.builds(Not, nodes),
    ),
    max_leaves=6,
)
requests = st.builds(
    lambda query, partial, **values: asked(query, partial=partial and Or((query, partial)), **values),
    query=trees,
    partial=st.one_of(st.none(), trees),
    match=st.sampled_from(LADDER),
    tiered=st.booleans(),
    typed=st.one_of(st.none(), terms.filter(lambda term: not term.stop)),
    further=st.booleans(),
    selected=st.lists(
        st.builds(FacetFilter, st.sampled_from(list(FacetField)), st.sampled_from([("x",), ("r", "-")])),
        max_size=2,
        unique_by=lambda node: node.field,
    ).map(tuple),
    excluded=st.lists(st.builds(FacetFilter, st.just(FacetField.SOURCE), st.just(("y",))), max_size=1).map(tuple),
    dates=st.one_of(st.none(), st.builds(DateRange, st.sampled_from(DAYS), st.sampled_from(DAYS), st.booleans())),
    forms=st.sampled_from([(), (), ("book",), ("al-book", "booze", "x")]),
    facets=st.just(tuple(FacetRequest(field, 2) for field in FacetField)),
    histogram=st.just(value=True),
    form_limit=st.sampled_from([None, 0, 2, 9]),
    sort=st.sampled_from(list(Sort)),
    reranked=st.sampled_from([0, 1, 3, 200]),
    recency=st.booleans(),
    offset=st.integers(0, 3),
    limit=st.integers(0, 10),
    explained=st.booleans(),
)
articles = st.builds(
    lambda number, text, title, source, agencies, published: article(
        str(number), text, title=title, source=source, agencies=agencies, published=published
    ),
    st.integers(0, 9),
    texts,
    texts,
    st.sampled_from([None, "x", "y"]),
    st.sampled_from([(), ("r",), ("r", "t")]),
    st.sampled_from(DAYS),
)
batches = st.lists(st.tuples(st.lists(articles, max_size=5), st.lists(st.integers(0, 9), max_size=2)), max_size=3)


History = list[tuple[list[AnalyzedDocument], list[int]]]


@contextmanager
def filled(history: History, engine: Engine | None = None) -> Iterator[tuple[Engine, Engine]]:
    """Yield an engine (by default an embedded one) and the reference engine, after the same history."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        engines: tuple[Engine, Engine] = (engine or embedded_engine(Path(folder)), reference_engine(Path(folder)))
        for each in engines:
            if each is not engine:
                opened.callback(each.close)
            for added, deleted in history:
                with each.writer() as writer:
                    writer.add(added)
                    writer.delete(map(str, deleted))
                    writer.commit()
        yield engines


def answer(engine: Engine, request: EngineRequest) -> EngineResult:
    with engine.searcher() as searcher:
        return searcher.search(request)


@settings(max_examples=60, deadline=None)
@given(history=batches, requested=st.lists(requests, min_size=1, max_size=8))
@example(  # two words of a phrase match the same token, at two levels
    history=[([article("0", "", title="book al-book")], [])],
    requested=[
        asked(Near((term("book", 0, widest=Level.EXACT), term("book", 1), term("al-book", 2, widest=Level.EXACT)), 0))
    ],
)
def test_the_embedded_engine_answers_like_the_reference(history: History, requested: list[EngineRequest]) -> None:
    with filled(history) as engines:
        assert_equal(*engines, requested)


@pytest.mark.opensearch
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=batches, requested=st.lists(requests, min_size=4, max_size=8))
def test_the_opensearch_engine_answers_like_the_reference(
    archives: Archives, history: History, requested: list[EngineRequest]
) -> None:
    with archives.engine() as engine, filled(history, engine) as engines:
        assert_equal(*engines, requested)


@pytest.mark.torture
@pytest.mark.opensearch
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=batches, requested=st.lists(requests, min_size=4, max_size=8))
def test_the_opensearch_engine_answers_like_the_reference_for_long(
    archives: Archives, history: History, requested: list[EngineRequest]
) -> None:
    with archives.engine() as engine, filled(history, engine) as engines:
        assert_equal(*engines, requested)


def assert_equal(engine: Engine, reference: Engine, requested: list[EngineRequest]) -> None:
    for request in requested:
        found, expected = answer(engine, request), answer(reference, request)
        assert _without_scores(found) == _without_scores(expected)
        assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits])
        if request.explained:
            for ours, theirs in zip(map(_explained, found.hits), map(_explained, expected.hits), strict=True):
                assert [key for key, _ in ours] == [key for key, _ in theirs]
                assert [value for _, value in ours] == pytest.approx([value for _, value in theirs])


def _explained(hit: EngineHit) -> list[tuple[str, float]]:
    """Return the parts of a hit's score, sorted."""
    assert hit.explanation is not None
    assert hit.explanation.score == pytest.approx(hit.score)
    assert sum(part.value for part in hit.explanation.parts) == pytest.approx(hit.score)
    return sorted((repr(dataclasses.replace(part, value=0.0)), part.value) for part in hit.explanation.parts)


def test_many_small_commits_that_the_engine_merges_change_no_answer() -> None:
    history: History = [
        ([article(str(number), f"book pen{number} " * (number % 4 + 1), source="xy"[number % 2])], [number - 3])
        for number in range(24)
    ]
    with filled(history) as (engine, reference):
        for query in (term("book"), term("pen", widest=Level.ROOT), MatchAll()):
            request = asked(query, facets=(FacetRequest(FacetField.SOURCE, 5),), limit=50)
            found, expected = answer(engine, request), answer(reference, request)
            assert _without_scores(found) == _without_scores(expected)
            assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits])


def _without_scores(result: EngineResult) -> EngineResult:
    """Return the result with equal scores, and hits of equal score in the order of their ids."""
    hits = tuple(hit._replace(score=0.0, explanation=None) for hit in result.hits)
    return dataclasses.replace(result, hits=hits)
