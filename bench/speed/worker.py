"""The process of one engine: `python -m bench.speed.worker ENGINE CORPUS_FOLDER ARTICLES INDEX_FOLDER`.

Reads commands from standard input, one JSON object per line, and answers each with one line of JSON. It is idle between
two commands, so that the processes of other engines do not disturb the one that is measured.
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
from bench.speed.engines.peer import Answer, Duration, Mode, NotInstalledError, Stopwatch
from bench.speed.queries import Kind, Query

QUERIES, WARM_UP = "queries.json", "warm-up.json"
"""Files of the corpus folder: the queries that are measured, and those that are asked before."""
COMMIT = 20
"""Articles in one of the small commits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Started:
    """The engine was loaded."""

    version: str
    seconds: float
    """Time to load its libraries and whatever else it needs before it can open an index."""


@dataclasses.dataclass(frozen=True, slots=True)
class Built:
    """An index was built."""

    seconds: float
    megabytes: float
    """On disk."""
    peak: float
    """Peak memory of the process, in MB."""


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """The index was opened, closed and opened again."""

    first: float
    """Seconds in a process that had not opened it before."""
    again: float
    private: float
    """MB of private memory that the first opening added."""
    anonymous: float
    """The part of it that is anonymous (not backed by a file), in MB."""


@dataclasses.dataclass(frozen=True, slots=True)
class WarmedUp:
    """Other queries than the measured ones were asked, so that code and data that all queries need are loaded."""

    first: float
    """Seconds of the first of them: the first answer of the process."""


@dataclasses.dataclass(frozen=True, slots=True)
class Round:
    """All queries were asked once, in their order."""

    seconds: list[float | None]
    """Wall-clock time by query; None for a query that the engine cannot answer."""
    processor: list[float | None]
    """Processor time by query in seconds; see `Duration`."""
    answers: list[Answer | None]
    """Answers by query; empty if they were not requested."""


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """Durations in seconds of small commits, and of the refresh and the first query after each."""

    commits: list[float]
    refreshes: list[float]
    first_answers: list[float]


@dataclasses.dataclass(frozen=True, slots=True)
class Memory:
    """Private memory of the process, in MB, and the anonymous part of it."""

    private: float
    anonymous: float


class Worker:
    """One engine and the commands on it."""

    def __init__(self, name: str, work: Path, count: int, index: Path) -> None:
        """Load engine `name` with its index in folder `index`; the corpus is the first `count` articles of `work`."""
        with Stopwatch() as watch:
            self._entry, self._peer = ENGINES[name], make(name, index)
        self.started = Started(self._peer.version, watch.seconds)
        self._corpus = Corpus(work, count)
        self._work = work
        self._index = index

    def build(self, _: Mapping[str, object]) -> Built:
        """Build the index."""
        seconds = self._peer.build(self._corpus)
        return Built(seconds, machine.folder_megabytes(self._index), machine.peak_megabytes(self._peer.process))

    def open(self, _: Mapping[str, object]) -> Opened:
        """Open the index, close it, and open it again."""
        private, anonymous = machine.private_megabytes(self._peer.process)
        with Stopwatch() as first:
            self._peer.open()
        opened_private, opened_anonymous = machine.private_megabytes(self._peer.process)
        self._peer.close()
        with Stopwatch() as again:
            self._peer.open()
        return Opened(first.seconds, again.seconds, opened_private - private, opened_anonymous - anonymous)

    def warm_up(self, _: Mapping[str, object]) -> WarmedUp:
        """Ask the queries of the warm-up; an engine that makes no page of one is asked for its counts."""
        others = queries.read(self._work / WARM_UP)
        with Stopwatch() as first:
            self._ask(others[0], Mode.PAGE)
        for query in others[1:] + others * (self._entry.warm_rounds - 1):
            if self._ask(query, Mode.PAGE) is None:
                self._ask(query, Mode.FACETS)
        return WarmedUp(first.seconds)

    def ask(self, command: Mapping[str, object]) -> Round:
        """Ask all queries once, in the mode of the command."""
        mode = Mode(str(command["mode"]))
        done = Round([], [], [])
        gc.collect()
        for query in queries.read(self._work / QUERIES):
            began, ran = time.perf_counter(), time.thread_time()
            answer = self._ask(query, mode)
            measured = Duration(time.perf_counter() - began, time.thread_time() - ran)
            duration = None if answer is None else answer.taken or measured
            done.seconds.append(None if duration is None else duration.wall)
            done.processor.append(None if duration is None else duration.processor)
            if command["answers"]:
                done.answers.append(answer)
        return done

    def commit(self, command: Mapping[str, object]) -> Committed:
        """Commit articles, `COMMIT` at a time, and time each commit and the first search on it."""
        query = next(query for query in queries.read(self._work / QUERIES) if query.kind is Kind.WORD)
        done = Committed([], [], [])
        for begin in range(0, COMMIT * int(str(command["times"])), COMMIT):
            seconds = self._peer.add(self._corpus.extra.part(begin, begin + COMMIT))
            if seconds is None:
                break
            done.commits.append(seconds)
            with Stopwatch() as refresh:
                self._peer.open()
            with Stopwatch() as first:
                self._peer.ask(query, Mode.PAGE)
            done.refreshes.append(refresh.seconds)
            done.first_answers.append(first.seconds)
        return done

    def memory(self, _: Mapping[str, object]) -> Memory:
        """Return the current private memory of the engine's process."""
        return Memory(*machine.private_megabytes(self._peer.process))

    def _ask(self, query: Query, mode: Mode) -> Answer | None:
        return self._peer.ask(query, mode) if query.kind in self._entry.kinds else None

    def commands(self) -> dict[str, Callable[[Mapping[str, object]], object]]:
        """Return the commands by name."""
        return {name: getattr(self, name) for name in ("build", "open", "warm_up", "ask", "commit", "memory")}

    def close(self) -> None:
        """Release the engine."""
        self._peer.close()


def main() -> None:
    """Execute commands until the input ends."""
    name, work, count, index = sys.argv[1:]
    out, sys.stdout = sys.stdout, sys.stderr  # output of a library must not mix with the answers
    try:
        worker = Worker(name, Path(work), int(count), Path(index))
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


def index_folder(name: str, folder: Path) -> Path:
    """Return the folder in `folder` that has the index of engine `name`."""
    return folder / (ENGINES[name].shares or name)


if __name__ == "__main__":
    main()
