"""An archive of an older version becomes one of the newest, and loses no article on the way.

1. *Look*: SQLite's integrity check finds the file sound, and a copy of it fits on the disk.
2. *Copy*, by SQLite's backup, into a file beside it that has its name once all of it is on disk.
3. *Change*, in one transaction: each step's tables, each step's rows, and last the version.
4. *Check*, still within the transaction: SQLite finds the file sound, as many articles are there as in the copy, and
   where a step changes anything every article is what the same steps make of its row in the copy, under a hash that
   fits.
5. *Commit*, and remove the copy.

Whatever fails before the commit rolls the transaction back and removes the copy: the file is as it was. A process that
is killed leaves the old version or the new one, for the transaction is one, and perhaps the copy, which the next
upgrade removes. The copy is for what a transaction cannot help against: a disk that does not keep what it said it kept.
Nothing puts it in place by itself, since a log of the file that it replaces (`-wal`) would be read into it.

Others read meanwhile, and see the old version up to the commit.
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
from index.archive import ARCHIVE_NAME
from index.database import UNFINISHED, SqliteErrors, check_version, connect, copies_of, damaged, mark_newest, version_of
from index.errors import IndexDamagedError, IndexingError
from index.migrations import FIRST_TABLES, TABLES, Row, Step, newest_version, steps_from
from index.rows import COLUMNS, RowDamagedError, document_of

_OWN_COLUMNS = {"change", "hash", "until"}
"""Columns of the archive itself."""
_ROWS_AT_ONCE = 1_000


def upgrade(folder: Path) -> None:
    """Bring the archive in `folder`, if there is one, to the newest version; the caller holds the writer's lock.

    Raises:
        IndexNewerError: it is of a newer version.
        IndexDamagedError: it is damaged, or one of its articles; nothing was changed.
        IndexingError: no room for the copy, or the disk refused; nothing was changed, or all of it.
        OSError: as IndexingError.
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
                connection.execute(statement)  # adds what a process that was killed while it made the archive left out
            _look(connection, path)
            _remove_copies(path)
            try:
                copy = _copied(connection, path, version)
                _change(connection, path, copy, version)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                with suppress(OSError):
                    _remove_copies(path)
                raise
            connection.execute("COMMIT")
        _remove_copies(path)


def _look(connection: sqlite3.Connection, path: Path) -> None:
    """Raise an error where the file is damaged, or a copy of it does not fit on the disk."""
    if fault := next(_faults(connection), None):
        raise damaged(path, fault)
    size = _value(connection, "PRAGMA page_count") * _value(connection, "PRAGMA page_size")
    kept = sum(copy.stat().st_size for copy in copies_of(path))
    free = shutil.disk_usage(path.parent).free + kept
    if free < size:
        raise IndexingError(
            f"{path} has to be brought to version {newest_version()}, and a copy of it that is kept meanwhile, "
            f"{size:,} bytes, does not fit on the disk, which has {free:,} free; free it and run the command again; "
            "nothing was changed"
        )


def _copied(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Return a copy of the archive, which is on disk."""
    copy = path.with_name(f"{path.name}.version-{version}")
    draft = copy.with_name(copy.name + UNFINISHED)
    with closing(sqlite3.connect(draft, isolation_level=None)) as target:
        # no journal beside it, and one sync at its end
        target.execute("PRAGMA journal_mode=OFF")
        target.execute("PRAGMA synchronous=OFF")
        connection.backup(target)
    disk.sync_file(draft)
    disk.rename(draft, copy)
    disk.sync_folder(path.parent)
    return copy


def _change(connection: sqlite3.Connection, path: Path, copy: Path, version: int) -> None:
    """Take the steps and check what came of them, in a transaction that is left open."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _take_steps(connection, version)
        with closing(_opened(copy)) as former:
            fault = next(chain(_faults(connection), _differences(former, connection, version)), None)
    except RowDamagedError as error:
        raise IndexDamagedError(
            f"{path}: article {error.document_id!r} cannot be brought to version {newest_version()} ({error.reason}); "
            "nothing was changed: delete it with the Judhur that wrote it, or restore the file from a backup"
        ) from error
    if fault is not None:
        raise IndexingError(
            f"the articles at {path} could not be brought from version {version} to {newest_version()}: {fault}; "
            "nothing was changed: go on with the Judhur that wrote them, whose `judhur index verify` says whether they "
            "were damaged before, and report this if not"
        )


def _take_steps(connection: sqlite3.Connection, version: int) -> None:
    for step in steps_from(version):
        for statement in step.tables:
            connection.execute(statement)
        if step.row is not None:
            _change_rows(connection, step.row)
    if any(step.hashes for step in steps_from(version)):
        _hash_again(connection)
    mark_newest(connection)


def _change_rows(connection: sqlite3.Connection, change: Callable[[Row], Row]) -> None:
    """Change the rows of all articles, former ones too; what stays the same is not written."""
    for table in TABLES:
        for number, row in _rows(connection, table, _columns(connection, table)):
            try:
                new = change(row)
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                raise RowDamagedError(row["id"], str(error)) from error
            changed = {name: new[name] for name in row if new[name] != row[name]}
            if changed:
                sets = ", ".join(f"{name} = ?" for name in changed)
                connection.execute(f"UPDATE {table} SET {sets} WHERE rowid = ?", (*changed.values(), number))  # noqa: S608


def _hash_again(connection: sqlite3.Connection) -> None:
    """Hash all articles, former ones too, by what stands in the tables now."""
    for table in TABLES:
        for number, row in _rows(connection, table, COLUMNS):
            digest = document_of(row).content_hash()
            connection.execute(f"UPDATE {table} SET hash = ? WHERE rowid = ?", (digest, number))  # noqa: S608 - as above


def _differences(former: sqlite3.Connection, connection: sqlite3.Connection, version: int) -> Iterator[str]:
    """Yield what is not as it has to be, compared with the copy."""
    for table in (*TABLES, "deletions"):
        before, after = (_value(each, f"SELECT count(*) FROM {table}") for each in (former, connection))  # noqa: S608
        if before != after:
            yield f"{after:,} rows are in {table} instead of {before:,}"
            return
    if all(step == Step() for step in steps_from(version)):
        return
    for table in TABLES:
        columns = _columns(former, table)
        rows = zip(_rows(former, table, ["hash", *columns]), _rows(connection, table, ["hash", *COLUMNS]), strict=True)
        for (_, old), (_, new) in rows:
            # an article that was damaged before, and that no step touched, stays what it is: `verify` names it
            touched = any(new.get(name, value) != value for name, value in old.items())
            del old["hash"]
            digest = new.pop("hash")
            found = document_of(new)
            if found != document_of(old, version):
                yield f"article {found.id!r} is not what the steps make of its row"
            elif touched and found.content_hash() != digest:
                yield f"article {found.id!r} is not what its hash says"


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what SQLite's integrity check finds."""
    yield from (row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok")


def _rows(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the columns of each row, portions of them at once: what was read may be changed."""
    query = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
    last = -1
    while portion := connection.execute(query, (last, _ROWS_AT_ONCE)).fetchall():
        for last, *values in portion:
            yield last, dict(zip(columns, values, strict=True))


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table that say something of an article."""
    names = (row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
    return [name for name in names if name not in _OWN_COLUMNS]


def _value(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _opened(copy: Path) -> sqlite3.Connection:
    """Return a connection to a copy that nothing changes, which leaves no files beside it."""
    return sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _remove_copies(path: Path) -> None:
    copies = copies_of(path)
    for copy in copies:
        disk.remove(copy)
    if copies:
        disk.sync_folder(path.parent)
