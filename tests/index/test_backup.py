"""Backups while somebody writes: each is one committed state, complete, verified and sound, or there is none."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from index import backups, build, disk
from index.archive.connections import ReadConnections
from index.archive.reader import Archive
from index.engines import store_of
from index.engines.embedded import copying
from index.errors import (
    IndexingError,
    IndexLockedError,
    IndexMissingError,
    IndexNewerError,
    IndexUnsoundError,
    SourceError,
)
from index.layout import ARCHIVE_NAME, MANIFEST_NAME, directories
from index.manifest import read_current_manifest
from tests.index import version_1
from tests.index.archive.test_connections import NOBODY, ROOT, killed_writer, names
from tests.index.embedded import open_writer
from tests.index.engines.test_generations import damage_array
from tests.index.test_folder import UMASKS, modes, umask
from tests.index.test_pairing import contents
from tests.torture import driver, history, library, processes
from tests.torture.driver import DONE, OPENING, Death
from tests.torture.history import Outcome, State
from tests.torture.places import quick_folder

BACKUPS = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index of several segments with deletions."""
    library.make(str(tmp_path / "index"))
    return tmp_path / "index"


class _Writing:
    """A process that commits and rebuilds without a pause, and is followed by another one when it has ended."""

    def __init__(self, location: str) -> None:
        self._location = location
        self.states: list[State] = [{}]
        """Every state since the beginning, the newest last; the last one may not be committed yet."""
        self._seed = 0

    @contextmanager
    def running(self) -> Iterator[Callable[[], bool]]:
        """Yield a function that takes in what was committed, and returns whether the process still writes."""
        self._seed += 1
        arguments = (self._location, self._seed, self.states[-1], Death())
        with processes.started(driver.drive, *arguments) as (process, pipe):
            assert processes.next_of(pipe)[0] == OPENING

            def take() -> bool:
                while pipe.poll():
                    try:
                        kind, batch = pipe.recv()
                    except EOFError:
                        return False
                    assert kind != "failed", batch
                    if kind == DONE:
                        self.states[-1] = history.after(self.states[-2], batch)
                    else:
                        self.states.append(history.after(self.states[-1], batch))
                return process.is_alive()

            yield take


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder in memory, where a writer commits faster."""
    with quick_folder() as folder:
        yield folder


def test_every_backup_beside_a_writer_is_a_committed_state(scratch: Path) -> None:
    location = str(scratch / "index")
    writing = _Writing(location)
    history.make_index(location, [])
    done = interrupted = 0
    while done < BACKUPS:
        with writing.running() as take:
            while done < BACKUPS and take():
                before = len(writing.states) - 2  # the newest state that was committed when the backup began
                target = scratch / f"backup {done}"
                backups.backup(location, str(target))
                take()
                possible = writing.states[max(before, 0) :]
                interrupted += len(possible) > 2
                finding = history.examine(str(target), possible)
                assert finding.outcome is Outcome.INTACT, finding.detail
                assert history.strays(str(target)) == []
                done += 1
    assert interrupted > BACKUPS // 4, "too little was committed during the backups for this test to prove anything"


def test_a_backup_has_the_answers_of_the_index(folder: Path, tmp_path: Path) -> None:
    before = contents(folder)
    report = backups.backup(str(folder), str(tmp_path / "backup"))
    assert contents(folder) == before
    assert library.ask(str(tmp_path / "backup")) == library.ask(str(folder))
    status = build.status(str(folder))
    assert (report.documents, report.generation, report.outdated) == (status.documents, status.generation, "")
    assert report.size_bytes == build.status(str(tmp_path / "backup")).size_bytes


def test_a_backup_shares_no_file_with_the_index(folder: Path, tmp_path: Path) -> None:
    backups.backup(str(folder), str(tmp_path / "backup"))
    paths = [*folder.rglob("*"), *(tmp_path / "backup").rglob("*")]
    assert {path.stat().st_nlink for path in paths if path.is_file()} == {1}


def test_a_backup_has_what_a_crash_kept_from_the_index(folder: Path, tmp_path: Path) -> None:
    with killed_writer(folder):
        (newest, *_) = sorted(folder.rglob("*.toc"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        newest.unlink()  # as if it had been killed before its last step
        assert store_of(str(folder)).behind() > 0
    backups.backup(str(folder), str(tmp_path / "backup"))
    assert store_of(str(tmp_path / "backup")).behind() == 0
    assert store_of(str(tmp_path / "backup")).count() == 39


def test_articles_of_a_commit_during_the_copying_are_in_the_backup(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Archive.copy_to

    def commit_first(archive: Archive, *arguments: object) -> None:
        with open_writer(str(folder)) as writer:
            for number in (70, 71):
                writer.add([library.article(number)])
                writer.commit()
            history.rebuild(writer)  # removes the files that are being copied
        copy(archive, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Archive, "copy_to", commit_first)
    backups.backup(str(folder), str(tmp_path / "backup"))
    assert library.ask(str(tmp_path / "backup")) == library.ask(str(folder))


def test_a_rebuild_between_the_files_and_the_manifest_is_noticed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilds = iter(range(2))
    open_file = Path.open

    def rebuild_first(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == folder / MANIFEST_NAME and arguments == ("rb",) and next(rebuilds, None) is not None:
            with open_writer(str(folder)) as writer:
                history.rebuild(writer)
        return open_file(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", rebuild_first)
    backups.backup(str(folder), str(tmp_path / "backup"))
    assert next(rebuilds, None) is None
    assert library.ask(str(tmp_path / "backup")) == library.ask(str(folder))


def test_an_index_that_is_always_rebuilt_gives_no_backup(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "ATTEMPTS", 3)
    manifest = read_current_manifest
    numbers = iter(range(100))
    changing = lambda path: dataclasses.replace(manifest(path), analyzer=str(next(numbers)))  # noqa: E731
    monkeypatch.setattr(copying, "read_current_manifest", changing)
    with pytest.raises(IndexLockedError, match="rebuilt again and again"):
        backups.backup(str(folder), str(tmp_path / "backup"))
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize(("mask", "folders", "files"), UMASKS)
def test_others_cannot_read_a_backup(folder: Path, tmp_path: Path, mask: int, folders: int, files: int) -> None:
    target = tmp_path / "backups" / "monday"
    with umask(mask):
        backups.backup(str(folder), str(target))
    assert modes(tmp_path / "backups") == ({folders}, {files})


BACKING_UP = """
import os, sys
sys.path.insert(0, {root!r})
from index import backups, build
backups.backup({copy!r}, {copy!r} + " of the copy")  # imports what it needs, which the other user may not read
os.setgid({user}); os.setuid({user})
backups.backup({location!r}, {target!r})
print(build.status({target!r}).documents, len(build.verify({target!r})))
"""


def test_a_user_who_may_read_the_index_backs_it_up(folder: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("takes the right to become another user")
    own = tmp_path / "own"
    own.mkdir()
    os.chown(own, NOBODY, NOBODY)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, -1, NOBODY)
    for parent in folder.parents:
        if parent.is_relative_to("/tmp") and parent != Path("/tmp"):  # noqa: S108 - pytest's folders are private
            parent.chmod(parent.stat().st_mode | 0o755)
    before = names(folder)
    copy, target = shutil.copytree(folder, tmp_path / "copy"), own / "backup"
    source = BACKING_UP.format(root=str(ROOT), user=NOBODY, location=str(folder), copy=str(copy), target=str(target))
    run = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["38", "0"], run.stderr
    assert names(folder) == before


def test_a_reader_without_rights_tries_again_when_a_writer_changed_the_articles(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReadConnections, "_protected", lambda _: None)
    numbers = iter((80, 81))
    copied: list[float] = []
    copy = Archive.copy_to

    def commit_meanwhile(archive: Archive, target: Path, progress: Callable[[float], None]) -> None:
        def commit(fraction: float) -> None:
            copied.append(fraction)
            if number := next(numbers, None):
                with open_writer(str(folder)) as writer:
                    writer.add([library.article(number)])
                    writer.commit()
            progress(fraction)

        copy(archive, target, commit)

    monkeypatch.setattr(Archive, "copy_to", commit_meanwhile)
    backups.backup(str(folder), str(tmp_path / "backup"))
    assert len(copied) == 3
    assert library.ask(str(tmp_path / "backup")) == library.ask(str(folder))


def refusals(folder: Path, tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield pairs of an index and a place for its backup that are refused, with words of the reason."""
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("")
    (tmp_path / "link").symlink_to(folder)
    yield str(folder), str(folder), "the same folder"
    yield str(folder), f"{tmp_path / 'link'}", "the same folder"
    yield str(folder), str(folder / "backups" / "monday"), "lies in"
    yield str(folder), str(tmp_path), "lies in"
    yield str(folder), str(tmp_path / "file"), "is a file"
    yield str(folder), str(tmp_path / "full"), "is not empty"
    yield str(folder), "opensearch+http://localhost:9200/articles", "a backup is a folder"
    yield str(folder), "s3://bucket/judhur", "a backup is a folder"
    yield str(folder), "", "needs the name"
    yield "opensearch+http://localhost:9200/articles", str(tmp_path / "backup"), "snapshots.*run-on-opensearch"
    yield str(tmp_path / "nowhere"), str(tmp_path / "backup"), "no index at"
    yield str(tmp_path / "full"), str(tmp_path / "backup"), "no index at"


