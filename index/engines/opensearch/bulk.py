"""Bulk requests: bounded memory, retries while the cluster is busy, and an outcome for every document."""

from __future__ import annotations

import json
import random
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from index.engines.opensearch.connection import Cluster, ClusterError, ClusterTimeoutError

CHUNK_BYTES = 5_000_000
CHUNK_ACTIONS = 1_000
IN_FLIGHT = 2
"""Concurrent requests: more would only wait in the cluster's queues."""
REQUEST_SECONDS = 60.0
PATIENCE = 180.0
"""Seconds without progress after which sending fails: a cluster replaces a dead node within a minute."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds. Each pause is random between 0 and a bound that doubles (full jitter), so that writers do not retry
simultaneously."""

_NOT_FOUND, _CONFLICT = 404, 409
_BAD, _TOO_LARGE = 400, 413
"""The two statuses that are caused by the document itself."""
_PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that may succeed on a retry. For single documents 500 is one: a shard that has just lost its node answers in
several ways."""
_BLOCKED = "cluster_block_exception"
_OK = 300
LONGEST_REASON = 200
"""Code points of the cluster's reason for a refusal, which often includes the value."""


class Action(NamedTuple):
    """One operation on one document."""

    kind: str
    """`index` or `delete`, which need a version, or `create`, which does not change an existing document."""
    target: str
    """Index."""
    id: str
    """`_id` of the document."""
    version: int
    source: bytes
    """JSON on one line; empty for `delete`."""

    def lines(self) -> bytes:
        """Return the lines of the action in a bulk request."""
        head: dict[str, Any] = {"_index": self.target, "_id": self.id}
        if self.kind != "create":
            head |= {"version": self.version, "version_type": "external_gte"}
        line = json.dumps({self.kind: head}, ensure_ascii=False).encode()
        return line + b"\n" if self.kind == "delete" else b"%b\n%b\n" % (line, self.source)


class Refused(NamedTuple):
    """An action that the cluster refuses permanently."""

    action: Action
    reason: str


class Outcome(NamedTuple):
    """The outcome of many actions: `done + superseded + len(refused)` is the number sent."""

    done: int
    superseded: int
    """The cluster has a newer version, or for `create` the document exists."""
    refused: tuple[Refused, ...]


def send(cluster: Cluster, actions: Iterable[Action], *, patience: float = PATIENCE) -> Outcome:
    """Send all actions; each is done, superseded or refused when this returns.

    If a response is lost, the request is sent again; the versions make this idempotent.

    Raises:
        ClusterError: no action succeeded for `patience` seconds; some may have been done before.
    """
    done = superseded = 0
    refused: list[Refused] = []
    sent: deque[Future[Outcome]] = deque()
    with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="bulk") as pool:
        try:
            for chunk in _chunks(actions):
                sent.append(pool.submit(_send_chunk, cluster, chunk, patience))
                if len(sent) > IN_FLIGHT:
                    chunk_outcome = sent.popleft().result()
                    done, superseded = done + chunk_outcome.done, superseded + chunk_outcome.superseded
                    refused += chunk_outcome.refused
            for future in sent:
                chunk_outcome = future.result()
                done, superseded = done + chunk_outcome.done, superseded + chunk_outcome.superseded
                refused += chunk_outcome.refused
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Outcome(done, superseded, tuple(refused))


def _chunks(actions: Iterable[Action]) -> Iterator[list[Action]]:
    chunk: list[Action] = []
    size = 0
    for action in actions:
        if chunk and (len(chunk) >= CHUNK_ACTIONS or size + len(action.source) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(action)
        size += len(action.source)
    if chunk:
        yield chunk


def _send_chunk(cluster: Cluster, chunk: Sequence[Action], patience: float) -> Outcome:
    waiting = list(chunk)
    outcome = Outcome(0, 0, ())
    attempt = 0
    deadline = time.monotonic() + patience
    while waiting:
        tried = _try(cluster, waiting)
        outcome = Outcome(
            outcome.done + tried.done, outcome.superseded + tried.superseded, outcome.refused + tried.refused
        )
        if len(tried.again) < len(waiting):
            deadline, attempt = time.monotonic() + patience, 0
        waiting = tried.again
        if waiting:
            if time.monotonic() > deadline:
                raise ClusterTimeoutError(
                    f"{cluster.address.redacted} accepted none of {len(waiting)} documents for {patience:.0f} seconds "
                    f"(last: {tried.failure}); run the command again when the cluster is healthy"
                )
            attempt += 1
            time.sleep(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))  # noqa: S311 - not for secrets
    return outcome


class _Tried(NamedTuple):
    """The outcome of one request."""

    done: int
    superseded: int
    refused: tuple[Refused, ...]
    again: list[Action]
    """Actions that may succeed on a retry."""
    failure: str
    """The reason for the last of them."""


def _try(cluster: Cluster, actions: list[Action]) -> _Tried:
    try:
        answer = cluster.call(
            "POST",
            "/_bulk",
            b"".join(action.lines() for action in actions),
            timeout=REQUEST_SECONDS,
            filter_path="items.*.status,items.*.error.type,items.*.error.reason",
        )
    except ClusterError as error:
        if error.status == _TOO_LARGE:
            return _try_smaller(cluster, actions, str(error))
        if not error.passes or error.kind == _BLOCKED:
            raise
        return _Tried(0, 0, (), actions, str(error))
    done = superseded = 0
    refused: list[Refused] = []
    again: list[Action] = []
    failure = ""
    for action, item in zip(actions, answer["items"], strict=True):
        (result,) = item.values()
        status, fault = result["status"], result.get("error", {})
        reason = f"{fault.get('type')}: {fault.get('reason')}"
        if status < _OK or (action.kind == "delete" and status == _NOT_FOUND):
            done += 1
        elif status == _CONFLICT:
            superseded += 1
        elif fault.get("type") == _BLOCKED:
            raise ClusterError(
                f"{cluster.address.redacted} refuses writes now ({fault.get('reason')}); free the disks of its nodes "
                "and run the command again",
                status,
                _BLOCKED,
            )
        elif status in _PASSING:
            again.append(action)
            failure = reason
        elif status == _BAD:
            refused.append(Refused(action, f"{reason[:LONGEST_REASON]}; correct the article and add it again"))
        else:
            raise ClusterError(f"{cluster.address.redacted}: {reason}", status, str(fault.get("type")))
    return _Tried(done, superseded, tuple(refused), again, failure)


def _try_smaller(cluster: Cluster, actions: list[Action], reason: str) -> _Tried:
    """Send the actions of a request that was too large in two halves; refuse a single document that is too large."""
    if len(actions) == 1:
        return _Tried(0, 0, (Refused(actions[0], f"{reason}; the article is too long for the cluster"),), [], "")
    half = len(actions) // 2
    first, second = (_try(cluster, part) for part in (actions[:half], actions[half:]))
    return _Tried(
        first.done + second.done,
        first.superseded + second.superseded,
        first.refused + second.refused,
        first.again + second.again,
        first.failure or second.failure,
    )
