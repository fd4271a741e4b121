"""Full disks: a small tmpfs, and SQLite limited to the pages that its file has."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.engines import open_writer
from index.errors import IndexingError
from search.engine import Engine
from search.engines import open_engine
from tests.torture import history
from tests.torture.history import Batch, Outcome, State

FORMER: tuple[Batch, ...] = ((("1", 1), ("2", 2), ("3", 3)), (("1", 4), ("2", None)))
BATCH: Batch = (("1", 11), ("3", None), *((str(number), 7 * number) for number in range(10, 30)))

LEFT = range(0, 1_500_000, 20_000)
"""Free bytes on the disk; the smallest number that a commit of `BATCH` needs is in this range."""

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


def test_an_archive_that_cannot_grow_keeps_its_content(tmp_path: Path) -> None:
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
