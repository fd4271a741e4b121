"""Killed writers: no acknowledged change is lost, no half commit is visible, and the next writer can continue."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.index.embedded import open_writer
from tests.torture import history, processes
from tests.torture.driver import DONE, TRYING, Death, drive
from tests.torture.history import Outcome
from tests.torture.planting import HINT

LIVES = 12
"""Kills of writers of one index before a new one is created."""

OPERATIONS = 60
"""Number of first operations, those of opening and a few commits, at one of which a driver kills itself."""

SECONDS = 0.08
"""Longest time before a driver is killed from outside."""


def planned(chance: random.Random) -> Death:
    """Return a random death: half of them at an operation (half of those in the middle of it), half from outside."""
    if chance.random() < 0.5:
        return Death(operation=chance.randint(1, OPERATIONS), halfway=chance.random() < 0.5)
    return Death(delay=chance.choice((0.0, 0.002, 0.01)))


def killed(location: str, seed: int, state: history.State, death: Death) -> list[tuple[str, history.Batch]]:
    """Return the messages of a driver until it was killed."""
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
    """Return the possible states: with the batch that was being committed, if there was one, and the acknowledged."""
    for kind, batch in messages:
        if kind == DONE:
            state = history.after(state, batch)
    last, batch = messages[-1]
    return [history.after(state, batch), state] if last == TRYING else [state]


def run(folder: Path, seeds: range, tally: Counter[str]) -> list[str]:
    """Kill one driver for each seed; return the faults found afterwards."""
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
            continue  # killed before the index existed
        finding = history.examine(location, possible_after(state, messages))
        tally[f"kills: {finding.outcome}"] += 1
        state = finding.state
        if remaining := strays_after_commits(location, state):
            faults.append(f"seed {seed}, {death}: these files were not removed: {remaining}")
        if finding.outcome is not Outcome.INTACT:
            faults.append(f"seed {seed}, {death}: {finding.outcome}: {finding.detail}")
            location = ""
    return faults


def strays_after_commits(location: str, state: history.State) -> list[str]:
    """Return the stray files that remain after two more commits, which together do not change the state."""
    for batch in ((("99", 1),), (("99", state.get("99")),)):
        with open_writer(location) as writer:
            history.write(writer, batch)
            writer.commit()
    return history.strays(location)


@pytest.mark.parametrize("first", range(0, 48, 12))
def test_a_killed_writer_loses_nothing(first: int, scratch: Path, tally: Counter[str]) -> None:
    assert not (faults := run(scratch, range(first, first + 12), tally)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(1_000, 3_000, 100))
def test_many_killed_writers_lose_nothing(first: int, scratch: Path, tally: Counter[str]) -> None:
    assert not (faults := run(scratch, range(first, first + 100), tally)), "\n".join(faults)
