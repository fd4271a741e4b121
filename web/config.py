"""Settings, read from environment variables and checked: those of the server once at start."""

from __future__ import annotations

import csv
import dataclasses
import enum
import zoneinfo
from collections.abc import Mapping
from pathlib import Path

from index.location import CA, OPENSEARCH, PASSWORD, TIMEOUT, USER, VERIFY, completed
from index.parallel import processors
from index.schema import DEFAULT_ZONE

MAX_PORT = 65535
MAX_PROCESSES = 64
MAX_CACHE_MB = 1 << 20
MAX_DEADLINE_MS = 600_000
MAX_WATCHDOG_SECONDS = 3600
MAX_HOST_LENGTH = 253
"""Characters of a host name (RFC 1035, 2.3.4)."""


class ConfigError(Exception):
    """A setting has an invalid value; the text names the variable, its value and the valid values."""


class Digits(enum.StrEnum):
    """The digits that the page shows (names of CLDR's numbering systems); queries accept both."""

    ARAB = "arab"
    """٠١٢٣, usual in the Mashriq."""
    LATN = "latn"
    """0123, usual in the Maghrib."""


class Rtl(enum.StrEnum):
    """The order of Arabic letters on a terminal, of `--rtl` or `JUDHUR_RTL`."""

    AUTO = "auto"
    LOGICAL = "logical"
    VISUAL = "visual"


@dataclasses.dataclass(frozen=True, slots=True)
class SourceNames:
    """The table of source names; a source without an entry is its own name."""

    by_id: Mapping[str, str]

    def name(self, source: str) -> str:
        """Return what to show for the id of a source."""
        return self.by_id.get(source, source)

    def id(self, value: str) -> str:
        """Return the id for an id or a name."""
        if value in self.by_id:
            return value
        return next((source for source, name in self.by_id.items() if name == value), value)


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """All settings of the server."""

    index: str = "var/index"
    """A folder, or `opensearch+http(s)://host:port/name`, with all that is needed to reach it."""
    zone: zoneinfo.ZoneInfo = dataclasses.field(default_factory=lambda: zoneinfo.ZoneInfo(DEFAULT_ZONE))
    """Time zone of the days and hours shown, and of `from` and `to`."""
    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = dataclasses.field(default_factory=lambda: min(processors(), MAX_PROCESSES))
    """Worker processes; each opens the index for itself."""
    cache_mb: int | None = None
    """Size of the cache of each process, in MB (1024 x 1024 bytes); None is the engine's default."""
    answers_mb: int | None = None
    """How much of it is for whole answers, in MB; 0: none are remembered, None: an eighth."""
    deadline_ms: int = 2000
    """Milliseconds within which a search is answered, waiting included."""
    watchdog_seconds: int = 30
    """Seconds without a sign of life after which a worker process is replaced."""
    digits: Digits = Digits.ARAB
    labels: Path | None = None
    """A CSV file with the columns `id` and `name`, which gives display names to sources."""
    names: SourceNames = SourceNames({})
    """Content of `labels`."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Return the settings of the variables `JUDHUR_…`; a missing or empty variable means the default.

        Raises:
            ConfigError: a variable has an invalid value.
        """
        given = {name: value for name, value in environment.items() if name.startswith("JUDHUR_") and value}
        defaults = cls()
        labels = Path(given["JUDHUR_LABELS"]) if "JUDHUR_LABELS" in given else None
        cache_mb, answers_mb = given.get("JUDHUR_CACHE_MB"), given.get("JUDHUR_ANSWERS_MB")
        return cls(
            index=completed_location(given.get("JUDHUR_INDEX", defaults.index), given),
            zone=_zone(given["JUDHUR_ZONE"]) if "JUDHUR_ZONE" in given else defaults.zone,
            host=_host(given.get("JUDHUR_HOST", defaults.host)),
            port=_number("JUDHUR_PORT", given.get("JUDHUR_PORT", str(defaults.port)), MAX_PORT),
            processes=_number(
                "JUDHUR_PROCESSES", given.get("JUDHUR_PROCESSES", str(defaults.processes)), MAX_PROCESSES
            ),
            cache_mb=_number("JUDHUR_CACHE_MB", cache_mb, MAX_CACHE_MB) if cache_mb else None,
            answers_mb=_number("JUDHUR_ANSWERS_MB", answers_mb, MAX_CACHE_MB, lowest=0) if answers_mb else None,
            deadline_ms=_number(
                "JUDHUR_DEADLINE_MS", given.get("JUDHUR_DEADLINE_MS", str(defaults.deadline_ms)), MAX_DEADLINE_MS
            ),
            watchdog_seconds=_number(
                "JUDHUR_WATCHDOG_SECONDS",
                given.get("JUDHUR_WATCHDOG_SECONDS", str(defaults.watchdog_seconds)),
                MAX_WATCHDOG_SECONDS,
            ),
            digits=_digits(given.get("JUDHUR_DIGITS", defaults.digits.value)),
            labels=labels,
            names=SourceNames(read_labels(labels)) if labels else defaults.names,
        )


