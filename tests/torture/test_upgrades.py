"""Upgrades of an archive killed at every operation, at every statement and at any moment: no article is lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from index.archive import migrations
from index.archive import upgrade as upgrading
from index.archive.connections import ArchiveConnection
from index.archive.database import connect
from index.archive.migrations import newest_version
from index.errors import IndexingError
from index.layout import ARCHIVE_NAME
from tests.index import version_1
from tests.index.archive.test_upgrade import LATER, copies, expected, held
from tests.index.embedded import open_writer
from tests.torture import power, processes
from tests.torture.planting import HINT, Operation, intercepted
from tests.torture.power import Disk, Refused

SECONDS = 0.06
"""Time within which an upgrade is killed from outside."""


def upgrade(pipe: Connection, location: str, last: int, root: Path | None) -> None:
    """Upgrade an archive by the steps of a later release, and die before event `last`; 0 only counts the events.

    An event is an operation of index/disk.py or a statement of SQLite. With a `root` the power of that file system goes
    first. Sends how many events there were, when it lives.
    """
    migrations.STEPS = LATER
    events = 0

    def event(_: Operation | str) -> None:
        nonlocal events
        events += 1
        if events == last:
            if root is not None:
                power.cut(root)
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(path: Path) -> ArchiveConnection:
        connection = connect(path)
        connection.set_trace_callback(event)
        return connection

    upgrading.connect = traced  # type: ignore[attr-defined]
    pipe.send(0)
    with contextlib.suppress(IndexingError), intercepted(event):
        open_writer(location, rebuilding=True).close()
    pipe.send(events)


def run(folder: Path, last: int = 0, *, root: Path | None = None, seconds: float = 0.0) -> int:
    """Run an upgrade that dies; return the number of its events, 0 when it was killed."""
    with processes.started(upgrade, str(folder), last, root) as (process, pipe):
        messages = [processes.next_of(pipe)]
        if seconds:
            time.sleep(seconds)
            process.kill()
        messages += processes.received(pipe)
        process.join()
        assert process.exitcode in (0, -9), process.exitcode
        return int(messages[-1])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process know the steps of the later release, too."""
    monkeypatch.setattr("index.archive.migrations.STEPS", LATER)


def check(folder: Path) -> None:
    """Look at what a kill left, and let the next upgrade go on."""
    with contextlib.closing(sqlite3.connect(folder / ARCHIVE_NAME)) as connection:
        version, count = (connection.execute(query).fetchone()[0] for query in ("PRAGMA user_version", _COUNT))
    assert version in (0, newest_version())
    assert count == 16
    open_writer(str(folder), rebuilding=True).close()
    assert held(folder) == expected(LATER)
    assert copies(folder) == []


_COUNT = "SELECT count(*) FROM articles"


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Return the number of events of an upgrade that nobody disturbs."""
    found = run(version_1.copy_to(tmp_path_factory.mktemp("counted") / "index"))
    assert found > 30, HINT
    return found


def kill(scratch: Path, numbers: Iterator[int], tally: Counter[str]) -> None:
    for number in numbers:
        folder = version_1.copy_to(scratch / str(number))
        try:
            assert run(folder, number) == 0
            check(folder)
        except BaseException as error:
            error.add_note(f"killed at event {number}")
            raise
        tally["kills inside an upgrade"] += 1


@pytest.mark.usefixtures("later")
def test_an_upgrade_may_be_killed_at_many_steps(events: int, scratch: Path, tally: Counter[str]) -> None:
    kill(scratch, iter(range(1, events + 1, 6)), tally)


@pytest.mark.torture
@pytest.mark.usefixtures("later")
def test_an_upgrade_may_be_killed_at_every_step(events: int, scratch: Path, tally: Counter[str]) -> None:
    kill(scratch, iter(range(1, events + 1)), tally)


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("count", [12, pytest.param(300, marks=pytest.mark.torture)])
def test_an_upgrade_may_be_killed_again_and_again(count: int, scratch: Path, tally: Counter[str]) -> None:
    chance = random.Random(count)  # noqa: S311 - chance that can be repeated
    folder = version_1.copy_to(scratch / "0")
    for number in range(1, count + 1):
        if run(folder, seconds=chance.uniform(0.001, SECONDS)) or number % 6 == 0:
            check(folder)
            folder = version_1.copy_to(scratch / str(number))
        tally["kills inside an upgrade"] += 1
        tally["kills of an upgrade that left a copy"] += bool(copies(folder))
    check(folder)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        made = Disk(tmp_path)
    except Refused as error:
        pytest.skip(f"no file system whose power can be cut: {error}")
    yield made
    made.unmount()


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("every", [16, pytest.param(1, marks=pytest.mark.torture)])
def test_an_upgrade_survives_power_cuts(every: int, disk: Disk, events: int, tally: Counter[str]) -> None:
    for number in range(1, events + 1, every):
        folder = version_1.copy_to(disk.root / str(number))
        os.sync()
        run(folder, number, root=disk.root)
        disk.unmount()
        disk.mount()
        try:
            check(folder)
        except BaseException as error:
            error.add_note(f"the power went at event {number}")
            raise
        tally["power cuts inside an upgrade"] += 1
