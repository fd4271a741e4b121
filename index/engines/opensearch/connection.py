"""The connection to a cluster: its address, its client, the translation of its errors, and scans."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import urllib3
from opensearchpy import Urllib3HttpConnection
from opensearchpy.exceptions import (
    ConnectionError as UnreachableNodeError,
)
from opensearchpy.exceptions import (
    ConnectionTimeout,
    OpenSearchException,
    SSLError,
    TransportError,
)

from index.engines.opensearch.nodes import Nodes
from index.errors import IndexingError, SourceError
from index.location import redacted

SCHEME = "opensearch+"
DEFAULT_TIMEOUT = 10.0
"""Seconds that a search may take before the cluster counts as unreachable."""
GRACE_SECONDS = 1.0
"""Seconds beyond those of the caller in which the cluster has to report that it stopped a search; a cluster that hangs
reports nothing."""
CONNECTIONS = 8
"""Size of the connection pool of each node."""

USER, PASSWORD = "JUDHUR_OPENSEARCH_USER", "JUDHUR_OPENSEARCH_PASSWORD"
CA, VERIFY = "JUDHUR_OPENSEARCH_CA", "JUDHUR_OPENSEARCH_VERIFY"
TIMEOUT = "JUDHUR_OPENSEARCH_TIMEOUT"

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_TOO_MANY, _FAULT = 429, 500
"""From this status on the cluster is at fault; a node that has just left also causes a 500."""
_FORBIDDEN = frozenset({401, 403})
_NOT_FOUND, _CONFLICT = 404, 409
_DISK_FULL = "cluster_block_exception"
_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
"""OpenSSL's name of the error for an untrusted certificate."""
_CLOSED = "RemoteDisconnected"
"""The error when a node with TLS receives a request without TLS."""


class ClusterError(IndexingError):
    """A request to the cluster failed; acknowledged writes are not lost."""

    def __init__(self, text: str, status: int = 0, kind: str = "") -> None:
        super().__init__(text)
        self.status = status
        """HTTP status; 0 if there was no response."""
        self.kind = kind
        """The cluster's name of the error, such as `version_conflict_engine_exception`."""

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later."""
        return not self.status or self.status == _TOO_MANY or self.status >= _FAULT


class ClusterTimeoutError(ClusterError):
    """There was no response in time; with a `status`, the cluster itself reported a timeout."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClusterAddress:
    """An index on a cluster: `opensearch+https://[user:password@]host:port[,host:port…]/name`."""

    hosts: tuple[tuple[str, int], ...]
    secure: bool
    name: str
    user: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    ca: Path | None = None
    """A file with the CA certificates (PEM) that signed those of the nodes."""
    verify: bool = True
    """Whether the certificates of the nodes are checked."""
    timeout: float = DEFAULT_TIMEOUT
    shards: int = 3
    """Of an index that is created here."""
    replicas: int = 1
    """Copies of each shard besides the first."""

    @classmethod
    def of(cls, location: str, environment: Mapping[str, str] | None = None) -> ClusterAddress:
        """Return the address for a location and the variables `JUDHUR_OPENSEARCH_…`.

        Raises:
            SourceError: the location or a variable is invalid; the message has the reason.
        """
        given = os.environ if environment is None else environment
        parts = urlsplit(location.removeprefix(SCHEME))
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
        if unknown := sorted(set(options) - {"shards", "replicas"}):
            raise SourceError(f"{redacted(location)}: unknown option {unknown[0]}; options are shards and replicas")
        ca = given.get(CA)
        if ca and not Path(ca).is_file():
            raise SourceError(
                f"{CA}={ca} is not a file; give the CA certificates (PEM) that signed those of the cluster"
            )
        return cls(
            hosts=tuple(_host(host, 443 if secure else 9200, location) for host in address.split(",")),
            secure=secure,
            name=index,
            user=unquote(name) or given.get(USER) or None,
            password=unquote(password) or given.get(PASSWORD) or None,
            ca=Path(ca) if ca else None,
            verify=_switch(VERIFY, given.get(VERIFY) or "1"),
            timeout=_seconds(TIMEOUT, given.get(TIMEOUT) or str(DEFAULT_TIMEOUT)),
            shards=_count("shards", options.get("shards", "3"), 1, 1024),
            replicas=_count("replicas", options.get("replicas", "1"), 0, 20),
        )

    @property
    def redacted(self) -> str:
        """The location without user and password."""
        scheme = "https" if self.secure else "http"
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{SCHEME}{scheme}://{hosts}/{self.name}"


