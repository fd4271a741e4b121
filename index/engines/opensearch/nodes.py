"""The nodes of a cluster: the choice of a node for each request, timeouts, and failover.

A node that cannot be reached or hangs is left out for some seconds; then one request at a time tries it again. Small
requests use the nodes in turn, so that they detect the ones that hang; other requests of a thread go to the node that
answered it last.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import urllib3
from opensearchpy import Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as UnreachableNodeError
from opensearchpy.exceptions import ConnectionTimeout, TransportError

CONNECT_SECONDS = 1.0
"""Timeout for connecting to a node; a node that is switched off does not refuse a connection, it does not respond."""
SENT_A_SECOND = 500_000
"""Lowest assumed bandwidth in bytes per second: the client includes the time to send a request in the connect timeout.
"""
SMALL_SECONDS = 2.0
"""Timeout for the response to a small request; a healthy node needs much less."""
REST = 10.0
"""Seconds for which a node that did not respond is left out."""

_ELSEWHERE = frozenset({502, 503, 504})
"""Statuses of a node that has not joined its cluster yet; other nodes may have."""


class QuietConnection(Urllib3HttpConnection):
    """The connections to one node. A failure is raised and not logged too: a 404, for example, is often no error."""

    def log_request_fail(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - as in the superclass
        """Log nothing."""


class Nodes:
    """The nodes of one cluster. Thread-safe."""

    def __init__(
        self, connections: Sequence[Urllib3HttpConnection], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Use one node for each of `connections`; nothing is sent yet."""
        self._connections = connections
        self._clock = clock
        self._guard = threading.Lock()
        self._turn = 0
        self._resting: dict[Urllib3HttpConnection, float] = {}
        """Time of `clock` until which a node is left out."""
        self._own = threading.local()

    def ask(
        self, method: str, path: str, params: Mapping[str, Any], body: bytes | None, seconds: float, *, small: bool
    ) -> Any:  # noqa: ANN401 - JSON
        """Return the response of the first node that answers, decoded from JSON.

        A node has `seconds` to respond; after a timeout no other node is tried, since the request may still be in
        progress. A `small` request is tried at other nodes too, within `seconds` in total.

        Raises:
            opensearchpy.TransportError: no node succeeded; the most informative of their errors.
        """
        count = len(self._connections)
        share = min(SMALL_SECONDS, seconds / count) if small and count > 1 else seconds
        connect = CONNECT_SECONDS + len(body or b"") / SENT_A_SECOND
        timeout = urllib3.Timeout(connect=min(share, connect), read=share)
        worst: TransportError | None = None
        for connection in self._in_order(small=small):
            try:
                # the type stub accepts only numbers, urllib3 also a Timeout
                _, _, answer = connection.perform_request(method, path, params, body, timeout=timeout)  # type: ignore[arg-type]
            except ConnectionTimeout as error:
                self._leave_out(connection)
                if not small:
                    raise
                worst = error
            except UnreachableNodeError as error:
                self._leave_out(connection)
                worst = worst or error
            except TransportError as error:
                self._serves(connection)
                if error.status_code not in _ELSEWHERE:
                    raise
                worst = error
            else:
                self._serves(connection)
                return json.loads(answer) if answer else None
        assert worst is not None  # noqa: S101 - there is a node
        raise worst

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.close()

    def _in_order(self, *, small: bool) -> list[Urllib3HttpConnection]:
        """Return the nodes in the order in which they are tried; those that are left out come last."""
        last = None if small else getattr(self._own, "last", None)
        now = self._clock()
        with self._guard:
            first = self._turn = (self._turn + 1) % len(self._connections)
            rotated = [*self._connections[first:], *self._connections[:first]]
            resting = self._resting
            left_out = [node for node in rotated if resting.get(node, 0.0) > now]
            ready = [node for node in rotated if node not in left_out]
            # a node whose rest has ended is tried by small requests, and by others only if no other node is ready
            ready.sort(key=lambda node: (not small and node in resting, node is not last))
            if ready and ready[0] in resting:
                resting[ready[0]] = now + REST
            return [*ready, *sorted(left_out, key=lambda node: resting[node])]

    def _leave_out(self, connection: Urllib3HttpConnection) -> None:
        with self._guard:
            self._resting[connection] = self._clock() + REST

    def _serves(self, connection: Urllib3HttpConnection) -> None:
        self._own.last = connection
        if connection in self._resting:
            with self._guard:
                self._resting.pop(connection, None)
