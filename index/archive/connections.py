"""Connections that read the database file of an archive, without the right to write, and without creating a file.

SQLite's write-ahead log lies beside the file while a writer works, or after one was killed. Then a connection reads
both as SQLite prescribes, which takes the file `-shm` that the writer has made. While there is no log, nothing changes
the file: a connection reads it as immutable, without locks. A writer may come during a read of that kind, so file and
log are looked at before and after it; if either has changed, the read is repeated.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from index.errors import ArchiveChangedError, IndexingError

MAX_IDLE = 4
"""Connections of one archive that are kept open while nothing reads: each holds up to three open files."""
ATTEMPTS = 8
"""A read is repeated if a writer changed the file meanwhile; from the second attempt on the log protects it."""
BUSY_SECONDS = 30
"""How long a connection waits for a lock of another one."""

_LOG = "-wal"
_SHARED = "-shm"

_Result = TypeVar("_Result")


class FileState(NamedTuple):
    """What differs when another file lies there, or, without a log, when its bytes may have changed."""

    device: int
    inode: int
    has_log: bool
    size: int
    modified: int
    """Nanoseconds; this and `size` are 0 while there is a log, since SQLite then protects its readers itself."""


class SoundRows:
    """Which rows were found to be what was stored, by change number, while the file did not change. One byte each."""

    def __init__(self) -> None:
        self._flags = bytearray()

    def __contains__(self, change: int) -> bool:
        return change < len(self._flags) and bool(self._flags[change])

    def add(self, change: int) -> None:
        """Remember the row that this change put; any thread may."""
        if change >= len(self._flags):
            self._flags.extend(bytes(change + 1 - len(self._flags)))
        self._flags[change] = 1


class ArchiveConnection(sqlite3.Connection):
    """A connection to the database file of an archive."""

    sound: SoundRows | None = None
    """The same for all connections of one `ReadConnections` while the file does not change; None if that is unknown."""


class ReadConnections:
    """The read-only connections to one database file. Any thread may use them."""

    def __init__(self, path: Path, check: Callable[[sqlite3.Connection], None]) -> None:
        """Open nothing yet; `check` is called with every new connection, and raises to refuse the file."""
        self.path = path
        self._check = check
        self._guard = threading.Lock()
        self._idle: list[tuple[FileState, ArchiveConnection]] = []
        self._sound: tuple[FileState | None, SoundRows] = None, SoundRows()
        self._closed = False

    def run(self, read: Callable[[ArchiveConnection], _Result]) -> _Result:
        """Return what `read` returns for a connection; it may be called again, and must not keep the connection.

        Raises:
            FileNotFoundError: there is no file.
            IndexingError: the log of a stopped writer cannot be read.
            sqlite3.Error: the file cannot be read.
        """
        for attempt in range(1, ATTEMPTS + 1):
            state = file_state(self.path)
            connection = self._take(state)
            try:
                result = read(connection)
            except sqlite3.Error:
                connection.close()
                if attempt < ATTEMPTS and file_state(self.path) != state:
                    continue
                raise
            except BaseException:
                connection.close()
                raise
            if state.has_log or file_state(self.path) == state:
                self._give_back(state, connection)
                return result
            connection.close()
        raise IndexingError(f"{self.path} changes all the time; try again when its writer has ended")

    @contextmanager
    def lasting(self) -> Iterator[ArchiveConnection]:
        """Yield a connection for a read that takes long: it sees one commit, whatever a writer does meanwhile.

        SQLite may create the files `-wal` and `-shm` for it, and removes them at its end. Where this user must not
        write, a writer that changes the file ends the read with an error instead.

        Raises:
            FileNotFoundError, IndexingError, sqlite3.Error: as `run`.
            ArchiveChangedError: the file was changed.
        """
        state = file_state(self.path)
        protected = self._protected()
        with closing(protected or self._open(state)) as connection:
            try:
                yield connection
            finally:
                if protected is None and not state.has_log and file_state(self.path) != state:
                    raise ArchiveChangedError(
                        f"{self.path} was changed while it was read; try again when its writer has ended"
                    )

    def close(self) -> None:
        """Close the connections; those that are reading are closed at the end of their read."""
        with self._guard:
            idle, self._idle, self._closed = self._idle, [], True
        for _, connection in idle:
            connection.close()

    def _take(self, state: FileState) -> ArchiveConnection:
        """Return a connection to the file in this state: an idle one, or a new one. Others are closed."""
        with self._guard:
            outdated = [connection for former, connection in self._idle if former != state]
            self._idle = [(former, connection) for former, connection in self._idle if former == state]
            taken = self._idle.pop()[1] if self._idle else None
        for connection in outdated:
            connection.close()
        return self._open(state) if taken is None else taken

    def _give_back(self, state: FileState, connection: ArchiveConnection) -> None:
        with self._guard:
            if not self._closed and len(self._idle) < MAX_IDLE:
                self._idle.append((state, connection))
                return
        connection.close()

    def _open(self, state: FileState) -> ArchiveConnection:
        connection = connection_to(self.path, "mode=ro" if state.has_log else "mode=ro&immutable=1")
        try:
            if state.has_log:
                self._read_log(connection)
            else:
                connection.sound = self._sound_in(state)
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _sound_in(self, state: FileState) -> SoundRows:
        with self._guard:
            if self._sound[0] != state:
                self._sound = state, SoundRows()
            return self._sound[1]

    def _read_log(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError as error:
            if Path(f"{self.path}{_SHARED}").exists():
                raise
            raise IndexingError(
                f"{self.path}: a writer that was stopped has left changes in {self.path.name}{_LOG}, and this user may "
                f"not create {self.path.name}{_SHARED}, which reading them takes ({error}); run `judhur index verify` "
                "as the user who owns the folder"
            ) from error

    def _protected(self) -> ArchiveConnection | None:
        """Return a connection that a writer respects; None if this user must not write beside the file."""
        with suppress(sqlite3.OperationalError):
            connection = connection_to(self.path, "mode=rw")
            try:
                connection.execute("BEGIN")
                self._check(connection)
            except BaseException:
                connection.close()
                raise
            return connection
        return None


def file_state(path: Path) -> FileState:
    """Return the state of a database file and its log.

    Raises:
        FileNotFoundError: there is no file.
    """
    file = os.stat(path)  # noqa: PTH116 - each read does it: two of them in 4 microseconds, not 10
    try:
        has_log = os.stat(f"{path}{_LOG}").st_size > 0  # noqa: PTH116
    except FileNotFoundError:
        has_log = False
    if has_log:
        return FileState(file.st_dev, file.st_ino, has_log, 0, 0)
    return FileState(file.st_dev, file.st_ino, has_log, file.st_size, file.st_mtime_ns)


def log_files(path: Path) -> tuple[Path, Path]:
    """Return the paths of the log of a database file, and of the file by which SQLite shares it among processes."""
    return Path(f"{path}{_LOG}"), Path(f"{path}{_SHARED}")


def connection_to(path: Path, options: str) -> ArchiveConnection:
    """Return a connection with the given options of SQLite's URI, such as `mode=ro`; any thread may use it."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        factory=ArchiveConnection,
    )
