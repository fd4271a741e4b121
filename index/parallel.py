"""A pool of worker processes: tasks are sent in order, and results are returned in the same order.

A worker is a new interpreter connected by a socket. It is no fork of this process, which has threads and an open
database, and no child of `multiprocessing`, which would run the caller's main module again and receive its Ctrl-C. A
worker has no state that could be lost: it exits when its socket is closed, and the pool kills its workers.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pickle
import queue
import socket
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, NamedTuple, Protocol, Self, TypeVar, cast

from index.errors import IndexingError, is_out_of_memory

_WAITING = 8
"""Maximum queued tasks for each worker, so that none is idle while the caller is busy, for example with a commit."""
_WAITING_SIZE = 20_000_000
"""Maximum sum of `Task.size` over all queued tasks; a single task may be larger."""
_SWITCH = 0.001
"""Thread switch interval of a worker in seconds; the default of 5 ms delays its messages."""
_LENGTH_BYTES = 8
_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from index.parallel import _serve; _serve()"


class Task(Protocol):
    """A unit of work for a worker."""

    @property
    def message(self) -> object:
        """The part of the task that is sent to the worker, picklable."""

    @property
    def size(self) -> int:
        """A measure of the memory that the task takes, such as code points."""

    @property
    def name(self) -> str:
        """What the task is about, for error messages."""


Work = Callable[[], Callable[..., object]]
"""A picklable callable. Each worker calls it once; the callable that it returns is called with each message."""

_Task = TypeVar("_Task", bound=Task)


def processors() -> int:
    """Return the number of processors available to this process."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Answer(NamedTuple, Generic[_Task]):
    """A task and its result."""

    task: _Task
    value: object


class WorkerPool:
    """A pool of worker processes; a context manager, which ends them."""

    def __init__(self, processes: int, work: Work) -> None:
        """Start the processes, which initialize in the background.

        Raises:
            OSError: a process cannot be started.
        """
        self._workers: list[_Worker] = []
        try:
            for _ in range(processes):
                self._workers.append(_Worker(work))
        except BaseException:
            self.close()
            raise

    def map(self, tasks: Iterable[_Task]) -> Iterator[Answer[_Task]]:
        """Yield the answers in the order of the tasks; tasks are consumed ahead, up to the queue limits.

        Raises:
            IndexingError: a worker failed or died; only `close` may follow.
        """
        waiting: deque[tuple[int, _Task]] = deque()
        at_most = _WAITING * len(self._workers)
        size = 0
        for number, task in zip(itertools.cycle(range(len(self._workers))), tasks, strict=False):
            while waiting and (len(waiting) >= at_most or size + task.size > _WAITING_SIZE):
                size -= waiting[0][1].size
                yield self._answer(*waiting.popleft())
            self._workers[number].send(task.message)
            waiting.append((number, task))
            size += task.size
        while waiting:
            yield self._answer(*waiting.popleft())

    def close(self) -> None:
        """Kill the workers and wait for them."""
        for worker in self._workers:
            worker.close()
        self._workers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self, number: int, task: _Task) -> Answer[_Task]:
        try:
            return Answer(task, self._workers[number].receive())
        except _WorkError as error:
            raise IndexingError(f"a worker process failed at {task.name}: {error}; what was committed stays") from error
        except _ConnectionClosed:
            # answers in transit may be lost, so the worker may have died in a later task
            raise IndexingError(
                f"a worker process {self._workers[number].fate()} at {task.name} or soon after; what was committed "
                "stays: run the command again, with fewer --jobs where memory is short"
            ) from None


class _WorkError(Exception):
    """An exception in a worker, as text."""


class _ConnectionClosed(Exception):  # noqa: N818 - the normal end of a worker
    """The other end of the connection is closed."""


class _Raised(NamedTuple):
    """What a worker sends instead of an answer if an exception was raised."""

    error: str
    trace: str


class _Worker:
    """One worker process and the connection to it."""

    def __init__(self, work: Work) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-c", _PROGRAM, json.dumps(_import_path()), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C goes to the caller only, which kills its workers
            )
        self._connection = _Connection(ours)
        try:
            self.send(work)
        except BaseException:
            self.close()
            raise

    def send(self, message: object) -> None:
        self._connection.send(message)

    def receive(self) -> object:
        """Return the next answer.

        Raises:
            _WorkError: the worker raised an exception.
            _ConnectionClosed: the worker ended.
        """
        answer = self._connection.receive()
        if isinstance(answer, _Raised):
            raise _WorkError(answer.error) from _WorkError(answer.trace)
        return answer

    def fate(self) -> str:
        """Return how the process ended, for an error message; waits until it ends."""
        status = self._process.wait()
        return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._connection.close()


def _import_path() -> list[str]:
    """Return `sys.path` for a worker, with the working folder in place of empty entries."""
    return [entry or os.getcwd() for entry in sys.path if isinstance(entry, str)]  # noqa: PTH109 - sys.path has strings


class _Connection:
    """One end of a socket that carries pickled values. Threads read and write it, so that sending never blocks."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._incoming: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def send(self, value: object) -> None:
        """Send a value. It is pickled before this returns; it is lost if the other end is closed."""
        self._outgoing.put(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))

    def receive(self) -> object:
        """Return the next value from the other end.

        Raises:
            _ConnectionClosed: the other end is closed.
        """
        data = self._incoming.get()
        if data is None:
            self._incoming.put(None)  # for later calls
            raise _ConnectionClosed
        value: object = pickle.loads(data)  # noqa: S301 - from our own process, through an anonymous socket
        return value

    def close(self) -> None:
        """Send what is queued, as far as possible, and end the threads; the other end must be closed or reading."""
        self._outgoing.put(None)
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("rb") as stream:
            while length := stream.read(_LENGTH_BYTES):
                size = int.from_bytes(length)
                data = stream.read(size)
                if len(data) < size:
                    break
                self._incoming.put(data)
        self._incoming.put(None)

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (data := self._outgoing.get()) is not None:
                self._socket.sendall(len(data).to_bytes(_LENGTH_BYTES))
                self._socket.sendall(data)


def _serve() -> None:
    """Run the worker: answer every message until the connection is closed."""
    sys.setswitchinterval(_SWITCH)
    connection = _Connection(socket.socket(fileno=int(sys.argv[2])))
    answer: Callable[[object], object] = _start_work  # the first message is a `Work`
    with contextlib.suppress(_ConnectionClosed):
        while True:
            try:
                result = answer(connection.receive())
                if answer is _start_work:
                    answer = cast("Callable[[object], object]", result)
                else:
                    connection.send(result)
            except _ConnectionClosed:
                raise
            except Exception as error:  # noqa: BLE001 - the caller gets every exception
                connection.send(_raised(error))


def _raised(error: Exception) -> _Raised:
    if is_out_of_memory(error):
        return _Raised("not enough memory; run the command again with fewer --jobs, or allow it more", "")
    return _Raised(f"{type(error).__name__}: {error}", traceback.format_exc())


def _start_work(work: object) -> object:
    return cast("Work", work)()
