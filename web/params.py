"""Query string → SearchRequest or a text to analyze, or an error that names the parameter.

Page and endpoint read the same parameters.

An empty value counts as not given, since a form sends its empty boxes too. `stories` and
`extra=explain` are accepted before what they switch exists: the answer says so itself (its `story` and
`explanation` are null). `form` is refused until then, because an ignored filter would give a wrong answer silently.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import difflib
import enum
import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from index.schema import LADDER, FacetField, Level
from search.request import MAX_DEPTH, MAX_QUERY_LENGTH, DateSelection, SearchRequest, Sort
from web.counting import ascii_digits
from web.labels import SourceNames

MAX_TEXT_LENGTH = 1000
"""Code points of a text to be analyzed: a paragraph."""
MAX_ARGUMENTS = 1000
"""Arguments of one query string; a page with every box ticked has a few hundred."""
MAX_PER_PAGE = 100
EXTRAS = ("evidence", "explain")

SINGLE = ("q", "match", "variants", "from", "to", "date", "sort", "boost", "page", "per_page", "stories", "second_try")
FILTERS = tuple(f"{prefix}{field.value}" for field in FacetField for prefix in ("", "not_"))
LATER = ("form", "not_form")
NAMES = (*SINGLE, *FILTERS, "extra", *LATER)
ANALYZE_NAMES = ("text",)

_TRACKERS = re.compile(r"utm_\w+|fbclid|gclid|igshid|mc_cid|mc_eid|ref|_ga")
"""What other sites append to shared links; the page passes over them."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?", re.ASCII)

_Choice = TypeVar("_Choice")


class ParameterError(Exception):
    """A query string that cannot be answered; becomes a 400."""

    def __init__(
        self, slug: str, title: str, detail: str, param: str | None = None, position: int | None = None
    ) -> None:
        """Hold the stable name of the fault, its English title, the Arabic sentence, and its place in the value."""
        super().__init__(f"{param}: {title}" if param else title)
        self.slug = slug
        self.title = title
        self.detail = detail
        self.param = param
        self.position = position


@dataclasses.dataclass(frozen=True, slots=True)
class Parameters:
    """Everything that a query string can ask."""

    request: SearchRequest = dataclasses.field(default_factory=SearchRequest)
    extra: tuple[str, ...] = ()
    stories: bool = True


def parse(query_string: str, names: SourceNames, *, tolerant: bool = False) -> Parameters:
    """Return what a query string (still percent-encoded) asks; `tolerant` passes over the marks of other sites.

    Raises:
        ParameterError: a name or value is unknown, unreadable, repeated or too large.
    """
    values = _Values(_split(query_string, NAMES), NAMES, tolerant=tolerant)
    request = SearchRequest(
        text=_text(values),
        match=values.choice("match", {level.value: level for level in LADDER}, Level.ROOT),
        variants=values.switch("variants", default=True),
        selected=_filters(values, "", names),
        excluded=_filters(values, "not_", names),
        dates=_dates(values),
        sort=values.choice("sort", {sort.value: sort for sort in Sort}, Sort.RELEVANCE),
        recency=values.choice("boost", {"recency": True}, default=False),
        second_try=values.switch("second_try", default=True),
        page=values.number("page", 1, MAX_DEPTH),
        per_page=values.number("per_page", 20, MAX_PER_PAGE),
    )
    if request.page * request.per_page > MAX_DEPTH:
        raise ParameterError(
            "too-deep",
            "Page out of reach",
            f"لا يصل التصفح إلى أبعد من النتيجة {MAX_DEPTH}؛ ضيّق البحث بمرشّح أو بكلمة أخرى.",
            "page",
        )
    return Parameters(
        request=request,
        extra=_extra(values),
        stories=values.switch("stories", default=True),
    )


def parse_text(query_string: str, *, tolerant: bool = False) -> str:
    """Return the text that a query string (still percent-encoded) asks to analyze, empty if it gives none.

    Raises:
        ParameterError: a name is unknown, or the text is given twice, unreadable or too long.
    """
    values = _Values(_split(query_string, ANALYZE_NAMES), ANALYZE_NAMES, tolerant=tolerant)
    text = values.one("text") or ""
    if len(text) > MAX_TEXT_LENGTH:
        raise ParameterError(
            "value-too-long",
            "Text too long",
            f"طول النص {len(text)} حرفا، والحد الأعلى {MAX_TEXT_LENGTH}.",
            "text",
            MAX_TEXT_LENGTH,
        )
    # One space for each, so that offsets hold for the text that was sent.
    return _CONTROLS.sub(" ", text)


class _Values:
    """The arguments by name, each read with the check that it needs."""

    def __init__(self, pairs: list[tuple[str, str]], names: tuple[str, ...], *, tolerant: bool) -> None:
        self._given: dict[str, list[str]] = {}
        for name, value in pairs:
            if name in names:
                if value and name in LATER:
                    raise _not_available(name)
                if value:
                    self._given.setdefault(name, []).append(value)
            elif not (tolerant and _TRACKERS.fullmatch(name)):
                raise _unknown(name, names)

    def many(self, name: str) -> list[str]:
        values = self._given.get(name, [])
        for value in values:
            _check(name, value)
        return values

    def one(self, name: str) -> str | None:
        values = self._given.get(name, [])
        if len(values) > 1:
            raise ParameterError(
                "repeated-parameter", "Parameter given twice", f"المعامل «{name}» لا يُعطى إلا مرة واحدة.", name
            )
        return values[0] if values else None

    def choice(self, name: str, choices: dict[str, _Choice], default: _Choice) -> _Choice:
        value = self.one(name)
        if value is None:
            return default
        if value not in choices:
            raise _no_choice(name, value, choices)
        return choices[value]

    def switch(self, name: str, *, default: bool) -> bool:
        return self.choice(name, {"0": False, "1": True}, default)

    def number(self, name: str, default: int, highest: int) -> int:
        value = self.one(name)
        if value is None:
            return default
        digits = ascii_digits(value)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(highest))):
            raise _bad_number(name, value, highest)
        if not 1 <= int(digits) <= highest:
            raise _bad_number(name, value, highest)
        return int(digits)


