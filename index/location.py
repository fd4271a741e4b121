"""Locations of indexes, and how they are printed.

A location is a folder, or the URL of an index in a cluster: `opensearch+http(s)://[user:password@]host[:port]/name`.
"""

from __future__ import annotations

from pathlib import Path


def is_url(location: str) -> bool:
    """Return whether a location is a URL of any scheme; everything else is a folder."""
    return "://" in location


def redacted(location: str) -> str:
    """Return a location without user and password, for output and logs."""
    scheme, separator, rest = location.partition("://")
    # up to the last @, since a password may contain any character, even a slash
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def has_password(location: str) -> bool:
    """Return whether a location is a URL with a password."""
    _, separator, rest = location.partition("://")
    return bool(separator) and ":" in rest.rpartition("@")[0]


def is_same_place(one: str, other: str) -> bool:
    """Return whether two locations are the same index: the same resolved folder, or URLs equal but for the user."""
    if is_url(one) or is_url(other):
        return redacted(one).rstrip("/") == redacted(other).rstrip("/")
    return Path(one).resolve() == Path(other).resolve()
