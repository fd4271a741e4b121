"""The connection to a cluster: its client, the translation of its errors, and scans."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from opensearchpy.exceptions import (
    ConnectionError as UnreachableNodeError,
)
from opensearchpy.exceptions import (
    ConnectionTimeout,
    OpenSearchException,
    SSLError,
    TransportError,
)

from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.nodes import Nodes, QuietConnection
from index.errors import IndexingError
from index.location import CA, OPENSEARCH, PASSWORD, USER

GRACE_SECONDS = 1.0
"""Seconds beyond those of the caller in which the cluster has to report that it stopped a search; a cluster that hangs
reports nothing."""
CONNECTIONS = 8
"""Size of the connection pool of each node."""

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


class Cluster:
    """Sends requests to the nodes of a cluster. Thread-safe."""

    def __init__(self, address: ClusterAddress, remaining: Callable[[], float | None] = lambda: None) -> None:
        """Create the client; nothing is sent yet.

        `remaining` returns the seconds that the caller still has for an answer, None for no limit; a request gets no
        more.
        """
        self.address = address
        self._remaining = remaining
        self._nodes = Nodes(
            [
                QuietConnection(
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
                    f"{where} does not speak TLS as this client does ({_first_line(error.error)}); give "
                    f"{OPENSEARCH}http: if the nodes have no TLS"
                )
            return ClusterError(
                f"{where}: the certificate of the nodes was not accepted ({error.error}); name their CA with {CA}"
            )
        if isinstance(error, UnreachableNodeError):
            reason = _first_line(error.error)
            speaks_tls = not self.address.secure and _CLOSED in reason
            hint = f", with {OPENSEARCH}https: where nodes speak TLS" if speaks_tls else ""
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
