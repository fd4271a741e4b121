"""The gate before a cluster that does not answer: closed at once, tried by one, opened by the first answer."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from search.engines.opensearch.gate import LONGEST, Gate
from search.errors import EngineUnavailableError

SILENCE = EngineUnavailableError("no answer", retry_after=5, overloaded=True)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate(clock)


def search(gate: Gate, fault: Exception | None = None) -> None:
    with gate.passing():
        if fault:
            raise fault


def fail(gate: Gate, fault: Exception = SILENCE) -> None:
    with pytest.raises(type(fault)) as caught:
        search(gate, fault)
    assert caught.value is fault


def closed_for(gate: Gate) -> int:
    with pytest.raises(EngineUnavailableError, match="a moment ago") as caught:
        search(gate)
    assert caught.value.retry_after is not None
    return caught.value.retry_after


def test_searches_that_fail_together_count_once(gate: Gate, clock: Clock) -> None:
    passes = [gate.passing() for _ in range(50)]
    for each in passes:
        each.__enter__()
    for each in passes:
        assert not each.__exit__(type(SILENCE), SILENCE, None)
    assert closed_for(gate) == 1
    clock.now = 1.01
    search(gate)
    search(gate)


def test_one_tries_and_the_others_wait_for_it(gate: Gate, clock: Clock) -> None:
    fail(gate)
    clock.now = 1.01
    with gate.passing():
        assert closed_for(gate) == 1
    search(gate)


def test_each_failure_in_a_row_closes_it_for_longer(gate: Gate, clock: Clock) -> None:
    waits = []
    for _ in range(7):
        fail(gate)
        waits.append(closed_for(gate))
        clock.now += waits[-1] + 0.01
    assert waits == [1, 2, 4, 8, LONGEST, LONGEST, LONGEST]
    search(gate)
    fail(gate)
    assert closed_for(gate) == 1


def test_an_early_search_that_ends_late_does_not_open_it(gate: Gate) -> None:
    with ExitStack() as slow:
        slow.enter_context(gate.passing())
        fail(gate)
    assert closed_for(gate) == 1


@pytest.mark.parametrize("fault", [EngineUnavailableError("refused"), ValueError("ours")])
def test_any_other_fault_leaves_it_open(gate: Gate, clock: Clock, fault: Exception) -> None:
    fail(gate, fault)
    search(gate)
    fail(gate)
    clock.now = 1.01
    fail(gate, fault)  # whoever tried has had an answer
    search(gate)
