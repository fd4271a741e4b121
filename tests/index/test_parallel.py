"""Workers return results in order; a failure raises an error with its task, and no worker outlives its parent."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.errors import IndexingError
from index.parallel import WorkerPool, processors

ROOT = Path(__file__).parents[2]


@dataclasses.dataclass(frozen=True)
class Number:
    """A task that is about a number."""

    message: int
    size: int = 1

    @property
    def name(self) -> str:
        return f"number {self.message}"


def squares() -> Callable[[int], int]:
    return lambda number: number * number


def pids() -> Callable[[int], int]:
    return lambda _: os.getpid()


def large() -> Callable[[int], bytes]:
    return lambda number: bytes([number % 256]) * 3_000_000


def refusing_seven() -> Callable[[int], int]:
    def answer(number: int) -> int:
        if number == 7:
            raise ValueError("seven is refused")
        return number

    return answer


def dying_at_seven() -> Callable[[int], int]:
    def answer(number: int) -> int:
        if number == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    return answer


def ending_like_a_line() -> Callable[[int], int]:
    def answer(number: int) -> int:
        raise EOFError(number)

    return answer


def starving() -> Callable[[int], int]:
    def answer(_: int) -> int:
        raise MemoryError

    return answer


def starving_at_its_start() -> Callable[[int], int]:
    raise RuntimeError("can't start new thread")


def never_ready() -> Callable[[int], int]:
    raise ValueError("not today")


def test_results_have_the_order_of_the_tasks() -> None:
    with WorkerPool(3, squares) as pool:
        answers = list(pool.map(map(Number, range(100))))
        again = list(pool.map(map(Number, range(5))))
    assert [(answer.task.message, answer.value) for answer in answers] == [(n, n * n) for n in range(100)]
    assert [answer.value for answer in again] == [0, 1, 4, 9, 16]


def test_every_worker_is_a_separate_process() -> None:
    with WorkerPool(2, pids) as pool:
        processes = {answer.value for answer in pool.map(map(Number, range(10)))}
    assert len(processes - {os.getpid()}) == len(processes) == 2


def test_results_larger_than_any_buffer_do_not_deadlock() -> None:
    with WorkerPool(2, large) as pool:
        values = [answer.value for answer in pool.map(map(Number, range(20)))]
    assert values == [bytes([number]) * 3_000_000 for number in range(20)]


def test_a_bounded_number_of_tasks_is_prefetched() -> None:
    taken = 0

    def tasks(size: int) -> Iterator[Number]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield Number(number, size)

    with WorkerPool(2, squares) as pool:
        next(pool.map(tasks(1)))
        assert 2 < taken <= 2 * 8 + 1
        taken = 0
        next(pool.map(tasks(8_000_000)))
        assert taken == 3, "two of them fill the 20 million that may wait, the third was looked at"


def test_an_error_in_a_worker_is_raised_with_its_task() -> None:
    with WorkerPool(2, refusing_seven) as pool:
        answers = pool.map(map(Number, range(20)))
        assert [next(answers).value for _ in range(7)] == list(range(7))
        with pytest.raises(IndexingError, match="number 7: ValueError: seven is refused") as raised:
            next(answers)
    assert "in answer" in str(raised.value.__cause__.__cause__), "the trace of the worker is kept"  # type: ignore[union-attr]


def test_an_eof_error_of_a_broken_file_is_not_the_end_of_the_tasks() -> None:
    with WorkerPool(1, ending_like_a_line) as pool, pytest.raises(IndexingError, match="number 3: EOFError: 3"):
        list(pool.map([Number(3)]))


@pytest.mark.parametrize("work", [starving, starving_at_its_start])
def test_a_worker_without_memory_says_so(work: Callable[[], Callable[[int], int]]) -> None:
    with WorkerPool(1, work) as pool, pytest.raises(IndexingError, match=r"not enough memory; .* fewer --jobs"):
        list(pool.map(map(Number, range(3))))


def test_the_death_of_a_worker_is_raised_with_its_task() -> None:
    with (
        WorkerPool(2, dying_at_seven) as pool,
        pytest.raises(IndexingError, match=r"signal 9 at number [1357] .*--jobs"),
    ):
        list(pool.map(map(Number, range(20))))


def test_a_worker_that_does_not_start_raises_an_error() -> None:
    with WorkerPool(1, never_ready) as pool, pytest.raises(IndexingError, match="not today"):
        list(pool.map([Number(1)]))


def test_a_task_that_cannot_be_sent_leaves_no_process() -> None:
    with pytest.raises((AttributeError, TypeError)), WorkerPool(2, lambda: abs):
        pass


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_closing_ends_busy_workers() -> None:
    with WorkerPool(2, pids) as pool:
        answers = pool.map(map(Number, range(1000)))
        found = [next(answers).value for _ in range(2)]
        running = [pid for pid in found if isinstance(pid, int) and is_running(pid)]
    assert len(running) == 2
    assert not any(map(is_running, running))


def test_workers_end_when_their_parent_is_killed() -> None:
    program = """
import os, signal
from index.parallel import WorkerPool
from tests.index.test_parallel import Number, pids
pool = WorkerPool(2, pids)
next(pool.map(map(Number, range(1000))))
os.kill(os.getpid(), signal.SIGKILL)
"""
    # the pipe of standard error is open as long as any of the three processes runs
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (-signal.SIGKILL, b"")


def test_there_is_a_processor() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)
