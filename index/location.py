"""Locations: how an index is named, and how its name is shown to people.

An index is a folder, or a cluster's: `opensearch+http(s)://[user:password@]host[:port]/name`.
"""

from __future__ import annotations

import re
from pathlib import Path

CLUSTER_SCHEMES = ("opensearch+http://", "opensearch+https://")

# up to the last @, wherever it stands: a password may hold any letter, a slash too
_CREDENTIALS = re.compile(r"(?<=://).*@", re.DOTALL)


def is_url(location: str) -> bool:
    """Tell whether a location is a URL, of whatever scheme; everything else is a folder."""
    return "://" in location


def is_cluster(location: str) -> bool:
    """Tell whether a location names an index in a cluster."""
    return location.startswith(CLUSTER_SCHEMES)


def redacted(location: str) -> str:
    """Return a location as it may be printed or logged: without user and password."""
    return _CREDENTIALS.sub("", location) if is_url(location) else location


def is_same_place(one: str, other: str) -> bool:
    """Tell whether two locations name one index: by whatever path to a folder, as whatever user of a cluster."""
    if is_url(one) or is_url(other):
        return redacted(one).rstrip("/") == redacted(other).rstrip("/")
    return Path(one).resolve() == Path(other).resolve()
