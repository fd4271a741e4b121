"""Restoring a backup: the index is what the backup was, the folder stays, and nobody gets half of it."""

from __future__ import annotations

import dataclasses
import random
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import backups, build, disk, manifest
from index.archive import connections
from index.archive.reader import Archive
from index.engines import store_of
from index.errors import (
    IndexInconsistentError,
    IndexingError,
    IndexLockedError,
    IndexMissingError,
    IndexNewerError,
    IndexUnsoundError,
    SourceError,
)
from index.layout import ARCHIVE_NAME, MANIFEST_NAME, STAGED_NAME, VERIFICATION_NAME, directories
from search.engine import Searcher
from search.engines import open_engine
from search.errors import EngineUnavailableError, SnapshotExpiredError
from tests.index import version_1
from tests.index.archive.test_connections import killed_writer
from tests.index.embedded import open_writer
from tests.index.engines.test_generations import damage_array
from tests.index.test_backup import damage, set_version, write_manifest
from tests.index.test_folder import UMASKS, modes, umask
from tests.index.test_pairing import contents
from tests.torture import history, library

OTHERS = 7
"""Articles of another index."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index that has gone on since its backup."""
    folder = tmp_path / "index"
    library.make(str(folder))
    backups.backup(str(folder), str(tmp_path / "backup"))
    with open_writer(str(folder)) as writer:
        writer.add(library.article(number, 3) for number in range(5, 45))
        writer.delete(["001"])
        writer.commit()
    return folder


@pytest.fixture
def backup(folder: Path) -> Path:
    return folder.with_name("backup")


def make_other(folder: Path) -> Path:
    with open_writer(str(folder), create="UTC") as writer:
        writer.add(library.article(number, 9) for number in range(OTHERS))
        writer.commit()
    return folder


def check_restored(folder: Path, backup: Path) -> None:
    assert library.ask(str(folder)) == library.ask(str(backup))
    assert build.verify(str(folder)) == ()
    assert len(directories(folder)) == 1
    left = {path.name for path in folder.iterdir()} - {directories(folder)[0][1].name}
    assert left - {VERIFICATION_NAME} == {ARCHIVE_NAME, MANIFEST_NAME, "writer.lock"}


def test_a_restored_index_is_what_the_backup_is(folder: Path, backup: Path) -> None:
    before = contents(backup)
    report = backups.restore(str(backup), str(folder), replace=True)
    check_restored(folder, backup)
    assert contents(backup) == before
    status = build.status(str(folder))
    assert (report.documents, report.generation, report.outdated) == (status.documents, status.generation, "")
    assert report.size_bytes == status.size_bytes


