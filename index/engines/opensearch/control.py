"""What an archive on a cluster knows of itself: which version answers, and who may write.

Both are documents of the control index, read as they stand and changed only by whoever has seen the newest
(optimistic locking by sequence number), so that of two who change them at once one fails.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from index.engines.opensearch.connection import Cluster, ClusterError
from index.engines.opensearch.mapping import control_body, control_name
from index.errors import IndexLockedError, IndexMissingError, command

LEASE = 60.0
"""Seconds that a lock holds without being renewed: a writer that was killed is in the way for as long."""
RENEWAL = 10.0

_CONFLICT = 409
_EXISTS = "resource_already_exists_exception"
_STATE, _LOCK = "state", "lock"


class ChangedMeanwhileError(ClusterError):
    """Somebody else changed the state first."""


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """Which version answers, and up to where it was written."""

    version: int
    generation: str
    """Changes with every commit."""
    epoch: int
    """Counts the writers: the changes of a later one have higher numbers."""
    change: int
    """Number of the last change that was committed."""
    zone: str
    rebuilding: int = 0
    """The version that is being built, 0 for none: meanwhile deletions are noted down."""
    previous: int = 0
    """The version before, which is kept to go back to; 0 for none."""
    swapped: int = 0
    """The change at which the present version took its place."""
    seq_no: int = dataclasses.field(default=-1, compare=False)
    term: int = dataclasses.field(default=-1, compare=False)
    """Where the document stood when it was read."""


class Control:
    """The control index of an archive."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._index = control_name(cluster.place.name)

    @property
    def index(self) -> str:
        """Its name."""
        return self._index

    def state(self) -> State:
        """Return the state.

        Raises:
            IndexMissingError: there is no such archive.
        """
        found = self._read(_STATE)
        if found is None:
            where = self._cluster.place.shown
            raise IndexMissingError(f"no index at {where}; make one: {command('add PATH…', where)}")
        return State(**found["_source"]["value"], seq_no=found["_seq_no"], term=found["_primary_term"])

    def change_state(self, old: State | None, new: State) -> State:
        """Put a state in place of one that was read (None: of none) and return it as it stands now.

        Raises:
            ChangedMeanwhileError: it is not there any more.
        """
        value = {name: value for name, value in dataclasses.asdict(new).items() if name not in ("seq_no", "term")}
        written = self._write(_STATE, value, None if old is None else (old.seq_no, old.term))
        return dataclasses.replace(new, seq_no=written["_seq_no"], term=written["_primary_term"])

    def update_state(self, changed: Callable[[State], State]) -> State:
        """Change the state, whoever else changes it meanwhile; return it as it stands now."""
        while True:
            state = self.state()
            with contextlib.suppress(ChangedMeanwhileError):
                return self.change_state(state, changed(state))

    def make(self) -> None:
        """Make the control index where none is."""
        try:
            self._cluster.call("PUT", f"/{self._index}", control_body(), timeout=60, wait_for_active_shards=1)
        except ClusterError as error:
            if error.kind != _EXISTS:
                raise

    def take_lock(self) -> Lock:
        """Take the right to write.

        Raises:
            IndexLockedError: somebody else has it.
        """
        mine = _holder()
        for _ in range(2):
            found = self._read(_LOCK)
            place = None
            if found is not None:
                holder = found["_source"]["value"]
                if not _is_gone(holder):
                    raise IndexLockedError(
                        f"the index at {self._cluster.place.shown} is being written by process {holder['process']} on "
                        f"{holder['host']}; try again when it has ended"
                    )
                place = (found["_seq_no"], found["_primary_term"])
            with contextlib.suppress(ChangedMeanwhileError):
                written = self._write(_LOCK, mine, place)
                return Lock(self, mine, (written["_seq_no"], written["_primary_term"]))
        raise IndexLockedError(
            f"the index at {self._cluster.place.shown} is being written by another process; try again when it has ended"
        )

    def renew(self, holder: dict[str, Any], place: tuple[int, int]) -> tuple[int, int]:
        """Prolong a lock and return where it stands now."""
        holder["until"] = time.time() + LEASE
        written = self._write(_LOCK, holder, place)
        return written["_seq_no"], written["_primary_term"]

    def drop(self, place: tuple[int, int]) -> None:
        """Give a lock back; harmless when somebody else has it now, or the cluster is out of reach: it runs out."""
        with contextlib.suppress(ClusterError):
            self._cluster.call(
                "DELETE", f"/{self._index}/_doc/{_LOCK}", if_seq_no=place[0], if_primary_term=place[1], missing=True
            )

    def _read(self, document: str) -> Any:  # noqa: ANN401 - JSON
        return self._cluster.call("GET", f"/{self._index}/_doc/{document}", missing=True, realtime=True)

    def _write(self, document: str, value: dict[str, Any], place: tuple[int, int] | None) -> Any:  # noqa: ANN401 - JSON
        if_there = {"op_type": "create"} if place is None else {"if_seq_no": place[0], "if_primary_term": place[1]}
        try:
            return self._cluster.call(
                "PUT", f"/{self._index}/_doc/{document}", {"value": value}, timeout=30, **if_there
            )
        except ClusterError as error:
            if error.status != _CONFLICT:
                raise
            found = self._read(document)
            if found is not None and found["_source"]["value"] == json.loads(json.dumps(value)):
                return found  # our own: the answer to it was lost, and the client asked again
            raise ChangedMeanwhileError(str(error), error.status, error.kind) from error


class Lock:
    """The right to write, renewed in the background until `release`."""

    def __init__(self, control: Control, holder: dict[str, Any], place: tuple[int, int]) -> None:
        self._control = control
        self._holder = holder
        self._place = place
        self._lost = ""
        self._until = time.monotonic() + LEASE
        self._ended = threading.Event()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._renew, name="judhur-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Make sure that the lock is held.

        Raises:
            IndexLockedError: it was lost: the cluster was out of reach for too long, and somebody else may write.
        """
        if not self._lost and time.monotonic() > self._until:
            self._lost = "the cluster was out of reach"
        if self._lost:
            raise IndexLockedError(f"the right to write was lost ({self._lost}); run the command again")

    def release(self) -> None:
        """Give it back."""
        self._ended.set()
        self._thread.join(timeout=RENEWAL)
        with self._guard:
            self._control.drop(self._place)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWAL):
            with self._guard:
                try:
                    self._place = self._control.renew(self._holder, self._place)
                    self._until = time.monotonic() + LEASE
                except ChangedMeanwhileError:
                    self._lost = "another writer took it"
                    return
                except ClusterError:
                    continue  # the next time may be better; `check` tells when it is too late

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _holder() -> dict[str, Any]:
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "started": _started(os.getpid()),
        "token": secrets.token_hex(8),
        "until": time.time() + LEASE,
    }


def _is_gone(holder: dict[str, Any]) -> bool:
    """Tell whether the holder of a lock has lost it: it ran out, or its process ended on this machine."""
    if time.time() > holder["until"]:
        return True
    here = bool(holder["host"] == socket.gethostname())
    return here and _started(holder["process"]) != holder["started"]


def _started(process: int) -> str:
    """Return what tells a process from a later one of the same number; empty when there is none."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return ""
        except OSError:
            return "unknown"
        return "unknown"
