"""The control index of an archive on a cluster: its state, and the locks for writing and rebuilding.

State and locks are documents with optimistic concurrency control by sequence number: a change succeeds only if the
document has not changed since it was read, so of two concurrent changes one fails. The locks only avoid useless work of
concurrent writers. If a lock is lost, the state is still safe: a writer cannot change a state that has changed since.
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
from index.status import Verification

LEASE = 60.0
"""Seconds for which a lock is valid without renewal: a writer that was killed blocks others for as long."""
RENEWAL = 10.0
"""Seconds between two renewals."""

_CONFLICT = 409
_EXISTS = "resource_already_exists_exception"
_STATE = "state"
_VERIFICATION = "verification"
_NOTED = "noted"
"""`_id` of the document with the highest change number of a commit; older code neither reads nor writes it."""
_STAMP = "stamp"
"""Key of a random value that distinguishes two writers of the same change."""


class LockKind(NamedTuple):
    """An operation that only one process at a time may do on an archive."""

    document: str
    """`_id` of its lock in the control index."""
    done: str
    """The operation as a past participle, for messages."""


WRITING = LockKind("lock", "written")
REBUILDING = LockKind("rebuilding", "rebuilt")


class ChangedMeanwhileError(ClusterError):
    """Another process changed the document first."""


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """The state of an archive: the version that serves searches, and its last change."""

    version: int
    generation: str
    """A new name with every commit."""
    epoch: int
    """Number of writers so far: the changes of a later writer have higher numbers."""
    change: int
    """Number of the last committed change."""
    zone: str
    """IANA name of the time zone of the days."""
    sending: int = 0
    """Number of changes that a commit is sending; not reset if it fails halfway."""
    begun: int = 0
    """The highest version that a rebuild has started: version numbers are not reused."""
    previous: int = 0
    """The previous version, which `roll_back` returns to; 0 for none."""
    swapped: int = 0
    """Number of the last change before the current version became active."""
    seq_no: int = dataclasses.field(default=-1, compare=False)
    term: int = dataclasses.field(default=-1, compare=False)
    """`_seq_no` and `_primary_term` of the document that was read."""


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
        document = self._read(_STATE)
        if document is None:
            where = self._cluster.address.redacted
            raise IndexMissingError(f"no index at {where}; make one: {command('add PATH…', where)}")
        value = {name: value for name, value in document["_source"]["value"].items() if name != _STAMP}
        return State(**value, seq_no=document["_seq_no"], term=document["_primary_term"])

    def change_state(self, old: State | None, new: State) -> State:
        """Replace a state that was read (None: create the first) and return the new one with its sequence number.

        Raises:
            ChangedMeanwhileError: `old` is no longer the current state.
        """
        value = {name: value for name, value in dataclasses.asdict(new).items() if name not in ("seq_no", "term")}
        value[_STAMP] = secrets.token_hex(4)
        written = self._write(_STATE, value, None if old is None else (old.seq_no, old.term))
        return dataclasses.replace(new, seq_no=written["_seq_no"], term=written["_primary_term"])

    def keep_verification(self, version: int, problems: int) -> None:
        """Keep the outcome of a verification of a version that has just ended, replacing the one before."""
        value = {**Verification.now(problems).values(), "version": version}
        self._cluster.call("PUT", f"/{self._index}/_doc/{_VERIFICATION}", {"value": value})

    def verification(self, version: int) -> Verification | None:
        """Return the last verification of a version; None if there was none."""
        document = self._read(_VERIFICATION)
        value = None if document is None else document["_source"]["value"]
        return Verification.of(value) if value is not None and value["version"] == version else None

    def update_state(self, changed: Callable[[State], State]) -> State:
        """Change the state, retrying after concurrent changes; return the new one."""
        while True:
            state = self.state()
            with contextlib.suppress(ChangedMeanwhileError):
                return self.change_state(state, changed(state))

    def begin_epoch(self) -> State:
        """Begin an epoch and return its state: its change numbers are higher, and earlier writers cannot commit."""
        return self.update_state(lambda state: dataclasses.replace(state, epoch=state.epoch + 1))

    def noted_change(self, generation: str) -> int:
        """Return the number that `note_change` was given for the current generation; 0 if it was another one."""
        document = self._read(_NOTED)
        value = {} if document is None else document["_source"]["value"]
        return int(value["change"]) if value.get("generation") == generation else 0

    def note_change(self, generation: str, change: int) -> None:
        """Note the highest change number of the articles of a commit, before the state names its generation."""
        value = {"generation": generation, "change": change}
        self._cluster.call("PUT", f"/{self._index}/_doc/{_NOTED}", {"value": value}, timeout=30)

    def make(self) -> None:
        """Create the control index if it does not exist."""
        try:
            self._cluster.call("PUT", f"/{self._index}", control_body(), timeout=60, wait_for_active_shards=1)
        except ClusterError as error:
            if error.kind != _EXISTS:
                raise

    def take_lock(self, kind: LockKind = WRITING) -> Lock:
        """Take a lock: for writing, or for rebuilding.

        Raises:
            IndexLockedError: another process holds it.
        """
        own = _holder()
        for _ in range(2):
            document = self._read(kind.document)
            sequence = None
            if document is not None:
                holder = document["_source"]["value"]
                if not _has_expired(holder):
                    raise IndexLockedError(self._locked_message(kind, _named(holder)))
                sequence = (document["_seq_no"], document["_primary_term"])
            with contextlib.suppress(ChangedMeanwhileError):
                written = self._write(kind.document, own, sequence)
                return Lock(self, kind, own, (written["_seq_no"], written["_primary_term"]))
        raise IndexLockedError(self._locked_message(kind, "another process"))

    def holder(self, kind: LockKind = WRITING) -> str:
        """Return the holder of a lock, as process and machine; empty if it is free."""
        document = self._read(kind.document)
        if document is None or _has_expired(document["_source"]["value"]):
            return ""
        return _named(document["_source"]["value"])

    def renew(self, kind: LockKind, holder: dict[str, Any], sequence: tuple[int, int]) -> tuple[int, int]:
        """Renew a lock; return the new sequence number and primary term of its document.

        Raises:
            ChangedMeanwhileError: another process holds it.
        """
        holder["until"] = time.time() + LEASE
        try:
            written = self._write(kind.document, holder, sequence)
        except ChangedMeanwhileError:
            # possibly changed by ourselves: the response to the previous renewal may have been lost
            document = self._read(kind.document)
            if document is None or document["_source"]["value"]["token"] != holder["token"]:
                raise
            written = self._write(kind.document, holder, (document["_seq_no"], document["_primary_term"]))
        return written["_seq_no"], written["_primary_term"]

    def drop(self, kind: LockKind, sequence: tuple[int, int]) -> None:
        """Release a lock; no error if another process holds it, or the cluster is unreachable (the lock expires)."""
        with contextlib.suppress(ClusterError):
            self._cluster.call(
                "DELETE",
                f"/{self._index}/_doc/{kind.document}",
                if_seq_no=sequence[0],
                if_primary_term=sequence[1],
                missing=True,
            )

    def _locked_message(self, kind: LockKind, holder: str) -> str:
        where = self._cluster.address.redacted
        return f"the index at {where} is being {kind.done} by {holder}; try again when it has ended"

    def _read(self, document: str) -> Any:  # noqa: ANN401 - JSON
        return self._cluster.call("GET", f"/{self._index}/_doc/{document}", missing=True, realtime=True)

    def _write(self, document: str, value: dict[str, Any], sequence: tuple[int, int] | None) -> Any:  # noqa: ANN401 - JSON
        condition: dict[str, Any] = {"op_type": "create"}
        if sequence is not None:
            condition = {"if_seq_no": sequence[0], "if_primary_term": sequence[1]}
        try:
            return self._cluster.call(
                "PUT", f"/{self._index}/_doc/{document}", {"value": value}, timeout=30, **condition
            )
        except ClusterError as error:
            if error.status != _CONFLICT:
                raise
            current = self._read(document)
            if current is not None and current["_source"]["value"] == json.loads(json.dumps(value)):
                return current  # our own write: its response was lost, and the client sent it again
            raise ChangedMeanwhileError(str(error), error.status, error.kind) from error


class Lock:
    """A lock that is held, renewed in the background until `release`."""

    def __init__(self, control: Control, kind: LockKind, holder: dict[str, Any], sequence: tuple[int, int]) -> None:
        self._control = control
        self._kind = kind
        self._holder = holder
        self._sequence = sequence
        self._lost = ""
        self._until = time.monotonic() + LEASE
        self._ended = threading.Event()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._renew, name="judhur-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Make sure that the lock is held.

        Raises:
            IndexLockedError: it was lost: the cluster was unreachable for too long, so another process may hold it.
        """
        if not self._lost and time.monotonic() > self._until:
            self._lost = "the cluster was unreachable"
        if self._lost:
            raise lost(self._lost)

    def release(self) -> None:
        """Release the lock."""
        self._ended.set()
        self._thread.join(timeout=RENEWAL)
        with self._guard:
            self._control.drop(self._kind, self._sequence)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWAL):
            with self._guard:
                try:
                    self._sequence = self._control.renew(self._kind, self._holder, self._sequence)
                    self._until = time.monotonic() + LEASE
                except ChangedMeanwhileError:
                    self._lost = "another process took it"
                    return
                except ClusterError:
                    continue  # the next attempt may succeed; `check` raises when the lease has ended

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def lost(why: str) -> IndexLockedError:
    """Return the error for a lost lock."""
    return IndexLockedError(
        f"the lock of the index was lost ({why}); committed articles are safe, run the command again"
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


def _has_expired(holder: dict[str, Any]) -> bool:
    """Return whether a lock is free: its lease has ended, or its process on this machine has."""
    if time.time() > holder["until"]:
        return True
    is_local = bool(holder["host"] == socket.gethostname())
    return is_local and _started(holder["process"]) != holder["started"]


def _started(process: int) -> str:
    """Return the start time of a process, which a later process with the same id does not share; empty if none."""
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
