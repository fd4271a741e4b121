"""Which searches run, wait and are refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from search import deadline
from search.admission import CHEAP_RUNNING, MAX_CHEAP, WAITING_FOR_EACH, Admission, Lane, Work
from search.errors import OverloadedError, SearchTimeoutError

CHEAP = Work(words=1)
COSTLY = Work(words=31, hits=100, explained=True, positioned=True)


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


@contextmanager
def waiting(lane: Lane, count: int) -> Iterator[list[int]]:
    """Hold the only turn of a lane while `count` threads wait for it; give the order in which they get it."""
    order: list[int] = []

    def wait(number: int) -> None:
        with lane.turn():
            order.append(number)

    asked: list[Future[None]] = []
    with ThreadPoolExecutor(count) as pool, lane.turn():
        for number in range(count):
            asked.append(pool.submit(wait, number))
            until(lambda: lane.waiting == len(asked))
        yield order


def test_one_word_is_cheap_and_the_worst_that_is_allowed_is_not() -> None:
    assert not CHEAP.expensive
    assert not Work(words=5, hits=20, postings=200_000).expensive
    assert COSTLY.expensive


@pytest.mark.parametrize(
    "more",
    [Work(2), Work(1, postings=1000), Work(1, hits=21), Work(1, explained=True), Work(1, positioned=True)],
)
def test_whatever_is_asked_besides_costs_more(more: Work) -> None:
    assert more.milliseconds > Work(1).milliseconds


def test_words_with_many_postings_are_expensive() -> None:
    assert Work(words=3, postings=10_000_000).milliseconds > MAX_CHEAP


def test_turns_are_given_in_the_order_of_asking() -> None:
    lane = Lane(1, 5)
    with waiting(lane, 5) as order:
        assert not order
    assert order == [0, 1, 2, 3, 4]


def test_a_full_queue_refuses_at_once() -> None:
    lane = Lane(1, 2)
    with waiting(lane, 2):
        began = time.monotonic()
        with pytest.raises(OverloadedError), lane.turn():
            pass
        assert time.monotonic() - began < 0.5
    with lane.turn():
        assert lane.waiting == 0


def test_who_waits_is_stopped_at_the_deadline_and_leaves_the_queue() -> None:
    lane = Lane(1, 5)
    with lane.turn(), deadline.within(0.05):
        with pytest.raises(SearchTimeoutError), lane.turn():
            pass
        assert lane.waiting == 0
    with lane.turn():
        pass


def test_who_would_be_answered_too_late_does_not_wait() -> None:
    lane = Lane(1, 5)
    for _ in range(20):
        with lane.turn():
            time.sleep(0.02)
    with lane.turn(), deadline.within(0.02), pytest.raises(OverloadedError), lane.turn():
        pass
    with deadline.within(0.001), lane.turn():  # a free lane asks for no time
        pass


def test_an_error_gives_the_turn_back() -> None:
    lane = Lane(1, 0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), lane.turn():
            raise ZeroDivisionError


def test_cheap_searches_do_not_wait_for_expensive_ones() -> None:
    admission = Admission()
    with ExitStack() as held:
        held.enter_context(admission.turn(COSTLY))
        for _ in range(CHEAP_RUNNING):
            held.enter_context(admission.turn(CHEAP))


def test_an_expensive_search_is_refused_early_exactly_while_it_would_be_refused() -> None:
    admission = Admission()
    admission.check(COSTLY)
    left = threading.Event()

    def hold() -> None:
        with admission.turn(COSTLY):
            left.wait(10)

    with ThreadPoolExecutor(WAITING_FOR_EACH + 1) as pool:
        for _ in range(WAITING_FOR_EACH + 1):
            admission.check(COSTLY)
            pool.submit(hold)
            time.sleep(0.05)
        with pytest.raises(OverloadedError):
            admission.check(COSTLY)
        admission.check(CHEAP)
        left.set()
    admission.check(COSTLY)
