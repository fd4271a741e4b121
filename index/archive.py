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

from index.document import Document
from index.errors import IndexDamagedError, IndexingError, IndexMissingError, command
from index.rows import COLUMNS, RowDamagedError, document_of, row_of
from index.writer import Existing

ARCHIVE_NAME = "articles.sqlite3"

# A table by row number keeps the long rows out of the tree of ids: looking one up there takes a tenth of the time.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    id TEXT NOT NULL PRIMARY KEY, change INTEGER NOT NULL, hash TEXT NOT NULL,
    text TEXT NOT NULL, title TEXT NOT NULL, title_basis TEXT, source TEXT, source_basis TEXT,
    published TEXT, published_basis TEXT, author TEXT, section TEXT, url TEXT,
    agencies TEXT NOT NULL, teasers TEXT NOT NULL, evidence TEXT NOT NULL, origin TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS articles_by_change ON articles (change);
CREATE INDEX IF NOT EXISTS articles_by_origin ON articles (origin);
CREATE TABLE IF NOT EXISTS former AS SELECT *, 0 AS until FROM articles WHERE 0;
CREATE INDEX IF NOT EXISTS former_by_id ON former (id, until);
CREATE TABLE IF NOT EXISTS deletions (id TEXT PRIMARY KEY, change INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deletions_by_change ON deletions (change);
CREATE TABLE IF NOT EXISTS counter (change INTEGER NOT NULL);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);
"""

_LISTED = ", ".join(COLUMNS)
_PUT = f"(id, change, hash, {', '.join(COLUMNS[1:])}) VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"
_INSERT = f"INSERT INTO articles {_PUT} ON CONFLICT (id) DO NOTHING"
_REPLACE = f"REPLACE INTO articles {_PUT}"
_IDS_AT_ONCE = 100
"""Ids in one statement; SQLite takes at least 999 values."""


class Archive:
    """The articles of one index. Reading is safe from any thread; writing belongs to the one that holds the lock."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        """Open the archive in `folder`.

        Raises:
            IndexMissingError: there is none and `create` is false.
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
        if create:
            with _translated(self.path):
                self._connection.executescript(_SCHEMA)

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # closing happens in `close`, from whichever thread calls it
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            with self._guard:
                self._connections.append(connection)
            self._local.connection = connection
            with _translated(self.path):
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
        return connection

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
        with _translated(self.path):
            for some, marks in _portions(ids):
                query = (
                    f"SELECT {_LISTED} FROM articles WHERE id IN ({marks}) AND change <= ? UNION ALL "  # noqa: S608
                    f"SELECT {_LISTED} FROM former WHERE id IN ({marks}) AND change <= ? AND until > ?"
                )
                rows = self._connection.execute(query, (*some, moment, *some, moment, moment))
                found.update((row[0], document_of(row)) for row in rows)
        return found

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """Return what is there under these ids, by id; ids without an article are left out."""
        found: dict[str, Existing] = {}
        with _translated(self.path):
            for some, marks in _portions(ids):
                query = f"SELECT id, hash, origin FROM articles WHERE id IN ({marks})"  # noqa: S608 - question marks
                found.update((row[0], Existing(row[1], row[2])) for row in self._connection.execute(query, some))
        return found

    def count(self) -> int:
        """Return the number of articles."""
        with _translated(self.path):
            return int(self._connection.execute("SELECT count(*) FROM articles").fetchone()[0])

    def last_change(self) -> int:
        """Return the number of the newest committed change; 0 for a new archive."""
        with _translated(self.path):
            return int(self._connection.execute("SELECT change FROM counter").fetchone()[0])

    def ids(self) -> Iterator[str]:
        """Yield all ids in order."""
        with _translated(self.path):
            for row in self._connection.execute("SELECT id FROM articles ORDER BY id"):
                yield row[0]

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the ids of the articles whose origin is `chosen`, in order."""
        with _translated(self.path):
            rows = self._connection.execute("SELECT id, origin FROM articles ORDER BY id").fetchall()
        return [row[0] for row in rows if chosen(row[1])]

    def changes_since(self, change: int) -> Iterator[tuple[str, Document | None]]:
        """Yield (id, article) for what was put, and (id, None) for what was deleted, after change number `change`."""
        query = f"SELECT {_LISTED} FROM articles WHERE change > ? ORDER BY change"  # noqa: S608 - our own column names
        with _translated(self.path):
            for row in self._connection.execute("SELECT id FROM deletions WHERE change > ? ORDER BY change", (change,)):
                yield row[0], None
            for row in self._connection.execute(query, (change,)):
                yield row[0], document_of(row)

    def documents(self) -> Iterator[Document]:
        """Yield all committed articles as they stood when the first was asked for, in the order of their changes."""
        query = f"SELECT {_LISTED} FROM articles ORDER BY change"  # noqa: S608 - our own column names
        with _translated(self.path):
            # one statement sees one moment; what others commit meanwhile waits in the write-ahead log
            for row in self._connection.execute(query):
                yield document_of(row)

    def put(self, document: Document) -> bool:
        """Put an article in place of the one of the same id; return whether there was one. Visible after `commit`."""
        change = self._next_change()
        row = row_of(document)
        values = (document.id, change, document.content_hash(), *row[1:])
        with _translated(self.path):
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
        with _translated(self.path):
            self._connection.execute(
                "UPDATE articles SET origin = ? WHERE id = ? AND origin <> ?", (origin, document_id, origin)
            )

    def delete(self, document_id: str) -> bool:
        """Delete an article; return whether it was there. Visible after `commit`."""
        change = self._next_change()
        with _translated(self.path):
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
        with _translated(self.path):
            self._connection.execute("DELETE FROM former WHERE until <= ?", (change,))

    def commit(self) -> None:
        """Make the changes visible; they are on disk when this returns."""
        if self._connection.in_transaction:
            with _translated(self.path):
                if self._change is not None:
                    self._connection.execute("UPDATE counter SET change = ?", (self._change,))
                self._connection.execute("COMMIT")
        self._change = None

    def rollback(self) -> None:
        """Forget the changes since the last commit."""
        self._change = None
        if self._connection.in_transaction:
            with _translated(self.path):
                self._connection.execute("ROLLBACK")

    def check(self) -> Iterable[str]:
        """Yield what SQLite's own integrity check finds, and the articles that are not what was put; none when sound.

        Raises:
            IndexDamagedError: the file cannot be read to its end.
        """
        query = f"SELECT hash, {_LISTED} FROM articles UNION ALL SELECT hash, {_LISTED} FROM former"  # noqa: S608 - ours
        with _translated(self.path):
            for row in self._connection.execute("PRAGMA integrity_check"):
                if row[0] != "ok":
                    yield str(row[0])
            for stored, *row in self._connection.execute(query):
                # SQLite sees damage to its own structure, not to the bytes of a text
                if document_of(row).content_hash() != stored:
                    yield f"article {row[0]} is not what was put there"

    def _retire(self, document_id: str, change: int) -> bool:
        """Keep what stands under an id for searchers over older moments; return whether anything does."""
        copied = self._connection.execute(
            "INSERT INTO former SELECT *, ? FROM articles WHERE id = ?", (change, document_id)
        )
        return copied.rowcount > 0

    def _begin(self) -> None:
        with _translated(self.path):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
                self._change = None

    def _next_change(self) -> int:
        """Return the number of a change; the counter is read once in a transaction and written at its commit.

        A transaction that ends in any other way takes its changes along, so that their numbers are free again.
        """
        self._begin()
        if self._change is None:
            with _translated(self.path):
                execute = self._connection.execute
                self._change = self.last_change()
                self._had_deletions = execute("SELECT EXISTS (SELECT 1 FROM deletions)").fetchone()[0] == 1
        self._change += 1
        return self._change


_DAMAGES = ("Could not decode", "no such table", "no such column")


class _translated:  # noqa: N801 - used like a function
    """Turns SQLite's errors into ours."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # texts that are no UTF-8 and tables that are gone come as errors of operation, but no second try mends them
        if isinstance(error, sqlite3.OperationalError) and not str(error).startswith(_DAMAGES):
            raise IndexingError(f"{self._path}: {error}; free the disk or the lock and try again") from error
        if isinstance(error, sqlite3.DatabaseError | UnicodeDecodeError | RowDamagedError):
            raise IndexDamagedError(
                f"{self._path} is not a sound archive of articles ({error}); restore the file from a backup"
            ) from error


def _portions(ids: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the ids in portions for one statement each, with as many question marks."""
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = tuple(ids[start : start + _IDS_AT_ONCE])
        yield some, ", ".join("?" * len(some))
