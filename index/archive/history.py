"""Which archive is this, and which commits has it had? An index names the commit that it was made from.

An archive has a random identity from its creation on, and each of its commits has a random name. An index keeps both
(`CommitPoint`), so it recognizes articles that are older than itself, that belong to another index, or that have gone
another way since a backup was restored (as PostgreSQL recognizes its log by system identifier and timeline). Archives
written before 0.3.0 have neither until a writer opens them.
"""

from __future__ import annotations

import secrets
import sqlite3
from typing import NamedTuple

KEPT_COMMITS = 10_000
"""Commits whose names are kept; an index that is older than all of them has to be rebuilt."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS identity (archive TEXT NOT NULL, forgotten INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS commits (change INTEGER PRIMARY KEY, name TEXT NOT NULL)",
)


class History(NamedTuple):
    """What an archive knows of its commits."""

    archive: str
    """Its identity; empty if it has none."""
    change: int
    """Number of its newest change."""
    forgotten: int
    """The articles that changes up to this one replaced are no longer kept: searchers of older indexes lack texts."""
    name: str
    """Name of the commit that ended with the change that was asked for; empty if the archive has no such commit."""


def history_of(connection: sqlite3.Connection, change: int | None = None) -> History:
    """Return the history of an archive, with the name of the commit that ended with `change` (None: the newest)."""
    newest = int(connection.execute("SELECT change FROM counter").fetchone()[0])
    if not _has_history(connection):
        return History("", newest, 0, "")
    archive, forgotten = connection.execute("SELECT archive, forgotten FROM identity").fetchone() or ("", 0)
    asked = newest if change is None else change
    row = connection.execute("SELECT name FROM commits WHERE change = ?", (asked,)).fetchone()
    return History(archive, newest, int(forgotten), row[0] if row else "")


def name_of_commit(connection: sqlite3.Connection, change: int) -> str:
    """Return the name of the commit that ended with `change`; empty if the archive has no such commit."""
    try:
        row = connection.execute("SELECT name FROM commits WHERE change = ?", (change,)).fetchone()
    except sqlite3.OperationalError:  # no such table
        row = None
    return row[0] if row else ""


def identity_of(connection: sqlite3.Connection) -> str:
    """Return the identity of an archive; empty if it has none."""
    if not _has_history(connection):
        return ""
    row = connection.execute("SELECT archive FROM identity").fetchone()
    return row[0] if row else ""


def begin_history(connection: sqlite3.Connection) -> None:
    """Give an archive identity, and its newest change a name, if they are missing; within a transaction.

    Names of commits beyond `KEPT_COMMITS` are removed.
    """
    for table in _TABLES:
        connection.execute(table)
    connection.execute(
        "INSERT INTO identity SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM identity)", (secrets.token_hex(16),)
    )
    connection.execute(
        "INSERT INTO commits SELECT change, ? FROM counter WHERE change NOT IN (SELECT change FROM commits)", (_name(),)
    )
    connection.execute(
        "DELETE FROM commits WHERE change < (SELECT change FROM commits ORDER BY change DESC LIMIT 1 OFFSET ?)",
        (KEPT_COMMITS,),
    )


def lacks_history(connection: sqlite3.Connection) -> bool:
    """Return whether `begin_history` has anything to write."""
    if not _has_history(connection):
        return True
    counted = int(connection.execute("SELECT count(*) FROM commits").fetchone()[0])
    return not identity_of(connection) or not history_of(connection).name or counted > 2 * KEPT_COMMITS


def name_commit(connection: sqlite3.Connection, change: int) -> None:
    """Name the commit that ends with `change`; within its transaction."""
    connection.execute("REPLACE INTO commits VALUES (?, ?)", (change, _name()))


def note_forgotten(connection: sqlite3.Connection, change: int) -> None:
    """Note that the articles that changes up to `change` replaced are no longer kept; within a transaction."""
    connection.execute("UPDATE identity SET forgotten = max(forgotten, ?)", (change,))


def _has_history(connection: sqlite3.Connection) -> bool:
    rows = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('identity', 'commits')")
    return int(rows.fetchone()[0]) == len(_TABLES)


def _name() -> str:
    return secrets.token_hex(8)
