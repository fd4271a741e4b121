"""Date histograms: chooses the interval and sums counts by day into the buckets of the calendar."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engine import Bucket, Histogram, Interval
from search.query import DateRange

MAX_DAYS = 45
"""Longest span with one bucket per day; longer spans have weeks, and so on: on a phone more bars are not legible."""
MAX_WEEKS = 45
MAX_MONTHS = 60


def histogram(
    days: npt.NDArray[np.integer], counts: npt.NDArray[np.integer], unknown: int, within: DateRange | None = None
) -> Histogram:
    """Return the histogram of `counts` matches on `days`, in the finest interval that is legible.

    `days` are proleptic ordinals (`date.toordinal`), ascending, without duplicates; both arrays have shape (days,).
    Only days `within` the range are counted, and the first and last bucket are cut to it, so that a bucket covers
    exactly the days that it counts. `unknown` is the number of matches without a date.
    """
    floor = within.first if within and within.first else dt.date.min
    ceiling = within.last if within and within.last else dt.date.max
    begin, end = np.searchsorted(days, (floor.toordinal(), ceiling.toordinal() + 1)).tolist()
    days, counts = days[begin:end], counts[begin:end]
    if not len(days):
        return Histogram(Interval.DAY, (), unknown)
    interval, begins, firsts, lasts = _calendar(int(days[0]), int(days[-1]))
    indices = begins.searchsorted(days, side="right") - 1
    sums = np.bincount(indices, weights=counts, minlength=len(firsts)).astype(np.int64).tolist()
    buckets = [*map(Bucket, firsts, lasts, sums)]
    buckets[0] = dataclasses.replace(buckets[0], first=max(firsts[0], floor))
    buckets[-1] = dataclasses.replace(buckets[-1], last=min(lasts[-1], ceiling))
    return Histogram(interval, tuple(buckets), unknown)


def choose_interval(first: dt.date, last: dt.date) -> Interval:
    """Return the finest interval in which the days from `first` to `last` have a legible number of buckets."""
    days = (last - first).days + 1
    if days <= MAX_DAYS:
        return Interval.DAY
    if days <= MAX_WEEKS * 7:
        return Interval.WEEK
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return Interval.MONTH if months <= MAX_MONTHS else Interval.YEAR


class _Calendar(NamedTuple):
    """The buckets of a histogram."""

    interval: Interval
    begins: npt.NDArray[np.int64]
    """Ordinal of the first day of each bucket, shape (buckets,)."""
    firsts: tuple[dt.date, ...]
    lasts: tuple[dt.date, ...]


@functools.lru_cache(maxsize=512)  # an index has few spans, and every page of results needs one
def _calendar(first: int, last: int) -> _Calendar:
    """Return the buckets for the days from `first` to `last`, which are ordinals."""
    days = dt.date.fromordinal(first), dt.date.fromordinal(last)
    interval = choose_interval(*days)
    firsts = tuple(_bucket_begins(*days, interval))
    begins = np.array([begin.toordinal() for begin in firsts], np.int64)
    return _Calendar(interval, begins, firsts, tuple(_bucket_end(begin, interval) for begin in firsts))


def _bucket_begin(day: dt.date, interval: Interval) -> dt.date:
    match interval:
        case Interval.DAY:
            return day
        case Interval.WEEK:
            return dt.date.fromordinal(max(1, day.toordinal() - day.weekday()))
        case Interval.MONTH:
            return day.replace(day=1)
        case Interval.YEAR:
            return day.replace(month=1, day=1)


def _bucket_end(begin: dt.date, interval: Interval) -> dt.date:
    match interval:
        case Interval.DAY:
            return begin
        case Interval.WEEK:
            return dt.date.fromordinal(min(dt.date.max.toordinal(), begin.toordinal() + 6 - begin.weekday()))
        case Interval.MONTH:
            return begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
        case Interval.YEAR:
            return begin.replace(month=12, day=31)


def _bucket_begins(first: dt.date, last: dt.date, interval: Interval) -> Iterator[dt.date]:
    begin = _bucket_begin(first, interval)
    yield begin
    while (end := _bucket_end(begin, interval)) < last:
        begin = end + dt.timedelta(days=1)
        yield begin
