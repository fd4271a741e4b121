"""Which values of a facet are listed."""

from __future__ import annotations

import pytest

from index.schema import FacetField
from search.engine import FacetCounts, FacetRequest, Listing, ValueCount
from search.facet_counts import facet_counts
from search.query import FacetFilter, MatchAll

COUNTS = {"c": 1, "b": 5, "a": 5, "d": 9}


def listed(counts: FacetCounts) -> list[tuple[str, int]]:
    return [(value.value, value.count) for value in counts.values]


@pytest.mark.parametrize(
    ("limit", "selected", "values", "other"),
    [
        (9, (), [("d", 9), ("a", 5), ("b", 5), ("c", 1)], 0),
        (2, (), [("d", 9), ("a", 5)], 2),
        (0, (), [], 4),
        (1, ("c",), [("d", 9), ("c", 1)], 2),
        (1, ("d",), [("d", 9)], 3),
        (1, ("x", "b"), [("d", 9), ("b", 5), ("x", 0)], 2),
    ],
)
def test_the_most_frequent_and_the_selected_values_are_listed_and_the_rest_is_counted(
    limit: int, selected: tuple[str, ...], values: list[tuple[str, int]], other: int
) -> None:
    listing = Listing(MatchAll(), selected=(FacetFilter(FacetField.SOURCE, selected),))
    counts = facet_counts(FacetRequest(FacetField.SOURCE, limit), listing, COUNTS, len(COUNTS))
    assert listed(counts) == values
    assert counts.other == other


def test_values_selected_in_another_facet_are_not_listed() -> None:
    listing = Listing(MatchAll(), selected=(FacetFilter(FacetField.AUTHOR, ("c",)),))
    counts = facet_counts(FacetRequest(FacetField.SOURCE, 1), listing, COUNTS, len(COUNTS))
    assert counts.values == (ValueCount("d", 9),)


def test_values_that_the_engine_did_not_return_are_counted_too() -> None:
    assert facet_counts(FacetRequest(FacetField.SOURCE, 2), Listing(MatchAll()), COUNTS, 3_000).other == 2_998
