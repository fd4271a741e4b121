"""Query string → SearchRequest or a text to analyze, or an error that names the parameter.

The page and the API take the same parameters. An empty value counts as not given, since a form sends its empty boxes
too. `stories` is accepted although the feature does not exist yet; `story` in the answer is null.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import enum
import re
from collections.abc import Callable

from index.analysis.arabic.folding import fold
from index.schema import LADDER, FacetField, Level
from search.language.limits import MAX_FILTERS
from search.request import MAX_DEPTH, MAX_QUERY_LENGTH, DateSelection, SearchRequest, Sort
from web.arguments import CONTROLS, Arguments, ParameterError, no_choice
from web.config import SourceNames
from web.counting import ascii_digits

MAX_TEXT_LENGTH = 1000
"""Longest text to analyze in code points, about a paragraph."""
MAX_PER_PAGE = 100
EXTRAS = ("evidence", "explain", "positions")

SINGLE = ("q", "match", "variants", "from", "to", "date", "sort", "boost", "page", "per_page", "stories", "second_try")
FORM = "form"
"""The facet of the forms that words were found as; its values are the same however they are spelled."""
FACETS = (*(field.value for field in FacetField), FORM)
"""Facets with values to select, and as `not_…` to exclude."""
FILTERS = tuple(f"{prefix}{name}" for name in FACETS for prefix in ("", "not_"))
NAMES = (*SINGLE, *FILTERS, "extra")
FACET_NAMES = (*NAMES, "prefix")
ANALYZE_NAMES = ("text",)

_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?", re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class Parameters:
    """A parsed query string: the search request, and what only the answer depends on."""

    request: SearchRequest = dataclasses.field(default_factory=SearchRequest)
    extra: tuple[str, ...] = ()
    stories: bool = True


def parse(query_string: str, names: SourceNames, *, tolerant: bool = False) -> Parameters:
    """Return the parameters of a query string (percent-encoded); `tolerant` ignores tracking parameters of other sites.

    Raises:
        ParameterError: a name or value is unknown, malformed, repeated or too large.
    """
    return _parameters(Arguments(query_string, NAMES, tolerant=tolerant), names)


def parse_facet(query_string: str, names: SourceNames, *, tolerant: bool = False) -> tuple[Parameters, str]:
    """Return the parameters of a search within a facet, and the `prefix` that its values are searched by.

    Raises:
        ParameterError: as `parse` does.
    """
    values = Arguments(query_string, FACET_NAMES, tolerant=tolerant)
    return _parameters(values, names), _typed(values, "prefix")


def _parameters(values: Arguments, names: SourceNames) -> Parameters:
    _check_filters(values)
    extra = _extra(values)
    request = SearchRequest(
        text=_typed(values, "q"),
        match=values.choice("match", {level.value: level for level in LADDER}, Level.ROOT),
        variants=values.switch("variants", default=True),
        selected=_filters(values, "", names),
        excluded=_filters(values, "not_", names),
        forms=_forms(values, FORM),
        dropped_forms=_forms(values, f"not_{FORM}"),
        dates=_dates(values),
        sort=values.choice("sort", {sort.value: sort for sort in Sort}, Sort.RELEVANCE),
        recency=values.choice("boost", {"recency": True}, default=False),
        second_try=values.switch("second_try", default=True),
        page=values.number("page", 1, MAX_DEPTH),
        per_page=values.number("per_page", 20, MAX_PER_PAGE),
        explained="explain" in extra,
        positioned="positions" in extra,
    )
    if request.page * request.per_page > MAX_DEPTH:
        raise ParameterError(
            "too-deep",
            "Page out of reach",
            f"لا يصل التصفح إلى أبعد من النتيجة {MAX_DEPTH}؛ ضيّق البحث بمرشّح أو بكلمة أخرى.",
            "page",
        )
    values.check_length()
    return Parameters(
        request=request,
        extra=extra,
        stories=values.switch("stories", default=True),
    )


def parse_text(query_string: str, *, tolerant: bool = False) -> str:
    """Return the text to analyze from a query string (percent-encoded), empty if it gives none.

    Raises:
        ParameterError: a name is unknown, or the text is given twice, not UTF-8 or too long.
    """
    values = Arguments(query_string, ANALYZE_NAMES, tolerant=tolerant)
    text = values.one("text") or ""
    if len(text) > MAX_TEXT_LENGTH:
        raise ParameterError(
            "value-too-long",
            "Text too long",
            f"طول النص {len(text)} حرفا، والحد الأعلى {MAX_TEXT_LENGTH}.",
            "text",
            MAX_TEXT_LENGTH,
        )
    # Each control character becomes one space, so that offsets hold for the text that was sent.
    return CONTROLS.sub(" ", text)


def _check_filters(values: Arguments) -> None:
    """Check the number of values: every value of an answer has an address that repeats all of them.

    Raises:
        ParameterError: there are more than `MAX_FILTERS`.
    """
    count = sum(len(values.many(name)) for name in FILTERS)
    if count > MAX_FILTERS:
        raise ParameterError(
            "too-many-filters", "Too many filters", f"عدد قيم المرشّحات {count}، والحد الأعلى {MAX_FILTERS}."
        )


def _typed(values: Arguments, name: str) -> str:
    text = values.one(name) or ""
    if len(text) > MAX_QUERY_LENGTH:
        raise ParameterError(
            "query-too-long",
            "Query too long",
            f"طول نص البحث {len(text)} حرفا، والحد الأعلى {MAX_QUERY_LENGTH}.",
            name,
            MAX_QUERY_LENGTH,
        )
    return CONTROLS.sub(" ", text).strip()


def _filters(values: Arguments, prefix: str, names: SourceNames) -> dict[FacetField, tuple[str, ...]]:
    chosen: dict[FacetField, tuple[str, ...]] = {}
    for field in FacetField:
        read: Callable[[str], str] = names.id if field is FacetField.SOURCE else str
        if found := {read(value) for value in values.many(f"{prefix}{field.value}")}:
            chosen[field] = tuple(sorted(found))
    return chosen


def _forms(values: Arguments, name: str) -> tuple[str, ...]:
    """Return the forms as they are spelled, of spellings that fold alike the first."""
    return tuple(sorted({fold(value): value for value in reversed(values.many(name))}.values()))


def _dates(values: Arguments) -> DateSelection:
    first, last = _date(values, "from", _Edge.FIRST), _date(values, "to", _Edge.LAST)
    if first and last and first > last:
        raise ParameterError(
            "empty-range", "Range ends before it begins", f"نهاية المدة ({last}) قبل بدايتها ({first}).", "to"
        )
    unknown = values.choice("date", {"unknown": True}, default=False)
    return DateSelection(first, last, unknown)


class _Edge(enum.Enum):
    FIRST = enum.auto()
    LAST = enum.auto()


def _date(values: Arguments, name: str, edge: _Edge) -> dt.date | None:
    value = values.one(name)
    if value is None:
        return None
    found = _DATE.fullmatch(ascii_digits(value.strip()))
    if not found:
        raise _bad_date(name, value)
    year, month, day = (int(group) if group else None for group in found.groups())
    try:
        return _day(year or 0, month, day, edge)
    except ValueError as error:
        raise _bad_date(name, value) from error


def _day(year: int, month: int | None, day: int | None, edge: _Edge) -> dt.date:
    """Return the day of a date; a year or month is its first day in `from`, its last in `to`. Raises ValueError."""
    if month is None:
        month = 1 if edge is _Edge.FIRST else 12
    if day is None:
        day = 1 if edge is _Edge.FIRST else calendar.monthrange(year, month)[1]
    return dt.date(year, month, day)


def _extra(values: Arguments) -> tuple[str, ...]:
    asked = {name.strip() for value in values.many("extra") for name in value.split(",") if name.strip()}
    for name in sorted(asked):
        if name not in EXTRAS:
            raise no_choice("extra", name, EXTRAS)
    return tuple(sorted(asked))


def _bad_date(name: str, value: str) -> ParameterError:
    detail = f"لم نفهم التاريخ «{value[:60]}»؛ اكتب يوما مثل 2024-03-15 أو شهرا مثل 2024-03 أو سنة مثل 2024."
    return ParameterError("bad-date", "Unreadable date", detail, name, 0)
