"""The articles themselves, in SQLite: the source from which an embedded index is derived.

Every change has a number. An index records the number of the last change it has applied, so changes that a crash left
out of it can be replayed (`changes_since`), and `rebuild` needs nothing but this file. The article that a change
replaced stays in the table `former` until the commit after it, so that a searcher over an older generation of the index
still gets the text that its offsets refer to. `index.archive.writer` changes an archive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any, TypeVar

from index import disk
from index.archive.connections import ArchiveConnection, ReadConnections, SoundRows, connection_to
from index.archive.database import SqliteErrors, check_version, missing
from index.archive.history import History, history_of, identity_of, name_of_commit
from index.archive.migrations import newest_version
from index.archive.rows import COLUMNS, RowDamagedError, document_of, hash_of
from index.document import Document
from index.errors import IndexInconsistentError
from index.layout import ARCHIVE_NAME
from index.writer import Existing

STORED_COLUMNS = ", ".join(("change", "hash", *COLUMNS))
"""The columns of an article in a query: the number of its change, its hash, then what is hashed."""
_IDS_AT_ONCE = 100
"""Ids in one statement; SQLite takes at least 999 values."""
_PAGES_AT_ONCE = 4_096
"""Pages, usually of 4 KiB, between two reports of the progress of a copy."""
_SCANNED_AT_ONCE = 64
"""Articles, usually of some kilobytes: they take one or two milliseconds, in which other threads wait."""

_Row = Sequence[Any]
"""A row with `STORED_COLUMNS`."""
_Result = TypeVar("_Result")


class Archive:
    """The articles of one index, for reading. Any thread may use it; it needs no right to write."""

    def __init__(self, folder: Path, *, older: bool = False) -> None:
        """Open the archive in `folder`.

        With `older`, an archive of an older version opens too, for `is_newest`, `count`, `last_change`, the history,
        `copy_to` and `check` only.

        Raises:
            IndexMissingError: there is no archive, and no index.
            IndexInconsistentError: there is an index, but no archive.
            IndexMismatchError: the archive has an older version (see `index.archive.upgrade`).
            IndexNewerError: the archive has a newer version.
            IndexDamagedError: the file is not an archive.
        """
        self.path = folder / ARCHIVE_NAME
        self._version = 0
        self._identity: str | None = None
        self._older = older
        self._connections = ReadConnections(self.path, self._check)
        if not self.path.is_file():
            raise missing(self.path)
        try:
            self.last_change()
        except BaseException:
            self.close()
            raise

    @property
    def is_newest(self) -> bool:
        """Whether the archive had the version that this code writes when it was opened."""
        return self._version == newest_version()

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def history(self, change: int) -> History:
        """Return identity and newest change of the archive, and the name of the commit that ended with `change`."""
        return self._read(lambda connection: history_of(connection, change))

    def newest_commit(self) -> History:
        """Return identity and newest change of the archive, and the name of the commit that ended with it."""
        return self._read(history_of)

    def get(self, document_id: str, *, at: int | None = None) -> Document | None:
        """Return the article with this id, now or as of change number `at`; None if there is none.

        Raises:
            IndexDamagedError: the article is not what was stored.
        """
        return self.get_many([document_id], at=at).get(document_id)

    def get_many(self, ids: Sequence[str], *, at: int | None = None, commit: str = "") -> dict[str, Document]:
        """Return the articles with these ids as `get` does, by id; ids without an article are left out.

        `commit` is the name of the commit that ended with change `at`; if it is empty, any archive will do.

        Raises:
            IndexInconsistentError: the archive has no such commit: another one was put in its place.
            IndexDamagedError: an article is not what was stored.
        """

        def read(connection: ArchiveConnection) -> tuple[list[_Row], SoundRows | None]:
            change = history_of(connection).change if at is None else at
            if commit and name_of_commit(connection, change) != commit:
                raise IndexInconsistentError(f"{self.path} was replaced by articles of another day; try again")
            rows: list[_Row] = []
            for batch, marks in _batches(ids):
                query = f"SELECT {STORED_COLUMNS} FROM articles WHERE id IN ({marks}) AND change <= ?"  # noqa: S608 - question marks
                found = connection.execute(query, (*batch, change)).fetchall()
                if len(found) < len(batch):
                    query = f"SELECT {STORED_COLUMNS} FROM former WHERE id IN ({marks}) AND change <= ? AND until > ?"  # noqa: S608
                    found += connection.execute(query, (*batch, change, change)).fetchall()
                rows += found
            return rows, connection.sound

        return {document.id: document for document in self._documents(*self._read(read))}

    def scan(self) -> Iterator[int]:
        """Compare the articles with their hashes in parts, so that `get_many` need not; yield the articles of each.

        Raises:
            IndexDamagedError: an article is not what was stored.
        """
        query = f"SELECT {STORED_COLUMNS} FROM articles WHERE change > ? ORDER BY change LIMIT {_SCANNED_AT_ONCE}"  # noqa: S608 - as above
        change = -1

        def read(connection: ArchiveConnection) -> tuple[list[_Row], SoundRows | None]:
            return connection.execute(query, (change,)).fetchall(), connection.sound

        while (part := self._read(read))[0]:
            yield sum(1 for _ in self._documents(*part))
            change = part[0][-1][0]

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """Return hash and origin of the articles with these ids, by id; ids without an article are left out."""

        def read(connection: sqlite3.Connection) -> dict[str, Existing]:
            found: dict[str, Existing] = {}
            for batch, marks in _batches(ids):
                query = f"SELECT id, hash, origin FROM articles WHERE id IN ({marks})"  # noqa: S608 - question marks
                found.update((row[0], Existing(row[1], row[2])) for row in connection.execute(query, batch))
            return found

        return self._read(read)

    def count(self) -> int:
        """Return the number of articles."""
        return self._read(lambda connection: int(connection.execute("SELECT count(*) FROM articles").fetchone()[0]))

    def last_change(self) -> int:
        """Return the number of the newest committed change; 0 for a new archive."""
        return self._read(lambda connection: int(connection.execute("SELECT change FROM counter").fetchone()[0]))

    def ids(self) -> Iterator[str]:
        """Yield all ids in order, as of one commit."""
        yield from (row[0] for row in self._rows("SELECT id FROM articles ORDER BY id"))

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the ids of the articles for whose origin `chosen` returns true, in order."""
        query = "SELECT id, origin FROM articles ORDER BY id"
        rows = self._read(lambda connection: connection.execute(query).fetchall())
        return [row[0] for row in rows if chosen(row[1])]

    def changes_since(self, change: int) -> Iterator[tuple[str, Document | None]]:
        """Yield (id, article) for each put, and (id, None) for each deletion, after change number `change`.

        Raises:
            IndexDamagedError: an article is not what was stored.
        """
        for row in self._rows("SELECT id FROM deletions WHERE change > ? ORDER BY change", change):
            yield row[0], None
        query = f"SELECT {STORED_COLUMNS} FROM articles WHERE change > ? ORDER BY change"  # noqa: S608 - our own column names
        for document in self._documents(self._rows(query, change)):
            yield document.id, document

    def documents(self) -> Iterator[Document]:
        """Yield all articles that were committed when the iteration began, in the order of their changes.

        Raises:
            IndexDamagedError: an article is not what was stored.
        """
        yield from self._documents(self._rows(f"SELECT {STORED_COLUMNS} FROM articles ORDER BY change"))  # noqa: S608 - as above

    def check(self) -> Iterator[str]:
        """Yield the faults that SQLite's integrity check finds, and the articles that do not match their hash.

        In an archive of an older version, whose hashes may follow another rule, the articles are not compared.

        Raises:
            IndexDamagedError: the file cannot be read to its end.
        """
        yield from (row[0] for row in self._rows("PRAGMA integrity_check") if row[0] != "ok")
        if not self.is_newest:
            return
        # SQLite's check finds damage to its own structure, not to the bytes of a text
        for row in self._rows(f"SELECT {STORED_COLUMNS} FROM articles UNION ALL SELECT {STORED_COLUMNS} FROM former"):  # noqa: S608 - ours
            with SqliteErrors(self.path):
                document = _decoded(row)
            if document.content_hash() != row[1]:
                yield f"article {document.id} is not what was stored"

    def copy_to(self, target: Path, progress: Callable[[float], None]) -> None:
        """Copy the archive, as of one commit, into a new file, whatever a writer does meanwhile; it is then on disk.

        `progress` is called with the fraction that is copied.

        Raises:
            ArchiveChangedError: this user may not write beside the archive, and a writer changed it.
            IndexingError: the disk is full.
            OSError: the new file cannot be created or synced.
        """
        disk.make_file(target)
        with SqliteErrors(self.path), self._lasting() as connection:
            if not connection.in_transaction:
                connection.execute("BEGIN")
            history_of(connection)  # the first read decides which commit the transaction sees
            with SqliteErrors(target), closing(connection_to(target, "mode=rw")) as copy:
                # no journal beside it, and one sync at its end
                copy.execute("PRAGMA journal_mode=OFF")
                copy.execute("PRAGMA synchronous=OFF")
                connection.backup(
                    copy,
                    pages=_PAGES_AT_ONCE,
                    progress=lambda _, left, total: progress(1 - left / total if total else 1.0),
                )
        disk.sync_file(target)

    def _documents(self, rows: Iterable[_Row], sound: SoundRows | None = None) -> Iterator[Document]:
        with SqliteErrors(self.path):
            for row in rows:
                yield _document(row, sound)

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a query returns for one commit, without holding all of them in memory."""
        try:
            with SqliteErrors(self.path), self._lasting() as connection:
                rows = connection.execute(query, values)
                for row in rows:  # noqa: UP028 - `yield from` closes the cursor, an error after the connection's end
                    yield row
        except FileNotFoundError:
            raise missing(self.path) from None

    def _read(self, read: Callable[[ArchiveConnection], _Result]) -> _Result:
        """Return what `read` returns for a connection; it may be called twice, see `ReadConnections.run`."""
        try:
            with SqliteErrors(self.path):
                return self._connections.run(read)
        except FileNotFoundError:
            raise missing(self.path) from None

    def _lasting(self) -> AbstractContextManager[ArchiveConnection]:
        """Return a context with a connection for a read that takes long."""
        return self._connections.lasting()

    def _check(self, connection: sqlite3.Connection) -> None:
        """Raise an error if a connection reads a file of another version, or another archive than the first one."""
        self._version = check_version(connection, self.path, older=self._older)
        identity = identity_of(connection)
        if self._identity not in (None, "", identity):
            raise IndexInconsistentError(
                f"{self.path} was replaced by another archive while it was open; if this was meant, try again"
            )
        self._identity = identity


def _document(row: _Row, sound: SoundRows | None) -> Document:
    """Return the article of a row that was selected with `STORED_COLUMNS`; one that is in `sound` is not checked again.

    Raises:
        RowDamagedError: it cannot be decoded, or is not what was stored.
    """
    document = _decoded(row)
    if sound is not None and row[0] in sound:
        return document
    # the rule itself decides, where the short cut says no
    if hash_of(row[2:], document) != row[1] and document.content_hash() != row[1]:
        raise RowDamagedError(document.id, "it is not what was stored")
    if sound is not None:
        sound.add(row[0])
    return document


def _decoded(row: _Row) -> Document:
    return document_of(dict(zip(COLUMNS, row[2:], strict=True)))


def _batches(ids: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the ids in batches, one for each statement, with as many question marks."""
    for start in range(0, len(ids), _IDS_AT_ONCE):
        batch = tuple(ids[start : start + _IDS_AT_ONCE])
        yield batch, ", ".join("?" * len(batch))
