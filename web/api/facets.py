"""Facets → the JSON of the API: each value with its count and the addresses that select and exclude it."""

from __future__ import annotations

from index.schema import PUBLISHED as PUBLISHED_FIELD
from index.schema import FacetField
from search.engine import FacetCounts, FormCounts, Histogram
from search.request import FORM, DateSelection
from search.results import SearchResult
from web import labels
from web.api import shape
from web.config import SourceNames
from web.links import Links
from web.shortening import shortened

UNDATED_VALUE = "unknown"
"""The value of `date=` for articles without a date."""


def all_facets(
    result: SearchResult, links: Links, names: SourceNames
) -> list[shape.TermsFacetShape | shape.HistogramShape | shape.FormsFacetShape]:
    """Return the counted facets in their order on the page: the date after the source, the forms last."""
    shown: list[shape.TermsFacetShape | shape.HistogramShape | shape.FormsFacetShape] = [
        _terms(counts, links, names) for counts in result.facets
    ]
    if result.histogram is not None:
        after_source = bool(result.facets) and result.facets[0].field is FacetField.SOURCE
        shown.insert(int(after_source), _histogram(result.histogram, links))
    if result.forms is not None:
        shown.append(_forms(result.forms, links))
    return shown


def facet_values(
    counts: FacetCounts | FormCounts, links: Links, names: SourceNames
) -> shape.TermsFacetShape | shape.FormsFacetShape:
    """Return one facet of values or forms."""
    return _terms(counts, links, names) if isinstance(counts, FacetCounts) else _forms(counts, links)


def _forms(counts: FormCounts, links: Links) -> shape.FormsFacetShape:
    addresses = links.choices(FORM, [entry.written for entry in counts.values])
    return {
        "name": FORM,
        "type": "forms",
        "label": labels.FORMS,
        "other": counts.other,
        "values": [
            {
                "value": entry.form,
                "label": shortened(entry.written),
                "word": entry.word,
                "level": entry.level.value,
                "count": entry.count,
                "selected": links.selects(FORM, entry.form),
                "toggle_url": toggle,
                "exclude_url": exclude,
            }
            for entry, (toggle, exclude) in zip(counts.values, addresses, strict=True)
        ],
    }


def _terms(counts: FacetCounts, links: Links, names: SourceNames) -> shape.TermsFacetShape:
    selected = links.request.selected.get(counts.field, ())
    addresses = links.choices(counts.field.value, [entry.value for entry in counts.values])
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
                "toggle_url": toggle,
                "exclude_url": exclude,
            }
            for entry, (toggle, exclude) in zip(counts.values, addresses, strict=True)
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
                "from": days.first,
                "to": days.last,
                "count": bucket.count,
                "selected": days.selected,
                "toggle_url": days.href,
            }
            for bucket, days in zip(histogram.buckets, links.buckets(histogram.buckets), strict=True)
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
