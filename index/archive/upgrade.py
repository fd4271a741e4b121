"""Upgrades an archive of an older version to the newest one without losing an article.

1. *Check before*: SQLite's integrity check passes, and a copy of the file fits on the disk.
2. *Copy* with SQLite's backup into a file beside it, which gets its final name when all of it is on disk.
3. *Migrate*, in one transaction: the tables and rows of each step, and last the version.
4. *Check after*, within the same transaction: the integrity check passes, there are as many articles as in the copy,
   and if a step changes anything, every article equals its row in the copy with the same steps applied, and its hash
   matches.
5. *Commit*, and remove the copy.

A failure before the commit rolls the transaction back and removes the copy: the file is unchanged. Since there is one
transaction, a process that is killed leaves the old version or the new one, and perhaps the copy, which the next
upgrade removes. The copy protects against what a transaction cannot: a disk that loses data it had reported as written.
It is never restored automatically, since SQLite would apply the write-ahead log (`-wal`) of the replaced file to it.

Readers can read during an upgrade, and see the old version until the commit.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from index import disk
from index.archive.database import (
    UNFINISHED,
    SqliteErrors,
    check_version,
    connect,
    copies_of,
    damaged,
    mark_newest,
    version_of,
)
from index.archive.migrations import FIRST_TABLES, TABLES, Row, Step, newest_version, steps_from
from index.archive.rows import COLUMNS, RowDamagedError, document_of
from index.errors import IndexDamagedError, IndexingError
from index.layout import ARCHIVE_NAME

_OWN_COLUMNS = {"change", "hash", "until"}
"""Columns that the archive adds to those of an article."""
_ROWS_AT_ONCE = 1_000


def upgrade(folder: Path) -> None:
    """Upgrade the archive in `folder`, if there is one, to the newest version; the caller must hold the writer's lock.

    Raises:
        IndexNewerError: it has a newer version.
        IndexDamagedError: the archive or one of its articles is damaged; nothing was changed.
        IndexingError: no space for the copy, or a disk error; the upgrade was applied completely or not at all.
        OSError: a disk error, with the same effect.
    """
    path = folder / ARCHIVE_NAME
    if not path.is_file():
        return
    with SqliteErrors(path), closing(connect(path)) as connection:
        if not version_of(connection, path):
            return
        version = check_version(connection, path, older=True)
        if version < newest_version():
            for statement in FIRST_TABLES if version == 1 else ():
                connection.execute(
                    statement
                )  # adds tables that are missing if a process was killed while creating them
            _check_before(connection, path)
            _remove_copies(path)
            try:
                copy = _make_copy(connection, path, version)
                _migrate(connection, path, copy, version)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                with suppress(OSError):
                    _remove_copies(path)
                raise
            connection.execute("COMMIT")
        _remove_copies(path)


def _check_before(connection: sqlite3.Connection, path: Path) -> None:
    """Raise an error if the file is damaged, or a copy of it does not fit on the disk."""
    if fault := next(_faults(connection), None):
        raise damaged(path, fault)
    size = _value(connection, "PRAGMA page_count") * _value(connection, "PRAGMA page_size")
    reclaimable = sum(copy.stat().st_size for copy in copies_of(path))
    free = shutil.disk_usage(path.parent).free + reclaimable
    if free < size:
        raise IndexingError(
            f"{path} has to be upgraded to version {newest_version()}, and the copy that is kept during the upgrade, "
            f"{size:,} bytes, does not fit on the disk, which has {free:,} free; free some space and run the command "
            "again; nothing was changed"
        )


def _make_copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Return the path of a copy of the archive; the copy is on disk."""
    copy = path.with_name(f"{path.name}.version-{version}")
    draft = copy.with_name(copy.name + UNFINISHED)
    disk.make_file(draft)
    with closing(sqlite3.connect(draft, isolation_level=None)) as target:
        # no journal beside it, and one sync at its end
        target.execute("PRAGMA journal_mode=OFF")
        target.execute("PRAGMA synchronous=OFF")
        connection.backup(target)
    disk.sync_file(draft)
    disk.rename(draft, copy)
    disk.sync_folder(path.parent)
    return copy


