"""The address of an index on a cluster, as a location names it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from index.errors import SourceError
from index.location import CA, OPENSEARCH, TIMEOUT, VERIFY, redacted

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_OPTIONS = {"shards": "3", "replicas": "1", "ca": "", "verify": "1", "timeout": "10"}
"""The options of a location, with their defaults."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClusterAddress:
    """An index on a cluster: `opensearch+https://[user:password@]host:port[,host:port…]/name[?option=value…]`."""

    hosts: tuple[tuple[str, int], ...]
    secure: bool
    name: str
    user: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    ca: Path | None = None
    """A file with the CA certificates (PEM) that signed those of the nodes."""
    verify: bool = True
    """Whether the certificates of the nodes are checked."""
    timeout: float = 10.0
    """Seconds that a search may take before the cluster counts as unreachable."""
    shards: int = 3
    """Of an index that is created here."""
    replicas: int = 1
    """Copies of each shard besides the first."""

    @classmethod
    def of(cls, location: str) -> ClusterAddress:
        """Return the address that a location names.

        Raises:
            SourceError: the location is invalid; the message has the reason.
        """
        parts = urlsplit(location.removeprefix(OPENSEARCH))
        form = "give opensearch+http://host:9200/name or opensearch+https://host:9200/name"
        secure = parts.scheme == "https"
        user, _, address = parts.netloc.rpartition("@")
        name, _, password = user.partition(":")
        index = parts.path.strip("/")
        if parts.scheme not in ("http", "https") or not address or parts.fragment:
            raise SourceError(f"{redacted(location)} is not an address of an index; {form}")
        if not _NAME.fullmatch(index):
            raise SourceError(
                f"{redacted(location)} has an invalid index name; {form}, the name in lower-case Latin letters, "
                "digits, - _ and ."
            )
        options = dict(parse_qsl(parts.query))
        if unknown := sorted(set(options) - _OPTIONS.keys()):
            raise SourceError(f"{redacted(location)}: unknown option {unknown[0]}; options are {', '.join(_OPTIONS)}")
        given = {**_OPTIONS, **options}
        if given["ca"] and not Path(given["ca"]).is_file():
            raise SourceError(
                f"ca={given['ca']} ({CA}) is not a file; give the CA certificates (PEM) that signed those of the "
                "cluster"
            )
        return cls(
            hosts=tuple(_host(host, 443 if secure else 9200, location) for host in address.split(",")),
            secure=secure,
            name=index,
            user=unquote(name) or None,
            password=unquote(password) or None,
            ca=Path(given["ca"]) if given["ca"] else None,
            verify=_switch(given["verify"]),
            timeout=_seconds(given["timeout"]),
            shards=_count("shards", given["shards"], 1, 1024),
            replicas=_count("replicas", given["replicas"], 0, 20),
        )

    @property
    def redacted(self) -> str:
        """The location without user and password."""
        scheme = "https" if self.secure else "http"
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{OPENSEARCH}{scheme}://{hosts}/{self.name}"


def _host(text: str, default: int, location: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\s\[\]]+)(?::(\d{1,5}))?", text)
    if not found or not 0 < int(found.group(2) or default) < 1 << 16:
        raise SourceError(f"{redacted(location)}: {text!r} is not a host with a port, such as 127.0.0.1:9200")
    return found.group(1), int(found.group(2) or default)


def _switch(value: str) -> bool:
    if value not in ("0", "1"):
        raise SourceError(f"verify={value!r} ({VERIFY}) is neither 0 nor 1")
    return value == "1"


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0.05 <= seconds <= 3600:  # noqa: PLR2004 - nan too
        raise SourceError(f"timeout={value!r} ({TIMEOUT}) is not a number of seconds from 0.05 to 3600")
    return seconds


def _count(option: str, value: str, least: int, most: int) -> int:
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise SourceError(f"{option}={value!r} is not a whole number from {least} to {most}")
    return int(value)
