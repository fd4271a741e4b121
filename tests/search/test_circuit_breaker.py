"""The circuit breaker: it opens at the first failure, lets one trial search pass, and closes at the first answer."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from search.engines.opensearch.circuit_breaker import LONGEST, CircuitBreaker
from search.errors import EngineUnavailableError, OverloadedError, SearchTimeoutError

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
def circuit_breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def search(circuit_breaker: CircuitBreaker, fault: Exception | None = None) -> None:
    with circuit_breaker.passing():
        if fault:
            raise fault


def fail(circuit_breaker: CircuitBreaker, fault: Exception = SILENCE) -> None:
    with pytest.raises(type(fault)) as caught:
        search(circuit_breaker, fault)
    assert caught.value is fault


def open_for(circuit_breaker: CircuitBreaker) -> int:
    with pytest.raises(EngineUnavailableError, match="new searches are rejected") as caught:
        search(circuit_breaker)
    assert caught.value.retry_after is not None
    return caught.value.retry_after


def test_searches_that_fail_together_count_once(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    passes = [circuit_breaker.passing() for _ in range(50)]
    for each in passes:
        each.__enter__()
    for each in passes:
        assert not each.__exit__(type(SILENCE), SILENCE, None)
    assert open_for(circuit_breaker) == 1
    clock.now = 1.01
    search(circuit_breaker)
    search(circuit_breaker)


def test_one_trial_search_passes_and_the_others_are_rejected(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    fail(circuit_breaker)
    clock.now = 1.01
    with circuit_breaker.passing():
        assert open_for(circuit_breaker) == 1
    search(circuit_breaker)


def test_each_failure_in_a_row_keeps_it_open_for_longer(circuit_breaker: CircuitBreaker, clock: Clock) -> None:
    waits = []
    for _ in range(7):
        fail(circuit_breaker)
        waits.append(open_for(circuit_breaker))
        clock.now += waits[-1] + 0.01
    assert waits == [1, 2, 4, 8, LONGEST, LONGEST, LONGEST]
    search(circuit_breaker)
    fail(circuit_breaker)
    assert open_for(circuit_breaker) == 1


def test_a_search_that_began_before_a_failure_does_not_close_it(circuit_breaker: CircuitBreaker) -> None:
    with ExitStack() as slow:
        slow.enter_context(circuit_breaker.passing())
        fail(circuit_breaker)
    assert open_for(circuit_breaker) == 1


@pytest.mark.parametrize("fault", [EngineUnavailableError("refused"), ValueError("ours")])
def test_other_errors_leave_it_closed(circuit_breaker: CircuitBreaker, clock: Clock, fault: Exception) -> None:
    fail(circuit_breaker, fault)
    search(circuit_breaker)
    fail(circuit_breaker)
    clock.now = 1.01
    fail(circuit_breaker, fault)  # any answer to the trial search closes the breaker
    search(circuit_breaker)


@pytest.mark.parametrize("fault", [OverloadedError(), SearchTimeoutError("too late")])
def test_a_trial_that_ended_before_it_found_anything_out_is_followed_by_another(
    circuit_breaker: CircuitBreaker, clock: Clock, fault: Exception
) -> None:
    fail(circuit_breaker)
    clock.now = 1.01
    fail(circuit_breaker, fault)
    with circuit_breaker.passing():
        assert open_for(circuit_breaker) == 1
    search(circuit_breaker)
