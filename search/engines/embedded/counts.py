"""Counts over matches: by value of a facet, and by day."""

from __future__ import annotations

import datetime as dt

import numpy as np

from search import deadline
from search.engine import FacetCounts, FacetRequest, Histogram, Listing
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Numbers, Snapshot
from search.facet_counts import facet_counts, selected_values
from search.histogram import histogram

MAX_SPAN = 200_000
"""Days (five centuries). Up to this span matches are counted in an array with one element per day."""


def count_values(snapshot: Snapshot, request: FacetRequest, listing: Listing, documents: Numbers) -> FacetCounts:
    """Return the counts of the values of a facet among `documents`."""
    deadline.check()
    column = snapshot.facets[request.field]
    if column.starts is None:
        ordinals = column.ordinals[documents]
    else:
        rows, _ = runs(column.starts, documents) if len(documents) else (documents, documents)
        ordinals = column.ordinals[rows]
    counts = np.bincount(ordinals, minlength=len(column.labels))
    present = np.flatnonzero(counts)
    # only the values that may be listed become texts: a facet may have many thousands
    chosen = present[np.lexsort((column.ranks[present], -counts[present]))[: request.limit]].tolist()
    chosen += [column.labels.index(value) for value in selected_values(request, listing) if value in column.labels]
    return facet_counts(
        request, listing, {column.labels[ordinal]: int(counts[ordinal]) for ordinal in chosen}, len(present)
    )


def count_days(snapshot: Snapshot, listing: Listing, documents: Numbers) -> Histogram:
    """Return the histogram of the days on which `documents` were published."""
    deadline.check()
    days = snapshot.days[documents]
    dated = days[days > 0].astype(np.int64)
    undated = len(days) - len(dated)
    first = int(dated.min(initial=dt.date.max.toordinal()))
    if not len(dated) or int(dated.max()) - first > MAX_SPAN:
        distinct, counts = np.unique(dated, return_counts=True)
        return histogram(distinct, counts, undated, listing.dates)
    by_day = np.bincount(dated - first)
    offsets = np.flatnonzero(by_day)
    return histogram(offsets + first, by_day[offsets], undated, listing.dates)