def _migrate(connection: sqlite3.Connection, path: Path, copy: Path, version: int) -> None:
    """Apply the steps and check the result, in a transaction that is left open."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _apply_steps(connection, version)
        with closing(_open_copy(copy)) as former:
            fault = next(chain(_faults(connection), _differences(former, connection, version)), None)
    except RowDamagedError as error:
        raise IndexDamagedError(
            f"{path}: article {error.document_id!r} cannot be upgraded to version {newest_version()} ({error.reason}); "
            "nothing was changed: delete it with the Judhur that wrote it, or restore the file from a backup"
        ) from error
    if fault is not None:
        raise IndexingError(
            f"the articles at {path} could not be upgraded from version {version} to {newest_version()}: {fault}; "
            "nothing was changed: use the Judhur that wrote them, whose `judhur index verify` reports whether they "
            "were damaged before, and report this as a bug if not"
        )


def _apply_steps(connection: sqlite3.Connection, version: int) -> None:
    for step in steps_from(version):
        for statement in step.tables:
            connection.execute(statement)
        if step.row is not None:
            _change_rows(connection, step.row)
    if any(step.hashes for step in steps_from(version)):
        _hash_again(connection)
    mark_newest(connection)


def _change_rows(connection: sqlite3.Connection, change: Callable[[Row], Row]) -> None:
    """Change the rows of all articles, including `former`; unchanged rows are not written."""
    for table in TABLES:
        for number, row in _rows(connection, table, _columns(connection, table)):
            try:
                migrated_row = change(row)
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                raise RowDamagedError(row["id"], str(error)) from error
            changed = {name: migrated_row[name] for name in row if migrated_row[name] != row[name]}
            if changed:
                sets = ", ".join(f"{name} = ?" for name in changed)
                connection.execute(f"UPDATE {table} SET {sets} WHERE rowid = ?", (*changed.values(), number))  # noqa: S608


def _hash_again(connection: sqlite3.Connection) -> None:
    """Store new hashes of all articles, including `former`, computed from the current rows."""
    for table in TABLES:
        for number, row in _rows(connection, table, COLUMNS):
            digest = document_of(row).content_hash()
            connection.execute(f"UPDATE {table} SET hash = ? WHERE rowid = ?", (digest, number))  # noqa: S608 - as above


def _differences(former: sqlite3.Connection, connection: sqlite3.Connection, version: int) -> Iterator[str]:
    """Yield the differences between the migrated tables and the copy with the same steps applied."""
    for table in (*TABLES, "deletions"):
        before, after = (_value(database, f"SELECT count(*) FROM {table}") for database in (former, connection))  # noqa: S608
        if before != after:
            yield f"{table} has {after:,} rows instead of {before:,}"
            return
    if all(step == Step() for step in steps_from(version)):
        return
    for table in TABLES:
        columns = _columns(former, table)
        rows = zip(_rows(former, table, ["hash", *columns]), _rows(connection, table, ["hash", *COLUMNS]), strict=True)
        for (_, old), (_, new) in rows:
            # an article that was damaged before, and that no step touched, stays as it is: `verify` reports it
            touched = any(new.get(name, value) != value for name, value in old.items())
            del old["hash"]
            digest = new.pop("hash")
            document = document_of(new)
            if document != document_of(old, version):
                yield f"article {document.id!r} differs from its migrated row in the copy"
            elif touched and document.content_hash() != digest:
                yield f"article {document.id!r} does not match its hash"


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the faults that SQLite's integrity check finds."""
    yield from (row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok")


def _rows(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield rowid and columns of each row; rows are read in batches, so the caller may change those already yielded."""
    query = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
    last = -1
    while batch := connection.execute(query, (last, _ROWS_AT_ONCE)).fetchall():
        for last, *values in batch:
            yield last, dict(zip(columns, values, strict=True))


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table that hold fields of an article."""
    names = (row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
    return [name for name in names if name not in _OWN_COLUMNS]


def _value(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _open_copy(copy: Path) -> sqlite3.Connection:
    """Return a read-only connection to a copy, which creates no files beside it."""
    return sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _remove_copies(path: Path) -> None:
    copies = copies_of(path)
    for copy in copies:
        disk.remove(copy)
    if copies:
        disk.sync_folder(path.parent)
