"""Dates and times in Arabic words: day, name of the month, year; ages in hours within the last day."""

from __future__ import annotations

import datetime as dt
import functools

from babel import Locale

from index.document import Document
from search.engine import Interval
from web.config import Digits
from web.counting import HOURS_AGO, in_digits

DAY_HOURS = 24


@functools.cache
def _months() -> tuple[str, ...]:
    """Return CLDR's Arabic names of the months, January first."""
    names = Locale("ar").months["format"]["wide"]
    return tuple(str(names[month]) for month in range(1, 13))


@functools.lru_cache(maxsize=2_000)  # a page repeats days and months
def day(value: dt.date, digits: Digits) -> str:
    """Return a day in words, as «١٢ فبراير ٢٠٢٥»."""
    return f"{in_digits(str(value.day), digits)} {month(value, digits)}"


def month(value: dt.date, digits: Digits) -> str:
    """Return the month of a day in words, as «فبراير ٢٠٢٥»."""
    return f"{_months()[value.month - 1]} {in_digits(str(value.year), digits)}"


@functools.lru_cache(maxsize=2_000)
def span(first: dt.date, last: dt.date, interval: Interval, digits: Digits) -> str:
    """Return the days of a histogram bucket in words, as a year, month, week or day after its interval."""
    match interval:
        case Interval.YEAR:
            return in_digits(str(first.year), digits)
        case Interval.MONTH:
            return month(first, digits)
        case Interval.DAY:
            return day(first, digits)
        case Interval.WEEK:
            return between(first, last, digits)


def between(first: dt.date | None, last: dt.date | None, digits: Digits) -> str:
    """Return a range of days in words; an open end is left out."""
    if first and last:
        return day(first, digits) if first == last else f"من {day(first, digits)} إلى {day(last, digits)}"
    if first:
        return f"منذ {day(first, digits)}"
    return f"حتى {day(last, digits)}" if last else ""


def date_and_time(value: dt.datetime | dt.date, zone: dt.tzinfo, digits: Digits) -> str:
    """Return a date in words, of a datetime in `zone` with its hours and minutes."""
    if not isinstance(value, dt.datetime):
        return day(value, digits)
    local = value.astimezone(zone)
    return f"{day(local.date(), digits)}، الساعة {in_digits(f'{local:%H:%M}', digits)}"


def published(document: Document, now: dt.datetime, digits: Digits) -> str:
    """Return when an article appeared, in words: hours ago within the 24 hours before the aware `now`, else the day.

    Returns:
        An empty string when the date is unknown.
    """
    value = document.published
    if isinstance(value, dt.datetime):
        hours = (now - value).total_seconds() / 3600
        if 0 <= hours < DAY_HOURS:
            phrase = HOURS_AGO.phrase(int(hours), digits)
            return phrase if phrase.startswith("قبل") else f"قبل {phrase}"
    published_day = document.published_day(now.tzinfo or dt.UTC)
    return day(published_day, digits) if published_day else ""


def machine(value: dt.datetime | dt.date | None, zone: dt.tzinfo) -> str | None:
    """Return a datetime with the offset of `zone`, or a date, as ISO 8601; None for None."""
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value.isoformat() if value else None
