"""The selections of a search as chips above the results; each links to the search without that selection."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from index.schema import FacetField
from search.request import FORM, SearchRequest
from web import dates, labels
from web.config import Digits, SourceNames
from web.labels import value_label
from web.links import Links


@dataclasses.dataclass(frozen=True, slots=True)
class Chip:
    """One selection, with the address of the search without it."""

    kind: str
    label: str
    href: str
    excluded: bool = False


def chips(request: SearchRequest, links: Links, names: SourceNames, digits: Digits) -> tuple[Chip, ...]:
    """Return all selections and exclusions: facet values, forms, days."""
    return (*_values(request, links, names), *_forms(request, links), *_days(request, links, digits))


def listing_chips(request: SearchRequest, links: Links) -> tuple[Chip, ...]:
    """Return the chip of a list of matches alone, which is no filter."""
    return () if request.further else (Chip(labels.LIST, labels.ALONE, links.listing(further=True)),)


def _values(request: SearchRequest, links: Links, names: SourceNames) -> Iterator[Chip]:
    for field in FacetField:
        kind = labels.FACETS[field]
        for value in request.selected.get(field, ()):
            yield Chip(kind, value_label(field, value, names), links.toggled(field, value))
        for value in request.excluded.get(field, ()):
            yield Chip(kind, value_label(field, value, names), links.excluded(field, value), excluded=True)


def _forms(request: SearchRequest, links: Links) -> Iterator[Chip]:
    for form in request.forms:
        yield Chip(labels.FORM, form, links.toggled(FORM, form))
    for form in request.dropped_forms:
        yield Chip(labels.FORM, form, links.excluded(FORM, form), excluded=True)


def _days(request: SearchRequest, links: Links, digits: Digits) -> Iterator[Chip]:
    selection = request.dates
    if selection.first or selection.last:
        words = dates.between(selection.first, selection.last, digits)
        yield Chip(labels.PUBLISHED, words, links.dates(dataclasses.replace(selection, first=None, last=None)))
    if selection.unknown:
        yield Chip(labels.PUBLISHED, labels.UNKNOWN, links.undated())
