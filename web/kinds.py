"""The kinds of request parameters: how each is read from the arguments of a request, and written into an address."""

from __future__ import annotations

import abc
import calendar
import dataclasses
import datetime as dt
import enum
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from index.schema import NAME_FIELDS
from search.request import SearchRequest
from web.arguments import CONTROLS, Arguments, ParameterError
from web.counting import ascii_digits

_DATES = (
    re.compile(r"(?P<year>\d{4})(?:[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2}))?)?", re.ASCII),
    re.compile(r"(?:(?P<day>\d{1,2})[-/.])?(?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII),
    # a plus sign that was not encoded in an address comes as a space
    re.compile(
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[-+ ]\d\d:?\d\d)?",
        re.ASCII,
    ),
)
"""A day, month or year in ISO 8601; the same with the day first; a time in ISO 8601 or RFC 3339."""

_Value = TypeVar("_Value")

HIT_FIELDS = (
    "id", "title", "title_basis", "url", "source", "source_basis", "agencies", *NAME_FIELDS.values(), "published_at",
    "published_basis", "evidence", "story", "links", "title_html", "title_marks", "score", "match", "snippets",
    "explanation", "positions",
)  # fmt: skip
"""The keys of a hit in the JSON."""


@dataclasses.dataclass(frozen=True, slots=True)
class Parameters:
    """What the parameters of a request ask together: the search, and what concerns the answer alone."""

    request: SearchRequest = dataclasses.field(default_factory=SearchRequest)
    extra: tuple[str, ...] = ()
    fields: tuple[str, ...] = HIT_FIELDS
    stories: bool = True

    def for_readers(self) -> Parameters:
        """Return the same with whole hits: `fields` is about the JSON alone."""
        return dataclasses.replace(
            self, request=dataclasses.replace(self.request, passages=True, matched=True), fields=HIT_FIELDS
        )


_DEFAULTS = Parameters()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Row(abc.ABC):
    """A parameter as a row of the table."""

    name: str
    doc: str
    """One line; the help of the command's option."""
    option: bool = True
    """Whether `judhur search` has an option for it."""
    hidden: bool = False
    """Whether the search form of the page keeps it in hidden inputs."""
    metavar: str | None = None
    """What the help of the command calls a value."""
    several: ClassVar[bool] = False
    """Whether it may be given more than once."""

    @abc.abstractmethod
    def texts(self, parameters: Parameters) -> Sequence[str]:
        """Return its values in the canonical address of a request; none where the request has the default."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Row, Generic[_Value]):
    """A parameter with a type."""

    of: Callable[[Parameters], _Value]
    """Returns the value that a request has."""

    @property
    def default(self) -> _Value:
        """What a request has that does not name the parameter."""
        return self.of(_DEFAULTS)

    def texts(self, parameters: Parameters) -> Sequence[str]:
        """Return its values in the canonical address of a request; none where the request has the default."""
        return self.written(self.of(parameters))

    @abc.abstractmethod
    def read(self, values: Arguments) -> _Value:
        """Return the value that is given, or the default. Raises ParameterError: it is not valid."""

    @abc.abstractmethod
    def written(self, value: _Value) -> Sequence[str]:
        """Return a value as it is given; nothing for the default."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter[str]):
    """A text; each control character in it counts as a space."""

    highest: int
    """Most code points."""
    refusal: tuple[str, str, str] = ("query-too-long", "Query too long", "نص البحث")
    """Of a longer text: the stable name of the error, its title, and what the detail calls the text."""

    def read(self, values: Arguments) -> str:
        """Return the text, empty if none is given. Raises ParameterError: it is too long, or given twice."""
        text = values.one(self.name) or ""
        if len(text) > self.highest:
            slug, title, noun = self.refusal
            detail = f"طول {noun} {len(text)} حرفا، والحد الأعلى {self.highest}."
            raise ParameterError(slug, title, detail, self.name, self.highest)
        # one space for each character, so that offsets hold for the text that was sent
        return CONTROLS.sub(" ", text)

    def written(self, value: str) -> Sequence[str]:
        """Return the text, or nothing if it is empty."""
        return [value] if value else []


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter[_Value]):
    """One of a few values."""

    choices: Mapping[str, _Value]

    def read(self, values: Arguments) -> _Value:
        """Return what is chosen, or the default. Raises ParameterError: the choice does not exist."""
        value = values.one(self.name)
        if value is None:
            return self.default
        if value not in self.choices:
            raise _no_choice(self.name, value, self.choices)
        return self.choices[value]

    def written(self, value: _Value) -> Sequence[str]:
        """Return the name of the value, or nothing for the default."""
        return [] if value == self.default else [name for name, choice in self.choices.items() if choice == value]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Choice[bool]):
    """On or off."""

    choices: Mapping[str, bool] = dataclasses.field(default_factory=lambda: {"0": False, "1": True})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Number(Parameter[int]):
    """A whole number."""

    lowest: int = 1
    highest: int
    metavar: str = "N"

    def read(self, values: Arguments) -> int:
        """Return the number, or the default. Raises ParameterError: it is not a number, or out of bounds."""
        value = values.one(self.name)
        if value is None:
            return self.default
        digits = ascii_digits(value)
        readable = digits.isascii() and digits.isdigit() and len(digits) <= len(str(self.highest))
        if not readable or not self.lowest <= int(digits) <= self.highest:
            detail = f"قيمة «{self.name}» عدد صحيح من {self.lowest} إلى {self.highest}، وليست «{value[:60]}»."
            raise ParameterError("bad-number", "Unreadable number", detail, self.name, 0)
        return int(digits)

    def written(self, value: int) -> Sequence[str]:
        """Return the number in ASCII digits, or nothing for the default."""
        return [] if value == self.default else [str(value)]


