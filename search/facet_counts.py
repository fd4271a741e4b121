"""The counts of a facet as they are listed: which values or forms, in which order, and how many are left out."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

from search.engine import FacetCounts, FacetRequest, FormCount, FormCounts, Listing, ValueCount


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


def form_counts(by_word: Sequence[Sequence[FormCount]], total: int, limit: int) -> FormCounts:
    """Return the counts of `limit` forms: each word of the query in turn gives its next one.

    `by_word` has the first `limit` forms of each word, in their order; `total` is the number of forms of all words.
    """
    turns = [number for turn in itertools.zip_longest(*by_word) for number, form in enumerate(turn) if form is not None]
    given = Counter(turns[:limit])
    listed = tuple(form for number, forms in enumerate(by_word) for form in forms[: given[number]])
    return FormCounts(listed, total - len(listed))


def selected_values(request: FacetRequest, listing: Listing) -> tuple[str, ...]:
    """Return the selected values of a facet."""
    return tuple(value for node in listing.selected if node.field == request.field for value in node.values)


def _rank(item: tuple[str, int]) -> tuple[int, str]:
    value, count = item
    return -count, value
