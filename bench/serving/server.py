"""A server process of this checkout or of another one, and requests to it. Everything stays on the loopback address."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HANGING = "/hang"
"""A route that never answers and holds Python's lock: a regular expression that backtracks 2**40 times."""

_CODE = f"""
import os, re
from web import serve
from web.config import Config
built = serve.build
def build(*values, **options):
    app = built(*values, **options)
    app.add_url_rule("{HANGING}", "hang", lambda: str(re.match("(a|a)*b", "a" * 40)))
    return app
serve.build = build
serve.run(Config.from_environment(os.environ))
"""


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str, *, timeout: float = 60.0) -> tuple[int, int, float]:
        """Return status, length and seconds of an answer. Raises OSError or HTTPException: there was none."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            length = len(response.read())
        finally:
            connection.close()
        return response.status, length, time.perf_counter() - began

    def workers(self) -> list[int]:
        """Return the ids of the worker processes, ascending."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return sorted(map(int, children.split()))

    def alive(self) -> bool:
        """Return whether the service still runs."""
        return self.process.poll() is None


@contextmanager
def serving(code: Path, index: Path, processes: int = 2, **settings: str) -> Iterator[Server]:
    """Run the server of a checkout over an index until the block ends.

    Raises:
        RuntimeError: it did not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {
        "JUDHUR_INDEX": str(index),
        "JUDHUR_PORT": str(port),
        "JUDHUR_PROCESSES": str(processes),
        "PYTHONPATH": str(code),
    }
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", _CODE],
        cwd=code,
        env=os.environ | given | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            if not (process.stdout and process.stdout.readline()):
                raise RuntimeError(f"the server of {code} did not start")
            yield Server(process, port)
        finally:
            # the whole session: workers of old code outlive their parent
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
