"""An archive is upgraded completely or not at all, whichever step, file or operation fails."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from index.archive.database import connect
from index.archive.migrations import STEPS, TABLES, Row, Step, newest_version
from index.archive.reader import Archive
from index.document import Document
from index.engines.opensearch.stored import article_of
from index.errors import IndexDamagedError, IndexingError
from index.layout import ARCHIVE_NAME
from tests.index import version_1
from tests.index.embedded import open_writer
from tests.index.test_faults import FAULTS, Plan
from tests.index.test_versions import change, files, value
from tests.torture.conftest import COUNTS
from tests.torture.planting import HINT, intercepted

OLD_URL, NEW_URL = "http://example.org/a%20b", "https://example.org/a%20b"


def secure(row: Row) -> Row:
    """Change what a row says: the one address that is not secure becomes secure."""
    return {**row, "url": row["url"] and row["url"].replace("http:", "https:")}


COLUMN = tuple(f"ALTER TABLE {table} ADD COLUMN colour TEXT NOT NULL DEFAULT '-'" for table in TABLES)
LATER = (*STEPS, Step(tables=COLUMN), Step(row=secure, hashes=True))
"""The steps of a later release: a column, then values that change."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return the folder of an index of version 1."""
    return version_1.copy_to(tmp_path / "index")


class Disk(NamedTuple):
    free: int


def upgrade(folder: Path) -> None:
    """Open an index as `judhur index rebuild` does first; index files of any analyzer will do."""
    open_writer(str(folder), rebuilding=True).close()


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(f"{ARCHIVE_NAME}.*"))


def held(folder: Path) -> dict[str, Document]:
    """Return the articles of an archive of the newest version, after checking that it is sound."""
    with contextlib.closing(Archive(folder)) as archive:
        assert list(archive.check()) == []
        assert archive.last_change() == version_1.LAST_CHANGE
        return {document.id: document for document in archive.documents()}


def expected(steps: tuple[Step, ...] = STEPS) -> dict[str, Document]:
    documents = version_1.documents()
    if steps is LATER:
        documents["letters-1"] = dataclasses.replace(documents["letters-1"], url=NEW_URL)
    return documents


@contextlib.contextmanager
def as_before(folder: Path) -> Iterator[None]:
    """Check that nothing is changed, and that the next upgrade succeeds."""
    before = files(folder)
    yield
    assert files(folder) == before
    assert value(folder, "PRAGMA user_version") == 0


def test_steps_change_tables_rows_and_the_hash_of_what_changed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.archive.migrations.STEPS", LATER)
    upgrade(old)
    assert value(old, "PRAGMA user_version") == newest_version() == len(LATER) + 1
    assert held(old) == expected(LATER)
    with contextlib.closing(Archive(old)) as archive:
        now = {name: known.hash for name, known in archive.existing(list(version_1.hashes())).items()}
        assert archive.get_many(["خطأ-2", "كتاب-2"], at=version_1.BEFORE) == {
            name: version_1.documents("former")[name] for name in ("خطأ-2", "كتاب-2")
        }
    assert {name for name, digest in version_1.hashes().items() if now[name] != digest} == {"letters-1"}
    assert value(old, "SELECT group_concat(DISTINCT colour) FROM articles") == "-"
    assert copies(old) == []


def test_the_same_steps_apply_to_documents_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.archive.migrations.STEPS", LATER)
    found = {document.id: document for document in map(article_of, version_1.cluster_documents())}
    assert found == {name: expected(LATER)[name] for name in found}
    assert found["letters-1"].url == NEW_URL