class Cluster:
    """Sends requests to the nodes of a cluster. Thread-safe."""

    def __init__(self, address: ClusterAddress, remaining: Callable[[], float | None] = lambda: None) -> None:
        """Create the client; nothing is sent yet.

        `remaining` returns the seconds that the caller still has for an answer, None for no limit; a request gets no
        more.
        """
        self.address = address
        self._remaining = remaining
        if not address.verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._nodes = Nodes(
            [
                Urllib3HttpConnection(
                    host,
                    port,
                    http_auth=(address.user, address.password or "") if address.user else None,
                    use_ssl=address.secure,
                    verify_certs=address.verify,
                    ssl_show_warn=False,
                    ca_certs=str(address.ca) if address.ca else None,
                    pool_maxsize=CONNECTIONS,
                )
                for host, port in address.hosts
            ]
        )

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,  # noqa: ANN401 - any JSON value
        *,
        timeout: float | None = None,
        missing: bool = False,
        **params: object,
    ) -> Any:  # noqa: ANN401 - as above
        """Return the cluster's response; None for 404 if `missing` is true.

        A GET without a `timeout` is a small request, which a healthy node answers immediately (see `Nodes.ask`).

        Raises:
            ClusterTimeoutError: there was no response within `timeout` seconds (by default the address's timeout).
            ClusterError: the cluster cannot be reached, or refused the request.
        """
        values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
        data = body if body is None or isinstance(body, bytes) else _json(body)
        seconds = timeout or self.address.timeout
        remaining = self._remaining()
        if remaining is not None:
            seconds = min(seconds, max(remaining, 0.0) + GRACE_SECONDS)
        try:
            return self._nodes.ask(method, path, values, data, seconds, small=method == "GET" and timeout is None)
        except TransportError as error:
            if missing and error.status_code == _NOT_FOUND:
                return None
            raise self._translated(error) from error
        except (OpenSearchException, ValueError) as error:
            raise ClusterError(f"{self.address.redacted}: {error}") from error

    def search_all(self, searches: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[Any]:
        """Return the responses to several searches, each given as header and body of `_msearch`.

        A response may be an error, and is one if shards are missing. Raises the same errors as `call`.
        """
        complete = {"allow_partial_search_results": False}
        lines = (_json(part) for header, body in searches for part in ({**header, **complete}, body))
        answers: list[Any] = self.call("POST", "/_msearch", b"".join(b"%b\n" % line for line in lines))["responses"]
        return answers

    def close(self) -> None:
        """Close the connections."""
        self._nodes.close()

    def _translated(self, error: TransportError) -> ClusterError:
        where = self.address.redacted
        if isinstance(error, ConnectionTimeout):
            return ClusterTimeoutError(f"{where} did not answer in time; it is overloaded or a node hangs")
        if isinstance(error, SSLError):
            if _CERTIFICATE not in str(error.error):
                return ClusterError(
                    f"{where} does not speak TLS as this client does ({_first_line(error.error)}); give {SCHEME}http: "
                    "if the nodes have no TLS"
                )
            return ClusterError(
                f"{where}: the certificate of the nodes was not accepted ({error.error}); name their CA with {CA}"
            )
        if isinstance(error, UnreachableNodeError):
            reason = _first_line(error.error)
            speaks_tls = not self.address.secure and _CLOSED in reason
            hint = f", with {SCHEME}https: where nodes speak TLS" if speaks_tls else ""
            return ClusterError(f"{where} cannot be reached ({reason}); start the cluster or correct the address{hint}")
        status = error.status_code if isinstance(error.status_code, int) else 0
        kind, reason = reason_of(error.info)
        kind = kind or str(error.error)
        if status in _FORBIDDEN and kind != _DISK_FULL:
            text = f"{where} denies access ({reason or kind}); set {USER} and {PASSWORD}, or grant the user permissions"
        elif kind == _DISK_FULL:
            text = f"{where} refuses writes now ({reason}); free the disks of the nodes and run the command again"
        else:
            text = f"{where}: {kind}: {reason}" if reason else f"{where}: {kind or status}"
        return ClusterError(text, status, kind)


def reason_of(info: object) -> tuple[str, str]:
    """Return type and reason of the first cause in an error response of a cluster; empty if it has none."""
    error = info.get("error", info) if isinstance(info, dict) else info
    if not isinstance(error, dict):
        return "", str(error or "")
    causes = error.get("root_cause") or error.get("failed_shards") or []
    inner = causes[0] if causes else error
    inner = inner.get("reason", inner) if isinstance(inner.get("reason"), dict) else inner
    return str(error.get("type") or inner.get("type") or ""), str(inner.get("reason") or error.get("reason") or "")


def _first_line(error: object) -> str:
    text = str(error).partition("\n")[0]
    refused = re.search(r"\[Errno \d+\] ([^')]+)", text)
    return refused.group(1) if refused else text


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _host(text: str, default: int, location: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\s\[\]]+)(?::(\d{1,5}))?", text)
    if not found or not 0 < int(found.group(2) or default) < 1 << 16:
        raise SourceError(f"{redacted(location)}: {text!r} is not a host with a port, such as 127.0.0.1:9200")
    return found.group(1), int(found.group(2) or default)


