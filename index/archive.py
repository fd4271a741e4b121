"""The articles themselves, in SQLite: the source from which an embedded index is derived.

Every change has a number. An index records the number of the last change it has applied, so changes that a crash left
out of it can be replayed (`changes_since`), and `rebuild` needs nothing but this file. A commit is on disk when it
returns (write-ahead log, `synchronous=FULL`). The article that a change replaced stays in the table `former` until the
commit after it, so that a searcher over an older generation of the index still gets the text that its offsets refer to.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from index import disk
from index.database import SqliteErrors, check_version, connect, make_tables, version_of
from index.document import Document
from index.errors import IndexMissingError, command
from index.migrations import newest_version
from index.rows import COLUMNS, document_of, row_of
from index.writer import Existing

ARCHIVE_NAME = "articles.sqlite3"

_ARTICLE_COLUMNS = ", ".join(COLUMNS)
_STORED_COLUMNS = f"change, hash, {_ARTICLE_COLUMNS}"
_VALUES = f"({_STORED_COLUMNS}) VALUES (:change, :hash, {', '.join(f':{column}' for column in COLUMNS)})"
_INSERT = f"INSERT INTO articles {_VALUES} ON CONFLICT (id) DO NOTHING"
_REPLACE = f"REPLACE INTO articles {_VALUES}"
_IDS_AT_ONCE = 100
"""Ids in one statement; SQLite takes at least 999 values."""


class Archive:
    """The articles of one index. Any thread may read; only the thread that holds the writer's lock may write."""

    def __init__(self, folder: Path, *, create: bool = False, older: bool = False) -> None:
        """Open the archive in `folder`; `create` creates it if it does not exist.

        With `older`, an archive of an older version opens too, for `count`, `last_change` and `is_newest` only.

        Raises:
            IndexMissingError: there is no archive and `create` is false.
            IndexMismatchError: the archive has an older version (see `index.upgrade`).
            IndexNewerError: the archive has a newer version.
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
                if create:
                    disk.make_file(self.path)
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
            # `close` closes it, possibly from another thread
            with SqliteErrors(self.path):
                connection = connect(self.path)
            with self._guard:
                self._connections.append(connection)
            self._local.connection = connection
        return connection

    @property
    def is_newest(self) -> bool:
        """Whether the archive had the version that this code writes when it was opened."""
        return self._version == newest_version()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def get(self, document_id: str, *, at: int | None = None) -> Document | None:
        """Return the article with this id, now or as of change number `at`; None if there is none."""
        return self.get_many([document_id], at=at).get(document_id)

    def get_many(self, ids: Sequence[str], *, at: int | None = None) -> dict[str, Document]:
        """Return the articles with these ids as `get` does, by id; ids without an article are left out."""
        change = self.last_change() if at is None else at
        found: dict[str, Document] = {}
        with SqliteErrors(self.path):
            for batch, marks in _batches(ids):
                query = (
                    f"SELECT {_ARTICLE_COLUMNS} FROM articles WHERE id IN ({marks}) AND change <= ? UNION ALL "  # noqa: S608
                    f"SELECT {_ARTICLE_COLUMNS} FROM former WHERE id IN ({marks}) AND change <= ? AND until > ?"
                )
                rows = self._connection.execute(query, (*batch, change, *batch, change, change))
                found.update((row[0], _document(row)) for row in rows)
        return found

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """Return hash and origin of the articles with these ids, by id; ids without an article are left out."""
        found: dict[str, Existing] = {}
        with SqliteErrors(self.path):
            for batch, marks in _batches(ids):
                query = f"SELECT id, hash, origin FROM articles WHERE id IN ({marks})"  # noqa: S608 - question marks
                found.update((row[0], Existing(row[1], row[2])) for row in self._connection.execute(query, batch))
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
        """Return the ids of the articles for whose origin `chosen` returns true, in order."""
        with SqliteErrors(self.path):
            rows = self._connection.execute("SELECT id, origin FROM articles ORDER BY id").fetchall()
        return [row[0] for row in rows if chosen(row[1])]

    def changes_since(self, change: int) -> Iterator[tuple[str, Document | None]]:
        """Yield (id, article) for each put, and (id, None) for each deletion, after change number `change`."""
        query = f"SELECT {_ARTICLE_COLUMNS} FROM articles WHERE change > ? ORDER BY change"  # noqa: S608 - our own column names
        with SqliteErrors(self.path):
            for row in self._connection.execute("SELECT id FROM deletions WHERE change > ? ORDER BY change", (change,)):
                yield row[0], None
            for row in self._connection.execute(query, (change,)):
                yield row[0], _document(row)

    def documents(self) -> Iterator[Document]:
        """Yield all articles that were committed when the iteration began, in the order of their changes."""
        query = f"SELECT {_ARTICLE_COLUMNS} FROM articles ORDER BY change"  # noqa: S608 - our own column names
        with SqliteErrors(self.path):
            # one statement reads one snapshot; later commits of other connections stay in the write-ahead log
            for row in self._connection.execute(query):
                yield _document(row)

    def put(self, document: Document) -> bool:
        """Store an article, replacing one with the same id; return whether there was one. Visible after `commit`."""
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
        """Set the file that an unchanged article now comes from."""
        self._begin()
        with SqliteErrors(self.path):
            self._connection.execute(
                "UPDATE articles SET origin = ? WHERE id = ? AND origin <> ?", (origin, document_id, origin)
            )

    def delete(self, document_id: str) -> bool:
        """Delete an article; return whether it existed. Visible after `commit`."""
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
        """Drop the articles that changes up to `change` replaced or deleted; takes effect at `commit`."""
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
        """Discard the changes since the last commit."""
        self._change = None
        if self._connection.in_transaction:
            with SqliteErrors(self.path):
                self._connection.execute("ROLLBACK")

    def check(self) -> Iterable[str]:
        """Yield the faults that SQLite's integrity check finds, and the articles that do not match their hash.

        Raises:
            IndexDamagedError: the file cannot be read to its end.
        """
        query = f"SELECT hash, {_ARTICLE_COLUMNS} FROM articles UNION ALL SELECT hash, {_ARTICLE_COLUMNS} FROM former"  # noqa: S608 - ours
        with SqliteErrors(self.path):
            for row in self._connection.execute("PRAGMA integrity_check"):
                if row[0] != "ok":
                    yield str(row[0])
            for stored, *row in self._connection.execute(query):
                # SQLite's check finds damage to its own structure, not to the bytes of a text
                if _document(row).content_hash() != stored:
                    yield f"article {row[0]} is not what was stored"

    def _retire(self, document_id: str, change: int) -> bool:
        """Copy the article with this id to `former`, for searchers of older generations; return whether it exists."""
        copied = self._connection.execute(
            f"INSERT INTO former ({_STORED_COLUMNS}, until) SELECT {_STORED_COLUMNS}, ? FROM articles WHERE id = ?",  # noqa: S608 - ours
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

        A transaction that ends without a commit discards its changes, and their numbers are given again.
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
    """Return the article of a row that was selected with `_ARTICLE_COLUMNS`."""
    return document_of(dict(zip(COLUMNS, row, strict=True)))


def _batches(ids: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the ids in batches, one for each statement, with as many question marks."""
    for start in range(0, len(ids), _IDS_AT_ONCE):
        batch = tuple(ids[start : start + _IDS_AT_ONCE])
        yield batch, ", ".join("?" * len(batch))
