"""Real servers, as a user starts them, for tests of what they survive."""

from __future__ import annotations

import dataclasses
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CODE = """
import os, re, time
from search import deadline
from search.engines.embedded.ranker import Ranker
from web import serve
from web.config import Config

explain = Ranker.explain
def slow(self, *hit, **options):
    ends = time.thread_time() + float(os.environ.get("SLOW_HIT_SECONDS", "0"))
    while time.thread_time() < ends:  # in small steps, as a search is
        deadline.check()
    return explain(self, *hit, **options)
Ranker.explain = slow

built = serve.build
def build(config, **options):
    app = built(config, **options)
    app.add_url_rule("/hang", "hang", lambda: str(re.match("(a|a)*b", "a" * 40)))  # holds Python's lock for days
    app.add_url_rule("/wait", "wait", lambda: time.sleep(1.0) or "waited")
    return app
serve.build = build
serve.run(Config.from_environment(os.environ))
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or the lack of one (status 0)."""

    status: int
    headers: Message
    body: bytes
    seconds: float


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str, *, timeout: float = 60.0) -> Answer:
        """Return the answer to a request on a connection of its own."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            return Answer(response.status, response.headers, body, time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            return Answer(0, Message(), b"", time.monotonic() - began)
        finally:
            connection.close()

    def raw(self, request: bytes, *, timeout: float = 10.0) -> bytes:
        """Return everything that a server sends after these bytes until it closes the connection."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection, suppress(OSError):
            connection.sendall(request)
            while part := connection.recv(65536):
                received += part
        return received

    def workers(self) -> list[int]:
        """Return the ids of the worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return sorted(map(int, children.read_text().split()))

    def alive(self) -> bool:
        """Return whether the parent runs."""
        return self.process.poll() is None


@contextmanager
def serving(index: str, *, processes: int = 2, slow_hit: float = 0.0, **settings: str) -> Iterator[Server]:
    """Run a server until the block ends, and kill all of its processes then.

    `slow_hit` is the processor time in seconds that explaining one hit takes, as in a large index; `settings` are
    environment variables.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    given = {"JUDHUR_INDEX": index, "JUDHUR_PORT": str(port), "JUDHUR_PROCESSES": str(processes)}
    given["SLOW_HIT_SECONDS"] = str(slow_hit)
    with subprocess.Popen(
        [sys.executable, "-c", _CODE],
        cwd=ROOT,
        env=os.environ | given | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("http://")
            yield Server(process, port)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def until(condition: Callable[[], bool], *, seconds: float = 20.0) -> float:
    """Wait until a condition holds; return how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began