def _split(query_string: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    # Counted before anything is decoded, so that a flood costs nothing.
    count = query_string.count("&") + 1
    if count > MAX_ARGUMENTS:
        raise ParameterError(
            "too-many-arguments",
            "Too many arguments",
            f"عدد المعاملات في العنوان {count}، والحد الأعلى {MAX_ARGUMENTS}.",
        )
    pairs = []
    for argument in query_string.split("&"):
        if argument:
            name, _, value = argument.partition("=")
            readable = _decode(name, None)
            pairs.append((readable, _decode(value, readable if readable in names else None)))
    return pairs


def _decode(text: str, param: str | None) -> str:
    # WSGI hands bytes on as Latin-1 (PEP 3333); servers that decode UTF-8 themselves are met too.
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "surrogatepass")
    raw = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParameterError(
            "bad-encoding",
            "Not UTF-8",
            "في العنوان بايتات ليست نصا سليما بترميز UTF-8.",
            param,
            len(raw[: error.start].decode("utf-8")) if param else None,
        ) from error


def _text(values: _Values) -> str:
    text = values.one("q") or ""
    if len(text) > MAX_QUERY_LENGTH:
        raise ParameterError(
            "query-too-long",
            "Query too long",
            f"طول نص البحث {len(text)} حرفا، والحد الأعلى {MAX_QUERY_LENGTH}.",
            "q",
            MAX_QUERY_LENGTH,
        )
    return _CONTROLS.sub(" ", text).strip()


def _check(name: str, value: str) -> None:
    if len(value) > MAX_QUERY_LENGTH:
        raise ParameterError(
            "value-too-long", "Value too long", f"قيمة «{name}» أطول من {MAX_QUERY_LENGTH} حرف.", name, MAX_QUERY_LENGTH
        )
    if control := _CONTROLS.search(value):
        raise ParameterError(
            "bad-character", "Control character", f"في قيمة «{name}» محرف تحكّم لا يُقرأ.", name, control.start()
        )


def _filters(values: _Values, prefix: str, names: SourceNames) -> dict[FacetField, tuple[str, ...]]:
    chosen: dict[FacetField, tuple[str, ...]] = {}
    for field in FacetField:
        read: Callable[[str], str] = names.id if field is FacetField.SOURCE else str
        if found := {read(value) for value in values.many(f"{prefix}{field.value}")}:
            chosen[field] = tuple(sorted(found))
    return chosen


def _dates(values: _Values) -> DateSelection:
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


def _date(values: _Values, name: str, edge: _Edge) -> dt.date | None:
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
    """A year or month stands for its first day in `from` and for its last in `to`. Raises ValueError."""
    if month is None:
        month = 1 if edge is _Edge.FIRST else 12
    if day is None:
        day = 1 if edge is _Edge.FIRST else calendar.monthrange(year, month)[1]
    return dt.date(year, month, day)


def _extra(values: _Values) -> tuple[str, ...]:
    asked = {name.strip() for value in values.many("extra") for name in value.split(",") if name.strip()}
    for name in sorted(asked):
        if name not in EXTRAS:
            raise _no_choice("extra", name, EXTRAS)
    return tuple(sorted(asked))


def _unknown(name: str, names: tuple[str, ...]) -> ParameterError:
    shown = name if len(name) <= max(map(len, NAMES)) * 3 else name[:60] + "…"
    near = difflib.get_close_matches(shown, names, n=1)
    hint = f"لعلك تقصد «{near[0]}»." if near else f"المعاملات المعروفة: {'، '.join(names)}."
    return ParameterError("unknown-parameter", "Unknown parameter", f"لا نعرف معاملا اسمه «{shown}». {hint}", shown)


def _not_available(name: str) -> ParameterError:
    detail = f"الترشيح بالمعامل «{name}» غير متاح بعد، ولو تجاهلناه لجاءت النتائج على غير ما طلبت."
    return ParameterError("not-available", "Not available yet", detail, name)


def _no_choice(name: str, value: str, choices: dict[str, _Choice] | tuple[str, ...]) -> ParameterError:
    detail = f"لا يصلح «{value[:60]}» للمعامل «{name}»؛ القيم المقبولة: {'، '.join(choices)}."
    return ParameterError("bad-value", "Unknown value", detail, name, 0)


def _bad_number(name: str, value: str, highest: int) -> ParameterError:
    detail = f"قيمة «{name}» عدد صحيح من 1 إلى {highest}، وليست «{value[:60]}»."
    return ParameterError("bad-number", "Unreadable number", detail, name, 0)


def _bad_date(name: str, value: str) -> ParameterError:
    detail = f"لم نفهم التاريخ «{value[:60]}»؛ اكتب يوما مثل 2024-03-15 أو شهرا مثل 2024-03 أو سنة مثل 2024."
    return ParameterError("bad-date", "Unreadable date", detail, name, 0)
