"""Locations of indexes, how they are completed and how they are printed.

A location is a folder, or the URL of an index in a cluster:
`opensearch+http(s)://[user:password@]host[:port]/name[?option=value…]`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode

OPENSEARCH = "opensearch+"
"""Beginning of the URLs of indexes on OpenSearch."""
USER, PASSWORD = "JUDHUR_OPENSEARCH_USER", "JUDHUR_OPENSEARCH_PASSWORD"
CA, VERIFY = "JUDHUR_OPENSEARCH_CA", "JUDHUR_OPENSEARCH_VERIFY"
TIMEOUT = "JUDHUR_OPENSEARCH_TIMEOUT"
"""Settings from which `web.config` completes such a URL."""
ACCESS = ("ca", "verify", "timeout")
"""Options of a URL that say how the index is reached, not which one it is; they are not printed."""


def is_url(location: str) -> bool:
    """Return whether a location is a URL of any scheme; everything else is a folder."""
    return "://" in location


def completed(location: str, *, user: str = "", password: str = "", **options: str) -> str:
    """Return a URL with the values that are not empty, except where it has its own."""
    scheme, separator, rest = location.partition("://")
    # up to the last @, since a password may contain any character, even a slash
    given, _, address = rest.rpartition("@")
    own_user, _, own_password = given.partition(":")
    user, password = own_user or quote(user, safe=""), own_password or quote(password, safe="")
    own = parse_qs(address.partition("?")[2], keep_blank_values=True)
    added = urlencode({name: value for name, value in options.items() if value and name not in own})
    credentials = f"{user}{':' if password else ''}{password}{'@' if user or password else ''}"
    mark = ("&" if "?" in address else "?") if added else ""
    return f"{scheme}{separator}{credentials}{address}{mark}{added}"


def redacted(location: str) -> str:
    """Return a location without user, password and `ACCESS` options, for output and logs."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return location
    address, _, query = rest.rpartition("@")[2].partition("?")
    options = "&".join(option for option in query.split("&") if option.partition("=")[0] not in ACCESS)
    return f"{scheme}{separator}{address}{'?' if options else ''}{options}"


def has_password(location: str) -> bool:
    """Return whether a location is a URL with a password."""
    _, separator, rest = location.partition("://")
    return bool(separator) and ":" in rest.rpartition("@")[0]


def is_same_place(one: str, other: str) -> bool:
    """Return whether two locations are the same index: the same resolved folder, or URLs equal but for the user."""
    if is_url(one) or is_url(other):
        return redacted(one).rstrip("/") == redacted(other).rstrip("/")
    return Path(one).resolve() == Path(other).resolve()
