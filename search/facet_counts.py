"""The counts of a facet as they are listed: the most frequent values, the selected ones, and how many are left out."""

from __future__ import annotations

from collections.abc import Mapping

from search.engine import FacetCounts, FacetRequest, Listing, ValueCount


def facet_counts(request: FacetRequest, listing: Listing, counts: Mapping[str, int], distinct: int) -> FacetCounts:
    """Return the counts of a facet.

    `counts` has the number of matches of each value; values that are neither selected nor among the `request.limit`
    most frequent may be missing. `distinct` is the number of values that some match has.
    """
    listed = dict(sorted(counts.items(), key=_rank)[: request.limit])
    added = {value: counts.get(value, 0) for value in selected_values(request, listing) if value not in listed}
    if added:
        listed = dict(sorted([*listed.items(), *added.items()], key=_rank))
    values = tuple([ValueCount(value, count) for value, count in listed.items()])
    return FacetCounts(request.field, values, distinct - sum(map(bool, listed.values())))


def selected_values(request: FacetRequest, listing: Listing) -> tuple[str, ...]:
    """Return the selected values of a facet."""
    return tuple(value for node in listing.selected if node.field == request.field for value in node.values)


def _rank(item: tuple[str, int]) -> tuple[int, str]:
    value, count = item
    return -count, value