def test_an_upgrade_starts_from_the_version_of_the_archive(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(old)
    monkeypatch.setattr("index.archive.migrations.STEPS", LATER)
    upgrade(old)
    assert held(old) == expected(LATER)


def test_a_step_that_changes_the_rule_of_the_hash_hashes_all_again(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.archive.migrations.STEPS", (*STEPS, Step(hashes=True)))
    monkeypatch.setattr("index.document.HASHED_LATER", ("origin",))
    upgrade(old)
    assert held(old) == expected()
    with contextlib.closing(Archive(old)) as archive:
        known = archive.existing(list(version_1.hashes()))
    assert {name: it.hash for name, it in known.items()}.items().isdisjoint(version_1.hashes().items())


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (Step(tables=("DELETE FROM articles WHERE id = 'letters-1'",)), "articles has 15 rows instead of 16"),
        (Step(tables=("DELETE FROM former WHERE id = 'خطأ-2'",)), "former has 4 rows instead of 5"),
        (Step(tables=("DELETE FROM deletions",)), "deletions has 0 rows instead of 3"),
        (
            Step(tables=("UPDATE articles SET title = '' WHERE id = 'letters-1'",)),
            "'letters-1' differs from its migrated row",
        ),
        (Step(tables=("UPDATE former SET text = '' WHERE id = 'خطأ-2'",)), "'خطأ-2' differs from its migrated row"),
        (
            Step(tables=("UPDATE articles SET hash = '1' WHERE id = 'letters-1'",)),
            "'letters-1' does not match its hash",
        ),
        (Step(row=secure), "'letters-1' does not match its hash"),
        (Step(tables=("UPDATE nowhere SET text = ''",)), "no such table"),
        (
            Step(row=lambda row: {**row, "title_basis": "guessed"}),
            "cannot be upgraded to version .* no basis 'guessed'",
        ),
        (Step(row=lambda row: {**row, "title": row["headline"]}), "cannot be upgraded to version .*headline"),
    ],
)
def test_a_failed_step_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch, step: Step, problem: str) -> None:
    with monkeypatch.context() as planted, as_before(old):
        planted.setattr("index.archive.migrations.STEPS", (*STEPS, step))
        with pytest.raises(IndexingError, match=problem):
            upgrade(old)
    upgrade(old)
    assert held(old) == expected()


