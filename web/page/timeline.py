"""The date facet as a bar chart: time runs in the direction of the script, so the oldest bar is at the right."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from search.engine import Histogram, Interval
from search.request import DateSelection
from web import dates
from web.config import Digits
from web.counting import ARTICLES, RESULTS, number
from web.links import Days, Links

WIDTH = 1000
"""Width in units of the SVG view box, which is stretched to the width of the page."""
HEIGHT = 64
MIN_BAR = 3
"""Height of the lowest bar of a bucket that is not empty, so that it stays visible."""
MAX_GAP = 4
ALL_TIME = "كل المدة"
WIDEST_BAR = 90
"""Widest bar in units of the view box, so that two buckets do not fill the whole width."""


class Bar(NamedTuple):
    """One bucket, drawn and as a row of the table."""

    slot: str
    """SVG path of the full height of the bucket, which is the target of the link."""
    column: str
    """SVG path of the bar; empty if the bucket is empty."""
    href: str
    label: str
    results: str
    """The label and the count in words."""
    matches: str
    selected: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """A span on the trail from all dates to the selected days; the last one is the current span and has no link."""

    label: str
    href: str


@dataclasses.dataclass(frozen=True, slots=True)
class Timeline:
    """The bar chart, and the articles without a date."""

    bars: tuple[Bar, ...]
    """Oldest first."""
    oldest: str
    newest: str
    peak: str
    """The highest count."""
    trail: tuple[Step, ...]
    """From all dates to the selected days, widest first; empty if no days are selected."""
    undated: str
    """Number of articles without a date; empty when there are none and none are selected."""
    undated_href: str
    undated_selected: bool
    width: int = WIDTH
    height: int = HEIGHT


def timeline(histogram: Histogram, links: Links, digits: Digits) -> Timeline:
    """Return the bar chart of a histogram."""
    buckets = histogram.buckets
    selection = links.request.dates
    chart = _Chart(histogram, digits)
    bars = tuple(chart.bar(place, days) for place, days in enumerate(links.buckets(buckets)))
    return Timeline(
        bars=bars,
        oldest=_edge(buckets[0].first, histogram.interval, digits) if buckets else "",
        newest=_edge(buckets[-1].last, histogram.interval, digits) if buckets else "",
        peak=number(chart.peak, digits),
        trail=tuple(_trail(links, digits)),
        undated=number(histogram.unknown, digits) if histogram.unknown or selection.unknown else "",
        undated_href=links.undated(),
        undated_selected=selection.unknown,
    )


def _trail(links: Links, digits: Digits) -> Iterator[Step]:
    """Yield the spans that contain the selected days: all dates, their year, their month, the days themselves."""
    selection = links.request.dates
    first, last = selection.first, selection.last
    if not first and not last:
        return
    yield Step(ALL_TIME, links.dates(DateSelection(unknown=selection.unknown)))
    if first and last and first.year == last.year:
        wider = [(dt.date(first.year, 1, 1), dt.date(first.year, 12, 31), Interval.YEAR)]
        if first.month == last.month:
            days = calendar.monthrange(first.year, first.month)[1]
            wider.append((first.replace(day=1), first.replace(day=days), Interval.MONTH))
        for begin, end, interval in wider:
            if (begin, end) == (first, last):
                yield Step(dates.span(begin, end, interval, digits), "")
                return
            href = links.dates(DateSelection(begin, end, selection.unknown))
            yield Step(dates.span(begin, end, interval, digits), href)
    yield Step(dates.between(first, last, digits), "")


def covered(histogram: Histogram, selection: DateSelection, digits: Digits) -> str:
    """Return in words the months that the matches span; empty if days are selected or no match has a date."""
    nonempty = [bucket for bucket in histogram.buckets if bucket.count]
    if selection or not nonempty:
        return ""
    first, last = nonempty[0].first, nonempty[-1].last
    months = f"من {dates.month(first, digits)} إلى {dates.month(last, digits)}"
    if (first.year, first.month) == (last.year, last.month):
        months = f"في {dates.month(first, digits)}"
    return f"{months}، و{ARTICLES.phrase(histogram.unknown, digits)} بلا تاريخ" if histogram.unknown else months


class _Chart:
    """Draws the buckets of a histogram; what all of its bars share is computed once."""

    def __init__(self, histogram: Histogram, digits: Digits) -> None:
        self.peak = max((bucket.count for bucket in histogram.buckets), default=0)
        self._histogram, self._digits = histogram, digits
        self._slot = WIDTH / max(len(histogram.buckets), 1)
        self._gap = max(min(self._slot * 0.2, MAX_GAP), self._slot - WIDEST_BAR)
        self._slot_end, self._column_end = _end(self._slot), _end(self._slot - self._gap)

    def bar(self, place: int, days: Days) -> Bar:
        """Return the bar of the bucket at a place, oldest first, with its days."""
        bucket, digits = self._histogram.buckets[place], self._digits
        x = WIDTH - (place + 1) * self._slot
        y = HEIGHT - max(MIN_BAR, bucket.count / self.peak * HEIGHT) if bucket.count else HEIGHT
        label = dates.span(bucket.first, bucket.last, self._histogram.interval, digits)
        return Bar(
            slot=f"M{x:.2f} 0.00{self._slot_end}",
            column=f"M{x + self._gap / 2:.2f} {y:.2f}{self._column_end}" if bucket.count else "",
            href=days.href,
            label=label,
            results=f"{label}: {RESULTS.phrase(bucket.count, digits)}",
            matches=number(bucket.count, digits),
            selected=days.selected,
        )


def _end(width: float) -> str:
    """Return the rest of a rectangle after its upper left corner, down to the base line, as data of an SVG path."""
    return f"h{width:.2f}V{HEIGHT}h{-width:.2f}z"


def _edge(day: dt.date, interval: Interval, digits: Digits) -> str:
    """Return the label at an end of the chart; the name of a week is too wide, so a week is labelled by a day."""
    return dates.span(day, day, Interval.DAY if interval is Interval.WEEK else interval, digits)
