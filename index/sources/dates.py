"""Dates as Arabic news write them: one function for the dates of articles and of queries.

It reads ISO 8601, RFC 822, day-first numbers, Gregorian months by their Arabic, Levantine, Maghrebi, English and French
names, Hijri dates (Umm al-Qura, 1343-1500), both sets of Arabic digits, weekdays, eras and clock times. The whole text
must be a date, without any other words. The month names are data: CLDR's through Babel, the rest in `data/months.csv`.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import functools
import re

from babel import Locale
from hijridate import Hijri

from index.sources.clock import split_time
from index.sources.lists import alternatives, rows, words
from index.sources.normalization import ascii_digits, plain

_LONGEST = 120
"""Code points; a longer text is not a date."""
_LOCALES = ("ar", "ar_LB", "ar_IQ", "ar_TN", "ar_DZ", "ar_MA", "ar_MR", "en", "fr")
_HIJRI_YEARS = range(1343, 1501)
"""The years that Umm al-Qura tables cover (hijridate); a bare number of this range is a Hijri year, since no article
is that old."""
_ISO_DAY = len("2025-02-12")


@dataclasses.dataclass(frozen=True, slots=True)
class ParsedDate:
    """A day, a month or a year, and the time if a clock time was given."""

    first: dt.date
    last: dt.date
    """Equal to `first` for a day; never before it."""
    time: dt.datetime | None = None
    """Aware; `first` is its day in the requested zone."""

    @property
    def is_day(self) -> bool:
        """Whether one full day was given, not a month or a year alone."""
        return self.first == self.last


@dataclasses.dataclass(frozen=True, slots=True)
class _Parts:
    year: int
    month: int | None = None
    day: int | None = None
    hijri: bool = False


def parse_date(text: str, *, zone: dt.tzinfo) -> ParsedDate | None:
    """Return the date that the text is, or None if it is not a date or the day does not exist (32/13).

    Args:
        text: The date alone, in any of the forms of this module.
        zone: The time zone of a time without an offset, and of the day of the result.
    """
    if len(text) > _LONGEST:
        return None
    if _ISO.fullmatch(text) and (parsed := _parse_iso(text, zone)) is not None:
        return parsed
    candidates = [_parse_one(part, zone) for part in _patterns().equals.split(ascii_digits(plain(text)).strip())]
    if len(candidates) > 1 and all(candidates):
        # «12 رمضان 1445هـ الموافق 22 مارس 2024م»: the Gregorian day is exact without a conversion table.
        return next((candidate[0] for candidate in candidates if candidate and not candidate[1]), None)
    return candidates[0][0] if candidates[0] and len(candidates) == 1 else None


_ISO = re.compile(
    "(?:1[5-9]|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}"
    "(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?:[+-][0-9]{2}:[0-5][0-9])?)?"
)
"""The form that most files use. Hijri years are excluded here, except 1500, which `_parse_iso` excludes."""


def _parse_iso(text: str, zone: dt.tzinfo) -> ParsedDate | None:
    """Return a date in the simplest form of ISO 8601, faster than `_parse_one`; None if `_parse_one` must parse it."""
    try:
        written = dt.datetime.fromisoformat(text)
        if written.year in _HIJRI_YEARS:
            return None
        if len(text) == _ISO_DAY:
            return ParsedDate(written.date(), written.date())
        time = written if written.tzinfo else written.replace(tzinfo=zone)
        day = time.astimezone(zone).date()
    except (ValueError, OverflowError):
        return None
    return ParsedDate(day, day, time)


def _parse_one(text: str, zone: dt.tzinfo) -> tuple[ParsedDate, bool] | None:
    """Return the date and whether it is a Hijri one."""
    rest, clock_time = split_time(text)
    parts = _numeric(rest) or _named(rest)
    if parts is None:
        return None
    try:
        first, last = _range(parts)
        if clock_time is None:
            return ParsedDate(first, last), parts.hijri
        if first != last:
            return None
        time = clock_time.on(first, zone)
        day = time.astimezone(zone).date()
        return ParsedDate(day, day, time), parts.hijri
    except (ValueError, OverflowError):
        return None


def _range(parts: _Parts) -> tuple[dt.date, dt.date]:
    """Return first and last day; raises ValueError or OverflowError if the day does not exist."""
    if parts.hijri:
        return _hijri_range(parts)
    if parts.month is None:
        return dt.date(parts.year, 1, 1), dt.date(parts.year, 12, 31)
    if parts.day is None:
        length = calendar.monthrange(parts.year, parts.month)[1]
        return dt.date(parts.year, parts.month, 1), dt.date(parts.year, parts.month, length)
    day = dt.date(parts.year, parts.month, parts.day)
    return day, day


def _hijri_range(parts: _Parts) -> tuple[dt.date, dt.date]:
    if parts.month is not None and parts.day is not None:
        day = _gregorian(Hijri(parts.year, parts.month, parts.day))
        return day, day
    first = Hijri(parts.year, parts.month or 1, 1)
    last_month = Hijri(parts.year, parts.month or 12, 1)
    return _gregorian(first), _gregorian(Hijri(parts.year, last_month.month, last_month.month_length()))


def _gregorian(day: Hijri) -> dt.date:
    return dt.date.fromisoformat(day.to_gregorian().isoformat())


_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
_DAY_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_YEAR = re.compile(r"\d{4}")
_NUMBERS = re.compile(r"[\d/.-]+")


def _numeric(text: str) -> _Parts | None:
    """Return the parts of a date written in numbers, day before month unless the year comes first."""
    text, hijri = _without_noise(text)
    text = _patterns().separator.sub(r"\1", text)
    if not _NUMBERS.fullmatch(text):
        return None
    if match := _YEAR_FIRST.fullmatch(text):
        return _parts(match[1], match[3], match[4], hijri=hijri)
    if match := _DAY_FIRST.fullmatch(text):
        return _parts(match[4], match[3], match[1], hijri=hijri)
    if match := _MONTH_YEAR.fullmatch(text):
        return _parts(match[2], match[1], None, hijri=hijri)
    if match := _COMPACT.fullmatch(text):
        return _parts(match[1], match[2], match[3], hijri=hijri)
    return _parts(text, None, None, hijri=hijri) if _YEAR.fullmatch(text) else None


def _parts(year: str, month: str | None, day: str | None, *, hijri: bool) -> _Parts:
    number = int(year)
    return _Parts(
        number, int(month) if month else None, int(day) if day else None, hijri=hijri or number in _HIJRI_YEARS
    )


_DAY_MONTH_YEAR = re.compile(r"(?:(?P<day>\d{1,2}) )?@ (?P<year>\d{4})")
_MONTH_DAY_YEAR = re.compile(r"@ (?P<day>\d{1,2}) (?P<year>\d{4})")
_YEAR_MONTH_DAY = re.compile(r"(?P<year>\d{4}) @(?: (?P<day>\d{1,2}))?")


def _named(text: str) -> _Parts | None:
    """Return the parts of a date whose month has a name; «فبراير/شباط» counts when both are the same month."""
    patterns = _patterns()
    names = patterns.month.findall(text)
    months = {_month_names()[re.sub(r"\s+", " ", name)] for name in names}
    if len(months) != 1:
        return None
    is_hijri, month = next(iter(months))
    marked = patterns.month.sub(" @ ", text)
    marked, _ = _without_noise(marked)
    marked = re.sub(r"[\s/()\[\]-]+", " ", marked).strip()
    marked = re.sub(r"@(?: @)+", "@", marked)
    for pattern in (_DAY_MONTH_YEAR, _MONTH_DAY_YEAR, _YEAR_MONTH_DAY):
        if match := pattern.fullmatch(marked):
            day = match["day"]
            return _Parts(int(match["year"]), month, int(day) if day else None, hijri=is_hijri)
    return None


def _without_noise(text: str) -> tuple[str, bool]:
    """Return the text without weekdays, eras, ordinal endings, fillers and commas, and whether the era is Hijri."""
    patterns = _patterns()
    text, eras = patterns.hijri_era.subn(r"\1", text)
    text = patterns.gregorian_era.sub(r"\1", text)
    text = patterns.ordinal.sub("", text)
    text = patterns.noise.sub(" ", text)
    return re.sub(r"\s+", " ", patterns.marks.sub(" ", text)).strip(" -"), bool(eras)


@dataclasses.dataclass(frozen=True, slots=True)
class _Patterns:
    month: re.Pattern[str]
    noise: re.Pattern[str]
    hijri_era: re.Pattern[str]
    gregorian_era: re.Pattern[str]
    equals: re.Pattern[str]
    ordinal: re.Pattern[str] = re.compile(r"(?<=\d)(st|nd|rd|th|er)\b")
    marks: re.Pattern[str] = re.compile("[,\N{ARABIC COMMA}:|()\\[\\]]|\\.(?!\\d)")
    separator: re.Pattern[str] = re.compile(r" ?([-/.]) ?")


@functools.cache
def _patterns() -> _Patterns:
    def whole(choices: frozenset[str]) -> str:
        return rf"(?<![^\W\d_])(?:{alternatives(choices)})(?![^\W\d_])"

    return _Patterns(
        # A year may follow the name directly («12فبراير2025»), but not a shorter number («شباط2»).
        month=re.compile(whole(frozenset(_month_names())) + r"(?!\d(?!\d{3}))"),
        noise=re.compile(whole(words("filler") | _weekdays())),
        hijri_era=re.compile(rf"(\d)\s*{whole(words('hijri_era'))}"),
        gregorian_era=re.compile(rf"(\d)\s*{whole(words('gregorian_era'))}"),
        equals=re.compile(rf"\s*+{whole(words('equals'))}\s*+(?::\s*+)?"),
    )


@functools.cache
def _month_names() -> dict[str, tuple[bool, int]]:
    """Return plain month names, each with whether it is Hijri and its number."""
    names: dict[str, tuple[bool, int]] = {}
    for tag in _LOCALES:
        months = Locale.parse(tag).months["format"]
        for width in ("wide", "abbreviated"):
            for number, name in months[width].items():
                names[plain(name).rstrip(".")] = (False, number)
    for number in range(1, 13):
        names[plain(Hijri(_HIJRI_YEARS[0], number, 1).month_name("ar"))] = (True, number)
    for name, kind, number_text, _ in rows("months"):
        names[plain(name)] = (kind == "hijri", int(number_text))
    return names


@functools.cache
def _weekdays() -> frozenset[str]:
    names = [
        name
        for tag in ("ar", "en", "fr")
        for width in ("wide", "abbreviated")
        for name in Locale.parse(tag).days["format"][width].values()
    ]
    return frozenset(plain(name).rstrip(".") for name in names)
