"""Backups and restores that are killed, or whose power is cut, at every operation of the disk."""

from __future__ import annotations

import enum
import itertools
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from index import backups
from index.errors import IndexingError
from tests.index.embedded import open_writer
from tests.torture import driver, history, processes
from tests.torture.driver import Death
from tests.torture.history import Batch, Outcome, State
from tests.torture.planting import HINT
from tests.torture.power import Disk, Refused

FIRST: tuple[Batch, ...] = ((("1", 1), ("2", 2), ("3", 3)), (("1", 4), ("2", None)))
LATER: tuple[Batch, ...] = ((("4", 7), ("3", 8)), (("1", None), ("5", 9)))
OTHER: tuple[Batch, ...] = tuple(((str(number), 50 + number),) for number in range(1, 9))
LAST: Batch = (("6", 60), ("3", 61))
"""A commit that is in the log of the articles when the index is restored, as a killed writer leaves it."""


class Target(enum.StrEnum):
    """What is where a backup of the articles of `FIRST` is restored."""

    LATER = "a later state of the same index"
    EARLIER = "an earlier state of the same index"
    OTHER = "another index"
    EMPTY = "nothing"


class Case(NamedTuple):
    """A backup, the place where it is restored, and their states."""

    backup: Path
    place: Path
    new: State
    old: State | None


class Fate(enum.StrEnum):
    """What an interrupted restore left."""

    OLD = "the old index"
    NEW = "the new index"
    REFUSED = "refused with the remedy"


def commit(location: str, state: State, batches: tuple[Batch, ...]) -> State:
    with open_writer(location) as writer:
        for batch in batches:
            history.write(writer, batch)
            writer.commit()
            state = history.after(state, batch)
    return state


def with_log(folder: Path, copy: Path, state: State) -> State:
    """Copy an index after one more commit, which is in the log of the copy; return the state of the copy."""
    with open_writer(str(folder)) as writer:
        history.write(writer, LAST)
        writer.commit()
        shutil.copytree(folder, copy)
    assert any(path.stat().st_size for path in copy.glob("*-wal"))
    return history.after(state, LAST)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[Target, Case]:
    base = tmp_path_factory.mktemp("cases")
    index, backup, later = base / "index", base / "backup", base / "later-backup"
    first = history.make_index(str(index), FIRST)
    backups.backup(str(index), str(backup))
    shutil.copytree(index, base / "earlier index")
    old = commit(str(index), first, LATER)
    backups.backup(str(index), str(later))
    other = history.make_index(str(base / "other index"), OTHER)
    return {
        Target.LATER: Case(backup, base / "later", first, with_log(index, base / "later", old)),
        Target.EARLIER: Case(later, base / "earlier", old, with_log(base / "earlier index", base / "earlier", first)),
        Target.OTHER: Case(backup, base / "other", first, with_log(base / "other index", base / "other", other)),
        Target.EMPTY: Case(backup, base / "empty", first, None),
    }


def fate(place: Path, case: Case) -> Fate | str:
    """Return what is at a place after an interrupted restore, or what is wrong there."""
    possible = [case.new] if case.old is None else [case.old, case.new]
    finding = history.examine(str(place), possible)
    if finding.outcome is Outcome.INTACT:
        return Fate.NEW if finding.state == case.new else Fate.OLD
    if f"`judhur index restore {case.backup} --replace" in finding.detail:
        return Fate.REFUSED
    if case.old is None and "no index at" in finding.detail:
        return Fate.OLD
    return finding.detail


def fault_after(place: Path, case: Case) -> str:
    """Run an interrupted restore again; return what is wrong afterwards, empty if nothing is."""
    try:
        backups.restore(str(case.backup), str(place), replace=True)
    except IndexingError as error:
        return f"cannot be restored again: {error}"
    finding = history.examine(str(place), [case.new])
    return finding.detail or "".join(history.strays(str(place)))


def interrupted(case: Case, place: Path, death: Death) -> bool:
    """Restore until the process dies; return whether it died."""
    with processes.started(driver.restore, str(case.backup), str(place), death) as (process, pipe):
        if death.operation:
            with suppress(EOFError):
                processes.next_of(pipe)
        else:
            time.sleep(death.delay)
            process.kill()
        process.join()
        assert process.exitcode in (0, -9), f"{death}: ended with {process.exitcode}; {HINT}"
        return process.exitcode == -9


def restore_and_kill(cases: dict[Target, Case], scratch: Path, deaths: Iterator[tuple[Target, Death]]) -> list[str]:
    """Kill a restore for each death; return what was wrong afterwards."""
    faults = []
    for number, (target, death) in enumerate(deaths):
        case, place = cases[target], scratch / str(number)
        if case.old is not None:
            shutil.copytree(case.place, place)
        interrupted(case, place, death)
        found = fate(place, case)
        COUNTED[f"killed restores: {found if isinstance(found, Fate) else 'wrong'}"] += 1
        fault = "" if isinstance(found, Fate) else found
        if fault := fault or fault_after(place, case):
            faults.append(f"{target}, {death}: {fault}")
        shutil.rmtree(place)
    return faults


COUNTED: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def counted(tally: Counter[str]) -> Iterator[None]:
    COUNTED.clear()
    yield
    tally.update(COUNTED)


def operations(case: Case, scratch: Path, *, restoring: bool = True) -> int:
    """Return the number of operations of a whole restore, or of a whole backup."""
    place = scratch / "whole"
    if restoring and case.old is not None:
        shutil.copytree(case.place, place)
    source, act = (case.backup, driver.restore) if restoring else (case.place, driver.back_up)
    with processes.started(act, str(source), str(place), Death()) as (_, pipe):
        count = int(processes.next_of(pipe))
    shutil.rmtree(place)
    assert count > 30, HINT
    return count


