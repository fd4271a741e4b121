"""Clock times inside dates: 14:00, 2:30 م, 14:00 بتوقيت غرينتش, T02:51:32+03:00."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import zoneinfo

from index.sources.lists import alternatives, rows, words
from index.sources.normalization import plain

_NOON = 12


@dataclasses.dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A clock time and, if the text names it, its time zone."""

    time: dt.time
    zone: dt.tzinfo | None

    def on(self, day: dt.date, zone: dt.tzinfo) -> dt.datetime:
        """Return the aware datetime of this time on a day; `zone` applies if the text names none."""
        return dt.datetime.combine(day, self.time, tzinfo=self.zone or zone)


def split_time(text: str) -> tuple[str, TimeOfDay | None]:
    """Return a plain text without its clock time and zone, and the time; None if there is none or it is impossible.

    A zone without a time («12th, February 2025 GMT») is dropped. An impossible time (25:61) or offset (+24:00)
    stays in the text, so that the text is not parsed as a date.
    """
    patterns = _patterns()
    match = patterns.time.search(text)
    if match is None:
        return patterns.zone_at_end.sub("", text), None
    try:
        time = TimeOfDay(_time(match), _zone(match))
    except ValueError:
        return text, None
    return f"{text[: match.start()]} {text[match.end() :]}", time


def _time(match: re.Match[str]) -> dt.time:
    hour = int(match["hour"])
    half = match["half"]
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half in words("evening") else 0)
    return dt.time(hour, int(match["minute"]), int(match["second"] or 0))


def _zone(match: re.Match[str]) -> dt.tzinfo | None:
    if match["offset"]:
        return _offset(match["offset"])
    if not match["zone"]:
        return None
    name = re.sub(r"\s+", " ", match["zone"])
    return next(zone for listed, zone in _named_zones().items() if name == listed or name.endswith(f" {listed}"))


def _offset(text: str) -> dt.timezone:
    """Return the zone of +3, +03, +0300 or +03:00; raises ValueError beyond a day."""
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= len("03") else (int(digits[:-2]), int(digits[-2:]))
    span = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-span if text[0] == "-" else span)


@dataclasses.dataclass(frozen=True, slots=True)
class _Patterns:
    time: re.Pattern[str]
    zone_at_end: re.Pattern[str]


@functools.cache
def _patterns() -> _Patterns:
    half = alternatives(words("morning") | words("evening"))
    lead = alternatives(words("zone_lead"))
    zones = _named_zones()
    # The name of a city is a time zone only after «بتوقيت»: «في القاهرة» is a location.
    clocks = frozenset(name for name, zone in zones.items() if isinstance(zone, dt.timezone))
    zone = rf"(?:(?:{lead})\s+(?:{alternatives(frozenset(zones))})|(?:{alternatives(clocks)}))(?![^\W\d_])"
    offset = r"(?:(?:utc|gmt)\s*)?(?P<offset>[+-]\d{1,2}(?::?\d\d)?)(?!\d)"
    clock = r"(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?"
    # Four digits without a colon are a time only after the T of ISO 8601; otherwise they are a year.
    start = r"(?:(?<=\d)t(?=\d{2}:?\d\d)|(?:(?<=^)|(?<=[\s,\N{ARABIC COMMA}(-]))(?=\d{1,2}:\d\d))"
    return _Patterns(
        time=re.compile(
            rf"{start}{clock}(?!\d)(?:\s*(?P<half>{half})(?![^\W\d_]))?(?:\s*\(?(?:{offset}|(?P<zone>{zone}))\)?)?"
        ),
        zone_at_end=re.compile(rf"(?<!\s)\s++\(?{zone}\)?\s*+$"),
    )


@functools.cache
def _named_zones() -> dict[str, dt.tzinfo]:
    return {
        plain(name): _offset(zone) if zone[0] in "+-" else zoneinfo.ZoneInfo(zone) for name, zone, _ in rows("zones")
    }
