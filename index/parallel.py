"""Work in several processes: tasks go out in order, their answers come back in the same order.

A worker is a new interpreter at the other end of a socket, neither a fork of this process (which has threads and a
database open) nor a child of `multiprocessing` (which would run the caller's main module again, and be hit by the
caller's Ctrl-C). It holds nothing that could be lost: it ends when its socket closes, whoever closed it, and ending the
work is killing the workers.
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

from index.errors import IndexingError

_WAITING = 8
"""Tasks that each worker may be ahead, so that none is idle while the caller is busy (with a commit, say)."""
_WAITING_SIZE = 20_000_000
"""Sum of the sizes of all tasks that are on their way; one alone may be larger."""
_SWITCH = 0.001
"""Seconds that a worker computes on while its messages wait for it; the interpreter's own 5 ms would slow them."""
_LENGTH_BYTES = 8
_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from index.parallel import _serve; _serve()"


class Task(Protocol):
    """What is given to a worker."""

    @property
    def message(self) -> object:
        """What is sent, in values that can be pickled; the rest of the task stays here."""

    @property
    def size(self) -> int:
        """A measure of the memory that it takes, such as code points."""

    @property
    def name(self) -> str:
        """What it is about, for an error."""


Work = Callable[[], Callable[..., object]]
"""Can be pickled; called once in every worker, it returns what is called there with each message."""

_Task = TypeVar("_Task", bound=Task)


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Answer(NamedTuple, Generic[_Task]):
    """What became of a task."""

    task: _Task
    value: object


class WorkerPool:
    """Some worker processes; a context manager, since they have to be ended."""

    def __init__(self, processes: int, work: Work) -> None:
        """Start them; they get ready while the caller does something else."""
        self._workers: list[_Worker] = []
        try:
            for _ in range(processes):
                self._workers.append(_Worker(work))
        except BaseException:
            self.close()
            raise

    def map(self, tasks: Iterable[_Task]) -> Iterator[Answer[_Task]]:
        """Yield the answers to the tasks in their order, taking tasks ahead as far as they may wait.

        Raises:
            IndexingError: a worker failed or died; the pool can only be closed then.
        """
        waiting: deque[tuple[int, _Task]] = deque()
        at_most = _WAITING * len(self._workers)
        size = 0
        for number, task in zip(itertools.cycle(range(len(self._workers))), tasks, strict=False):
            while waiting and (len(waiting) >= at_most or size + task.size > _WAITING_SIZE):
                size -= waiting[0][1].size
                yield self._answer(*waiting.popleft())
            self._workers[number].give(task.message)
            waiting.append((number, task))
            size += task.size
        while waiting:
            yield self._answer(*waiting.popleft())

    def close(self) -> None:
        """End the workers, whatever they are doing."""
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
            return Answer(task, self._workers[number].take())
        except _WorkError as error:
            raise IndexingError(f"a worker process failed at {task.name}: {error}; what was committed stays") from error
        except _LineClosed:
            # it may have lost answers that were on their way, so this need not be the task that it died of
            raise IndexingError(
                f"a worker process {self._workers[number].fate()} at {task.name} or soon after; what was committed "
                "stays: run the command again, with fewer --jobs where memory is short"
            ) from None


class _WorkError(Exception):
    """What was raised in a worker, as text."""


class _LineClosed(Exception):  # noqa: N818 - it is how a worker ends
    """The other end of a line has gone."""


class _Raised(NamedTuple):
    """What a worker sends in place of an answer."""

    error: str
    trace: str


class _Worker:
    """One process and the line to it."""

    def __init__(self, work: Work) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-c", _PROGRAM, json.dumps(_import_path()), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the caller, who ends us
            )
        self._line = _Line(ours)
        try:
            self.give(work)
        except BaseException:
            self.close()
            raise

    def give(self, message: object) -> None:
        self._line.send(message)

    def take(self) -> object:
        """Return the next answer.

        Raises:
            _WorkError: the worker raised something.
            _LineClosed: the worker ended.
        """
        answer = self._line.receive()
        if isinstance(answer, _Raised):
            raise _WorkError(answer.error) from _WorkError(answer.trace)
        return answer

    def fate(self) -> str:
        """Return how the process ended, for an error."""
        status = self._process.wait()
        return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._line.close()


def _import_path() -> list[str]:
    """Return where modules are found, for a process that starts elsewhere: an empty entry is the working folder."""
    return [entry or os.getcwd() for entry in sys.path if isinstance(entry, str)]  # noqa: PTH109 - as Python reads it


class _Line:
    """One end of a socket that carries pickled values; threads keep it moving, so that neither end waits to send."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._incoming: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def send(self, value: object) -> None:
        """Send a value; it is pickled before this returns, and lost when the other end has gone."""
        self._outgoing.put(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))

    def receive(self) -> object:
        """Return the next value from the other end; raises _LineClosed when that has gone."""
        data = self._incoming.get()
        if data is None:
            self._incoming.put(None)  # for the next who asks
            raise _LineClosed
        value: object = pickle.loads(data)  # noqa: S301 - from our own process, through a socket without a name
        return value

    def close(self) -> None:
        """End the threads, once everything that can be sent has been; the other end must have gone or be reading."""
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
    """Be a worker: answer every message until the line is closed."""
    sys.setswitchinterval(_SWITCH)
    line = _Line(socket.socket(fileno=int(sys.argv[2])))
    answer: Callable[[object], object] = _begun  # the first message is a `Work`
    with contextlib.suppress(_LineClosed):
        while True:
            try:
                made = answer(line.receive())
                if answer is _begun:
                    answer = cast("Callable[[object], object]", made)
                else:
                    line.send(made)
            except _LineClosed:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller has to know
                line.send(_Raised(f"{type(error).__name__}: {error}", traceback.format_exc()))


def _begun(work: object) -> object:
    return cast("Work", work)()
