"""The process of one engine: `python -m bench.speed.worker ENGINE FOLDER`.

Takes a command a line as JSON on standard input and answers each with a line of JSON. It sits still between two, so
that several of them can wait while one works.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.speed import machine, queries
from bench.speed.corpus import Corpus
from bench.speed.engines import ENGINES, make
from bench.speed.engines.peer import Answer, Mode, NotInstalledError, Stopwatch, Taken
from bench.speed.queries import Kind

QUERIES = "queries.json"
COMMIT = 20
"""Articles of one of the small commits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Started:
    """The engine is there."""

    version: str
    seconds: float
    """Loading of its libraries and of what else it needs before it can open an index."""


@dataclasses.dataclass(frozen=True, slots=True)
class Built:
    """An index was built."""

    seconds: float
    megabytes: float
    """On disk."""
    peak: float
    """Most memory that the process held, in MB."""


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """The index was opened, closed and opened again."""

    first: float
    """Seconds in a process that had not opened it before."""
    again: float
    private: float
    """MB of private memory that the first opening added."""
    anonymous: float
    """The part of it that no file backs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """All queries were asked once, in their order."""

    seconds: list[float | None]
    """By the clock; None for what the engine cannot answer."""
    processor: list[float | None]
    """By the processor; see `Taken`."""
    answers: list[Answer | None]
    """Empty where they were not asked for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """Small commits, one after another, each followed by a refresh and the first query; all in seconds."""

    commits: list[float]
    refreshes: list[float]
    first_answers: list[float]


@dataclasses.dataclass(frozen=True, slots=True)
class Memory:
    """What the process holds after all queries, in MB."""

    private: float
    anonymous: float


class Worker:
    """One engine, and what it is told to do."""

    def __init__(self, name: str, work: Path, count: int, place: Path) -> None:
        """Make engine `name` with its index in `place`; `work` holds the corpus, of which `count` articles count."""
        with Stopwatch() as watch:
            self._peer = make(name, place)
        self.started = Started(self._peer.version, watch.seconds)
        self._corpus = Corpus(work, count)
        self._work = work
        self._place = place

    def build(self, _: Mapping[str, object]) -> Built:
        """Build the index."""
        seconds = self._peer.build(self._corpus)
        return Built(seconds, machine.folder_megabytes(self._place), machine.peak_megabytes(self._peer.process))

    def open(self, _: Mapping[str, object]) -> Opened:
        """Open the index for the first time and once more."""
        private, anonymous = machine.private_megabytes(self._peer.process)
        with Stopwatch() as first:
            self._peer.open()
        opened_private, opened_anonymous = machine.private_megabytes(self._peer.process)
        self._peer.close()
        with Stopwatch() as again:
            self._peer.open()
        return Opened(first.seconds, again.seconds, opened_private - private, opened_anonymous - anonymous)

    def ask(self, command: Mapping[str, object]) -> Asked:
        """Ask all queries once."""
        mode = Mode(str(command["mode"]))
        done = Asked([], [], [])
        gc.collect()
        for query in queries.read(self._work / QUERIES):
            began, ran = time.perf_counter(), time.thread_time()
            answer = self._peer.ask(query, mode)
            outside = Taken(time.perf_counter() - began, time.thread_time() - ran)
            taken = None if answer is None else answer.taken or outside
            done.seconds.append(None if taken is None else taken.wall)
            done.processor.append(None if taken is None else taken.processor)
            if command["answers"]:
                done.answers.append(answer)
        return done

    def commit(self, command: Mapping[str, object]) -> Committed:
        """Commit articles, a few at a time, and look at each commit."""
        query = next(query for query in queries.read(self._work / QUERIES) if query.kind is Kind.WORD)
        done = Committed([], [], [])
        for begin in range(0, COMMIT * int(str(command["times"])), COMMIT):
            taken = self._peer.add(self._corpus.extra.part(begin, begin + COMMIT))
            if taken is None:
                break
            done.commits.append(taken)
            with Stopwatch() as refresh:
                self._peer.open()
            with Stopwatch() as first:
                self._peer.ask(query, Mode.PAGE)
            done.refreshes.append(refresh.seconds)
            done.first_answers.append(first.seconds)
        return done

    def memory(self, _: Mapping[str, object]) -> Memory:
        """Return what the engine's process holds now."""
        return Memory(*machine.private_megabytes(self._peer.process))

    def commands(self) -> dict[str, Callable[[Mapping[str, object]], object]]:
        """Return what it can be told, by name."""
        return {name: getattr(self, name) for name in ("build", "open", "ask", "commit", "memory")}

    def close(self) -> None:
        """Release the engine."""
        self._peer.close()


def main() -> None:
    """Obey until the input ends."""
    name, work, count, place = sys.argv[1:]
    out, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not mix with the answers
    try:
        worker = Worker(name, Path(work), int(count), Path(place))
    except NotInstalledError as error:
        print(json.dumps({"missing": str(error)}), file=out, flush=True)
        return
    print(json.dumps(dataclasses.asdict(worker.started)), file=out, flush=True)
    commands = worker.commands()
    for line in sys.stdin:
        command = json.loads(line)
        answer = commands[command["do"]](command)
        assert dataclasses.is_dataclass(answer)
        assert not isinstance(answer, type)
        print(json.dumps(dataclasses.asdict(answer), ensure_ascii=False), file=out, flush=True)
    worker.close()


def place_of(name: str, folder: Path) -> Path:
    """Return where engine `name` keeps its index under a folder."""
    return folder / (ENGINES[name].shares or name)


if __name__ == "__main__":
    main()
