"""Each operation of a commit fails in turn: the old generation is searchable, the lock is free, a retry succeeds."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.engines.embedded.writer import EmbeddedWriter
from index.errors import IndexingError
from search.engine import Engine
from search.engines import open_engine
from tests.engines.articles import ZONE
from tests.index.embedded import open_writer
from tests.torture import history
from tests.torture.conftest import COUNTS
from tests.torture.history import Batch, Outcome, State
from tests.torture.places import quick_folder
from tests.torture.planting import HINT, Operation, intercepted

FORMER: tuple[Batch, ...] = (
    *(((str(number), 10 + number),) for number in range(12)),
    (("1", 21), ("2", None), ("40", 7)),
)
"""An index of many small segments with deletions."""

OTHER: Batch = (("90", 90), ("91", 91))
"""Output of a process that continues with something else."""


@dataclasses.dataclass(frozen=True, slots=True)
class Action:
    """Something that writes an index: a batch and its commit, or with an empty batch a rebuild."""

    batch: Batch

    def run(self, writer: EmbeddedWriter) -> None:
        if self.batch:
            history.write(writer, self.batch)
            writer.commit()
        else:
            history.rebuild(writer)


ACTIONS = {
    "add": Action((("50", 1), ("51", 2), ("52", 14))),
    "update": Action((("3", 31), ("4", 32))),
    "delete": Action((("5", None), ("40", None))),
    "all": Action((("50", 1), ("3", 31), ("5", None), ("1", 35))),
    "rebuild": Action(()),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """What a disk does from one operation on."""

    code: int
    refused: frozenset[str]
    """The operations that fail."""
    lasts: bool
    """Whether later operations fail too, until the disk is repaired."""
    short: bool = False
    """Whether half of a write goes through before it fails."""


WRITING = frozenset({"create", "write", "finish"})
EVERYTHING = WRITING | {"discard", "rename", "remove", "sync_folder"}
FAULTS = {
    "full once": Fault(errno.ENOSPC, WRITING | {"rename", "sync_folder"}, lasts=False),
    "full": Fault(errno.ENOSPC, WRITING, lasts=True, short=True),
    "broken once": Fault(errno.EIO, EVERYTHING, lasts=False),
    "broken": Fault(errno.EIO, EVERYTHING, lasts=True, short=True),
}


class Plan:
    """Lets the operation of a number fail, as the fault says; number 0 only counts."""

    def __init__(self, fault: Fault, number: int) -> None:
        self.struck = ""
        self._fault = fault
        self._number = number

    def __str__(self) -> str:
        return f"operation {self._number}, {self.struck or 'never reached'}, {self._fault}"

    def __call__(self, operation: Operation) -> None:
        due = operation.number == self._number or (bool(self.struck) and self._fault.lasts)
        if due and operation.name in self._fault.refused:
            self.struck = self.struck or operation.name
            if self._fault.short or operation.name == "discard":  # a file that cannot be removed is closed all the same
                operation.begin()
            raise OSError(self._fault.code, os.strerror(self._fault.code), str(operation.path))


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """An index in a state, and an action that brings another."""

    location: str
    action: Action
    old: State

    @property
    def new(self) -> State:
        return history.after(self.old, self.action.batch)

    def open_writer(self) -> EmbeddedWriter:
        return open_writer(self.location, rebuilding=not self.action.batch)

    def copied(self, place: Path) -> Case:
        shutil.copytree(self.location, place)
        return dataclasses.replace(self, location=str(place))


@pytest.fixture(scope="module")
def former() -> Iterator[tuple[Path, State]]:
    """Return the folder and the state of an index that is copied for every fault."""
    with quick_folder() as folder:
        yield folder / "index", history.make_index(str(folder / "index"), FORMER)


@pytest.fixture
def place() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@contextlib.contextmanager
def reading(location: str) -> Iterator[Engine]:
    engine = open_engine(location)
    try:
        yield engine
    finally:
        engine.close()


def redacted(engine: Engine) -> State:
    with engine.searcher() as searcher:
        return history.held(searcher)


def operations(case: Case) -> list[str]:
    """Return what an undisturbed run does."""
    with intercepted(lambda _: None) as names, case.open_writer() as writer:
        names.clear()
        case.action.run(writer)
    assert names, HINT
    return list(names)


def failing(case: Case, writer: EmbeddedWriter, plan: Plan) -> str:
    """Run the action under a fault; return the error's text, empty when it was no hindrance."""
    try:
        with intercepted(plan):
            case.action.run(writer)
    except IndexingError as error:
        return str(error) or pytest.fail("an error that says nothing")
    return ""


