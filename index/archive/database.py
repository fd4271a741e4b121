"""The database file of an archive: opening it, checking its application id and version, translating SQLite's errors."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from index import disk
from index.archive.connections import ArchiveConnection, connection_to, file_state, log_files
from index.archive.history import begin_history
from index.archive.migrations import FIRST_TABLES, newest_version, steps_from
from index.archive.rows import RowDamagedError
from index.errors import (
    IndexDamagedError,
    IndexInconsistentError,
    IndexingError,
    IndexMismatchError,
    IndexMissingError,
    IndexNewerError,
    command,
)
from index.layout import has_index_files

APPLICATION_ID = 0x4A756468
"""`PRAGMA application_id` of archives from version 2 on: «Judh»."""

UNFINISHED = ".new"
"""Suffix of a copy that is being written."""

_DAMAGES = ("Could not decode", "no such table", "no such column")


def connect(path: Path) -> ArchiveConnection:
    """Return a connection for writing to a file that exists; its commits are on disk when they return."""
    connection = connection_to(path, "mode=rw")
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def make_tables(connection: sqlite3.Connection) -> None:
    """Create the tables of a new archive in one transaction: those of version 1, then the changes of every step."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in (*FIRST_TABLES, *(statement for step in steps_from(1) for statement in step.tables)):
            connection.execute(statement)
        begin_history(connection)
        mark_newest(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def mark_newest(connection: sqlite3.Connection) -> None:
    """Write application id and newest version into the file, within the current transaction."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {newest_version()}")


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of an archive; 0 for a new database, which has no tables.

    Raises:
        IndexDamagedError: it is not an archive of Judhur.
    """
    version, application = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("user_version", "application_id")
    )
    if application == APPLICATION_ID and version > 1:
        return version
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if (version, application) == (0, 0) and (not tables or "articles" in tables):
        return 1 if tables else 0
    raise damaged(path, f"its header has version {version} and application id {application:#x}")


def check_version(connection: sqlite3.Connection, path: Path, *, older: bool = False) -> int:
    """Return the version of an archive that this code can read; `older` accepts older versions too.

    Raises:
        IndexMismatchError: it has an older version.
        IndexNewerError: it has a newer version.
        IndexDamagedError: it is not an archive of Judhur.
    """
    version, newest = version_of(connection, path), newest_version()
    if version > newest:
        raise IndexNewerError(
            f"a newer Judhur wrote the articles at {path.parent}, in version {version}, and this one reads up to "
            f"version {newest}; use the newer one, or restore {path.name} from a backup"
        )
    if not version:
        raise damaged(path, "it has no tables")
    if version < newest and not older:
        raise IndexMismatchError(
            f"the articles at {path.parent} are stored in version {version}, this Judhur reads version {newest}; "
            f"run {command('rebuild', path.parent)}"
        )
    return version


def copies_of(path: Path) -> list[Path]:
    """Return the copies of an archive that an upgrade keeps until it has succeeded, unfinished copies included."""
    return sorted(path.parent.glob(f"{path.name}.version-*"))


def empty_log(path: Path) -> None:
    """Write all that an archive has in its log into the file itself; the caller must hold the writer's lock.

    The log of a file that is no sound database stays as it is.

    Raises:
        IndexingError: a reader needs the log longer than half a minute, or the disk failed.
    """
    try:
        with contextlib.closing(connection_to(path, "mode=rw")) as connection:
            emptied = truncate_log(connection)
    except sqlite3.OperationalError as error:
        raise IndexingError(f"{path}: {error}; nothing was changed: free the disk or the lock and try again") from error
    except sqlite3.DatabaseError:
        return
    if not emptied:
        raise IndexingError(
            f"{path} is being read, by a backup or a check; nothing was changed: try again when it has ended"
        )


def truncate_log(connection: sqlite3.Connection) -> bool:
    """Write all that an archive has in its log into the file itself; return whether no reader prevented it."""
    return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def remove_log(path: Path) -> None:
    """Remove the log of an archive, and the file for sharing it; durable after `sync_folder`."""
    for log in log_files(path):
        disk.remove(log)


def missing(path: Path) -> IndexingError:
    """Return the error for an archive file that does not exist."""
    folder = path.parent
    if has_index_files(folder):
        return IndexInconsistentError(
            f"the articles of the index at {folder} are missing; restore {path.name} from a backup, or remove the "
            "folder to begin anew"
        )
    return IndexMissingError(f"no index at {folder}; make one: {command('add PATH…', folder)}")


def lacks(path: Path, document_id: str) -> IndexDamagedError:
    """Return the error for an article that is in the index, and should be in the archive, but is not."""
    return IndexDamagedError(
        f"article {document_id} is in the index, but not among the articles of {path}; restore this file from a "
        f"backup, or run {command('rebuild', path.parent)}"
    )


def damaged(path: Path, reason: object) -> IndexDamagedError:
    """Return the error for a damaged archive file; `reason` completes "is not a sound archive of articles (…)"."""
    complete = [copy.name for copy in copies_of(path) if copy.suffix != UNFINISHED]
    return IndexDamagedError(
        f"{path} is not a sound archive of articles ({reason}); restore the file from "
        f"{complete[-1] + ', a copy of it' if complete else 'a backup'}"
    )


class SqliteErrors:
    """Translates SQLite's errors into ours, in a `with` block around every use of an archive."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # SQLite reports invalid UTF-8 and missing tables as operational errors too, but retrying does not help there
        if isinstance(error, sqlite3.OperationalError) and not str(error).startswith(_DAMAGES):
            raise IndexingError(f"{self._path}: {error}; free the disk or the lock and try again") from error
        if isinstance(error, sqlite3.DatabaseError | UnicodeDecodeError | RowDamagedError):
            self._refuse_newer()
            if isinstance(error, RowDamagedError):
                raise IndexDamagedError(f"{self._path}: {error}") from error
            raise damaged(self._path, error) from error

    def _refuse_newer(self) -> None:
        """Raise IndexNewerError if a newer Judhur has upgraded the archive while it was open here."""
        with contextlib.suppress(sqlite3.Error, OSError, IndexDamagedError, IndexMismatchError):
            log = "" if file_state(self._path).has_log else "&immutable=1"
            with contextlib.closing(connection_to(self._path, f"mode=ro{log}")) as connection:
                check_version(connection, self._path)
