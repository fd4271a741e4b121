"""Copying the articles of one index into another: the result, and the notices."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index import build, manifest
from index.document import Document, Notice, Refusal
from index.engines import store_of
from index.errors import IndexingError, IndexLockedError, IndexMismatchError, IndexMissingError, SourceError
from index.layout import ARCHIVE_NAME, MANIFEST_NAME
from tests.index.embedded import open_writer
from tests.index.memory import MemoryStore, installed
from tests.index.test_build import SEEDS, ids, outcome, text_of, write


@pytest.fixture
def source(tmp_path: Path) -> str:
    """The seeds, indexed with days of Tunis."""
    place = str(tmp_path / "مصدر 1")
    build.add_articles(place, [SEEDS], zone=ZoneInfo("Africa/Tunis"))
    return place


@pytest.fixture
def target(tmp_path: Path) -> str:
    return str(tmp_path / "to")


def articles(location: str) -> dict[str, Document]:
    return {document.id: document for document in store_of(location).documents()}


def notices_of(source: str, target: str) -> list[str]:
    events: list[Refusal | Notice] = []
    build.migrate(source, target, report=events.append)
    return [event.text for event in events if isinstance(event, Notice)]


def test_a_new_index_has_all_articles_unchanged_with_origins_and_days(source: str, target: str) -> None:
    report = build.migrate(source, target)

    assert outcome(report) == {"added": 5}
    assert articles(target) == articles(source)
    assert {document.origin for document in articles(target).values()} == {str(path) for path in SEEDS.glob("0*.txt")}
    assert build.status(target).zone == "Africa/Tunis"
    assert build.verify(target) == ()
    assert sorted(ids(target)) == sorted(ids(source))


def test_the_source_is_not_changed(source: str, target: str) -> None:
    before = {path: path.read_bytes() for path in Path(source).rglob("*") if path.is_file()}

    build.migrate(source, target)

    assert {path: path.read_bytes() for path in Path(source).rglob("*") if path.is_file()} == before


def test_more_processes_make_the_same_index(source: str, target: str) -> None:
    assert outcome(build.migrate(source, target, jobs=2)) == {"added": 5}
    assert articles(target) == articles(source)
    assert build.verify(target) == ()


def test_a_second_run_changes_nothing(source: str, target: str) -> None:
    build.migrate(source, target)
    before = build.status(target)

    assert outcome(build.migrate(source, target)) == {"unchanged": 5}
    assert build.status(target).generation == before.generation


def test_a_partial_migration_is_resumed(source: str, target: str) -> None:
    build.migrate(source, target)
    build.delete_articles(target, ids(source)[:2])

    assert outcome(build.migrate(source, target)) == {"added": 2, "unchanged": 3}
    assert articles(target) == articles(source)


def test_a_changed_article_replaces_the_old_one(target: str, tmp_path: Path) -> None:
    source, news = str(tmp_path / "from"), tmp_path / "n.jsonl"
    build.add_articles(source, [write(news, {"id": "a", "text": "نص قديم"}, {"id": "b", "text": "نص"})])
    build.migrate(source, target)
    build.add_articles(source, [write(news, {"id": "a", "text": "نص جديد"}, {"id": "b", "text": "نص"})])

    assert outcome(build.migrate(source, target)) == {"replaced": 1, "unchanged": 1}
    assert text_of(target, "a") == "نص جديد"


def test_an_article_that_moved_moves_there_too(target: str, tmp_path: Path) -> None:
    source, old, new = str(tmp_path / "from"), tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    build.add_articles(source, [write(old, {"id": "a", "text": "نص"})])
    build.migrate(source, target)
    build.add_articles(source, [write(new, {"id": "a", "text": "نص"})])

    assert outcome(build.migrate(source, target)) == {"unchanged": 1}
    assert articles(target)["a"].origin == str(new)


def test_articles_that_only_the_target_has_are_kept_and_counted(source: str, target: str) -> None:
    build.migrate(source, target)
    build.delete_articles(source, ids(source)[:2])

    (notice,) = notices_of(source, target)

    assert "not at" in notice
    assert ": 2; they stay" in notice
    assert build.status(target).documents == 5


def test_a_complete_migration_has_no_notices(source: str, target: str) -> None:
    assert notices_of(source, target) == []


def test_a_target_keeps_its_time_zone_with_a_notice(source: str, target: str) -> None:
    with open_writer(target, create="Asia/Tokyo"):
        pass

    (notice,) = notices_of(source, target)

    assert "Asia/Tokyo" in notice
    assert "Africa/Tunis" in notice
    assert build.status(target).zone == "Asia/Tokyo"
    assert build.verify(target) == ()


@pytest.mark.parametrize("other", ["{}", "{}/", "{}/../مصدر 1"])
def test_an_index_is_not_copied_into_itself(source: str, other: str) -> None:
    with pytest.raises(SourceError, match="same index"):
        build.migrate(source, other.format(source))


def test_a_link_to_an_index_is_that_index(source: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(source)
    with pytest.raises(SourceError, match="same index"):
        build.migrate(source, str(tmp_path / "link"))


@pytest.mark.parametrize("there", ["nothing", "folder"])
def test_a_missing_source_makes_no_target(target: str, tmp_path: Path, there: str) -> None:
    if there == "folder":
        (tmp_path / "from").mkdir()
    with pytest.raises(IndexMissingError, match="no index at"):
        build.migrate(str(tmp_path / "from"), target)
    assert not Path(target).exists()


def test_an_empty_source_makes_an_empty_target(target: str, tmp_path: Path) -> None:
    with open_writer(str(tmp_path / "from"), create="Africa/Tunis"):
        pass
    calls: list[tuple[int, float]] = []

    assert outcome(build.migrate(str(tmp_path / "from"), target, progress=lambda *now: calls.append(now))) == {}
    assert calls == [(0, 1.0)]
    assert build.status(target).zone == "Africa/Tunis"


def outdate(place: Path) -> None:
    known = manifest.read_manifest(place)
    manifest.write_manifest(place, dataclasses.replace(known, analyzer="0", fingerprint="0" * 64))


def change_format(place: Path) -> None:
    path = place / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": 0}), "utf-8")


def break_manifest(place: Path) -> None:
    (place / MANIFEST_NAME).write_bytes(b"{")


def lose_index(place: Path) -> None:
    shutil.rmtree(place / "segments-0001")


@pytest.mark.parametrize("harm", [outdate, change_format, break_manifest, lose_index])
def test_an_outdated_source_is_copied(source: str, target: str, harm: Callable[[Path], None]) -> None:
    harm(Path(source))

    assert outcome(build.migrate(source, target)) == {"added": 5}
    assert build.status(target).zone == "Africa/Tunis"
    assert build.status(target).up_to_date
    assert build.verify(target) == ()


def test_an_outdated_target_is_refused_with_the_remedy(source: str, target: str) -> None:
    build.migrate(source, target)
    outdate(Path(target))
    with pytest.raises(IndexMismatchError, match="judhur index rebuild"):
        build.migrate(source, target)


def test_a_locked_target_names_the_holder(source: str, target: str) -> None:
    with open_writer(target, create="UTC"), pytest.raises(IndexLockedError, match='"process"'):
        build.migrate(source, target)


def test_a_source_that_is_being_written_is_read(source: str, target: str) -> None:
    with open_writer(source) as writer:
        writer.delete(ids(source)[:1])
        assert outcome(build.migrate(source, target)) == {"added": 5}


def test_articles_go_from_engine_to_engine_and_back(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = installed(MemoryStore(), monkeypatch)

    assert outcome(build.migrate(source, memory.location)) == {"added": 5}
    assert memory.zone().key == "Africa/Tunis"
    assert outcome(build.migrate(memory.location, target)) == {"added": 5}
    assert articles(target) == articles(source)


def test_a_target_that_has_fewer_articles_than_it_took_is_an_error(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = installed(MemoryStore(), monkeypatch)
    monkeypatch.setattr(memory, "count", lambda: 4)
    with pytest.raises(IndexingError, match="1 articles fewer"):
        build.migrate(source, memory.location)


def test_progress_runs_to_the_end(source: str, target: str) -> None:
    calls: list[tuple[int, float]] = []
    build.migrate(source, target, progress=lambda *now: calls.append(now))
    assert calls[-1] == (5, 1.0)
    assert calls == sorted(calls)


KILLED = """
import os, signal, sys
from index import build
build.BATCH_DOCUMENTS = 2
def progress(done, share):
    if done == 4:
        os.kill(os.getpid(), signal.SIGKILL)
build.migrate(sys.argv[1], sys.argv[2], progress=progress)
"""


def test_a_killed_migration_is_resumed(source: str, target: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, source, target], check=False, cwd=SEEDS.parent)
    assert killed.returncode == -signal.SIGKILL

    assert outcome(build.migrate(source, target)) == {"added": 1, "unchanged": 4}
    assert articles(target) == articles(source)
    assert build.verify(target) == ()


def test_documents_include_changes_that_the_index_lacks(
    source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("index.engines.embedded.writer.write_commit_point", broken)
        with pytest.raises(IndexingError):
            build.add_articles(source, [write(tmp_path / "n.jsonl", {"id": "new", "text": "نص"})])
    assert store_of(source).behind() == 1

    assert outcome(build.migrate(source, target)) == {"added": 6}
    assert store_of(source).behind() == 1  # a reader repairs nothing


def test_documents_are_not_collected_in_memory(tmp_path: Path) -> None:
    with open_writer(str(tmp_path), create="UTC"):
        pass
    with contextlib.closing(sqlite3.connect(tmp_path / ARCHIVE_NAME)) as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN SELECT id FROM articles ORDER BY change").fetchall()
    assert not any("TEMP B-TREE" in str(row) for row in plan)
