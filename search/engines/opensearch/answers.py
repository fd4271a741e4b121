"""What the cluster's answers say: candidates, and counts by value, day and form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from index.engines.opensearch.encoding import unpacked_forward
from index.schema import FacetField
from search.engine import FacetCounts, FacetRequest, FormCounts, Histogram, Listing
from search.engines.opensearch.candidate_batch import Candidate
from search.engines.opensearch.formcounts import FormFacet
from search.facet_counts import facet_counts
from search.histogram import histogram

DAYS, FORMS, BEYOND = "days", "forms", "beyond"
"""Names of the aggregations that are not those of a facet field."""
COUNTS = "counts"
"""Name of the aggregation inside the filter of its facet."""

Answer = Mapping[str, Any]


def candidates(answer: Answer) -> list[Candidate]:
    """Return the hits of an answer, with their columns."""
    return [_candidate(hit["fields"]) for hit in answer["hits"]["hits"]]


def value_counts(request: FacetRequest, listing: Listing, first: Answer, second: Answer) -> FacetCounts:
    """Return the counts of a facet, given the answers to the first and the second aggregations."""
    name = request.field.value
    counts = {bucket["key"]: bucket["doc_count"] for bucket in first[name][COUNTS]["buckets"]}
    distinct = max(second[name][COUNTS]["value"], len(counts)) if name in second else len(counts)
    return facet_counts(request, listing, counts, distinct)


def day_counts(listing: Listing, first: Answer) -> Histogram:
    """Return the histogram of the matches, given the answer to the first aggregations."""
    buckets = first[DAYS][COUNTS]["buckets"]
    days = np.array([bucket["key"] for bucket in buckets], np.int64)
    counts = np.array([bucket["doc_count"] for bucket in buckets], np.int64)
    return histogram(days, counts, first[DAYS]["undated"]["doc_count"], listing.dates)


def form_counts(forms: FormFacet, first: Answer, second: Answer, limit: int) -> FormCounts:
    """Return the counts of the `limit` most frequent forms, given the answers to both aggregations."""
    whole, beyond = (
        {name: bucket["doc_count"] for name, bucket in second[facet][COUNTS]["buckets"].items()}
        if facet in second
        else {}
        for facet in (FORMS, BEYOND)
    )
    return forms.counts(word_counts(first), whole, beyond, limit)


def word_counts(first: Answer) -> dict[str, Any]:
    """Return the answers to the aggregations that count the articles of each word, by name."""
    counted = first.get(FORMS, {})
    return {name: value for name, value in counted.items() if isinstance(value, dict) and "buckets" in value}


def _candidate(fields: Mapping[str, Any]) -> Candidate:
    return Candidate(
        id=fields["id"][0],
        forward=unpacked_forward(fields["forward"][0]),
        day=fields.get("day", (0,))[0],
        facets={field: tuple(fields.get(field.value, ())) for field in FacetField},
    )
