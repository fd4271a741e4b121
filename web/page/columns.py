"""The facet column of the page: values with check boxes, matched forms, and a box to search each facet's values."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import NamedTuple

from index.schema import UNKNOWN_VALUE, FacetField
from search.engine import FacetCounts, FormCount, ValueCount
from search.request import FORM
from search.results import FacetResult, SearchResult
from web import labels
from web.config import Digits, SourceNames
from web.counting import MORE_FORMS, MORE_VALUES, number
from web.labels import value_label
from web.links import PAGE_FACETS, Links
from web.shortening import shortened

SHOWN_VALUES = 8
"""Values of a facet that are visible; the rest is in a collapsed list."""
SHOWN_OF_WORD = 3
"""Least number of forms of each word that are visible, if a query has several words."""
DROPPED = "أسقطتها"
"""Heading of the dropped forms beside those of several words."""


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
class FormGroup:
    """The forms of one word of the query."""

    heading: str
    """The word; empty if the query has one word."""
    shown: tuple[FormRow, ...]
    folded: tuple[FormRow, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class FormsView:
    """The matched forms in the column."""

    name: str
    label: str
    groups: tuple[FormGroup, ...]
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
    forms: tuple[FormGroup, ...]
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
        if counts is None or (len(counts.values) <= 1 and not request.forms and not request.dropped_forms):
            return None
        groups = self._form_groups(counts.values, result.words)
        if request.dropped_forms:
            dropped = tuple(self._dropped(form) for form in request.dropped_forms)
            groups.append(FormGroup(DROPPED if len(groups) > 1 else "", dropped, ()))
        return FormsView(
            name=FORM,
            label=labels.FORMS,
            groups=tuple(groups),
            other=MORE_FORMS.phrase(counts.other, self.digits) if counts.other else "",
            find=f"{PAGE_FACETS}{FORM}" if counts.other or any(group.folded for group in groups) else "",
        )

    def found(self, result: FacetResult, typed: str) -> FindView:
        """Return the page of the values that match `typed`."""
        counts = result.counts
        values: Sequence[Value] = ()
        forms: Sequence[FormGroup] = ()
        if isinstance(counts, FacetCounts):
            name, label, noun = counts.field.value, labels.FACETS[counts.field], MORE_VALUES
            values = self._values(counts.field, counts.values)
        else:
            name, label, noun = FORM, labels.FORMS, MORE_FORMS
            forms = self._form_groups(counts.values, result.words, shown=len(counts.values))
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
        kept = [value for place, value in enumerate(values) if place < SHOWN_VALUES or value.selected]
        folded = [value for place, value in enumerate(values) if place >= SHOWN_VALUES and not value.selected]
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

    def _form_groups(
        self, entries: Sequence[FormCount], words: Sequence[str], shown: int = SHOWN_VALUES
    ) -> list[FormGroup]:
        """Return the forms by word of the query; each word has at least a few of all `shown` rows."""
        by_word = {word: list(group) for word, group in itertools.groupby(entries, key=lambda entry: entry.word)}
        most = max(shown // max(len(by_word), 1), SHOWN_OF_WORD)
        groups = []
        for word, found in by_word.items():
            rows = self._form_rows(found)
            heading = shortened(words[word]) if len(by_word) > 1 else ""
            groups.append(FormGroup(heading, tuple(rows[:most]), tuple(rows[most:])))
        return groups

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
