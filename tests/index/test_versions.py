"""Readers refuse an archive of version 1; `add` and `rebuild` upgrade it."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import build
from index.analysis.installed import load_analyzer
from index.archive.database import APPLICATION_ID
from index.archive.migrations import FIRST_COLUMNS, FIRST_TABLES, STEPS, newest_version
from index.archive.reader import Archive
from index.archive.rows import row_of
from index.archive.writer import ArchiveWriter
from index.document import HASH_VERSION
from index.engines import store_of
from index.errors import IndexDamagedError, IndexingError, IndexMismatchError, IndexNewerError
from index.layout import ARCHIVE_NAME, MANIFEST_NAME
from index.manifest import Manifest, read_current_manifest, read_manifest, write_manifest
from index.schema import FORMAT_VERSION
from search.engines import open_engine
from search.errors import EngineUnavailableError, IndexOutdatedError
from tests.engines.articles import ZONE
from tests.index import version_1
from tests.index.embedded import open_writer
from web.cli.main import run


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return the folder of an index of version 1."""
    return version_1.copy_to(tmp_path / "index")


@pytest.fixture
def newer(old: Path) -> Path:
    """Return the folder of an index whose articles a newer Judhur keeps."""
    build.rebuild(str(old))
    change(old, f"PRAGMA user_version = {newest_version() + 1}")
    return old


