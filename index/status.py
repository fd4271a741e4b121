"""What is known of an index: its status, and the outcome of its last verification."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, Self


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """The status of an index."""

    location: str
    """Without user and password."""
    documents: int
    """Searchable articles."""
    generation: str
    """Name of the generation that serves searches; unique among all indexes."""
    analyzer: str
    """Version of the analyzer that built it."""
    fingerprint: str
    """Digest of that analyzer's code version and data."""
    format: int
    """Version of the index format; each engine has its own numbers."""
    zone: str
    """IANA name of the time zone of its days."""
    up_to_date: bool
    """Whether this code's analyzer and format built it from articles of the newest version; if not, `rebuild` it."""
    behind: int
    """Changes of its articles that a crash left out of the index; the next writer applies them."""
    change: int
    """Number of the last change that the index has applied; 0 if the engine does not number changes."""
    size_bytes: int
    """Bytes of index and articles on all disks."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of the last `Maintenance.verify`, kept with the index for those who watch the service."""

    at: dt.datetime
    """When it ended, in UTC."""
    problems: int
    """Number of problems; 0 if the index was sound."""

    @classmethod
    def now(cls, problems: int) -> Self:
        """Return the outcome of a verification that has just ended."""
        return cls(dt.datetime.now(dt.UTC).replace(microsecond=0), problems)

    def values(self) -> dict[str, str | int]:
        """Return it as JSON values, which `of` reads."""
        return {"at": self.at.isoformat(), "problems": self.problems}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the verification with these `values`.

        Raises:
            ValueError, TypeError, KeyError: they are not those of a verification.
        """
        return cls(dt.datetime.fromisoformat(values["at"]), int(values["problems"]))
