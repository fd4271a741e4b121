"""What an archive on a cluster knows of itself: which version answers, who may write, and who rebuilds.

All are documents of the control index, read as they stand and changed only by whoever has seen the newest (optimistic
locking by sequence number), so that of two who change them at once one fails. The locks keep writers from each other's
way; that nothing goes wrong when one is lost is the state's doing: nobody can change a state that has changed since.
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
from typing import Any, NamedTuple, Self

from index.engines.opensearch.connection import Cluster, ClusterError
from index.engines.opensearch.mapping import control_body, control_name
from index.errors import IndexLockedError, IndexMissingError, command

LEASE = 60.0
"""Seconds that a lock holds without being renewed: a writer that was killed is in the way for as long."""
RENEWAL = 10.0

_CONFLICT = 409
_EXISTS = "resource_already_exists_exception"
_STATE = "state"
_STAMP = "stamp"
"""Tells apart two who make the same change."""


class LockKind(NamedTuple):
    """What one process at a time may do to an archive."""

    document: str
    """Of the control index: its lock."""
    done: str
    """What is being done to the archive meanwhile."""


WRITING = LockKind("lock", "written")
REBUILDING = LockKind("rebuilding", "rebuilt")


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
    sending: int = 0
    """Changes that a commit is sending; they stay here when it fails half way."""
    begun: int = 0
    """The highest version that a rebuild has begun: numbers are not given twice."""
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
        self._index = control_name(cluster.address.name)

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
            where = self._cluster.address.redacted
            raise IndexMissingError(f"no index at {where}; make one: {command('add PATH…', where)}")
        value = {name: value for name, value in found["_source"]["value"].items() if name != _STAMP}
        return State(**value, seq_no=found["_seq_no"], term=found["_primary_term"])

    def change_state(self, old: State | None, new: State) -> State:
        """Put a state in place of one that was read (None: of none) and return it as it stands now.

        Raises:
            ChangedMeanwhileError: it is not there any more.
        """
        value = {name: value for name, value in dataclasses.asdict(new).items() if name not in ("seq_no", "term")}
        value[_STAMP] = secrets.token_hex(4)
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

    def take_lock(self, kind: LockKind = WRITING) -> Lock:
        """Take a right: to write, or to rebuild.

        Raises:
            IndexLockedError: somebody else has it.
        """
        mine = _holder()
        for _ in range(2):
            found = self._read(kind.document)
            place = None
            if found is not None:
                holder = found["_source"]["value"]
                if not _is_gone(holder):
                    raise IndexLockedError(self._taken(kind, _named(holder)))
                place = (found["_seq_no"], found["_primary_term"])
            with contextlib.suppress(ChangedMeanwhileError):
                written = self._write(kind.document, mine, place)
                return Lock(self, kind, mine, (written["_seq_no"], written["_primary_term"]))
        raise IndexLockedError(self._taken(kind, "another process"))

    def holder(self, kind: LockKind = WRITING) -> str:
        """Return who has a right, as process and machine; empty when nobody has."""
        found = self._read(kind.document)
        return "" if found is None or _is_gone(found["_source"]["value"]) else _named(found["_source"]["value"])

    def renew(self, kind: LockKind, holder: dict[str, Any], place: tuple[int, int]) -> tuple[int, int]:
        """Prolong a lock and return where it stands now.

        Raises:
            ChangedMeanwhileError: somebody else has it.
        """
        holder["until"] = time.time() + LEASE
        try:
            written = self._write(kind.document, holder, place)
        except ChangedMeanwhileError:
            # perhaps by ourselves: the answer to the renewal before this one may have been lost
            found = self._read(kind.document)
            if found is None or found["_source"]["value"]["token"] != holder["token"]:
                raise
            written = self._write(kind.document, holder, (found["_seq_no"], found["_primary_term"]))
        return written["_seq_no"], written["_primary_term"]

    def drop(self, kind: LockKind, place: tuple[int, int]) -> None:
        """Give a lock back; harmless when somebody else has it now, or the cluster is out of reach: it runs out."""
        with contextlib.suppress(ClusterError):
            self._cluster.call(
                "DELETE",
                f"/{self._index}/_doc/{kind.document}",
                if_seq_no=place[0],
                if_primary_term=place[1],
                missing=True,
            )

    def _taken(self, kind: LockKind, holder: str) -> str:
        where = self._cluster.address.redacted
        return f"the index at {where} is being {kind.done} by {holder}; try again when it has ended"

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
    """A right, renewed in the background until `release`."""

    def __init__(self, control: Control, kind: LockKind, holder: dict[str, Any], place: tuple[int, int]) -> None:
        self._control = control
        self._kind = kind
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
            IndexLockedError: it was lost: the cluster was out of reach for too long, and somebody else may have it.
        """
        if not self._lost and time.monotonic() > self._until:
            self._lost = "the cluster was out of reach"
        if self._lost:
            raise lost(self._lost)

    def release(self) -> None:
        """Give it back."""
        self._ended.set()
        self._thread.join(timeout=RENEWAL)
        with self._guard:
            self._control.drop(self._kind, self._place)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWAL):
            with self._guard:
                try:
                    self._place = self._control.renew(self._kind, self._holder, self._place)
                    self._until = time.monotonic() + LEASE
                except ChangedMeanwhileError:
                    self._lost = "another process took it"
                    return
                except ClusterError:
                    continue  # the next time may be better; `check` tells when it is too late

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def lost(why: str) -> IndexLockedError:
    """Return what to raise when a right was lost."""
    return IndexLockedError(
        f"the right to write the index was lost ({why}); what was committed stays, run the command again"
    )


def _named(holder: dict[str, Any]) -> str:
    return f"process {holder['process']} on {holder['host']}"


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
