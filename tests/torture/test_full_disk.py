"""Full disks: a small tmpfs, and SQLite limited to the pages that its file has."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from index import backups
from index.archive.migrations import newest_version
from index.errors import IndexingError
from index.layout import ARCHIVE_NAME
from search.engine import Engine
from search.engines import open_engine
from tests.index import version_1
from tests.index.archive.test_upgrade import copies, held
from tests.index.embedded import open_writer
from tests.torture import history
from tests.torture.history import Batch, Outcome, State

FORMER: tuple[Batch, ...] = ((("1", 1), ("2", 2), ("3", 3)), (("1", 4), ("2", None)))
BATCH: Batch = (("1", 11), ("3", None), *((str(number), 7 * number) for number in range(10, 30)))

LEFT = range(0, 1_500_000, 20_000)
"""Free bytes on the disk; the smallest number that a commit of `BATCH` needs is in this range."""

UPGRADE_LEFT = range(8_192, 160_000, 8_192)
"""The same for an upgrade of the archive of version 1, whose copy takes 57,344; the lock takes a page."""

COPY_LEFT = range(0, 320_000, 16_384)
"""The same for a backup or a restore of an index of the articles of `FORMER`."""

FITTING = 3
"""Successful commits after which the test ends."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this user cannot mount a tmpfs: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Fill a disk until `left` bytes, in whole pages, are free; return the file that fills it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            file.truncate(max(0, file.tell() - left))
    return ballast


def try_commit(location: str) -> str:
    """Commit `BATCH`; return the message of the error, empty if there was none."""
    try:
        with open_writer(location) as writer:
            history.write(writer, BATCH)
            writer.commit()
    except IndexingError as error:
        return str(error)
    return ""


def state_of(engine: Engine) -> State:
    with engine.searcher() as searcher:
        return history.held(searcher)


def check(location: str, possible: list[State]) -> None:
    finding = history.examine(location, possible)
    assert finding.outcome is Outcome.INTACT, finding.detail


def test_a_full_disk_only_fails_the_commit(disk: Path, tally: Counter[str]) -> None:
    refused = fitted = 0
    for left in LEFT:
        location = str(disk / str(left))
        old = history.make_index(location, FORMER)
        engine = open_engine(location)
        assert state_of(engine) == old  # this read also allocates SQLite's shared memory, before the disk is full
        ballast = fill(disk, left)
        error = try_commit(location)
        assert state_of(engine) in ([old, history.after(old, BATCH)] if error else [history.after(old, BATCH)]), (
            left,
            error,
        )
        ballast.unlink()
        check(location, [old, history.after(old, BATCH)] if error else [history.after(old, BATCH)])
        assert try_commit(location) == ""
        engine.close()
        check(location, [history.after(old, BATCH)])
        subprocess.run(["rm", "-r", location], check=True)
        tally["commits that found the disk full"] += bool(error)
        refused += bool(error)
        fitted += not error
        if fitted == FITTING:
            break
    assert refused, "no commit failed: start LEFT with fewer bytes"
    assert fitted == FITTING, "too few commits fitted: end LEFT with more bytes"


def test_an_upgrade_that_finds_the_disk_full_changes_nothing(disk: Path, tally: Counter[str]) -> None:
    refused = 0
    for left in UPGRADE_LEFT:
        folder = version_1.copy_to(disk / "index")
        with closing(sqlite3.connect(folder / ARCHIVE_NAME)) as reader:
            reader.execute("SELECT count(*) FROM articles").fetchone()  # SQLite has the shared memory that it takes
            ballast = fill(disk, left)
            try:
                open_writer(str(folder), rebuilding=True).close()
            except IndexingError:
                refused += 1
                version = 0
            else:
                version = newest_version()
            assert reader.execute("PRAGMA user_version").fetchone()[0] == version, left
        ballast.unlink()
        open_writer(str(folder), rebuilding=True).close()
        assert held(folder) == version_1.documents()
        assert copies(folder) == []
        subprocess.run(["rm", "-r", str(folder)], check=True)
    tally["upgrades that found the disk full"] += refused
    assert 0 < refused < len(UPGRADE_LEFT), "the sizes miss the mark"


def try_to_copy(copy: Callable[[], object]) -> str:
    """Back up or restore; return the message of the error, empty if there was none."""
    try:
        copy()
    except IndexingError as error:
        return str(error)
    return ""


def test_a_backup_that_finds_the_disk_full_leaves_nothing(disk: Path, tmp_path: Path, tally: Counter[str]) -> None:
    index, target = str(tmp_path / "index"), disk / "backup"
    state = history.make_index(index, FORMER)
    refused = 0
    with unnoticed():
        for left in COPY_LEFT:
            ballast = fill(disk, left)
            error = try_to_copy(lambda: backups.backup(index, str(target)))
            done = not error
            assert done or "free some" in error or "free the disk" in error
            assert target.exists() == done, left
            assert not done or history.examine(str(target), [state]).outcome is Outcome.INTACT, left
            refused += not done
            ballast.unlink()
            subprocess.run(["rm", "-rf", str(target)], check=True)
            assert list(disk.iterdir()) == [], left
    tally["backups that found the disk full"] += refused
    assert 0 < refused < len(COPY_LEFT), "the sizes miss the mark"


def test_a_restore_that_finds_the_disk_full_leaves_the_old_index(
    disk: Path, tmp_path: Path, tally: Counter[str]
) -> None:
    index, backup = str(disk / "index"), str(tmp_path / "backup")
    new = history.make_index(str(tmp_path / "index"), FORMER)
    backups.backup(str(tmp_path / "index"), backup)
    refused = 0
    with unnoticed():
        for left in COPY_LEFT:
            old = history.make_index(index, [BATCH])
            ballast = fill(disk, left)
            error = try_to_copy(lambda: backups.restore(backup, index, replace=True))
            done = not error
            assert done or "free some" in error or "free the disk" in error
            ballast.unlink()
            check(index, [new if done else old])
            assert not list(Path(index).glob("*.partial")), left
            refused += not done
            subprocess.run(["rm", "-r", index], check=True)
    tally["restores that found the disk full"] += refused
    assert 0 < refused < len(COPY_LEFT), "the sizes miss the mark"


@contextmanager
def unnoticed() -> Iterator[None]:
    """Let the disk be full without being noticed before it is written, as when another program fills it meanwhile."""
    room = shutil.disk_usage("/")._replace(free=1 << 40)
    with mock.patch.object(shutil, "disk_usage", return_value=room):
        yield


def test_an_archive_that_cannot_grow_keeps_what_it_has(tmp_path: Path) -> None:
    location = str(tmp_path / "index")
    old = history.make_index(location, FORMER)
    with open_writer(location) as writer:
        connection = writer.archive._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(IndexingError, match="full"):
            history.write(writer, [(str(number), 7 * number) for number in range(100, 400)])
        writer.rollback()
        connection.execute("PRAGMA max_page_count = 1000000")
        history.write(writer, BATCH)
        writer.commit()
    check(location, [history.after(old, BATCH)])
