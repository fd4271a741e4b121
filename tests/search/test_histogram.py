"""Date histograms: intervals, and buckets of the calendar."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engine import Histogram, Interval
from search.histogram import choose_interval, histogram
from search.query import DateRange

days = st.dictionaries(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), st.integers(1, 9), max_size=20)


def counted(counts: dict[dt.date, int], unknown: int = 0, within: DateRange | None = None) -> Histogram:
    known = sorted(counts)
    ordinals = np.array([day.toordinal() for day in known], np.int64)
    return histogram(ordinals, np.array([counts[day] for day in known], np.int64), unknown, within)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "last", "interval"),
    [
        ("2015-07-21", "2015-07-21", Interval.DAY),
        ("2015-07-21", "2015-07-25", Interval.DAY),
        ("2025-02-12", "2025-07-03", Interval.WEEK),
        ("2013-08-01", "2017-04-30", Interval.MONTH),
        ("1990-01-01", "2025-01-01", Interval.YEAR),
    ],
)
def test_the_interval_follows_the_span(first: str, last: str, interval: Interval) -> None:
    assert choose_interval(day(first), day(last)) is interval


def test_buckets_begin_and_end_with_the_calendar_and_leave_no_gap() -> None:
    shown = counted({day("2023-12-30"): 1, day("2024-02-29"): 2, day("2025-02-01"): 3}, unknown=4)
    assert shown.interval is Interval.MONTH
    assert (shown.buckets[0].first, shown.buckets[0].last) == (day("2023-12-01"), day("2023-12-31"))
    assert (shown.buckets[2].last, shown.buckets[2].count) == (day("2024-02-29"), 2)
    assert len(shown.buckets) == 15
    assert shown.unknown == 4


def test_weeks_run_from_monday_to_sunday() -> None:
    shown = counted({day("2025-02-12"): 1, day("2025-07-03"): 1})
    assert shown.interval is Interval.WEEK
    assert all(bucket.first.isoweekday() == 1 and bucket.last.isoweekday() == 7 for bucket in shown.buckets)


def test_the_last_day_of_the_calendar_is_in_a_bucket() -> None:
    for first in ("9999-12-31", "9999-10-01", "9990-01-01", "9000-01-01"):
        shown = counted({day(first): 1, dt.date.max: 1})
        assert shown.buckets[-1].last == dt.date.max
        assert sum(bucket.count for bucket in shown.buckets) == len({day(first), dt.date.max})


def test_buckets_at_the_ends_of_a_range_are_cut_to_it() -> None:
    counts = {day("2022-01-01"): 1, day("2023-12-30"): 1, day("2024-05-09"): 2, day("2025-02-01"): 3}
    shown = counted(counts, 4, DateRange(day("2023-12-15"), day("2024-12-05")))
    assert (shown.interval, shown.unknown) == (Interval.WEEK, 4)
    assert [bucket.count for bucket in shown.buckets if bucket.count] == [1, 2]
    wide = counted({day("2023-12-30"): 1, day("2025-02-01"): 3}, 0, DateRange(day("2023-12-15"), day("2025-02-10")))
    assert (wide.buckets[0].first, wide.buckets[-1].last) == (day("2023-12-15"), day("2025-02-10"))
    assert counted(counts, 4, DateRange(day("2026-01-01"), None)).buckets == ()


def test_no_dates_make_no_buckets() -> None:
    assert counted({}, unknown=7).buckets == ()


@given(counts=days, ends=st.tuples(st.none() | st.dates(), st.none() | st.dates()))
def test_within_a_range_every_day_of_it_is_counted_once(
    counts: dict[dt.date, int], ends: tuple[dt.date | None, dt.date | None]
) -> None:
    first, last = ends
    inside = {
        found: count for found, count in counts.items() if (first or dt.date.min) <= found <= (last or dt.date.max)
    }
    shown = counted(counts, 0, DateRange(first, last))
    assert sum(bucket.count for bucket in shown.buckets) == sum(inside.values())
    for bucket in shown.buckets:
        assert (first or dt.date.min) <= bucket.first <= bucket.last <= (last or dt.date.max)
        assert bucket.count == sum(count for found, count in inside.items() if bucket.first <= found <= bucket.last)


@given(counts=days)
def test_every_day_is_counted_once_in_the_bucket_that_holds_it(counts: dict[dt.date, int]) -> None:
    shown = counted(counts)
    for bucket in shown.buckets:
        inside = sum(count for found, count in counts.items() if bucket.first <= found <= bucket.last)
        assert bucket.count == inside
    assert sum(bucket.count for bucket in shown.buckets) == sum(counts.values())
    for before, after in zip(shown.buckets, shown.buckets[1:], strict=False):
        assert after.first - before.last == dt.timedelta(days=1)