def change(folder: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / ARCHIVE_NAME, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def value(folder: Path, query: str) -> Any:
    with contextlib.closing(sqlite3.connect(folder / ARCHIVE_NAME)) as connection:
        return connection.execute(query).fetchone()[0]


def files(folder: Path) -> dict[str, str]:
    """Return a digest of every file of an index but the lock."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("writer.lock", "verified.json"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@contextlib.contextmanager
def refused(kind: type[Exception], match: str) -> Iterator[None]:
    with pytest.raises(kind, match=match) as raised:
        yield
    assert not isinstance(raised.value, IndexDamagedError)
    assert "damaged" not in str(raised.value)
    assert "not a sound archive" not in str(raised.value)


READERS: dict[str, Callable[[str], object]] = {
    "verify": build.verify,
    "behind": lambda place: store_of(place).behind(),
    "repair": lambda place: store_of(place).catch_up(),
    "delete": lambda place: build.delete_articles(place, ["بنك-1"]),
    "count": lambda place: store_of(place).count(),
    "documents": lambda place: list(store_of(place).documents()),
    "migrate": lambda place: build.migrate(place, f"{place}-copy"),
}


@pytest.mark.parametrize("reading", READERS)
def test_readers_refuse_an_older_archive_and_do_not_change_it(old: Path, reading: str) -> None:
    keep_current(old)
    before = files(old)
    with refused(
        IndexMismatchError, rf"version 1, this Judhur .* version \d+; run `judhur index rebuild --index {old}`"
    ):
        READERS[reading](str(old))
    assert files(old) == before


def test_an_engine_over_an_older_archive_is_outdated(old: Path) -> None:
    with refused(IndexOutdatedError, f"`judhur index rebuild --index {old}`"):
        open_engine(str(old))


def test_reading_commands_fail_with_the_remedy(old: Path, capfd: pytest.CaptureFixture[str]) -> None:
    keep_current(old)
    for arguments in (["search", "البنك"], ["serve"], ["index", "verify"], ["index", "delete", "x"]):
        assert run(["--index", str(old), *arguments]) == 1
        lines = [line for line in capfd.readouterr().err.splitlines() if "warning: the server runs as root" not in line]
        assert len(lines) == 1
        assert "version 1" in lines[0]
        assert "judhur index rebuild" in lines[0]


def test_the_status_of_an_older_archive_is_available(old: Path) -> None:
    found = build.status(str(old))
    assert (found.documents, found.change, found.behind) == (16, version_1.LAST_CHANGE, 0)
    assert not found.up_to_date
    assert run(["index", "status", "--index", str(old)]) == 5


def keep_current(folder: Path) -> None:
    """Let the index files pass for this analyzer's and format's, so that only the archive is old."""
    values = json.loads((folder / MANIFEST_NAME).read_text("utf-8")) | {
        "format": FORMAT_VERSION, "fingerprint": load_analyzer().version.fingerprint,
    }  # fmt: skip
    del values["checksum"]
    write_manifest(folder, Manifest(**values))


def is_current(folder: Path) -> bool:
    try:
        read_current_manifest(folder)
    except IndexMismatchError:
        return False
    return True


def test_adding_upgrades_an_older_archive_and_changes_no_article(old: Path) -> None:
    paths = [version_1.SEED, version_1.DATA / "articles.jsonl"]
    if not is_current(old):
        with refused(IndexMismatchError, "judhur index rebuild"):
            build.add_articles(str(old), paths)
        build.rebuild(str(old))

    report = build.add_articles(str(old), paths)

    assert (report.added, report.replaced, report.unchanged, report.refused) == (0, 0, 15, 0)
    check(old, origins=False)


def test_rebuilding_upgrades_an_older_archive(old: Path) -> None:
    assert build.rebuild(str(old)).added == 16
    check(old)


def test_adding_does_not_change_the_archive_of_another_analyzers_index_and_rebuilding_keeps_it(old: Path) -> None:
    manifest = read_manifest(old)
    write_manifest(old, dataclasses.replace(manifest, analyzer="0", fingerprint="0" * 64))
    before = files(old)
    with refused(IndexMismatchError, "analyzer 0 .* run `judhur index rebuild"):
        build.add_articles(str(old), [version_1.SEED])
    assert files(old) == before

    build.rebuild(str(old))

    check(old)


def test_the_archive_of_an_older_format_is_rebuilt_too(old: Path) -> None:
    values = json.loads((old / "manifest.json").read_text("utf-8"))
    (old / "manifest.json").write_text(json.dumps(values | {"format": 1}), "utf-8")
    with refused(IndexMismatchError, "format 1.* run `judhur index rebuild"):
        build.status(str(old))

    build.rebuild(str(old))

    check(old)


def check(folder: Path, *, origins: bool = True) -> None:
    """Compare an index with what stood there in version 1."""
    articles = version_1.documents()
    with contextlib.closing(Archive(folder)) as archive:
        found = {document.id: document for document in archive.documents()}
        for name, row in ((row["id"], row) for row in version_1.rows("articles")):
            expected = {column: row[column] for column in FIRST_COLUMNS}
            values = {column: row_of(found[name])[column] for column in FIRST_COLUMNS}
            assert values == (expected if origins else expected | {"origin": values["origin"]})
        assert found.keys() == articles.keys()
        assert {name: known.hash for name, known in archive.existing(list(articles)).items()} == version_1.hashes()
        assert list(archive.check()) == []
        deleted = {row["id"] for row in version_1.rows("deletions")}
        assert {name for name, document in archive.changes_since(0) if document is None} == deleted
        assert archive.last_change() == version_1.LAST_CHANGE
        former = version_1.documents("former")
        assert archive.get_many(list(former), at=version_1.BEFORE) == former
    assert value(folder, "PRAGMA user_version") == newest_version()
    assert value(folder, "PRAGMA application_id") == APPLICATION_ID
    assert sorted(path.name for path in folder.glob(f"{ARCHIVE_NAME}.*")) == []
    assert build.verify(str(folder)) == ()
    assert build.status(str(folder)).up_to_date


def test_the_index_answers_as_before(old: Path, capfd: pytest.CaptureFixture[str]) -> None:
    same_words = is_current(old)
    if same_words:
        with open_writer(str(old), create=ZONE.key):
            pass  # what `judhur index add` does first
    else:
        build.rebuild(str(old))
    capfd.readouterr()
    asked = 0
    for search in version_1.answers():
        if same_words or search["arguments"][0].startswith("--"):
            assert run(["--index", str(old), "search", "--json", "--per-page", "30", *search["arguments"]]) == 0
            answer = json.loads(capfd.readouterr().out)
            hits = [
                {key: hit[key] for key in expected if key != "snippets"}
                | {"snippets": [snippet["text"] for snippet in hit["snippets"]]}
                for hit, expected in zip(answer["hits"], search["hits"], strict=True)
            ]
            facets = {
                facet["name"]: {it.get("value", it.get("from")): it["count"] for it in facet["values"] if it["count"]}
                for facet in answer["facets"]
            }
            assert {key: answer["total"][key] for key in search["total"]} == search["total"]
            assert hits == search["hits"]
            assert {name: facets[name] for name in search["facets"]} == search["facets"]
            asked += 1
    assert asked >= 4


def test_a_new_archive_has_the_tables_of_an_upgraded_one(old: Path, tmp_path: Path) -> None:
    build.rebuild(str(old))
    ArchiveWriter(tmp_path, create=True).close()
    described = "SELECT group_concat(type || name || sql, '; ') FROM (SELECT * FROM sqlite_master ORDER BY name)"
    assert value(tmp_path, described).split() == value(old, described).split()
    assert value(tmp_path, "PRAGMA user_version") == newest_version()
    assert value(tmp_path, "PRAGMA application_id") == APPLICATION_ID


def test_the_hash_has_a_step_for_each_of_its_versions() -> None:
    assert 1 + sum(step.hashes for step in STEPS) == HASH_VERSION


WRITERS: dict[str, Callable[[str], object]] = {
    "add": lambda place: build.add_articles(place, [version_1.SEED]),
    "rebuild": build.rebuild,
    "status": build.status,
}


@pytest.mark.parametrize("using", [*READERS, *WRITERS])
def test_a_newer_archive_is_refused_as_newer_and_not_changed(newer: Path, using: str) -> None:
    before = files(newer)
    with refused(IndexNewerError, rf"a newer Judhur wrote the articles at {newer}, in version {newest_version() + 1}"):
        (READERS | WRITERS)[using](str(newer))
    assert files(newer) == before


def test_an_engine_over_a_newer_archive_is_unavailable_with_the_reason(newer: Path) -> None:
    with refused(EngineUnavailableError, "newer Judhur"):
        open_engine(str(newer))
    assert run(["index", "status", "--index", str(newer)]) == 1


def test_an_upgrade_by_a_newer_judhur_under_an_open_archive_is_not_damage(old: Path) -> None:
    build.rebuild(str(old))
    with contextlib.closing(Archive(old)) as archive:
        assert archive.get("بنك-1") is not None
        change(
            old, "ALTER TABLE articles RENAME COLUMN author TO written_by",
            f"PRAGMA user_version = {newest_version() + 1}",
        )  # fmt: skip
        with refused(IndexNewerError, "a newer Judhur"):
            archive.get("بنك-1")


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE notes (text)"],
        ["CREATE TABLE articles (id)", "PRAGMA application_id = 7"],
        [f"PRAGMA application_id = {APPLICATION_ID}"],
        ["PRAGMA user_version = 7"],
    ],
)
def test_the_database_of_another_program_is_not_an_archive_and_not_changed(
    tmp_path: Path, statements: list[str]
) -> None:
    change(tmp_path, *statements)
    described = "SELECT group_concat(name) FROM sqlite_master"
    before = value(tmp_path, described)
    with pytest.raises(IndexDamagedError, match="not a sound archive"):
        Archive(tmp_path)
    for create in (False, True):
        with pytest.raises(IndexDamagedError, match="not a sound archive"):
            ArchiveWriter(tmp_path, create=create)
    for options in ({"create": ZONE.key}, {"rebuilding": True}):
        with pytest.raises(IndexDamagedError, match="not a sound archive"):
            open_writer(str(tmp_path), **options)
    assert value(tmp_path, described) == before


def test_an_empty_database_becomes_an_archive_by_adding(tmp_path: Path) -> None:
    change(tmp_path, "VACUUM")
    with pytest.raises(IndexDamagedError, match="it has no tables"):
        Archive(tmp_path)
    build.add_articles(str(tmp_path), [version_1.SEED])
    assert build.verify(str(tmp_path)) == ()


def test_a_partly_created_archive_of_version_1_is_completed(tmp_path: Path) -> None:
    change(tmp_path, "PRAGMA journal_mode=WAL", FIRST_TABLES[0])
    build.add_articles(str(tmp_path), [version_1.SEED])
    assert build.verify(str(tmp_path)) == ()
    assert build.status(str(tmp_path)).documents == 1


def test_a_crash_while_creating_an_archive_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.archive.database.FIRST_TABLES", (*FIRST_TABLES, "SELECT nothing"))
    with pytest.raises(IndexingError):
        ArchiveWriter(tmp_path, create=True)
    assert value(tmp_path, "SELECT count(*) FROM sqlite_master") == 0
