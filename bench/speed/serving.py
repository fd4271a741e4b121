"""Requests a second over HTTP, by wrk: a client in C that leaves the processor to the server."""

from __future__ import annotations

import dataclasses
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.speed.engines.peer import NotInstalledError
from bench.speed.engines.product import JSON_PATH, PAGE_PATH
from bench.speed.queries import Query
from bench.speed.server import Server, serving

SCRIPT = Path(__file__).with_name("wrk.lua")
CONNECTIONS = 8 * (os.cpu_count() or 1)
"""Of the client at a time, so that each worker process of the server has some."""
WARM_UP, AGAIN, REPEATED = 5, 2, 3
"""Passes through the queries: of the warm-up; before the repeated ones, so that each worker has seen each; measured."""
SIZED = 100
"""Number of queries whose answers are measured in bytes."""
ANSWERS = {"JSON": JSON_PATH, "HTML": PAGE_PATH}
ENCODINGS: dict[str, dict[str, str]] = {"": {}, ", gzip": {"Accept-Encoding": "gzip"}}
"""Name of what a client accepts → its header."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rate:
    """Requests to a running server."""

    per_second: float
    processor: float
    """Processor time of the server for a request, in seconds."""
    failed: int
    """Requests without an answer, or with a refusal."""


@dataclasses.dataclass(frozen=True, slots=True)
class HttpFigures:
    """One kind of answers; rates and memory are medians over the rounds, failures their sum."""

    answers: str
    processes: int
    """Worker processes of the server."""
    requests: int
    """How many queries were asked."""
    first: Rate
    """Each query for the first time, by a fresh server."""
    repeated: Rate
    worker: float
    """Private memory of a worker process after the first-asked queries, in MB."""
    kilobytes: float
    """Mean size of the body of an answer on the wire, in kB."""

    @property
    def failed(self) -> int:
        """Requests without an answer, or with a refusal."""
        return self.first.failed + self.repeated.failed


class _Round(NamedTuple):
    first: Rate
    repeated: Rate
    worker: float
    kilobytes: float
    processes: int


def measure(index: Path, others: Sequence[Query], asked: Sequence[Query], rounds: int) -> list[HttpFigures]:
    """Return the figures of each kind of answers; each round starts a fresh server, which is asked `others` first.

    Raises:
        NotInstalledError: wrk is missing.
        RuntimeError: the server did not start.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NotInstalledError("requests a second: install wrk (Debian and Ubuntu: apt-get install wrk)")
    kinds = [(name + suffix, path, header) for name, path in ANSWERS.items() for suffix, header in ENCODINGS.items()]
    done: dict[str, list[_Round]] = {name: [] for name, _, _ in kinds}
    with tempfile.TemporaryDirectory() as folder:
        client = Client(wrk, Path(folder))
        for number in range(rounds):
            for name, path, headers in kinds:
                print(f"round {number + 1} of {rounds}: {name} over HTTP", file=sys.stderr, flush=True)
                warm_up, paths = ([f"{path}?{query.parameters}" for query in queries] for queries in (others, asked))
                with serving(index) as server:
                    done[name].append(_round(client, server, warm_up, paths, headers))
    return [
        HttpFigures(
            answers=name,
            processes=of_kind[0].processes,
            requests=len(asked),
            first=_median([one_round.first for one_round in of_kind]),
            repeated=_median([one_round.repeated for one_round in of_kind]),
            worker=statistics.median(one_round.worker for one_round in of_kind),
            kilobytes=of_kind[0].kilobytes,
        )
        for name, of_kind in done.items()
    ]


def _round(
    client: Client, server: Server, warm_up: Sequence[str], paths: Sequence[str], headers: dict[str, str]
) -> _Round:
    client.ask(server, warm_up, WARM_UP, headers)
    first = client.ask(server, paths, 1, headers)
    worker = server.worker_megabytes()
    client.ask(server, paths, AGAIN, headers)
    repeated = client.ask(server, paths, REPEATED, headers)
    sizes = [server.body_size(path, headers) for path in paths[:SIZED]]
    return _Round(first, repeated, worker, statistics.fmean(sizes) / 1000, len(server.workers()))


class Client:
    """The command wrk."""

    def __init__(self, command: str, folder: Path) -> None:
        """Write the lists of paths to a folder."""
        self._command = command
        self._paths = folder / "paths"

    def ask(self, server: Server, paths: Sequence[str], passes: int, headers: dict[str, str]) -> Rate:
        """Ask for all paths, `passes` times."""
        self._paths.write_text("".join(f"{path}\n" for path in paths), "utf-8")
        options = ["--threads", 1, "--connections", CONNECTIONS, "--duration", "1h", "--timeout", "60s"]
        for name, value in headers.items():
            options += ["--header", f"{name}: {value}"]
        arguments = [self._paths, passes, CONNECTIONS]
        before = server.processor_seconds()
        ran = subprocess.run(  # noqa: S603 - the command that the user installed
            [self._command, *map(str, [*options, "--script", SCRIPT, server.address, "--", *arguments])],
            capture_output=True,
            text=True,
            check=True,
        )
        used = server.processor_seconds() - before
        seconds, completed, failed = ran.stdout.splitlines()[-1].split()
        return Rate(passes * len(paths) / float(seconds), used / int(completed), int(failed))


def _median(rates: Sequence[Rate]) -> Rate:
    return Rate(
        statistics.median(rate.per_second for rate in rates),
        statistics.median(rate.processor for rate in rates),
        sum(rate.failed for rate in rates),
    )