def same_writer_again(case: Case, plan: Plan) -> None:
    """The same process and the same writer try the same once more."""
    with reading(case.location) as engine, case.open_writer() as writer:
        error = failing(case, writer, plan)
        check_error(plan, error, redacted(engine), case)
        case.action.run(writer)
        assert redacted(engine) == case.new
    check(case.location, [case.new])


def new_writer(case: Case, plan: Plan) -> None:
    """A new writer tries the same once more; the index is read in between."""
    with reading(case.location) as engine:
        with case.open_writer() as writer:
            error = failing(case, writer, plan)
            check_error(plan, error, redacted(engine), case)
        check(case.location, [case.old, case.new] if error else [case.new])
        with case.open_writer() as writer:
            case.action.run(writer)
        assert redacted(engine) == case.new
    check(case.location, [case.new])


def something_else(case: Case, plan: Plan) -> None:
    """The same writer continues with other articles: those of the failed batch in the archive must not be lost."""
    with reading(case.location) as engine, open_writer(case.location) as writer:
        failing(case, writer, plan)
        history.write(writer, OTHER)
        writer.commit()
        possible = [history.after(state, OTHER) for state in (case.old, case.new)]
        assert redacted(engine) in possible
    check(case.location, possible)


def check_error(plan: Plan, error: str, state: State, case: Case) -> None:
    assert state in ([case.old, case.new] if error else [case.new]), f"after {plan.struck}: {error}"
    if plan.struck in WRITING | {"rename"}:
        assert error, f"a failed {plan.struck} raised no error"


def check(location: str, possible: list[State]) -> None:
    finding = history.examine(location, possible)
    assert finding.outcome is Outcome.INTACT, finding.detail


GOING_ON: dict[str, Callable[[Case, Plan], None]] = {
    "same writer": same_writer_again,
    "new writer": new_writer,
    "something else": something_else,
}


def strike(case: Case, plan: Plan, going_on: str) -> None:
    """Let one operation fail and go on; two commits later nothing of the failed one may be left."""
    GOING_ON[going_on](case, plan)
    with open_writer(case.location) as writer:
        for again in range(2):
            history.write(writer, ((f"8{again}", again),))
            writer.commit()
    assert history.strays(case.location) == []


def chosen(names: list[str], fault: Fault) -> list[int]:
    """Return the numbers of the operations that a fault may strike; of writes in a row the first and the last."""
    numbers = []
    for number, name in enumerate(names, 1):
        neighbours = {*names[number - 2 : number], *names[number : number + 1]}
        if name in fault.refused and neighbours != {"write"}:
            numbers.append(number)
    return numbers


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("action", ACTIONS)
def test_the_operations_of_a_commit_may_fail(action: str, fault: str, former: tuple[Path, State], place: Path) -> None:
    folder, old = former
    case = Case(str(folder), ACTIONS[action], old)
    names = operations(case.copied(place / "0"))
    ways = itertools.cycle(GOING_ON)
    for number, going_on in zip(chosen(names, FAULTS[fault]), ways, strict=False):
        strike_once(case.copied(place / str(number)), Plan(FAULTS[fault], number), going_on)


@pytest.mark.torture
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("going_on", GOING_ON)
def test_every_operation_of_a_commit_may_fail(
    action: str, fault: str, going_on: str, former: tuple[Path, State], place: Path
) -> None:
    folder, old = former
    case = Case(str(folder), ACTIONS[action], old)
    for number, name in enumerate(operations(case.copied(place / "0")), 1):
        if name in FAULTS[fault].refused:
            strike_once(case.copied(place / str(number)), Plan(FAULTS[fault], number), going_on)


def strike_once(case: Case, plan: Plan, going_on: str) -> None:
    """Strike, and take the copy away again when all was well."""
    try:
        strike(case, plan, going_on)
        assert plan.struck, HINT
    except Exception as error:
        error.add_note(f"{plan}; then {going_on}")
        raise
    COUNTS["disk operations that failed"] += 1
    shutil.rmtree(case.location)


@pytest.mark.parametrize("fault", ["full", "broken once"])
def test_the_operations_of_a_first_commit_may_fail(fault: str, place: Path) -> None:
    location, action = str(place / "0"), ACTIONS["add"]
    with intercepted(lambda _: None) as names, open_writer(location, create=ZONE.key) as writer:
        action.run(writer)
    assert names, HINT
    for number in chosen(names, FAULTS[fault]):
        plan, location = Plan(FAULTS[fault], number), str(place / str(number))
        try:
            with contextlib.suppress(IndexingError), intercepted(plan), open_writer(location, create=ZONE.key) as first:
                action.run(first)
            with open_writer(location, create=ZONE.key) as second:
                action.run(second)
            check(location, [history.after({}, action.batch)])
        except Exception as error:
            error.add_note(str(plan))
            raise
        COUNTS["disk operations that failed"] += bool(plan.struck)
