"""The articles themselves, in SQLite: the truth from which an embedded index is derived.

Every change has a number. An index records the number it has read up to, so what it missed in a crash can be read
again (`changes_since`), and `rebuild` needs nothing but this file. A commit is on disk when it returns (write-ahead
log, `synchronous=FULL`). What a change replaced is kept until the commit after it, so that a searcher over an older
moment of the index still gets the text that its offsets belong to.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from index.document import Basis, Document, Evidence, Span
from index.errors import IndexDamagedError, IndexingError, IndexMissingError, command

ARCHIVE_NAME = "articles.sqlite3"

_COLUMNS = (
    "id", "text", "title", "title_basis", "source", "source_basis", "published", "published_basis", "author",
    "section", "url", "agencies", "teasers", "evidence", "origin",
)  # fmt: skip

_SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY, change INTEGER NOT NULL, hash TEXT NOT NULL,
    text TEXT NOT NULL, title TEXT NOT NULL, title_basis TEXT, source TEXT, source_basis TEXT,
    published TEXT, published_basis TEXT, author TEXT, section TEXT, url TEXT,
    agencies TEXT NOT NULL, teasers TEXT NOT NULL, evidence TEXT NOT NULL, origin TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS articles_by_change ON articles (change);
CREATE INDEX IF NOT EXISTS articles_by_origin ON articles (origin);
CREATE TABLE IF NOT EXISTS former AS SELECT *, 0 AS until FROM articles WHERE 0;
CREATE INDEX IF NOT EXISTS former_by_id ON former (id, until);
CREATE TABLE IF NOT EXISTS deletions (id TEXT PRIMARY KEY, change INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deletions_by_change ON deletions (change);
CREATE TABLE IF NOT EXISTS counter (change INTEGER NOT NULL);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);
"""


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
        columns = ", ".join(_COLUMNS)
        moment = self.last_change() if at is None else at
        query = f"""
            SELECT {columns} FROM articles WHERE id = :id AND change <= :moment
            UNION ALL
            SELECT {columns} FROM former WHERE id = :id AND change <= :moment AND until > :moment
            """  # noqa: S608 - our own column names
        with _translated(self.path):
            row = self._connection.execute(query, {"id": document_id, "moment": moment}).fetchone()
        return None if row is None else _document(row)

    def hash_of(self, document_id: str) -> str | None:
        """Return the content hash of the article of this id, or None when there is none."""
        with _translated(self.path):
            row = self._connection.execute("SELECT hash FROM articles WHERE id = ?", (document_id,)).fetchone()
        return None if row is None else str(row[0])

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
        columns = ", ".join(_COLUMNS)
        query = f"SELECT {columns} FROM articles WHERE change > ? ORDER BY change"  # noqa: S608 - our own column names
        with _translated(self.path):
            for row in self._connection.execute("SELECT id FROM deletions WHERE change > ? ORDER BY change", (change,)):
                yield row[0], None
            for row in self._connection.execute(query, (change,)):
                yield row[0], _document(row)

    def put(self, document: Document) -> bool:
        """Put an article in place of the one of the same id; return whether there was one. Visible after `commit`."""
        change = self._next_change()
        values = [document.id, change, document.content_hash(), *_row(document)[1:]]
        columns = ", ".join((_COLUMNS[0], "change", "hash", *_COLUMNS[1:]))
        marks = ", ".join("?" * len(values))
        with _translated(self.path):
            execute = self._connection.execute
            known = self._retire(document.id, change)
            execute("DELETE FROM deletions WHERE id = ?", (document.id,))
            execute(f"INSERT OR REPLACE INTO articles ({columns}) VALUES ({marks})", values)  # noqa: S608 - our names
        return known

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
            known = self._retire(document_id, change)
            if known:
                execute("DELETE FROM articles WHERE id = ?", (document_id,))
                execute("INSERT OR REPLACE INTO deletions VALUES (?, ?)", (document_id, change))
        return known

    def forget_former(self, change: int) -> None:
        """Drop what was replaced or deleted up to `change`; visible after `commit`."""
        self._begin()
        with _translated(self.path):
            self._connection.execute("DELETE FROM former WHERE until <= ?", (change,))

    def commit(self) -> None:
        """Make the changes visible; they are on disk when this returns."""
        if self._connection.in_transaction:
            with _translated(self.path):
                self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the changes since the last commit."""
        if self._connection.in_transaction:
            with _translated(self.path):
                self._connection.execute("ROLLBACK")

    def check(self) -> Iterable[str]:
        """Return what SQLite's own integrity check finds; empty when the file is sound."""
        with _translated(self.path):
            rows = self._connection.execute("PRAGMA integrity_check").fetchall()
        return [str(row[0]) for row in rows if row[0] != "ok"]

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

    def _next_change(self) -> int:
        self._begin()
        with _translated(self.path):
            self._connection.execute("UPDATE counter SET change = change + 1")
            return int(self._connection.execute("SELECT change FROM counter").fetchone()[0])


class _translated:  # noqa: N801 - used like a function
    """Turns SQLite's errors into ours."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.OperationalError):
            raise IndexingError(f"{self._path}: {error}; free the disk or the lock and try again") from error
        if isinstance(error, sqlite3.DatabaseError):
            raise IndexDamagedError(f"{self._path} is not a sound archive of articles: {error}") from error


def _row(document: Document) -> tuple[str | None, ...]:
    published = document.published
    return (
        document.id,
        document.text,
        document.title,
        document.title_basis,
        document.source,
        document.source_basis,
        None if published is None else published.isoformat(),
        document.published_basis,
        document.author,
        document.section,
        document.url,
        json.dumps(document.agencies, ensure_ascii=False),
        json.dumps(document.teasers),
        json.dumps(document.evidence, ensure_ascii=False),
        document.origin,
    )


def _document(row: tuple[str | None, ...]) -> Document:
    value = dict(zip(_COLUMNS, row, strict=True))
    return Document(
        id=value["id"] or "",
        text=value["text"] or "",
        title=value["title"] or "",
        title_basis=_basis(value["title_basis"]),
        source=value["source"],
        source_basis=_basis(value["source_basis"]),
        published=_published(value["published"]),
        published_basis=_basis(value["published_basis"]),
        author=value["author"],
        section=value["section"],
        url=value["url"],
        agencies=tuple(json.loads(value["agencies"] or "[]")),
        teasers=tuple(Span(*span) for span in json.loads(value["teasers"] or "[]")),
        evidence=tuple(Evidence(*item) for item in json.loads(value["evidence"] or "[]")),
        origin=value["origin"] or "",
    )


def _basis(value: str | None) -> Basis | None:
    return None if value is None else Basis(value)


def _published(value: str | None) -> dt.datetime | dt.date | None:
    if value is None:
        return None
    return dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