def _switch(variable: str, value: str) -> bool:
    if value not in ("0", "1"):
        raise SourceError(f"{variable}={value!r} is neither 0 nor 1")
    return value == "1"


def _seconds(variable: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0.05 <= seconds <= 3600:  # noqa: PLR2004 - nan too
        raise SourceError(f"{variable}={value!r} is not a number of seconds from 0.05 to 3600")
    return seconds


def _count(option: str, value: str, least: int, most: int) -> int:
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise SourceError(f"{option}={value!r} is not a whole number from {least} to {most}")
    return int(value)


KEEP_ALIVE = "5m"
"""How long the cluster keeps an unused point in time open."""
CLOSING_SECONDS = 2.0
"""Timeout for closing a point in time; if it fails, the cluster closes it later by itself."""
SCAN_PATIENCE = 90.0
"""Seconds without a response after which a scan fails: a cluster replaces a dead node within a minute."""
_FINAL = frozenset({400, 401, 403})
_NO_INDEX = "index_not_found_exception"


def scan(
    cluster: Cluster, index: str, query: Mapping[str, Any], *, sort: str, size: int, **wanted: object
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the hits of a query in lists of `size`, sorted by `sort`, a field with unique values, at one point in time.

    If the cluster loses the point in time because a node died, the scan continues after the last hit with a new one:
    documents that existed all the time are yielded once, and later ones may include changes since the beginning.

    Raises:
        ClusterError: the cluster refused the request, or did not answer for `SCAN_PATIENCE` seconds.
    """
    pit = ""
    after: list[Any] = []
    failures, deadline = 0, time.monotonic() + SCAN_PATIENCE
    try:
        while True:
            try:
                pit = pit or open_point_in_time(cluster, index)
                body: dict[str, Any] = {
                    "pit": {"id": pit, "keep_alive": KEEP_ALIVE},
                    "size": size,
                    "query": query,
                    "sort": [{sort: "asc"}],
                    "track_total_hits": False,
                    **({"search_after": after} if after else {}),
                    **wanted,
                }
                answer = cluster.call("POST", "/_search", body, timeout=60, allow_partial_search_results=False)
            except ClusterError as error:
                if error.status in _FINAL or error.kind == _NO_INDEX or time.monotonic() > deadline:
                    raise
                if pit:
                    close_point_in_time(cluster, pit)
                    pit = ""
                failures += 1
                time.sleep(min(5.0, 0.1 * 2**failures))
                continue
            hits = answer["hits"]["hits"]
            if hits:
                yield hits
                after = hits[-1]["sort"]
            if len(hits) < size:
                return
            failures, deadline = 0, time.monotonic() + SCAN_PATIENCE
    finally:
        if pit:
            close_point_in_time(cluster, pit)


def open_point_in_time(cluster: Cluster, index: str, *, keep_alive: str = KEEP_ALIVE) -> str:
    """Return the id of a new point in time of an index (or several, separated by commas)."""
    answer = cluster.call(
        "POST", f"/{index}/_search/point_in_time", keep_alive=keep_alive, allow_partial_pit_creation=False
    )
    return str(answer["pit_id"])


def close_point_in_time(cluster: Cluster, *pits: str) -> None:
    """Close points in time; no error if they are closed already or the cluster cannot be reached."""
    with contextlib.suppress(ClusterError):
        cluster.call("DELETE", "/_search/point_in_time", {"pit_id": list(pits)}, timeout=CLOSING_SECONDS)
