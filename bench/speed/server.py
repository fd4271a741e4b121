"""The server as a user starts it, `judhur serve` with default settings, and what it takes of the machine."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.speed import machine

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 20


class Server:
    """A running server."""

    def __init__(self, process: int, port: int) -> None:
        self._process = process
        self._port = port

    @property
    def address(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self._port}"

    def workers(self) -> list[int]:
        """Return the ids of its worker processes."""
        return [int(child) for child in _read(self._process, f"task/{self._process}/children").split()]

    def processor_seconds(self) -> float:
        """Return the processor time that all its processes have used."""
        ticks = 0
        for process in (self._process, *self.workers()):
            # after the name in parentheses: state is field 3, user and system time are 14 and 15
            fields = _read(process, "stat").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def worker_megabytes(self) -> float:
        """Return the private memory of its largest worker process, in MB."""
        return max(machine.private_megabytes(worker)[0] for worker in self.workers())

    def body_size(self, path: str, headers: dict[str, str]) -> int:
        """Return the bytes of the body of an answer on the wire."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("GET", path, headers=headers)
            return len(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def serving(index: Path) -> Iterator[Server]:
    """Run the server over an index until the block ends.

    Raises:
        RuntimeError: it did not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    others = {name: value for name, value in os.environ.items() if not name.startswith("JUDHUR_")}
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-m", "web", "serve", "--index", str(index.resolve()), "--port", str(port)],
        cwd=ROOT,
        env=others,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            if not (process.stdout and process.stdout.readline()):
                raise RuntimeError(f"the server of {index} did not start")
            yield Server(process.pid, port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _read(process: int, name: str) -> str:
    return Path(f"/proc/{process}/{name}").read_text("utf-8")
