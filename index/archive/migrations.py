"""The versions of an archive of articles, and the migration steps from each version to the next.

A version defines how an article is stored: the columns, and the text in each. An archive in a folder has one version
(`PRAGMA user_version`); on a cluster each document has its own. `index.archive.upgrade` migrates an archive in a folder
to the newest version; a document on a cluster is not rewritten, and the steps are applied each time it is read.

A released step is never changed: archives of that version exist. A new field of an article is a new step,
`new_column("country")`. The table `counter` and the number of articles are read in archives of any version, so no step
changes their meaning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
"""The values of one article by column name: texts or None; in a damaged archive, values of any type."""

TABLES = ("articles", "former")
"""The tables whose rows are articles."""

FIRST_TABLES = (
    # A rowid table keeps the long rows out of the index on ids: looking up an id there takes a tenth of the time.
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
"""The statements that create the tables of version 1, or the missing ones if their creation was interrupted."""

FIRST_COLUMNS = (
    "id", "text", "title", "title_basis", "source", "source_basis", "published", "published_basis", "author",
    "section", "url", "agencies", "teasers", "evidence", "origin",
)  # fmt: skip
"""The columns of an article in version 1, in the order of the list of values in documents on a cluster."""


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """The migration from one version to the next."""

    tables: tuple[str, ...] = ()
    """The statements that change SQLite's tables; both of `TABLES` must have the same columns afterwards."""
    row: Callable[[Row], Row] | None = None
    """Returns the row of the next version for a row of the previous one; None where no value changes.

    In SQLite its argument is a row as `tables` left it, new columns included. Searches use the changed values only
    after the next rebuild, since words are in the index files.
    """
    columns: tuple[str, ...] = ()
    """The columns that the step adds."""
    hashes: bool = False
    """Whether content hashes differ in this version: the rule is another one, or `row` changes the content. All
    articles are then hashed again; on a cluster the hash of an older document is no longer compared."""


def new_column(name: str, value: str | None = None) -> Step:
    """Return the step that adds a column to every article, with the text `value` in it, or None."""
    default = "" if value is None else f" NOT NULL DEFAULT '{value}'"
    return Step(
        tables=tuple(f"ALTER TABLE {table} ADD COLUMN {name} TEXT{default}" for table in TABLES),
        row=lambda row: {**row, name: value},
        columns=(name,),
    )


STEPS: tuple[Step, ...] = (
    Step(),  # 2: the file has a version and an application id; documents on a cluster name their columns
)
"""From version 1 to 2, from 2 to 3, and so on."""


def newest_version() -> int:
    """Return the version that this code writes."""
    return 1 + len(STEPS)


def steps_from(version: int) -> tuple[Step, ...]:
    """Return the steps from a version to the newest one."""
    return STEPS[version - 1 :]


def migrated(row: Row, version: int) -> Row:
    """Return a row of an older version, migrated to the newest one."""
    for step in steps_from(version):
        if step.row is not None:
            row = step.row(row)
    return row


def newest_columns() -> tuple[str, ...]:
    """Return the columns of an article in the version that this code writes."""
    return (*FIRST_COLUMNS, *(column for step in STEPS for column in step.columns))
