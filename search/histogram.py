"""Date histograms from counts by day: which interval suits, and where the calendar's buckets begin and end."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from search.engine import Bucket, Histogram, Interval

MAX_DAYS = 45
"""Longest span shown by days; wider ones by weeks, and so on: a strip of more bars cannot be told apart on a phone."""
MAX_WEEKS = 45
MAX_MONTHS = 60


def histogram(days: npt.NDArray[np.integer], counts: npt.NDArray[np.integer], unknown: int) -> Histogram:
    """Return the histogram of `counts` matches on `days`, in the finest interval that keeps it readable.

    `days` are proleptic ordinals (`date.toordinal`), ascending, each once.
    """
    if not len(days):
        return Histogram(Interval.DAY, (), unknown)
    first, last = dt.date.fromordinal(int(days[0])), dt.date.fromordinal(int(days[-1]))
    interval = choose_interval(first, last)
    begins = list(_begins(first, last, interval))
    places = np.searchsorted([begin.toordinal() for begin in begins], days, side="right") - 1
    sums = np.bincount(places, weights=counts, minlength=len(begins)).astype(np.int64).tolist()
    buckets = tuple(Bucket(begin, _end(begin, interval), count) for begin, count in zip(begins, sums, strict=True))
    return Histogram(interval, buckets, unknown)


def choose_interval(first: dt.date, last: dt.date) -> Interval:
    """Return the finest interval in which the days from `first` to `last` make a readable number of buckets."""
    days = (last - first).days + 1
    if days <= MAX_DAYS:
        return Interval.DAY
    if days <= MAX_WEEKS * 7:
        return Interval.WEEK
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return Interval.MONTH if months <= MAX_MONTHS else Interval.YEAR


def _begin(day: dt.date, interval: Interval) -> dt.date:
    match interval:
        case Interval.DAY:
            return day
        case Interval.WEEK:
            return dt.date.fromordinal(max(1, day.toordinal() - day.weekday()))
        case Interval.MONTH:
            return day.replace(day=1)
        case Interval.YEAR:
            return day.replace(month=1, day=1)


def _end(begin: dt.date, interval: Interval) -> dt.date:
    match interval:
        case Interval.DAY:
            return begin
        case Interval.WEEK:
            return dt.date.fromordinal(min(dt.date.max.toordinal(), begin.toordinal() + 6 - begin.weekday()))
        case Interval.MONTH:
            return begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
        case Interval.YEAR:
            return begin.replace(month=12, day=31)


def _begins(first: dt.date, last: dt.date, interval: Interval) -> Iterator[dt.date]:
    begin = _begin(first, interval)
    yield begin
    while (end := _end(begin, interval)) < last:
        begin = end + dt.timedelta(days=1)
        yield begin
