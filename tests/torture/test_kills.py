"""Writers killed at any moment: nothing acknowledged is lost, nothing half is there, the next one can go on."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from index.engines import open_writer
from tests.torture import history, processes
from tests.torture.driver import DONE, TRYING, Death, drive
from tests.torture.history import Outcome
from tests.torture.planting import HINT

LIVES = 12
"""Kills that one index goes through before the next is made."""

OPERATIONS = 60
"""Operations within which a driver dies by its own hand: opening and a few commits."""

SECONDS = 0.08
"""Time within which a driver is killed from outside."""


def planned(chance: random.Random) -> Death:
    """Return a death: half of them at an operation (in the midst of it every other time), half from outside."""
    if chance.random() < 0.5:
        return Death(operation=chance.randint(1, OPERATIONS), halfway=chance.random() < 0.5)
    return Death(delay=chance.choice((0.0, 0.002, 0.01)))


def killed(location: str, seed: int, state: history.State, death: Death) -> list[tuple[str, history.Batch]]:
    """Return what a driver said before it was killed."""
    with processes.started(drive, location, seed, state, death) as (process, pipe):
        messages = [pipe.recv()]
        if not death.operation:
            time.sleep(random.Random(seed).uniform(0, SECONDS))  # noqa: S311 - chance that can be repeated
            process.kill()
        messages += processes.received(pipe)
        process.join()
        assert process.exitcode == -9, f"seed {seed}, {death}: the driver ended with {process.exitcode}; {HINT}"
    return messages


def possible_after(state: history.State, messages: list[tuple[str, history.Batch]]) -> list[history.State]:
    """Return the acknowledged state, and before it in the list the one with the batch under way, if there was one."""
    for kind, batch in messages:
        if kind == DONE:
            state = history.after(state, batch)
    last, batch = messages[-1]
    return [history.after(state, batch), state] if last == TRYING else [state]


def run(folder: Path, seeds: range, tally: Counter[str]) -> list[str]:
    """Kill one driver for each seed; return what was wrong afterwards."""
    faults = []
    state: history.State = {}
    location = ""
    for life, seed in zip(itertools.cycle(range(LIVES)), seeds, strict=False):
        if not life or not location:
            location, state = str(folder / str(seed)), {}
        death = planned(random.Random(seed))  # noqa: S311 - as above
        messages = killed(location, seed, state, death)
        tally["kills"] += 1
        tally["kills inside a commit"] += messages[-1][0] == TRYING
        if not Path(location, "manifest.json").exists() and not state:
            continue  # killed before there was an index
        finding = history.examine(location, possible_after(state, messages))
        tally[f"kills: {finding.outcome}"] += 1
        state = finding.state
        if left := left_behind(location, state):
            faults.append(f"seed {seed}, {death}: these files stayed: {left}")
        if finding.outcome is not Outcome.INTACT:
            faults.append(f"seed {seed}, {death}: {finding.outcome}: {finding.detail}")
            location = ""
    return faults


def left_behind(location: str, state: history.State) -> list[str]:
    """Return the stray files that the next two commits did not clean away; the state stays as it is."""
    for batch in ((("99", 1),), (("99", state.get("99")),)):
        with open_writer(location) as writer:
            history.write(writer, batch)
            writer.commit()
    return history.strays(location)


@pytest.mark.parametrize("first", range(0, 48, 12))
def test_a_killed_writer_loses_nothing(first: int, place: Path, tally: Counter[str]) -> None:
    assert not (faults := run(place, range(first, first + 12), tally)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(1_000, 3_000, 100))
def test_many_killed_writers_lose_nothing(first: int, place: Path, tally: Counter[str]) -> None:
    assert not (faults := run(place, range(first, first + 100), tally)), "\n".join(faults)