def test_a_backup_is_restored_where_there_was_nothing(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "srv" / "new"
    backups.restore(str(backup), str(target))
    check_restored(target, backup)


@settings(max_examples=8)
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(0, 6))
def test_backup_and_restore_keep_documents_hashes_and_answers(seed: int, commits: int, later: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    with tempfile.TemporaryDirectory() as base:
        index, backup = f"{base}/index", f"{base}/backup"
        state = history.make_index(index, [])
        state = _commit(index, chance, state, commits)
        documents = {document.id: document.content_hash() for document in store_of(index).documents()}
        answers = library.ask(index)
        backups.backup(index, backup)
        _commit(index, chance, state, later)
        backups.restore(backup, index, replace=True)
        assert {document.id: document.content_hash() for document in store_of(index).documents()} == documents
        assert library.ask(index) == answers
        assert history.examine(index, [state]).detail == ""


def _commit(location: str, chance: random.Random, state: history.State, count: int) -> history.State:
    with open_writer(location) as writer:
        for _ in range(count):
            batch = history.random_batch(chance, state)
            history.write(writer, batch)
            writer.commit()
            state = history.after(state, batch)
    return state


def test_writers_go_on_after_a_restore_and_the_same_backup_can_be_restored_again(folder: Path, backup: Path) -> None:
    for version in (5, 6):
        backups.restore(str(backup), str(folder), replace=True)
        with open_writer(str(folder)) as writer:
            writer.add([library.article(1, version)])
            writer.commit()
        assert build.verify(str(folder)) == ()
    backups.restore(str(backup), str(folder), replace=True)
    check_restored(folder, backup)


@contextmanager
def searching(engine: Callable[[Callable[[Searcher], None]], None]) -> Iterator[list[str]]:
    """Search in four threads while the context lasts; yield the list that collects what is wrong."""
    faults: list[str] = []
    ended = threading.Event()

    def run() -> None:
        def ask(searcher: Searcher) -> None:
            answers.append(library.answers(searcher))

        answers: list[list[str]] = []
        while not ended.is_set():
            try:
                engine(ask)
            except SnapshotExpiredError:
                continue  # the service takes another snapshot
            except EngineUnavailableError as error:
                if "is under way" not in str(error):
                    faults.append(str(error))
        seen.append({"".join(answer) for answer in answers})

    seen: list[set[str]] = []
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield faults
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    faults.extend(answer for answers in seen for answer in answers)


def answers_of(folder: Path) -> str:
    with closing(open_engine(str(folder))) as engine, engine.searcher() as searcher:
        return "".join(library.answers(searcher))


def test_a_running_engine_follows_and_answers_from_one_of_the_two(folder: Path, backup: Path, tmp_path: Path) -> None:
    other = make_other(tmp_path / "other")
    allowed = {answers_of(folder), answers_of(backup), answers_of(other)}
    assert len(allowed) == 3
    with closing(open_engine(str(folder))) as engine:

        def ask(use: Callable[[Searcher], None]) -> None:
            with engine.searcher() as searcher:
                use(searcher)

        with searching(ask) as seen:
            for source in (backup, other, backup, other):
                backups.restore(str(source), str(folder), replace=True)
                with engine.searcher() as searcher:
                    assert "".join(library.answers(searcher)) == answers_of(source)
    assert set(seen) <= allowed, set(seen) - allowed
    assert len(set(seen)) > 1


def test_an_engine_that_read_the_log_of_a_writer_follows(folder: Path, backup: Path) -> None:
    """Its connections to the old articles are open during the restore, with their log."""
    with killed_writer(folder), closing(open_engine(str(folder))) as engine:
        with engine.searcher() as searcher:
            library.answers(searcher)
        backups.restore(str(backup), str(folder), replace=True)
        with engine.searcher() as searcher:
            assert "".join(library.answers(searcher)) == answers_of(backup)
    check_restored(folder, backup)


def test_articles_are_kept_without_the_option_and_the_message_says_what_would_be_lost(
    folder: Path, backup: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    other = make_other(tmp_path / "other")
    backups.backup(str(folder), str(later))
    branch = Path(shutil.copytree(backup, tmp_path / "branch"))
    with open_writer(str(branch)) as writer:
        writer.add([library.article(number, 8) for number in range(45)])
        writer.commit()
    for target, source, loss in (
        (folder, backup, "43 articles, with 41 changes that the backup lacks"),
        (folder, other, "43 articles, which are those of another index"),
        (folder, branch, "43 articles, which have gone another way"),
        (folder, later, "43 articles, which are those of the backup"),
        (backup, later, "38 articles, all of which the backup has, with 41 later changes"),
    ):
        before = contents(target)
        with pytest.raises(SourceError, match=loss) as refused:
            backups.restore(str(source), str(target))
        assert f"`judhur index restore {source} --replace --index {target}`" in str(refused.value)
        assert contents(target) == before


def test_an_index_without_articles_needs_no_option(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "empty"
    open_writer(str(target), create="UTC").close()
    backups.restore(str(backup), str(target))
    check_restored(target, backup)


def break_archive(folder: Path) -> None:
    damage(folder / ARCHIVE_NAME)


def break_header(folder: Path) -> None:
    (folder / ARCHIVE_NAME).write_bytes(b"no database" * 1000)


def break_log(folder: Path) -> None:
    with killed_writer(folder):
        damage(Path(f"{folder / ARCHIVE_NAME}-wal"))


def lose_manifest(folder: Path) -> None:
    (folder / MANIFEST_NAME).unlink()


def lose_segments(folder: Path) -> None:
    shutil.rmtree(directories(folder)[0][1])


def be_newer(folder: Path) -> None:
    set_version(folder, 99)


def be_of_version_1(folder: Path) -> None:
    shutil.rmtree(folder)
    version_1.copy_to(folder)


@pytest.mark.parametrize(
    "breaking",
    [break_archive, break_header, break_log, lose_manifest, lose_segments, be_newer, be_of_version_1],
)
def test_a_broken_index_is_replaced_with_the_option_alone(
    breaking: Callable[[Path], None], folder: Path, backup: Path
) -> None:
    breaking(folder)
    with pytest.raises(SourceError, match="--replace"):
        backups.restore(str(backup), str(folder))
    backups.restore(str(backup), str(folder), replace=True)
    check_restored(folder, backup)


def test_an_index_that_lost_its_articles_gets_those_of_the_backup(folder: Path, backup: Path) -> None:
    (folder / ARCHIVE_NAME).unlink()
    backups.restore(str(backup), str(folder))
    check_restored(folder, backup)


def test_the_log_of_damaged_articles_does_not_reach_the_restored_ones(folder: Path, backup: Path) -> None:
    with killed_writer(folder):
        (folder / ARCHIVE_NAME).write_bytes(b"no database" * 1000)
    backups.restore(str(backup), str(folder), replace=True)
    check_restored(folder, backup)


def test_a_damaged_backup_changes_nothing(folder: Path, backup: Path) -> None:
    for path in backup.rglob("*.seg"):
        damage_array(path, "tokens")
    before = contents(folder)
    with pytest.raises(IndexUnsoundError) as refused:
        backups.restore(str(backup), str(folder), replace=True)
    assert all(str(backup) in problem for problem in refused.value.problems)
    assert contents(folder) == before


def test_restores_that_cannot_be_made_are_refused_with_the_reason(folder: Path, backup: Path, tmp_path: Path) -> None:
    cluster = "opensearch+http://localhost:9200/articles"
    (tmp_path / "file").write_text("")
    for source, target, reason in (
        (folder, folder, "the same folder"),
        (folder, folder / "inner", "lies in"),
        (backup, tmp_path, "lies in"),
        (cluster, folder, "snapshots.*run-on-opensearch"),
        (backup, cluster, "snapshots.*run-on-opensearch"),
        ("https://example.org/backup", folder, "no engine"),
        (tmp_path / "file", folder, "is a file"),
        (backup, tmp_path / "file", "is a file"),
        (tmp_path / "nowhere", folder, "no index at .*nowhere"),
        (tmp_path / "nowhere", tmp_path / "target", "no index at .*nowhere"),
    ):
        before = contents(tmp_path)
        with pytest.raises((SourceError, IndexMissingError), match=reason):
            backups.restore(str(source), str(target), replace=True)
        assert contents(tmp_path) == before
    assert not (tmp_path / "target").exists()


def test_a_backup_of_a_newer_judhur_is_refused(folder: Path, backup: Path) -> None:
    set_version(backup, 99)
    before = contents(folder)
    with pytest.raises(IndexNewerError, match=f"{backup}.*use the newer one"):
        backups.restore(str(backup), str(folder), replace=True)
    assert contents(folder) == before


@pytest.mark.parametrize("changed", [{"format": 1}, {"fingerprint": "0", "analyzer": "0"}])
def test_a_backup_that_has_to_be_rebuilt_is_restored_and_says_so(
    changed: dict[str, object], folder: Path, backup: Path
) -> None:
    expected = library.ask(str(backup))
    if "format" in changed:
        write_manifest(backup, **changed)
    else:
        change_analyzer(backup)
    report = backups.restore(str(backup), str(folder), replace=True)
    assert "judhur index rebuild" in report.outdated
    assert report.documents == 38
    build.rebuild(str(folder))
    assert library.ask(str(folder)) == expected


def change_analyzer(folder: Path) -> None:
    """Let another analyzer have built the index."""
    manifest.write_manifest(
        folder, dataclasses.replace(manifest.read_manifest(folder), fingerprint="0" * 64, analyzer="0")
    )


def test_a_writer_keeps_a_restore_out(folder: Path, backup: Path) -> None:
    with open_writer(str(folder)), pytest.raises(IndexLockedError, match="is being written by"):
        backups.restore(str(backup), str(folder), replace=True)


def test_a_live_index_is_restored_as_of_one_commit(folder: Path, tmp_path: Path) -> None:
    with open_writer(str(folder)) as writer:
        writer.add([library.article(88)])
        writer.commit()
        writer.add([library.article(89)])
        backups.restore(str(folder), str(tmp_path / "second"))
    assert library.ask(str(tmp_path / "second")) == library.ask(str(folder))


@pytest.mark.parametrize(("mask", "folders", "files"), UMASKS)
def test_others_cannot_read_a_restored_index_and_the_folder_keeps_its_mode(
    folder: Path, backup: Path, mask: int, folders: int, files: int
) -> None:
    folder.chmod(0o2775)
    inode = folder.stat().st_ino
    with umask(mask):
        backups.restore(str(backup), str(folder), replace=True)
    assert (folder.stat().st_ino, stat.S_IMODE(folder.stat().st_mode)) == (inode, 0o2775)
    found, (others) = modes(folder)
    assert found <= {folders | 0o2000, 0o2775}
    assert others <= {files, 0o640}  # the lock was there before


def test_a_folder_that_is_a_mount_point_or_a_link_stays_one(folder: Path, backup: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    backups.restore(str(backup), str(link), replace=True)
    assert link.is_symlink()
    check_restored(folder, backup)


def test_a_disk_without_room_is_refused_before_anything_is_changed(
    folder: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(folder)._replace(free=10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    before = contents(folder)
    with pytest.raises(IndexingError, match=r"takes [0-9,]+ bytes.* has 10,000 free"):
        backups.restore(str(backup), str(folder), replace=True)
    assert contents(folder) == before
    assert not (folder / STAGED_NAME).exists()


def test_a_reader_that_needs_the_old_log_for_too_long_stops_a_restore(
    folder: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.1)
    with killed_writer(folder), closing(Archive(folder)) as archive:
        reading = archive.documents()
        next(reading)
        with pytest.raises(IndexingError, match=r"is being read.*nothing was changed"):
            backups.restore(str(backup), str(folder), replace=True)
        assert build.verify(str(folder)) == ()
        assert store_of(str(folder)).count() == 44
        reading.close()  # type: ignore[attr-defined]
    backups.restore(str(backup), str(folder), replace=True)
    check_restored(folder, backup)


def test_an_interrupted_restore_is_refused_by_all_and_completed_by_the_same_command(
    folder: Path, backup: Path, tmp_path: Path
) -> None:
    other = make_other(tmp_path / "other")
    manifest.close_for_restore(folder, backup)
    (folder / STAGED_NAME).mkdir()
    messages = refusals_of_all(folder, tmp_path)
    for message in messages:
        assert f"`judhur index restore {backup} --replace --index {folder}`" in message
        assert "judhur index rebuild" in message
    with pytest.raises(SourceError, match="43 articles, which are those of another index"):
        backups.restore(str(other), str(folder))
    backups.restore(str(backup), str(folder))  # it was allowed to replace the articles once
    check_restored(folder, backup)


def refusals_of_all(folder: Path, tmp_path: Path) -> list[str]:
    messages = refusals_or_errors(folder)
    with pytest.raises(IndexInconsistentError) as refused:
        backups.backup(str(folder), str(tmp_path / "another"))
    return [*messages, str(refused.value)]


def refusals_or_errors(folder: Path) -> list[str]:
    with pytest.raises(IndexInconsistentError) as verified:
        build.verify(str(folder))
    ways: tuple[Callable[[], object], ...] = (
        lambda: build.status(str(folder)),
        lambda: store_of(str(folder)).behind(),
        lambda: build.add_articles(str(folder), [Path("seeds")]),
        lambda: build.delete_articles(str(folder), ["001"]),
        lambda: store_of(str(folder)).catch_up(),
        lambda: open_engine(str(folder)).close(),
    )
    messages = [str(verified.value)]
    for way in ways:
        with pytest.raises((IndexingError, EngineUnavailableError)) as refused:
            way()
        messages.append(str(refused.value))
    return messages


def test_a_rebuild_keeps_the_articles_that_an_interrupted_restore_left(folder: Path, backup: Path) -> None:
    expected = library.ask(str(folder))
    manifest.close_for_restore(folder, backup)
    (folder / STAGED_NAME).mkdir()
    build.rebuild(str(folder))
    assert library.ask(str(folder)) == expected
    assert not (folder / STAGED_NAME).exists()


def test_an_error_of_the_disk_says_whether_the_old_index_is_there(
    folder: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for broken, told in ((ARCHIVE_NAME, "is not complete: run it again"), ("segments", "is as it was before")):
        _fail_to_rename(monkeypatch, broken)
        with pytest.raises(IndexingError, match=told):
            backups.restore(str(backup), str(folder), replace=True)
        monkeypatch.undo()
        if broken == ARCHIVE_NAME:
            backups.restore(str(backup), str(folder), replace=True)
        check_restored(folder, backup)


def _fail_to_rename(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    rename = disk.rename

    def failing(old: Path, new: Path) -> None:
        if old.name.startswith(name) and old.parent.name == STAGED_NAME:
            raise OSError(5, "Input/output error", str(new))
        rename(old, new)

    monkeypatch.setattr(disk, "rename", failing)