def completed_location(location: str, environment: Mapping[str, str]) -> str:
    """Return the URL of an index on OpenSearch with the variables `JUDHUR_OPENSEARCH_…`, where it has no own values.

    Any other location is returned unchanged.
    """
    if not location.startswith(OPENSEARCH):
        return location
    user, password, ca, verify, timeout = (environment.get(name, "") for name in (USER, PASSWORD, CA, VERIFY, TIMEOUT))
    return completed(location, user=user, password=password, ca=ca, verify=verify, timeout=timeout)


def order_of_letters(option: Rtl, environment: Mapping[str, str]) -> Rtl:
    """Return the order that `--rtl` sets, or else `JUDHUR_RTL`; users of a terminal that needs one set that once.

    Raises:
        ConfigError: `JUDHUR_RTL` has an invalid value.
    """
    value = environment.get("JUDHUR_RTL") or Rtl.AUTO.value
    try:
        setting = Rtl(value)
    except ValueError as error:
        raise ConfigError(f"JUDHUR_RTL={value!r} is not one of auto, logical, visual") from error
    return setting if option is Rtl.AUTO else option


def read_labels(path: Path) -> dict[str, str]:
    """Return id → name from a CSV file whose header names the columns `id` and `name` (UTF-8, with or without BOM).

    Raises:
        ConfigError: the file cannot be read, a row lacks an id or a name, or two sources have the same name.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"JUDHUR_LABELS: cannot read {str(path)!r} as CSV in UTF-8: {error}") from error
    names: dict[str, str] = {}
    ids: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        source, name = (row.get("id") or "").strip(), (row.get("name") or "").strip()
        if not source or not name:
            raise ConfigError(f"JUDHUR_LABELS: {path}:{line}: each row needs a value in the columns id and name")
        if ids.setdefault(name, source) != source:
            raise ConfigError(f"JUDHUR_LABELS: {path}:{line}: {name!r} is already the name of {ids[name]!r}")
        names[source] = name
    return names


def _zone(value: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"JUDHUR_ZONE={value!r} is not a time zone; give a name like {DEFAULT_ZONE}") from error


def _host(value: str) -> str:
    if len(value) > MAX_HOST_LENGTH or any(character.isspace() or character == "/" for character in value):
        raise ConfigError(f"JUDHUR_HOST={value!r} is not a host; give a name or an address like 127.0.0.1")
    return value


def _number(variable: str, value: str, highest: int, *, lowest: int = 1) -> int:
    digits = value.isascii() and value.isdigit() and len(value) <= len(str(highest))
    if not (digits and lowest <= int(value) <= highest):
        raise ConfigError(f"{variable}={value!r} is not a whole number from {lowest} to {highest}")
    return int(value)


def _digits(value: str) -> Digits:
    try:
        return Digits(value)
    except ValueError as error:
        raise ConfigError(f"JUDHUR_DIGITS={value!r} is neither arab (٠١٢) nor latn (012)") from error
