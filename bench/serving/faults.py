"""Workers that are killed or hang, and connections that say nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import resource
import signal
import socket
import threading
import time
from pathlib import Path

from bench.serving.overload import CHEAP, percentile
from bench.serving.server import HANGING, Server, serving

GONE_SECONDS = 3.0
"""A request that ended without an answer so soon after a kill was in the worker."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kills:
    """What happened while workers were killed."""

    kills: int
    """Kills until the service ended, or all of them."""
    replaced: list[float]
    """Seconds from each kill until the next worker was there and answered."""
    answered: int
    in_worker: int
    """Requests that ended without an answer at the moment of a kill."""
    lost: int
    """Requests that ended otherwise than with 200."""


def kills(code: Path, index: Path, count: int) -> Kills:
    """Kill one worker of two with SIGKILL, again and again, while four clients ask."""
    with serving(code, index) as server:
        clients = _Clients(server)
        replaced: list[float] = []
        for number in range(count):
            before = server.workers()
            began = time.perf_counter()
            clients.killed_at = time.monotonic()
            os.kill(before[number % len(before)], signal.SIGKILL)
            while server.alive() and len(set(server.workers()) - set(before)) < 1 and time.perf_counter() - began < 60:
                time.sleep(0.01)
            if not server.alive():
                break
            replaced.append(time.perf_counter() - began)
            time.sleep(0.5)
        clients.stop()
    return Kills(len(replaced) if len(replaced) == count else len(replaced) + 1, replaced, *clients.counts())


class _Clients:
    """Four clients that ask for one word until they are stopped."""

    def __init__(self, server: Server) -> None:
        self.killed_at = float("-inf")
        self._server = server
        self._stopped = threading.Event()
        self._answered = self._in_worker = self._lost = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(4)]
        for thread in self._threads:
            thread.start()

    def counts(self) -> tuple[int, int, int]:
        return self._answered, self._in_worker, self._lost

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        while not self._stopped.is_set():
            asked = time.monotonic()
            try:
                status = self._server.get(CHEAP[number], timeout=10)[0]
            except (OSError, http.client.HTTPException):
                status = 0
            with self._lock:
                if status == 200:
                    self._answered += 1
                elif not status and asked <= self.killed_at + 0.05 and time.monotonic() < self.killed_at + GONE_SECONDS:
                    self._in_worker += 1
                else:
                    self._lost += 1
            time.sleep(0.02)


def hang(code: Path, index: Path, limit: float = 60.0) -> float | None:
    """Return the seconds until a worker that hangs was replaced; None if it was not within `limit`."""
    with serving(code, index) as server:
        before = server.workers()
        threading.Thread(target=_hang, args=(server, limit), daemon=True).start()
        began = time.perf_counter()
        while time.perf_counter() - began < limit:
            if len(set(server.workers()) - set(before)):
                return time.perf_counter() - began
            time.sleep(0.1)
    return None


def _hang(server: Server, limit: float) -> None:
    try:
        server.get(HANGING, timeout=limit)
    except (OSError, http.client.HTTPException):
        return


@dataclasses.dataclass(frozen=True, slots=True)
class Idle:
    """What a client saw beside idle connections; times in seconds."""

    connections: int
    p50: float
    p95: float
    failed: int
    megabytes: float
    """Resident memory of the workers that the connections added."""


def idle(code: Path, index: Path, connections: int, requests: int = 50) -> Idle:
    """Open connections that say nothing, and ask beside them, each request for at most 10 seconds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, connections + 1000), hard))
    with serving(code, index) as server:
        for path in CHEAP:
            server.get(path)
        before = _resident(server)
        opened: list[socket.socket] = []
        with contextlib.suppress(OSError):  # the kernel's queue is full: no more is needed
            opened.extend(socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(connections))
        times, failed = [], 0
        memory = 0.0
        for number in range(requests):
            memory = max(memory, _resident(server) - before)
            try:
                times.append(server.get(CHEAP[number % len(CHEAP)], timeout=10)[2])
            except (OSError, http.client.HTTPException):
                failed += 1
            if failed == 2:
                break
        for connection in opened:
            connection.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return Idle(connections, percentile(times, 50), percentile(times, 95), failed, memory)


def _resident(server: Server) -> float:
    pages = sum(int(Path(f"/proc/{worker}/statm").read_text().split()[1]) for worker in server.workers())
    return pages * resource.getpagesize() / 1e6