def test_a_killed_restore_leaves_the_old_index_the_new_one_or_a_refusal(
    cases: dict[Target, Case], scratch: Path
) -> None:
    count = operations(cases[Target.LATER], scratch)
    targets = itertools.cycle(Target)
    deaths = ((next(targets), Death(number, halfway=bool(number % 8 > 3))) for number in range(1, count + 1))
    assert not (faults := restore_and_kill(cases, scratch, deaths)), "\n".join(faults)
    assert all(COUNTED[f"killed restores: {fate}"] for fate in Fate), COUNTED
    assert COUNTED.total() == count


@pytest.mark.torture
@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("halfway", [False, True])
def test_a_restore_that_is_killed_at_any_operation(
    target: Target, cases: dict[Target, Case], scratch: Path, *, halfway: bool
) -> None:
    deaths = ((target, Death(number, halfway=halfway)) for number in range(1, operations(cases[target], scratch) + 1))
    assert not (faults := restore_and_kill(cases, scratch, deaths)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("target", Target)
def test_a_restore_that_is_killed_at_any_moment(target: Target, cases: dict[Target, Case], scratch: Path) -> None:
    chance = random.Random(target)  # noqa: S311 - chance that can be repeated
    deaths = ((target, Death(delay=chance.uniform(0, 0.12))) for _ in range(100))
    assert not (faults := restore_and_kill(cases, scratch, deaths)), "\n".join(faults)


def back_up_and_kill(case: Case, scratch: Path, deaths: Iterator[Death]) -> list[str]:
    """Kill a backup for each death; return what was wrong afterwards."""
    faults = []
    assert case.old is not None
    for number, death in enumerate(deaths):
        folder = scratch / f"backups {number}"
        folder.mkdir()
        target = folder / "backup"
        with processes.started(driver.back_up, str(case.place), str(target), death) as (process, pipe):
            with suppress(EOFError):
                processes.next_of(pipe)
            process.join()
        complete = target.exists()
        COUNTED[f"killed backups: {'complete' if complete else 'absent'}"] += 1
        if not complete:
            backups.backup(str(case.place), str(target))
        if fault := history.examine(str(target), [case.old]).detail:
            faults.append(f"{death}: {fault}")
        if (names := [path.name for path in folder.iterdir()]) != ["backup"]:
            faults.append(f"{death}: {names} were left")
        shutil.rmtree(folder)
    return faults


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.torture)])
def test_a_killed_backup_is_complete_or_absent(step: int, cases: dict[Target, Case], scratch: Path) -> None:
    case = cases[Target.LATER]
    count = operations(case, scratch, restoring=False)
    deaths = (Death(number, halfway=bool(number % 2)) for number in range(count, 0, -step))
    assert not (faults := back_up_and_kill(case, scratch, deaths)), "\n".join(faults)
    assert COUNTED["killed backups: complete"]
    assert COUNTED["killed backups: absent"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        disk = Disk(tmp_path)
    except Refused as error:
        pytest.skip(f"no file system whose power can be cut: {error}")
    yield disk
    disk.unmount()


def cut_at(disk: Disk, numbers: Iterator[tuple[Target, int]], cases: dict[Target, Case]) -> list[str]:
    """Cut the power at these operations of a restore; return what was wrong afterwards."""
    faults = []
    place = disk.root / "index"
    for target, number in numbers:
        case = cases[target]
        if case.old is not None:
            shutil.copytree(case.place, place)
        disk.unmount()  # what was copied is on disk
        disk.mount()
        died = interrupted(case, place, Death(number, halfway=bool(number % 2), power=disk.root))
        if died:
            disk.unmount()
            disk.mount()
        found = fate(place, case)
        COUNTED[f"restores with a power cut: {found if isinstance(found, Fate) else 'wrong'}"] += 1
        fault = "" if isinstance(found, Fate) else found
        if fault := fault or fault_after(place, case):
            faults.append(f"{target}, power cut at operation {number}: {fault}")
        shutil.rmtree(place, ignore_errors=True)
    return faults


def test_a_restore_survives_power_cuts(disk: Disk, cases: dict[Target, Case], scratch: Path) -> None:
    count = operations(cases[Target.LATER], scratch)
    numbers = zip(itertools.cycle(Target), range(count, count - 24, -2), strict=False)
    assert not (faults := cut_at(disk, numbers, cases)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("target", Target)
def test_a_restore_survives_a_power_cut_at_any_operation(
    target: Target, disk: Disk, cases: dict[Target, Case], scratch: Path
) -> None:
    numbers = ((target, number) for number in range(1, operations(cases[target], scratch) + 1))
    assert not (faults := cut_at(disk, numbers, cases)), "\n".join(faults)


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.torture)])
def test_a_backup_survives_power_cuts(step: int, disk: Disk, cases: dict[Target, Case], scratch: Path) -> None:
    case = cases[Target.LATER]
    assert case.old is not None
    target = disk.root / "backup"
    for number in range(operations(case, scratch, restoring=False), 0, -step):
        death = Death(number, power=disk.root)
        with processes.started(driver.back_up, str(case.place), str(target), death) as (process, pipe):
            with suppress(EOFError):
                processes.next_of(pipe)
            process.join()
        disk.unmount()
        disk.mount()
        complete = target.exists()
        COUNTED[f"backups with a power cut: {'complete' if complete else 'absent'}"] += 1
        if not complete:
            backups.backup(str(case.place), str(target))
        finding = history.examine(str(target), [case.old])
        assert finding.outcome is Outcome.INTACT, f"{number}: {finding.detail}"
        shutil.rmtree(target)
