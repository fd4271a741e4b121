"""The writer in the killed processes, which reports each commit before and after it; and the backup and the restore."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from index import backups
from index.errors import IndexingError
from tests.engines.articles import ZONE
from tests.index.embedded import open_writer
from tests.torture import history, power
from tests.torture.planting import Operation, intercepted

OPENING, TRYING, DONE, FAILED = "opening", "trying", "done", "failed"
"""Kinds of messages: before opening the writer, before a commit, after a commit (both with its batch), an error."""

BATCHES = 200
"""Commits after which a driver ends, if it was not killed as planned; the test then fails."""


@dataclasses.dataclass(frozen=True, slots=True)
class Death:
    """When a driver kills itself; with `operation` 0 it is killed from outside."""

    operation: int = 0
    """Number of the operation of index/disk.py at which it dies, counted from 1."""
    halfway: bool = False
    """Whether the first half of that operation is executed before."""
    power: Path | None = None
    """Root of a file system whose power is cut at that operation, before the driver dies."""
    delay: float = 0.0
    """Longest delay before each operation in seconds, so that a kill from outside hits more operations in progress."""


def drive(pipe: Connection, location: str, seed: int, state: history.State, death: Death) -> None:
    """Change the index at `location` batch by batch until the process dies; about every tenth commit is a rebuild."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    try:
        with intercepted(dying(death, chance)):
            _write(pipe, location, chance, state)
    except IndexingError as error:
        pipe.send((FAILED, str(error)))


def back_up(pipe: Connection, source: str, target: str, death: Death) -> None:
    """Back up an index until the process dies; send the number of operations if it did not."""
    with intercepted(dying(death, random.Random(death.operation))) as names:  # noqa: S311 - as above
        backups.backup(source, target)
    pipe.send(len(names))


def restore(pipe: Connection, source: str, target: str, death: Death) -> None:
    """Restore a backup until the process dies; send the number of operations if it did not."""
    with intercepted(dying(death, random.Random(death.operation))) as names:  # noqa: S311 - as above
        backups.restore(source, target, replace=True)
    pipe.send(len(names))


def dying(death: Death, chance: random.Random) -> Callable[[Operation], None]:
    """Return the function that kills this process at an operation of its disk, and slows the others down."""

    def before(operation: Operation) -> None:
        if operation.number == death.operation:
            if death.halfway:
                operation.begin()
            if death.power is not None:
                power.cut(death.power)
            os.kill(os.getpid(), signal.SIGKILL)
        if death.delay:
            time.sleep(chance.uniform(0, death.delay))

    return before


def _write(pipe: Connection, location: str, chance: random.Random, state: history.State) -> None:
    pipe.send((OPENING, ()))
    with open_writer(location, create=ZONE.key) as writer:
        for _ in range(BATCHES):
            batch = history.random_batch(chance, state)
            rebuilding = chance.random() < 0.1
            pipe.send((TRYING, () if rebuilding else batch))
            if rebuilding:
                history.rebuild(writer)
            else:
                history.write(writer, batch)
                writer.commit()
                state = history.after(state, batch)
            pipe.send((DONE, () if rebuilding else batch))