def test_backups_that_cannot_be_made_are_refused_with_the_reason(folder: Path, tmp_path: Path) -> None:
    for location, target, reason in refusals(folder, tmp_path):
        before = names(tmp_path)
        with pytest.raises((SourceError, IndexMissingError), match=reason):
            backups.backup(location, target)
        assert names(tmp_path) == before


def test_an_empty_folder_becomes_the_backup(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    backups.backup(str(folder), str(tmp_path / "backup"))
    assert build.verify(str(tmp_path / "backup")) == ()


def damage(path: Path) -> None:
    """Change the third of a file in its middle."""
    data = bytearray(path.read_bytes())
    count = len(data) // 3
    for index in range((len(data) - count) // 2, (len(data) + count) // 2):
        data[index] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("what", ["*.seg", "*.toc", MANIFEST_NAME, ARCHIVE_NAME])
@pytest.mark.parametrize("lost", [False, True])
def test_a_damaged_index_gives_no_backup(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, *, lost: bool
) -> None:
    monkeypatch.setattr(copying, "PAUSE", 0.001)
    (path, *_) = sorted(folder.rglob(what), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    if lost:
        path.unlink()
        if what == "*.toc":
            for other in folder.rglob(what):
                other.unlink()
    else:
        damage(path)
    with pytest.raises(IndexingError) as refused:
        backups.backup(str(folder), str(tmp_path / "backup"))
    told = "\n".join((*getattr(refused.value, "problems", ()), str(refused.value)))
    assert "judhur index" in told or "from a backup" in told
    assert "partial" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_all_problems_are_told(folder: Path, tmp_path: Path) -> None:
    for path in folder.rglob("*.seg"):
        damage_array(path, "tokens")  # it is read in part, so that the file still opens
    archive = folder / ARCHIVE_NAME
    archive.write_bytes(archive.read_bytes().replace("سوق".encode(), "سوف".encode(), 1))
    with pytest.raises(IndexUnsoundError) as refused:
        backups.backup(str(folder), str(tmp_path / "backup"))
    told = "\n".join(refused.value.problems)
    assert all(str(path) in told for path in (folder / ARCHIVE_NAME, *folder.rglob("*.seg")))
    assert all(str(folder) in problem for problem in refused.value.problems)


def write_manifest(folder: Path, **changed: object) -> None:
    path = folder / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changed), "utf-8")


def test_the_articles_of_another_format_are_backed_up(folder: Path, tmp_path: Path) -> None:
    write_manifest(folder, format=1)
    target = tmp_path / "backup"
    report = backups.backup(str(folder), str(target))
    assert "judhur index rebuild" in report.outdated
    assert (report.documents, report.generation, directories(target)) == (38, "", [])
    build.rebuild(str(target))
    build.rebuild(str(folder))
    assert library.ask(str(target)) == library.ask(str(folder))


def test_an_index_of_version_1_is_backed_up_as_it_is(tmp_path: Path) -> None:
    index = version_1.copy_to(tmp_path / "index")
    report = backups.backup(str(index), str(tmp_path / "backup"))
    assert "judhur index rebuild" in report.outdated
    assert report.documents == len(version_1.documents())
    build.rebuild(str(tmp_path / "backup"))
    assert {document.id: document for document in store_of(str(tmp_path / "backup")).documents()} == (
        version_1.documents()
    )


def test_damaged_articles_of_another_format_give_no_backup(folder: Path, tmp_path: Path) -> None:
    write_manifest(folder, format=1)
    damage(folder / ARCHIVE_NAME)
    with pytest.raises(IndexingError, match=r"problems|not a sound archive"):
        backups.backup(str(folder), str(tmp_path / "backup"))
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_articles_of_a_newer_version_are_refused(folder: Path, tmp_path: Path) -> None:
    set_version(folder, 99)
    with pytest.raises(IndexNewerError, match="use the newer one"):
        backups.backup(str(folder), str(tmp_path / "backup"))


def set_version(folder: Path, version: int) -> None:
    """Write the version of the archive into the file's header."""
    with (folder / ARCHIVE_NAME).open("r+b") as file:
        file.seek(60)
        file.write(version.to_bytes(4, "big"))


def test_a_disk_without_room_is_refused_before_anything_is_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    monkeypatch.setattr(disk, "NewFile", None)
    with pytest.raises(IndexingError, match=r"takes [0-9,]+ bytes.* has 10,000 free"):
        backups.backup(str(folder), str(tmp_path / "backup"))
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_leftovers_of_killed_backups_are_removed_and_running_backups_are_not(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "backups" / "tuesday"
    dead = tmp_path / "backups" / "monday.partial-0123456789abcdef"
    others = [tmp_path / "backups" / "monday", tmp_path / "backups" / "x.partial-5"]
    for path in (dead, *others):
        path.mkdir(parents=True)
        (path / "file").write_text("")
    kept: list[str] = []

    def second(documents: int, fraction: float) -> None:
        del documents
        if fraction == 1.0 and not kept:
            kept.append("")
            backups.backup(str(folder), str(tmp_path / "backups" / "wednesday"))
            kept.extend(path.name for path in target.parent.iterdir() if path.name.startswith("tuesday.partial-"))

    backups.backup(str(folder), str(target), progress=second)
    assert len(kept) == 2, "the second backup removed the first one"
    assert sorted(path.name for path in target.parent.iterdir()) == ["monday", "tuesday", "wednesday", "x.partial-5"]
    assert build.verify(str(target)) == ()


def test_the_progress_ends_with_all_of_it(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[int, float]] = []
    backups.backup(str(folder), str(tmp_path / "backup"), progress=lambda *values: told.append(values))
    assert told == sorted(told)
    assert told[-1] == (38, 1.0)


def test_a_writer_does_not_wait_for_a_backup(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The articles are copied in a read transaction; a commit in the midst of it takes no longer for that."""
    copying_now, go_on = threading.Event(), threading.Event()
    backup = Archive.copy_to

    def slow(archive: Archive, target: Path, progress: Callable[[float], None]) -> None:
        def wait(fraction: float) -> None:
            copying_now.set()
            assert go_on.wait(60)
            progress(fraction)

        backup(archive, target, wait)

    monkeypatch.setattr(Archive, "copy_to", slow)
    thread = threading.Thread(target=backups.backup, args=(str(folder), str(tmp_path / "backup")))
    thread.start()
    try:
        assert copying_now.wait(60)
        began = time.monotonic()
        writer = open_writer(str(folder))
        writer.add([library.article(90)])
        writer.commit()
        assert time.monotonic() - began < 10
        writer.close()
    finally:
        go_on.set()
        thread.join()
    assert store_of(str(tmp_path / "backup")).count() == 38
    assert store_of(str(folder)).count() == 39