class Edge(enum.Enum):
    """Which day of a year or month is meant."""

    FIRST = enum.auto()
    LAST = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Day(Parameter[dt.date | None]):
    """A day; a month or a year is one edge of it, and of a time the day counts as it is written."""

    edge: Edge
    metavar: str = "DAY"

    def read(self, values: Arguments) -> dt.date | None:
        """Return the day, or None. Raises ParameterError: it is no date."""
        value = values.one(self.name)
        if value is None:
            return None
        try:
            return self._day(ascii_digits(value.strip()))
        except ValueError as error:
            detail = f"لم نفهم التاريخ «{value[:60]}»؛ اكتب يوما مثل 2024-03-15 أو شهرا مثل 2024-03 أو سنة مثل 2024."
            raise ParameterError("bad-date", "Unreadable date", detail, self.name, 0) from error

    def _day(self, text: str) -> dt.date:
        """Return the day of a text. Raises ValueError: it is no date."""
        found = next(filter(None, (pattern.fullmatch(text) for pattern in _DATES)), None)
        if not found:
            raise ValueError(text)
        year, month, day = (int(found[part]) if found[part] else None for part in ("year", "month", "day"))
        if month is None:
            month = 1 if self.edge is Edge.FIRST else 12
        if day is None:
            day = 1 if self.edge is Edge.FIRST else calendar.monthrange(year or 0, month)[1]
        return dt.date(year or 0, month, day)

    def written(self, value: dt.date | None) -> Sequence[str]:
        """Return the day in ISO 8601, or nothing."""
        return [value.isoformat()] if value else []


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Values(Parameter[tuple[str, ...]]):
    """Any number of values, each given by itself: alternatives of a filter."""

    metavar: str = "VALUE"
    several: ClassVar[bool] = True

    def read(self, values: Arguments) -> tuple[str, ...]:
        """Return the values in their order. Raises ParameterError: one is too long, or has a control character."""
        return tuple(values.many(self.name))

    def written(self, value: tuple[str, ...]) -> Sequence[str]:
        """Return the values."""
        return value


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Keys(Parameter[tuple[str, ...]]):
    """Any number of a few keys, separated by commas or given by themselves."""

    keys: tuple[str, ...]
    metavar: str = "KEY"
    several: ClassVar[bool] = True

    def read(self, values: Arguments) -> tuple[str, ...]:
        """Return the keys in ascending order. Raises ParameterError: one does not exist."""
        return self._given(values)

    def written(self, value: tuple[str, ...]) -> Sequence[str]:
        """Return the keys as one text, or nothing."""
        return [",".join(value)] if value else []

    def _given(self, values: Arguments) -> tuple[str, ...]:
        given = {key.strip() for value in values.many(self.name) for key in value.split(",") if key.strip()}
        for key in sorted(given):
            if key not in self.keys:
                raise _no_choice(self.name, key, self.keys)
        return tuple(sorted(given))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Part(Keys):
    """Any number of a few keys; all of them if none is given."""

    empties: bool = False
    """Whether an empty value means none of them, and not all."""

    def read(self, values: Arguments) -> tuple[str, ...]:
        """Return the keys in the order of `keys`. Raises ParameterError: one does not exist."""
        given = self._given(values)
        if not given and not (self.empties and values.has(self.name)):
            return self.keys
        return tuple(key for key in self.keys if key in given)

    def written(self, value: tuple[str, ...]) -> Sequence[str]:
        """Return the keys as one text, or nothing for all of them."""
        return [",".join(value)] if value != self.keys else []


def _no_choice(name: str, value: str, choices: Iterable[str]) -> ParameterError:
    detail = f"لا يصلح «{value[:60]}» للمعامل «{name}»؛ القيم المقبولة: {'، '.join(choices)}."
    return ParameterError("bad-value", "Unknown value", detail, name, 0)
