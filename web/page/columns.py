"""The facet column of the page: values with check boxes, matched forms, and a box to search each facet's values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from index.schema import UNKNOWN_VALUE, FacetField
from search.engine import FacetCounts, FormCount, ValueCount
from search.results import FacetResult, SearchResult
from web import labels
from web.config import Digits, SourceNames
from web.counting import MORE_FORMS, MORE_VALUES, number
from web.labels import value_label
from web.links import PAGE_FACETS, Links
from web.parameters import FORM
from web.shortening import shortened

SHOWN_VALUES = 8
"""Values of a facet that are visible; the rest is in a collapsed list."""

_Row = TypeVar("_Row")


class Value(NamedTuple):
    """One row of a facet."""

    value: str
    label: str
    matches: str
    share: int
    """Count in per cent of the largest count of the facet; the length of the bar behind the row."""
    selected: bool
    exclude_href: str


@dataclasses.dataclass(frozen=True, slots=True)
class FacetView:
    """One facet of the column."""

    name: str
    label: str
    shown: tuple[Value, ...]
    folded: tuple[Value, ...]
    other: str
    find: str
    """Address of the page that searches its values; empty when all are listed."""


class FormRow(NamedTuple):
    """A form that matched words of the query; if it is not ticked, it does not match."""

    label: str
    level: str
    level_label: str
    matches: str
    """Empty for a dropped form, which matches nothing."""
    ticked: bool
    tick_href: str
    only_href: str
    """Empty when it is the only selected form."""


@dataclasses.dataclass(frozen=True, slots=True)
class FormsView:
    """The matched forms in the column."""

    name: str
    label: str
    shown: tuple[FormRow, ...]
    folded: tuple[FormRow, ...]
    other: str
    find: str


@dataclasses.dataclass(frozen=True, slots=True)
class FindView:
    """The page that searches the values of one facet."""

    label: str
    typed: str
    find: str
    arguments: tuple[tuple[str, str], ...]
    values: tuple[tuple[Value, str], ...]
    """Each with the address that selects it, or deselects it if it is selected."""
    forms: tuple[FormRow, ...]
    other: str
    search_href: str


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """Builds the rows of one search, with links to addresses of the page."""

    links: Links
    names: SourceNames
    digits: Digits

    def facets(self, result: SearchResult) -> tuple[FacetView, ...]:
        """Return the facets that have a known value or a selection."""
        return tuple(view for counts in result.facets if (view := self._facet(counts)))

    def forms(self, result: SearchResult) -> FormsView | None:
        """Return the forms, dropped ones last; None if there is at most one form and no selection."""
        request, counts = self.links.request, result.forms
        rows = self._form_rows(counts.values)
        rows += [self._dropped(form) for form in request.dropped_forms]
        if len(rows) <= 1 and not request.forms and not request.dropped_forms:
            return None
        kept, folded = _folded(rows, lambda row: not row.matches)
        return FormsView(
            name=FORM,
            label=labels.FORMS,
            shown=tuple(kept),
            folded=tuple(folded),
            other=MORE_FORMS.phrase(counts.other, self.digits) if counts.other else "",
            find=f"{PAGE_FACETS}{FORM}" if folded or counts.other else "",
        )

    def found(self, result: FacetResult, typed: str) -> FindView:
        """Return the page of the values that match `typed`."""
        counts = result.counts
        values: Sequence[Value] = ()
        forms: Sequence[FormRow] = ()
        if isinstance(counts, FacetCounts):
            name, label, noun = counts.field.value, labels.FACETS[counts.field], MORE_VALUES
            values = self._values(counts.field, counts.values)
        else:
            name, label, noun = FORM, labels.FORMS, MORE_FORMS
            forms = self._form_rows(counts.values)
        return FindView(
            label=label,
            typed=typed,
            find=f"{PAGE_FACETS}{name}",
            arguments=tuple(self.links.arguments()),
            values=tuple((value, self.links.toggled(name, value.value)) for value in values),
            forms=tuple(forms),
            other=noun.phrase(counts.other, self.digits) if counts.other else "",
            search_href=self.links.here(),
        )

    def _facet(self, counts: FacetCounts) -> FacetView | None:
        request, field = self.links.request, counts.field
        selected, excluded = request.selected.get(field, ()), request.excluded.get(field, ())
        listed = {entry.value for entry in counts.values}
        entries = [*counts.values, *(ValueCount(value, 0) for value in selected if value not in listed)]
        if not selected and not excluded and listed <= {UNKNOWN_VALUE}:
            return None
        values = self._values(field, entries)
        # Selected values are never in the collapsed list.
        kept, folded = _folded(values, lambda value: value.selected)
        return FacetView(
            name=field.value,
            label=labels.FACETS[field],
            shown=tuple(kept),
            folded=tuple(folded),
            other=MORE_VALUES.phrase(counts.other, self.digits) if counts.other else "",
            find=f"{PAGE_FACETS}{field.value}" if folded or counts.other else "",
        )

    def _values(self, field: FacetField, entries: Sequence[ValueCount]) -> list[Value]:
        highest = max((entry.count for entry in entries), default=0) or 1
        selected = self.links.request.selected.get(field, ())
        addresses = self.links.choices(field.value, [entry.value for entry in entries])
        return [
            Value(
                value=entry.value,
                label=value_label(field, entry.value, self.names),
                matches=number(entry.count, self.digits),
                share=round(100 * entry.count / highest),
                selected=entry.value in selected,
                exclude_href=exclude,
            )
            for entry, (_, exclude) in zip(entries, addresses, strict=True)
        ]

    def _form_rows(self, entries: Sequence[FormCount]) -> list[FormRow]:
        links, chosen = self.links, len(self.links.request.forms)
        return [
            FormRow(
                label=shortened(entry.written),
                level=entry.level.value,
                level_label=labels.LEVELS[entry.level],
                matches=number(entry.count, self.digits),
                ticked=not chosen or links.selects(FORM, entry.form),
                # Without a selection all forms match and all boxes are ticked, so unticking a box drops its form.
                tick_href=links.toggled(FORM, entry.written) if chosen else links.excluded(FORM, entry.written),
                only_href="" if chosen == 1 and links.selects(FORM, entry.form) else links.only(FORM, entry.written),
            )
            for entry in entries
        ]

    def _dropped(self, form: str) -> FormRow:
        return FormRow(
            shortened(form), "", "", "", ticked=False, tick_href=self.links.excluded(FORM, form), only_href=""
        )


def _folded(rows: Sequence[_Row], stays: Callable[[_Row], bool]) -> tuple[list[_Row], list[_Row]]:
    """Return the rows that are visible, the first ones and those that stay, and the rest."""
    kept: list[_Row] = list(rows[:SHOWN_VALUES])
    folded: list[_Row] = []
    for row in rows[SHOWN_VALUES:]:
        (kept if stays(row) else folded).append(row)
    return kept, folded
