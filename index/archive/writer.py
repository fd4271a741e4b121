"""Changes the articles of an embedded index; a commit is on disk when it returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from index import disk
from index.archive.connections import ArchiveConnection
from index.archive.database import SqliteErrors, connect, make_tables, missing, truncate_log, version_of
from index.archive.history import begin_history, lacks_history, name_commit, note_forgotten
from index.archive.reader import STORED_COLUMNS, Archive
from index.archive.rows import COLUMNS, row_of
from index.document import Document
from index.layout import ARCHIVE_NAME

_VALUES = f"({STORED_COLUMNS}) VALUES (:change, :hash, {', '.join(f':{column}' for column in COLUMNS)})"
_INSERT = f"INSERT INTO articles {_VALUES} ON CONFLICT (id) DO NOTHING"
_REPLACE = f"REPLACE INTO articles {_VALUES}"
_CHECKPOINT_MILLISECONDS = 2_000
"""How long the end of a writer waits for readers of the log, to empty it."""

_Result = TypeVar("_Result")


class ArchiveWriter(Archive):
    """The articles of one index, for the process that holds the writer's lock; one thread at a time may use it.

    It reads what it has written before that is committed.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        """Open the archive in `folder`; `create` creates it if it does not exist.

        An archive that has no identity yet is given one (`index.archive.history`).

        Raises:
            As `Archive`; with `create`, a missing archive is no error.
        """
        path = folder / ARCHIVE_NAME
        if not create and not path.is_file():
            raise missing(path)
        self._change: int | None = None
        self._had_deletions = False
        with SqliteErrors(path):
            if create:
                disk.make_file(path)
            self._connection = connect(path)
        try:
            with SqliteErrors(path):
                if create and not version_of(self._connection, path):
                    make_tables(self._connection)
            super().__init__(folder)
            with SqliteErrors(path):
                self._check(self._connection)
                self._begin_history()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Discard what is not committed, and empty the log, unless a reader needs it longer than two seconds."""
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MILLISECONDS}")
            truncate_log(self._connection)
        self._connection.close()
        super().close()

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
            note_forgotten(self._connection, change)

    def commit(self) -> None:
        """Make the changes visible; they are on disk when this returns."""
        if self._connection.in_transaction:
            with SqliteErrors(self.path):
                if self._change is not None:
                    self._connection.execute("UPDATE counter SET change = ?", (self._change,))
                    name_commit(self._connection, self._change)
                self._connection.execute("COMMIT")
        self._change = None

    def rollback(self) -> None:
        """Discard the changes since the last commit."""
        self._change = None
        if self._connection.in_transaction:
            with SqliteErrors(self.path):
                self._connection.execute("ROLLBACK")

    def _read(self, read: Callable[[ArchiveConnection], _Result]) -> _Result:
        with SqliteErrors(self.path):
            return read(self._connection)

    @contextmanager
    def _lasting(self) -> Iterator[ArchiveConnection]:
        yield self._connection

    def _begin_history(self) -> None:
        if lacks_history(self._connection):
            self._connection.execute("BEGIN IMMEDIATE")
            begin_history(self._connection)
            self._connection.execute("COMMIT")

    def _retire(self, document_id: str, change: int) -> bool:
        """Copy the article with this id to `former`, for searchers of older generations; return whether it exists."""
        copied = self._connection.execute(
            f"INSERT INTO former ({STORED_COLUMNS}, until) SELECT {STORED_COLUMNS}, ? FROM articles WHERE id = ?",  # noqa: S608 - ours
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