def test_a_damaged_article_is_named_where_a_step_has_to_read_it(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(old, "UPDATE articles SET url = x'00' WHERE id = 'letters-1'")
    monkeypatch.setattr("index.archive.migrations.STEPS", LATER)
    with (
        as_before(old),
        pytest.raises(IndexDamagedError, match=r"article 'letters-1' .* nothing was changed: delete it"),
    ):
        upgrade(old)


@pytest.mark.parametrize("steps", [STEPS, (*STEPS, Step(tables=COLUMN))], ids=["this release", "a new column"])
def test_a_damaged_article_that_no_step_changes_stays_damaged(
    old: Path, monkeypatch: pytest.MonkeyPatch, steps: tuple[Step, ...]
) -> None:
    monkeypatch.setattr("index.archive.migrations.STEPS", steps)
    change(old, "UPDATE articles SET text = 'نص آخر' WHERE id = 'letters-1'")
    upgrade(old)
    with contextlib.closing(Archive(old)) as archive:
        assert list(archive.check()) == ["article letters-1 is not what was stored"]


def test_a_damaged_file_is_not_touched(old: Path) -> None:
    data = bytearray((old / ARCHIVE_NAME).read_bytes())
    change(old, "CREATE INDEX odd ON articles (text)")
    change(
        old,
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX odd ON articles (title)' WHERE name = 'odd'",
    )
    assert data != (old / ARCHIVE_NAME).read_bytes()
    with as_before(old), pytest.raises(IndexDamagedError, match=r"odd.*restore the file from a backup"):
        upgrade(old)
    shutil.copy(version_1.DATA / "index" / ARCHIVE_NAME, old / f"{ARCHIVE_NAME}.version-1")
    with as_before(old), pytest.raises(IndexDamagedError, match=r"restore the file from articles\.sqlite3\.version-1"):
        upgrade(old)
    assert copies(old) == [f"{ARCHIVE_NAME}.version-1"]


def test_a_copy_that_does_not_fit_raises_an_error_before_any_change(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (old / ARCHIVE_NAME).stat().st_size
    with monkeypatch.context() as full, as_before(old):
        full.setattr("shutil.disk_usage", lambda _: Disk(size - 1))
        with pytest.raises(IndexingError, match=f"the copy .* {size:,} bytes, does not fit .* {size - 1:,} free"):
            upgrade(old)
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(size))
    upgrade(old)
    assert held(old) == expected()


def test_leftovers_of_an_interrupted_upgrade_are_removed(old: Path) -> None:
    left = [f"{ARCHIVE_NAME}.version-1", f"{ARCHIVE_NAME}.version-1.new"]
    for name in left:
        (old / name).write_bytes(b"some of it")
    upgrade(old)
    assert copies(old) == []
    for name in left:
        (old / name).write_bytes(b"all of it, and the upgrade had succeeded")
    upgrade(old)
    assert copies(old) == []
    assert held(old) == expected()


def test_the_copy_exists_from_before_the_first_change_until_after_the_last(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    copied: list[list[str]] = []

    def traced(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.set_trace_callback(noted)
        return connection

    def noted(statement: str) -> None:
        order.append(statement.split(maxsplit=1)[0])
        if order[-1] in ("BEGIN", "COMMIT"):
            copied.append(copies(old))

    monkeypatch.setattr("index.archive.upgrade.connect", traced)
    monkeypatch.setattr("index.archive.migrations.STEPS", LATER)
    with intercepted(lambda operation: order.append(operation.name)):
        upgrade(old)
    kept = [name for name in order if name in {"BEGIN", "ALTER", "UPDATE", "COMMIT", "sync_file", "rename", "remove"}]
    assert [name for name, _ in itertools.groupby(kept)] == [
        "sync_file", "rename", "BEGIN", "ALTER", "UPDATE", "COMMIT", "remove",
    ], order  # fmt: skip
    assert order[order.index("rename") + 1] == "sync_folder"
    assert copied == [[f"{ARCHIVE_NAME}.version-1"]] * 2


def test_others_read_the_old_version_until_the_new_one_is_committed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, str]] = []

    def looking(row: Row) -> Row:
        seen.append(
            (
                value(old, "PRAGMA user_version"),
                value(old, "SELECT count(*) FROM articles"),
                value(old, "SELECT url FROM articles WHERE id = 'letters-1'"),
            )
        )
        return secure(row)

    monkeypatch.setattr("index.archive.migrations.STEPS", (*STEPS, Step(tables=COLUMN), Step(row=looking, hashes=True)))
    upgrade(old)
    assert set(seen) == {(0, 16, OLD_URL)}
    assert held(old) == expected(LATER)


def test_a_copy_is_a_whole_archive(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()

    def keeping(row: Row) -> Row:
        if copies(old) and not list(kept.iterdir()):
            shutil.copy(old / copies(old)[0], kept / ARCHIVE_NAME)
        return row

    with open_log(old), monkeypatch.context() as planted:
        planted.setattr("index.archive.migrations.STEPS", (*STEPS, Step(row=keeping)))
        upgrade(old)
    upgrade(kept)
    with contextlib.closing(Archive(kept)) as archive:
        assert archive.get("letters-1") == dataclasses.replace(expected()["letters-1"], origin="/moved")


@contextlib.contextmanager
def open_log(folder: Path) -> Iterator[None]:
    """Leave a change in SQLite's log alone, as a killed writer does, by a reader that keeps it open."""
    with contextlib.closing(sqlite3.connect(folder / ARCHIVE_NAME, isolation_level=None)) as reader:
        reader.execute("SELECT count(*) FROM articles").fetchone()
        change(folder, "UPDATE articles SET origin = '/moved' WHERE id = 'letters-1'")
        assert (folder / f"{ARCHIVE_NAME}-wal").stat().st_size > 0
        yield


def test_a_transaction_that_fills_the_disk_is_rolled_back(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        return connection

    long = Step(row=lambda row: {**row, "section": "م" * 100_000})
    with monkeypatch.context() as planted, as_before(old):
        planted.setattr("index.archive.upgrade.connect", small)
        planted.setattr("index.archive.migrations.STEPS", (*STEPS, long))
        with pytest.raises(IndexingError, match="full"):
            upgrade(old)
    upgrade(old)
    assert held(old) == expected()


@pytest.mark.parametrize("steps", [STEPS, LATER], ids=["this release", "a later one"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_operation_of_an_upgrade_may_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, steps: tuple[Step, ...]
) -> None:
    monkeypatch.setattr("index.archive.migrations.STEPS", steps)
    with intercepted(lambda _: None) as names:
        upgrade(version_1.copy_to(tmp_path / "0"))
    refused = FAULTS[fault].refused | ({"sync_file"} if FAULTS[fault].code in (errno.ENOSPC, errno.EIO) else set())
    planned = dataclasses.replace(FAULTS[fault], refused=frozenset(refused))
    assert {"sync_file", "rename", "sync_folder", "remove"} <= set(names), HINT
    for number, name in enumerate(names, 1):
        if name not in refused:
            continue
        folder, plan = version_1.copy_to(tmp_path / str(number)), Plan(planned, number)
        with contextlib.suppress(IndexingError), intercepted(plan):
            upgrade(folder)
        assert plan.struck, HINT
        assert value(folder, "PRAGMA user_version") in (0, newest_version())
        assert value(folder, "SELECT count(*) FROM articles") == 16
        upgrade(folder)
        assert held(folder) == expected(steps), plan
        assert copies(folder) == [], plan
        COUNTS["disk operations that failed"] += 1
