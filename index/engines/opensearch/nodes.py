"""The nodes of a cluster: which one is asked, how long it may take, and who is asked instead when it does not answer.

One that cannot be reached is out of service for a while, as is one that hangs; then one request at a time tries it
again. Small questions go around the nodes, so that they find the ones that hang; whatever else a thread asks goes to
the node that has answered it last.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import urllib3
from opensearchpy import Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as UnreachableNodeError
from opensearchpy.exceptions import ConnectionTimeout, TransportError

CONNECT_SECONDS = 1.0
"""Time to reach a node: none is farther away, and one that is switched off refuses nothing, it is silent."""
SENT_A_SECOND = 500_000
"""Bytes that arrive at a node at least: the client counts the time to send a request as time to connect."""
SMALL_SECONDS = 2.0
"""Time for the answer to a small question; a healthy node needs much less."""
REST = 10.0
"""Seconds for which a node is left out that did not answer."""

_ELSEWHERE = frozenset({502, 503, 504})
"""What a node says that has not found its cluster yet; others may have."""


class Nodes:
    """The nodes of one cluster. Safe to share among threads."""

    def __init__(
        self, connections: Sequence[Urllib3HttpConnection], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask the nodes at the end of `connections`; nothing is sent yet."""
        # Every failure is raised, and told by whoever catches it; a 404 is often none.
        logging.getLogger("opensearch").setLevel(logging.CRITICAL)
        self._connections = connections
        self._clock = clock
        self._guard = threading.Lock()
        self._turn = 0
        self._resting: dict[Urllib3HttpConnection, float] = {}
        """Until when nodes are left out."""
        self._own = threading.local()

    def ask(
        self, method: str, path: str, params: Mapping[str, Any], body: bytes | None, seconds: float, *, small: bool
    ) -> Any:  # noqa: ANN401 - JSON
        """Return the answer of the first node that gives one.

        A node has `seconds` to answer, and nobody else is asked when it does not: it may be doing what it was asked. A
        `small` question is asked of others too, within `seconds` in all.

        Raises:
            opensearchpy.TransportError: no node did what it was asked; the error of the one that said most.
        """
        several = len(self._connections)
        share = min(SMALL_SECONDS, seconds / several) if small and several > 1 else seconds
        reaching = CONNECT_SECONDS + len(body or b"") / SENT_A_SECOND
        timeout = urllib3.Timeout(connect=min(share, reaching), read=share)
        worst: TransportError | None = None
        for connection in self._in_order(small=small):
            try:
                # the stub takes numbers only, urllib3 either
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
        """Return the nodes as they are to be asked; those that are left out come last."""
        last = None if small else getattr(self._own, "last", None)
        now = self._clock()
        with self._guard:
            first = self._turn = (self._turn + 1) % len(self._connections)
            around = [*self._connections[first:], *self._connections[:first]]
            resting = self._resting
            left_out = [node for node in around if resting.get(node, 0.0) > now]
            ready = [node for node in around if node not in left_out]
            # one that has rested is tried by small questions, and by others where there is nobody else
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
