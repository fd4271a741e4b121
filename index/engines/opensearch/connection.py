"""The way to a cluster: its address, its client, and what its refusals mean."""

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
"""Seconds that a search may take before the cluster counts as out of reach."""
GRACE_SECONDS = 1.0
"""Time beyond that of the caller in which the cluster has to say that it stopped a search; a cluster that hangs says
nothing."""
CONNECTIONS = 8
"""Kept open to each node."""

USER, PASSWORD = "JUDHUR_OPENSEARCH_USER", "JUDHUR_OPENSEARCH_PASSWORD"
CA, VERIFY = "JUDHUR_OPENSEARCH_CA", "JUDHUR_OPENSEARCH_VERIFY"
TIMEOUT = "JUDHUR_OPENSEARCH_TIMEOUT"

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_TOO_MANY, _FAULT = 429, 500
"""Status from which on the fault is the cluster's; a node that has just gone is a 500, too."""
_FORBIDDEN = frozenset({401, 403})
_NOT_FOUND, _CONFLICT = 404, 409
_DISK_FULL = "cluster_block_exception"
_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
"""OpenSSL's name of the one fault that is about whom to trust."""
_CLOSED = "RemoteDisconnected"
"""How a node that speaks TLS takes a request without."""


class ClusterError(IndexingError):
    """The cluster did not do what it was asked; nothing that was acknowledged is lost."""

    def __init__(self, text: str, status: int = 0, kind: str = "") -> None:
        super().__init__(text)
        self.status = status
        """Of HTTP; 0 when no answer came."""
        self.kind = kind
        """The cluster's own name of the error, such as `version_conflict_engine_exception`."""

    @property
    def passes(self) -> bool:
        """Whether the same request may go well later."""
        return not self.status or self.status == _TOO_MANY or self.status >= _FAULT


class ClusterTimeoutError(ClusterError):
    """No answer came in time, or where there is a `status`, a cluster gave up that had no more time."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClusterAddress:
    """An index on a cluster: `opensearch+https://[user:password@]host:port[,host:port…]/name`."""

    hosts: tuple[tuple[str, int], ...]
    secure: bool
    name: str
    user: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    ca: Path | None = None
    """A file of certificates (PEM) that the nodes' own are signed by."""
    verify: bool = True
    """Whether the certificates of the nodes are checked."""
    timeout: float = DEFAULT_TIMEOUT
    shards: int = 3
    """Of an index that is made here."""
    replicas: int = 1
    """Copies of each shard besides the first."""

    @classmethod
    def of(cls, location: str, environment: Mapping[str, str] | None = None) -> ClusterAddress:
        """Return the place that a location and the variables `JUDHUR_OPENSEARCH_…` name.

        Raises:
            SourceError: the location or a variable cannot be used; the text says why.
        """
        given = os.environ if environment is None else environment
        parts = urlsplit(location.removeprefix(SCHEME))
        form = "give opensearch+http://host:9200/name or opensearch+https://host:9200/name"
        secure = parts.scheme == "https"
        user, _, address = parts.netloc.rpartition("@")
        name, _, password = user.partition(":")
        index = parts.path.strip("/")
        if parts.scheme not in ("http", "https") or not address or parts.fragment:
            raise SourceError(f"{redacted(location)} is no address of an index; {form}")
        if not _NAME.fullmatch(index):
            raise SourceError(
                f"{redacted(location)} names no index that a cluster could have; {form}, the name in small Latin "
                f"letters, "
                "digits, - _ and ."
            )
        options = dict(parse_qsl(parts.query))
        if unknown := sorted(set(options) - {"shards", "replicas"}):
            raise SourceError(f"{redacted(location)}: unknown option {unknown[0]}; options are shards and replicas")
        ca = given.get(CA)
        if ca and not Path(ca).is_file():
            raise SourceError(f"{CA}={ca} is no file; give the certificates (PEM) that the cluster's are signed by")
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
        """The location without its secrets."""
        scheme = "https" if self.secure else "http"
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{SCHEME}{scheme}://{hosts}/{self.name}"


