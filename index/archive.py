"""The articles themselves, in SQLite: the truth from which an embedded index is derived.

Every change has a number. An index records the number it has read up to, so what it missed in a crash can be read
again (`changes_since`), and `rebuild` needs nothing but this file. A commit is on disk when it returns (write-ahead
log, `synchronous=FULL`). What a change replaced is kept until the commit after it, so that a searcher over an older
moment of the index still gets the text that its offsets belong to.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from index.database import SqliteErrors, check_version, connect, make_tables, version_of
from index.document import Document
from index.errors import IndexMissingError, command
from index.migrations import newest_version
from index.rows import COLUMNS, document_of, row_of
from index.writer import Existing

ARCHIVE_NAME = "articles.sqlite3"

_LISTED = ", ".join(COLUMNS)
_KEPT = f"change, hash, {_LISTED}"
_PUT = f"({_KEPT}) VALUES (:change, :hash, {', '.join(f':{column}' for column in COLUMNS)})"
_INSERT = f"INSERT INTO articles {_PUT} ON CONFLICT (id) DO NOTHING"
_REPLACE = f"REPLACE INTO articles {_PUT}"
_IDS_AT_ONCE = 100
"""Ids in one statement; SQLite takes at least 999 values."""


class Archive:
    """The articles of one index. Reading is safe from any thread; writing belongs to the one that holds the lock."""

    def __init__(self, folder: Path, *, create: bool = False, older: bool = False) -> None:
        """Open the archive in `folder`; `create` makes one where none is.

        With `older`, one of an older version opens too, for `count`, `last_change` and `is_newest`.

        Raises:
            IndexMissingError: there is none and `create` is false.
            IndexMismatchError: it is of an older version (see `index.upgrade`).
            IndexNewerError: it is of a newer version.
            IndexDamagedError: the file is not an archive.
        """
        self.path = folder / ARCHIVE_NAME
        if not create and not self.path.is_file():
            raise IndexMissingError(f"no index at {folder}; make one: {command('add PATH…', folder)}")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._change: int | None = None
        self._had_deletions = False
        try:
            with SqliteErrors(self.path):
                if create and not version_of(self._connection, self.path):
                    make_tables(self._connection)
                self._version = check_version(self._connection, self.path, older=older)
        except BaseException:
            self.close()
            raise

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # closing happens in `close`, from whichever thread calls it
            with SqliteErrors(self.path):
                connection = connect(self.path)
            with self._guard:
                self._connections.append(connection)
            self._local.connection = connection
        return connection

    @property
    def is_newest(self) -> bool:
        """Whether it was of the version that this code writes when it was opened."""
        return self._version == newest_version()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def get(self, document_id: str, *, at: int | None = None) -> Document | None:
        """Return the article of this id as it stands, or stood after change number `at`; None if there is none."""
        return self.get_many([document_id], at=at).get(document_id)

    def get_many(self, ids: Sequence[str], *, at: int | None = None) -> dict[str, Document]:
        """Return the articles of these ids as `get` does, by id; ids without an article are left out."""
        moment = self.last_change() if at is None else at
        found: dict[str, Document] = {}
        with SqliteErrors(self.path):
            for some, marks in _portions(ids):
                query = (
                    f"SELECT {_LISTED} FROM articles WHERE id IN ({marks}) AND change <= ? UNION ALL "  # noqa: S608
                    f"SELECT {_LISTED} FROM former WHERE id IN ({marks}) AND change <= ? AND until > ?"
                )
                rows = self._connection.execute(query, (*some, moment, *some, moment, moment))
                found.update((row[0], _document(row)) for row in rows)
        return found

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """Return what is there under these ids, by id; ids without an article are left out."""
        found: dict[str, Existing] = {}
        with SqliteErrors(self.path):
            for some, marks in _portions(ids):
                query = f"SELECT id, hash, origin FROM articles WHERE id IN ({marks})"  # noqa: S608 - question marks
                found.update((row[0], Existing(row[1], row[2])) for row in self._connection.execute(query, some))
        return found

    def count(self) -> int:
        """Return the number of articles."""
        with SqliteErrors(self.path):
            return int(self._connection.execute("SELECT count(*) FROM articles").fetchone()[0])

    def last_change(self) -> int:
        """Return the number of the newest committed change; 0 for a new archive."""
        with SqliteErrors(self.path):
            return int(self._connection.execute("SELECT change FROM counter").fetchone()[0])

    def ids(self) -> Iterator[str]:
        """Yield all ids in order."""
        with SqliteErrors(self.path):
            for row in self._connection.execute("SELECT id FROM articles ORDER BY id"):
                yield row[0]

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the ids of the articles whose origin is `chosen`, in order."""
        with SqliteErrors(self.path):
            rows = self._connection.execute("SELECT id, origin FROM articles ORDER BY id").fetchall()
        return [row[0] for row in rows if chosen(row[1])]

    def changes_since(self, change: int) -> Iterator[tuple[str, Document | None]]:
        """Yield (id, article) for what was put, and (id, None) for what was deleted, after change number `change`."""
        query = f"SELECT {_LISTED} FROM articles WHERE change > ? ORDER BY change"  # noqa: S608 - our own column names
        with SqliteErrors(self.path):
            for row in self._connection.execute("SELECT id FROM deletions WHERE change > ? ORDER BY change", (change,)):
                yield row[0], None
            for row in self._connection.execute(query, (change,)):
                yield row[0], _document(row)

    def documents(self) -> Iterator[Document]:
        """Yield all committed articles as they stood when the first was asked for, in the order of their changes."""
        query = f"SELECT {_LISTED} FROM articles ORDER BY change"  # noqa: S608 - our own column names
        with SqliteErrors(self.path):
            # one statement sees one moment; what others commit meanwhile waits in the write-ahead log
            for row in self._connection.execute(query):
                yield _document(row)

    def put(self, document: Document) -> bool:
        """Put an article in place of the one of the same id; return whether there was one. Visible after `commit`."""
        change = self._next_change()
        values = {"change": change, "hash": document.content_hash(), **row_of(document)}
        with SqliteErrors(self.path):
            execute = self._connection.execute
            if self._had_deletions:
                execute("DELETE FROM deletions WHERE id = ?", (document.id,))
            # most articles are new, and a new one costs this statement alone
            if execute(_INSERT, values).rowcount > 0:
                return False
            self._retire(document.id, change)
            execute(_REPLACE, values)
        return True

    def move(self, document_id: str, origin: str) -> None:
        """Note that an unchanged article now comes from another file."""
        self._begin()
        with SqliteErrors(self.path):
            self._connection.execute(
                "UPDATE articles SET origin = ? WHERE id = ? AND origin <> ?", (origin, document_id, origin)
            )

    def delete(self, document_id: str) -> bool:
        """Delete an article; return whether it was there. Visible after `commit`."""
        change = self._next_change()
        with SqliteErrors(self.path):
            execute = self._connection.execute
            existing = self._retire(document_id, change)
            if existing:
                execute("DELETE FROM articles WHERE id = ?", (document_id,))
                execute("REPLACE INTO deletions VALUES (?, ?)", (document_id, change))
                self._had_deletions = True
        return existing

    def forget_former(self, change: int) -> None:
        """Drop what was replaced or deleted up to `change`; visible after `commit`."""
        self._begin()
        with SqliteErrors(self.path):
            self._connection.execute("DELETE FROM former WHERE until <= ?", (change,))

    def commit(self) -> None:
        """Make the changes visible; they are on disk when this returns."""
        if self._connection.in_transaction:
            with SqliteErrors(self.path):
                if self._change is not None:
                    self._connection.execute("UPDATE counter SET change = ?", (self._change,))
                self._connection.execute("COMMIT")
        self._change = None

    def rollback(self) -> None:
        """Forget the changes since the last commit."""
        self._change = None
        if self._connection.in_transaction:
            with SqliteErrors(self.path):
                self._connection.execute("ROLLBACK")

    def check(self) -> Iterable[str]:
        """Yield what SQLite's own integrity check finds, and the articles that are not what was put; none when sound.

        Raises:
            IndexDamagedError: the file cannot be read to its end.
        """
        query = f"SELECT hash, {_LISTED} FROM articles UNION ALL SELECT hash, {_LISTED} FROM former"  # noqa: S608 - ours
        with SqliteErrors(self.path):
            for row in self._connection.execute("PRAGMA integrity_check"):
                if row[0] != "ok":
                    yield str(row[0])
            for stored, *row in self._connection.execute(query):
                # SQLite sees damage to its own structure, not to the bytes of a text
                if _document(row).content_hash() != stored:
                    yield f"article {row[0]} is not what was put there"

    def _retire(self, document_id: str, change: int) -> bool:
        """Keep what stands under an id for searchers over older moments; return whether anything does."""
        copied = self._connection.execute(
            f"INSERT INTO former ({_KEPT}, until) SELECT {_KEPT}, ? FROM articles WHERE id = ?",  # noqa: S608 - ours
            (change, document_id),
        )
        return copied.rowcount > 0

    def _begin(self) -> None:
        with SqliteErrors(self.path):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
                self._change = None

    def _next_change(self) -> int:
        """Return the number of a change; the counter is read once in a transaction and written at its commit.

        A transaction that ends in any other way takes its changes along, so that their numbers are free again.
        """
        self._begin()
        if self._change is None:
            with SqliteErrors(self.path):
                execute = self._connection.execute
                self._change = self.last_change()
                self._had_deletions = execute("SELECT EXISTS (SELECT 1 FROM deletions)").fetchone()[0] == 1
        self._change += 1
        return self._change


def _document(row: Sequence[str | None]) -> Document:
    """Return the article of a row whose columns were asked for as `_LISTED`."""
    return document_of(dict(zip(COLUMNS, row, strict=True)))


def _portions(ids: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the ids in portions for one statement each, with as many question marks."""
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = tuple(ids[start : start + _IDS_AT_ONCE])
        yield some, ", ".join("?" * len(some))
