"""Power cuts on a real file system: no acknowledged change is lost. Stock Whoosh is the control, and must fail."""

from __future__ import annotations

import dataclasses
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.torture import driver, history, processes, stock
from tests.torture.driver import DONE, FAILED, TRYING, Death
from tests.torture.history import Finding, Outcome, State
from tests.torture.power import Disk, Refused
from tests.torture.test_kills import possible_after


@dataclasses.dataclass(frozen=True, slots=True)
class Engine:
    """A writer, and the function that examines its index after a power cut."""

    name: str
    drive: Callable[..., None]
    examine: Callable[[str, Sequence[State]], Finding]
    cuts_itself: bool
    seconds: float
    """Longest time before the power is cut from outside, enough for a few commits."""
    lives: int
    """Power cuts of one index before a new one is created."""


OURS = Engine("ours", driver.drive, history.examine, cuts_itself=True, seconds=0.12, lives=10)
STOCK = Engine("stock Whoosh", stock.drive, stock.examine, cuts_itself=False, seconds=0.6, lives=1)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        disk = Disk(tmp_path)
    except Refused as error:
        pytest.skip(f"no file system whose power can be cut: {error}")
    yield disk
    disk.unmount()


def cut_once(disk: Disk, engine: Engine, seed: int, state: State) -> list[tuple[str, history.Batch]]:
    """Let a driver write until the power is cut; return its messages."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    death = Death()
    if engine.cuts_itself and chance.random() < 0.5:
        death = Death(chance.randint(1, 60), halfway=chance.random() < 0.5, power=disk.root)
    location = str(disk.root / "index")
    with processes.started(engine.drive, location, seed, state, death) as (process, pipe):
        messages = [processes.next_of(pipe)]
        if not death.operation:
            time.sleep(chance.uniform(0, engine.seconds))
            if chance.random() < 0.5:
                disk.write_back()
            disk.cut()
            time.sleep(0.01)
            process.kill()
        messages += processes.received(pipe)
        process.join()
    disk.unmount()
    disk.mount()
    return [message for message in messages if message[0] != FAILED]


def run(disk: Disk, engine: Engine, seeds: range, tally: Counter[str]) -> list[str]:
    """Cut the power once for each seed; return the faults found afterwards."""
    faults = []
    state: State = {}
    location = disk.root / "index"
    for seed in seeds:
        messages = cut_once(disk, engine, seed, state)
        tally[f"power cuts, {engine.name}"] += 1
        tally[f"power cuts inside a commit, {engine.name}"] += messages[-1][0] == TRYING
        acknowledged = bool(state) or any(kind == DONE for kind, _ in messages)
        tally[f"power cuts with something acknowledged before, {engine.name}"] += acknowledged
        if acknowledged or (location / "manifest.json").exists():
            finding = engine.examine(str(location), possible_after(state, messages))
            tally[f"power cuts: {finding.outcome}, {engine.name}"] += 1
            state = finding.state
            if finding.outcome is not Outcome.INTACT:
                faults.append(f"seed {seed}: {finding.outcome}: {finding.detail}")
        if (faults and faults[-1].startswith(f"seed {seed}:")) or not (seed + 1) % engine.lives:
            shutil.rmtree(location, ignore_errors=True)
            state = {}
    return faults


def test_an_index_survives_power_cuts(disk: Disk, tally: Counter[str]) -> None:
    assert not (faults := run(disk, OURS, range(10), tally)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(1_000, 1_200, 50))
def test_an_index_survives_many_power_cuts(disk: Disk, first: int, tally: Counter[str]) -> None:
    assert not (faults := run(disk, OURS, range(first, first + 50), tally)), "\n".join(faults)


# Whoosh does not close the files of an index that it cannot read.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.torture
def test_stock_whoosh_does_not_survive_them(disk: Disk, tally: Counter[str]) -> None:
    assert run(disk, STOCK, range(50), tally), (
        "the control lost nothing, so this procedure does not simulate a power cut"
    )
