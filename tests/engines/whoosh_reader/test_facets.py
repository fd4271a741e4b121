"""Whoosh sorts and groups by our columns; its counts equal those of the embedded engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whoosh import collectors, query, sorting
from whoosh.searching import Searcher
from whoosh.searching import TimeLimit as TimeIsOver

from index.document import Document
from index.schema import FacetField, Level, Section, TokenField
from search.engine import CountRequest, EngineRequest, EngineResult, FacetRequest, Listing
from search.engines import open_engine
from search.query import Alternative, Term
from tests.engines.articles import ZONE

LEMMA = "رئيس"
ASKED = query.Term("body_lemma", LEMMA)


@pytest.fixture(scope="module")
def ours(location: Path) -> Iterator[EngineResult]:
    """Return what the embedded engine says of the same term."""
    term = Term(LEMMA, 0, (Alternative(Level.EXACT, TokenField.LEMMA, LEMMA, 1.0),), (Section.BODY,))
    engine = open_engine(str(location))
    facets = tuple(FacetRequest(field, 1000) for field in FacetField)
    with engine.searcher() as searcher:
        yield searcher.search(EngineRequest(Listing(term), CountRequest(facets, histogram=True), limit=1000))
    engine.close()


def counted(searcher: Searcher, facet: Any) -> dict[Any, int]:
    counts: dict[Any, int] = searcher.search(ASKED, groupedby=facet, maptype=sorting.Count).groups()
    return counts


@pytest.mark.parametrize("field", [FacetField.SOURCE, FacetField.AUTHOR, FacetField.SECTION])
def test_groups_are_counted_as_by_the_engine(field: FacetField, searcher: Searcher, ours: EngineResult) -> None:
    (facet,) = (facet for facet in ours.facets if facet.field == field)

    assert counted(searcher, field.value) == {value.value: value.count for value in facet.values}
    assert ours.total > 5


def test_a_field_of_several_values_is_grouped_with_overlap(
    searcher: Searcher, ours: EngineResult, articles: dict[str, Document]
) -> None:
    (facet,) = (facet for facet in ours.facets if facet.field == FacetField.AGENCY)

    found = counted(searcher, sorting.FieldFacet("agency", allow_overlap=True))

    assert found.pop(None) == sum(1 for hit in ours.hits if not articles[hit.id].agencies)
    assert found == {value.value: value.count for value in facet.values}


def test_days_are_grouped_as_by_the_engine(searcher: Searcher, ours: EngineResult) -> None:
    assert ours.histogram is not None
    found = counted(searcher, "day")

    assert found.pop(None, 0) == ours.histogram.unknown
    by_bucket = [
        sum(count for day, count in found.items() if bucket.first <= day.date() <= bucket.last)
        for bucket in ours.histogram.buckets
    ]
    assert by_bucket == [bucket.count for bucket in ours.histogram.buckets]
    assert sum(by_bucket) > 5


def test_groups_hold_documents_in_the_order_of_the_results(searcher: Searcher) -> None:
    results = searcher.search(ASKED, groupedby="source", limit=None)

    for label, documents in results.groups("source").items():
        expected = [hit.docnum for hit in results if hit.get("source", "-") == label]
        assert documents == expected


def test_ranges_of_dates_are_facets_too(searcher: Searcher, articles: dict[str, Document]) -> None:
    days = sorting.DateRangeFacet("day", dt.datetime(2024, 1, 1), dt.datetime(2026, 1, 1), dt.timedelta(days=366))  # noqa: DTZ001 - Whoosh's have no zone

    found = searcher.search(query.Every(), groupedby=days, maptype=sorting.Count).groups()

    dated = [article.published_day(ZONE) for article in articles.values()]
    expected = sum(1 for day in dated if day and dt.date(2024, 1, 1) <= day < dt.date(2025, 1, 1))
    assert found[(dt.datetime(2024, 1, 1), dt.datetime(2025, 1, 1))] == expected > 1  # noqa: DTZ001


@pytest.mark.parametrize("reverse", [False, True])
def test_hits_are_sorted_by_time(*, reverse: bool, searcher: Searcher, articles: dict[str, Document]) -> None:
    results = searcher.search(query.Every(), sortedby=sorting.FieldFacet("published", reverse=reverse), limit=None)

    timestamps = [articles[hit["id"]].published_time(ZONE) for hit in results]
    known = [timestamp for timestamp in timestamps if timestamp is not None]
    assert known == sorted(known, reverse=reverse)
    assert timestamps[len(known) :] == [None] * (len(timestamps) - len(known)), "unknown timestamps come last"
    assert 5 < len(known) < len(timestamps)


@pytest.mark.parametrize("reverse", [False, True])
def test_hits_are_sorted_by_source(*, reverse: bool, searcher: Searcher) -> None:
    facet = sorting.FieldFacet("source", reverse=reverse)

    found = [hit.get("source") for hit in searcher.search(query.Every(), sortedby=facet, limit=None)]

    assert found == sorted(found, reverse=reverse)
    assert len(set(found)) > 2


def test_a_search_has_a_time_limit(searcher: Searcher) -> None:
    collector = collectors.TimeLimitCollector(searcher.collector(limit=None), 10)
    searcher.search_with_collector(ASKED, collector)
    assert len(collector.results()) == len(searcher.search(ASKED, limit=None))

    late = collectors.TimeLimitCollector(searcher.collector(limit=None), -1, use_alarm=False)
    with pytest.raises(TimeIsOver):
        searcher.search_with_collector(ASKED, late)


def test_filters_masks_and_collapsing_work(searcher: Searcher) -> None:
    every = {hit["id"]: hit.get("source") for hit in searcher.search(ASKED, limit=None)}
    of_a = query.Term("source", "a")

    assert {hit["id"] for hit in searcher.search(ASKED, filter=of_a, limit=None)} == {
        name for name, source in every.items() if source == "a"
    }
    assert {hit["id"] for hit in searcher.search(ASKED, mask=of_a, limit=None)} == {
        name for name, source in every.items() if source != "a"
    }
    collapsed = [hit.get("source") for hit in searcher.search(ASKED, collapse="source", limit=None)]
    assert sorted(collapsed) == sorted(set(every.values()))
