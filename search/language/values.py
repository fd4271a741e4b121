"""Reads the facet values and dates in a query."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

from index.schema import FacetField
from index.sources.dates import parse_date
from search.query import DateRange, FacetFilter

_RANGE = re.compile(r"(.*?)\.\.(.*)", re.DOTALL)


class Values:
    """Reads values. Safe to share among threads."""

    def __init__(self, fold: Callable[[str], str], *, zone: dt.tzinfo, labels: Mapping[str, str]) -> None:
        """Interpret dates in `zone`; `labels` are the names of sources by id."""
        self._fold = fold
        self._zone = zone
        self._source_ids: dict[str, tuple[str, ...]] = {}
        for source, name in labels.items():
            folded = folded_value(fold, name)
            self._source_ids[folded] = (*self._source_ids.get(folded, ()), source)

    def having(self, field: FacetField, value: str) -> FacetFilter:
        """Return the filter for a value as typed; a source may be given by its name.

        `search.typed_values` replaces the value by those that the index has.
        """
        if field is FacetField.SOURCE:
            return FacetFilter(field, self._source_ids.get(folded_value(self._fold, value), (value,)))
        return FacetFilter(field, (value,))

    def days(self, text: str) -> DateRange | None:
        """Return the days of a date or of a range `first..last`, either end of which may be missing; else None."""
        span = _RANGE.fullmatch(text)
        ends = [end.strip() for end in span.groups()] if span else [text, text]
        dates = [parse_date(end, zone=self._zone) if end else None for end in ends]
        if any(end and date is None for end, date in zip(ends, dates, strict=True)) or dates == [None, None]:
            return None
        return DateRange(dates[0].first if dates[0] else None, dates[1].last if dates[1] else None)


def folded_value(fold: Callable[[str], str], value: str) -> str:
    """Return the letters by which values of a field are compared: folded, with one space between words."""
    return " ".join(fold(value).split())
