"""Facets → the JSON of the API: each value with its count and the addresses that select and exclude it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TypeVar

from index.schema import PUBLISHED as PUBLISHED_FIELD
from search.engine import Bucket, FacetCounts, FormCount, FormCounts, Histogram, ValueCount
from search.request import DateSelection
from search.results import SearchResult
from web import labels, shape
from web.config import SourceNames
from web.links import Links
from web.params import FORM
from web.shortening import shortened

MAX_LINKS = 1_500_000
"""Bytes of the addresses of all values in one answer."""
UNDATED_VALUE = "unknown"
"""The value of `date=` for articles without a date."""

_Value = TypeVar("_Value", ValueCount, FormCount)


def affordable(result: SearchResult, links: Links) -> SearchResult:
    """Return the result with fewer values in its facets if their addresses would be larger than `MAX_LINKS` together.

    Every value has two addresses, and each repeats the whole search. What is selected stays; what is left out is
    counted in `other`, and the search within a facet finds it.
    """
    count = len(result.forms.values) + sum(len(facet.values) for facet in result.facets)
    most = MAX_LINKS // (2 * len(links.here()))
    if count <= most:
        return result
    share = most // (len(result.facets) + 1)
    forms, other = _few(result.forms.values, share, lambda value: links.selects(FORM, value.form))
    return dataclasses.replace(
        result,
        facets=tuple(_fewer(facet, share, links) for facet in result.facets),
        forms=FormCounts(forms, result.forms.other + other),
    )


def _fewer(facet: FacetCounts, share: int, links: Links) -> FacetCounts:
    values, other = _few(facet.values, share, lambda value: links.selects(facet.field.value, value.value))
    return FacetCounts(facet.field, values, facet.other + other)


def _few(values: Sequence[_Value], share: int, selected: Callable[[_Value], bool]) -> tuple[tuple[_Value, ...], int]:
    """Return the first `share` values and the selected ones, and how many others there are."""
    kept = tuple(value for place, value in enumerate(values) if place < share or selected(value))
    return kept, len(values) - len(kept)


def all_facets(
    result: SearchResult, links: Links, names: SourceNames
) -> list[shape.TermsFacetShape | shape.HistogramShape | shape.FormsFacetShape]:
    """Return the facets of a search in their order on the page: the date after the source, the forms last."""
    shown: list[shape.TermsFacetShape | shape.HistogramShape | shape.FormsFacetShape] = [
        _terms(counts, links, names) for counts in result.facets
    ]
    shown.insert(1, _histogram(result.histogram, links))
    shown.append(_forms(result.forms, links))
    return shown


def facet_values(
    counts: FacetCounts | FormCounts, links: Links, names: SourceNames
) -> shape.TermsFacetShape | shape.FormsFacetShape:
    """Return one facet of values or forms."""
    return _terms(counts, links, names) if isinstance(counts, FacetCounts) else _forms(counts, links)


def bucket_selected(bucket: Bucket, selection: DateSelection) -> bool:
    """Return whether the selected days are those of a bucket."""
    return (selection.first, selection.last) == (bucket.first, bucket.last)


def _forms(counts: FormCounts, links: Links) -> shape.FormsFacetShape:
    return {
        "name": FORM,
        "type": "forms",
        "label": labels.FORMS,
        "other": counts.other,
        "values": [
            {
                "value": entry.form,
                "label": shortened(entry.written),
                "level": entry.level.value,
                "count": entry.count,
                "selected": links.selects(FORM, entry.form),
                "toggle_url": links.toggled(FORM, entry.written),
                "exclude_url": links.excluded(FORM, entry.written),
            }
            for entry in counts.values
        ],
    }


def _terms(counts: FacetCounts, links: Links, names: SourceNames) -> shape.TermsFacetShape:
    selected = links.request.selected.get(counts.field, ())
    return {
        "name": counts.field.value,
        "type": "terms",
        "label": labels.FACETS[counts.field],
        "other": counts.other,
        "values": [
            {
                "value": entry.value,
                "label": labels.value_label(counts.field, entry.value, names),
                "count": entry.count,
                "selected": entry.value in selected,
                "toggle_url": links.toggled(counts.field, entry.value),
                "exclude_url": links.excluded(counts.field, entry.value),
            }
            for entry in counts.values
        ],
    }


def _histogram(histogram: Histogram, links: Links) -> shape.HistogramShape:
    selection = links.request.dates
    return {
        "name": PUBLISHED_FIELD,
        "type": "histogram",
        "label": labels.PUBLISHED,
        "interval": histogram.interval.value,
        "values": [
            {
                "from": bucket.first.isoformat(),
                "to": bucket.last.isoformat(),
                "count": bucket.count,
                "selected": bucket_selected(bucket, selection),
                "toggle_url": links.bucket(bucket.first, bucket.last),
            }
            for bucket in histogram.buckets
        ],
        "clear_url": links.dates(DateSelection(unknown=selection.unknown))
        if selection.first or selection.last
        else None,
        "unknown": {
            "value": UNDATED_VALUE,
            "label": labels.UNKNOWN,
            "count": histogram.unknown,
            "selected": selection.unknown,
            "toggle_url": links.undated(),
        },
    }