class Cluster:
    """Sends requests to the nodes of a cluster. Safe to share among threads."""

    def __init__(self, address: ClusterAddress, remaining: Callable[[], float | None] = lambda: None) -> None:
        """Make the client; nothing is sent yet.

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
        body: Any = None,  # noqa: ANN401 - whatever JSON can say
        *,
        timeout: float | None = None,
        missing: bool = False,
        **params: object,
    ) -> Any:  # noqa: ANN401 - as above
        """Return the cluster's answer; None for 404 where something may be `missing`.

        A GET without a `timeout` is a small question: each node should have the answer at once.

        Raises:
            ClusterTimeoutError: no answer came within `timeout` (seconds; the place's own where none is given).
            ClusterError: the cluster cannot be reached, or refused.
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
            raise self._meaning(error) from error
        except (OpenSearchException, ValueError) as error:
            raise ClusterError(f"{self.address.redacted}: {error}") from error

    def search_all(self, searches: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[Any]:
        """Return the answers to several searches, each a head (which index, how) and a body.

        An answer may be an error, and is one where shards are missing. Raises as `call`.
        """
        whole = {"allow_partial_search_results": False}
        lines = (_json(part) for head, body in searches for part in ({**head, **whole}, body))
        answers: list[Any] = self.call("POST", "/_msearch", b"".join(b"%b\n" % line for line in lines))["responses"]
        return answers

    def close(self) -> None:
        """Close the connections."""
        self._nodes.close()

    def _meaning(self, error: TransportError) -> ClusterError:
        where = self.address.redacted
        if isinstance(error, ConnectionTimeout):
            return ClusterTimeoutError(f"{where} did not answer in time; it is overloaded or a node hangs")
        if isinstance(error, SSLError):
            if _CERTIFICATE not in str(error.error):
                return ClusterError(
                    f"{where} does not speak TLS as we do ({_first_line(error.error)}); give {SCHEME}http: where nodes "
                    "have none"
                )
            return ClusterError(
                f"{where}: the certificate of the nodes was not accepted ({error.error}); name its signer's with {CA}"
            )
        if isinstance(error, UnreachableNodeError):
            told = _first_line(error.error)
            hint = f", with {SCHEME}https: where nodes speak TLS" if not self.address.secure and _CLOSED in told else ""
            return ClusterError(f"{where} cannot be reached ({told}); start the cluster or mend the address{hint}")
        status = error.status_code if isinstance(error.status_code, int) else 0
        kind, reason = reason_of(error.info)
        kind = kind or str(error.error)
        if status in _FORBIDDEN and kind != _DISK_FULL:
            text = (
                f"{where} does not let us in ({reason or kind}); set {USER} and {PASSWORD}, or give the user the rights"
            )
        elif kind == _DISK_FULL:
            text = f"{where} takes no writes now ({reason}); free the disks of the nodes and run the command again"
        else:
            text = f"{where}: {kind}: {reason}" if reason else f"{where}: {kind or status}"
        return ClusterError(text, status, kind)


def reason_of(info: object) -> tuple[str, str]:
    """Return kind and reason of an error as a cluster tells it, of its first cause; empty where it tells none."""
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
        raise SourceError(f"{redacted(location)}: {text!r} is no host with a port, such as 127.0.0.1:9200")
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
        raise SourceError(f"{variable}={value!r} is no number of seconds from 0.05 to 3600")
    return seconds


def _count(option: str, value: str, least: int, most: int) -> int:
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise SourceError(f"{option}={value!r} is no whole number from {least} to {most}")
    return int(value)


KEEP_ALIVE = "5m"
"""How long the cluster keeps a moment that nobody asks for."""
CLOSING_SECONDS = 2.0
"""Time to close one: nobody waits for it for long, as the cluster does it by itself later."""
SCAN_PATIENCE = 90.0
"""Seconds without an answer after which a scan gives up: a node that died is replaced within a minute."""
_FINAL = frozenset({400, 401, 403})
_NO_INDEX = "index_not_found_exception"


def scan(
    cluster: Cluster, index: str, query: Mapping[str, Any], *, sort: str, size: int, **wanted: object
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the hits of a query in portions of `size`, in the order of a field that no two share, of one moment.

    When the cluster has lost the moment, because a node died, the scan goes on behind the last hit over a new one: what
    was there all the time is yielded once, what was changed since the beginning as it stands then.

    Raises:
        ClusterError: the cluster refused, or did not answer for `SCAN_PATIENCE` seconds.
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
    """Return the id of a point in time: what stands in an index (or several, parted by commas) now."""
    answer = cluster.call(
        "POST", f"/{index}/_search/point_in_time", keep_alive=keep_alive, allow_partial_pit_creation=False
    )
    return str(answer["pit_id"])


def close_point_in_time(cluster: Cluster, *pits: str) -> None:
    """Let the cluster forget points in time; harmless when it has done so or cannot be reached."""
    with contextlib.suppress(ClusterError):
        cluster.call("DELETE", "/_search/point_in_time", {"pit_id": list(pits)}, timeout=CLOSING_SECONDS)
