"""The versions of an archive of articles, and the steps from each to the next.

A version says how an article is kept: under which columns, and as what text. In a folder the archive carries it
(`PRAGMA user_version`), on a cluster each document does. `index.upgrade` brings an archive in a folder to the newest
version; a document on a cluster stays as it is, and takes the steps whenever it is read.

Nothing here is ever changed once it is released: articles of that version are out there. A new field of an article is
a new step, `new_column("country")`. The table `counter`, and the number of the articles, are read in archives of any
version: no step changes what they mean.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
"""The values of one article by the names of its columns: texts or None, but for what damage made of them."""

TABLES = ("articles", "former")
"""The tables whose rows are articles."""

FIRST_TABLES = (
    # A table by row number keeps the long rows out of the tree of ids: looking one up there takes a tenth of the time.
    """CREATE TABLE IF NOT EXISTS articles (
        id TEXT NOT NULL PRIMARY KEY, change INTEGER NOT NULL, hash TEXT NOT NULL,
        text TEXT NOT NULL, title TEXT NOT NULL, title_basis TEXT, source TEXT, source_basis TEXT,
        published TEXT, published_basis TEXT, author TEXT, section TEXT, url TEXT,
        agencies TEXT NOT NULL, teasers TEXT NOT NULL, evidence TEXT NOT NULL, origin TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS articles_by_change ON articles (change)",
    "CREATE INDEX IF NOT EXISTS articles_by_origin ON articles (origin)",
    "CREATE TABLE IF NOT EXISTS former AS SELECT *, 0 AS until FROM articles WHERE 0",
    "CREATE INDEX IF NOT EXISTS former_by_id ON former (id, until)",
    "CREATE TABLE IF NOT EXISTS deletions (id TEXT PRIMARY KEY, change INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS deletions_by_change ON deletions (change)",
    "CREATE TABLE IF NOT EXISTS counter (change INTEGER NOT NULL)",
    "INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter)",
)
"""The statements that make the tables of version 1, or complete them where making them was interrupted."""

FIRST_COLUMNS = (
    "id", "text", "title", "title_basis", "source", "source_basis", "published", "published_basis", "author",
    "section", "url", "agencies", "teasers", "evidence", "origin",
)  # fmt: skip
"""The columns of an article in version 1, in the order in which documents on a cluster list their values."""


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """From one version to the next."""

    tables: tuple[str, ...] = ()
    """The statements that change SQLite's tables; both of `TABLES` keep the same columns."""
    row: Callable[[Row], Row] | None = None
    """Makes a row of the next version from one of the version before; None where no column changes.

    In SQLite it gets a row as `tables` left it, new columns included. What it changes is not searched before the next
    rebuild: words are in the index files.
    """
    columns: tuple[str, ...] = ()
    """The columns that it adds."""
    hashes: bool = False
    """Whether articles have other content hashes in this version: by another rule, or because `row` changes what they
    say. All are hashed again; on a cluster the hash of an older document is not compared any more."""


def new_column(name: str, value: str | None = None) -> Step:
    """Return the step that gives every article a column, with a text in it or None."""
    default = "" if value is None else f" NOT NULL DEFAULT '{value}'"
    return Step(
        tables=tuple(f"ALTER TABLE {table} ADD COLUMN {name} TEXT{default}" for table in TABLES),
        row=lambda row: {**row, name: value},
        columns=(name,),
    )


STEPS: tuple[Step, ...] = (
    Step(),  # 2: the archive says its version and whose it is; a cluster's documents name their columns
)
"""From version 1 to 2, from 2 to 3, and so on."""


def newest_version() -> int:
    """Return the version that this code writes."""
    return 1 + len(STEPS)


def steps_from(version: int) -> tuple[Step, ...]:
    """Return the steps that lead from a version to the newest one."""
    return STEPS[version - 1 :]


def migrated(row: Row, version: int) -> Row:
    """Return a row of an older version as the newest version has it."""
    for step in steps_from(version):
        if step.row is not None:
            row = step.row(row)
    return row


def newest_columns() -> tuple[str, ...]:
    """Return the columns of an article in the version that this code writes."""
    return (*FIRST_COLUMNS, *(column for step in STEPS for column in step.columns))
