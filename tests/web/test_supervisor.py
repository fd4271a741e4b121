"""Workers that are killed or hang, through real servers: the service goes on."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.build import add_articles
from tests.web.servers import ROOT, Server, serving, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc of Linux")
SEARCH = "/api/v1/search?q=%D8%A8%D9%88%D8%AA%D9%8A%D9%86"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    location = str(tmp_path_factory.mktemp("supervisor") / "index")
    add_articles(location, [ROOT / "seeds"])
    return location


@pytest.fixture
def server(index: str) -> Iterator[Server]:
    with serving(index) as running:
        until(lambda: len(running.workers()) == 2)
        yield running


def kill(server: Server, worker: int) -> float:
    """Kill a worker; return how long it took until another one took its place."""
    others = set(server.workers())
    os.kill(worker, signal.SIGKILL)
    return until(lambda: not server.alive() or bool(set(server.workers()) - others))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_worker_is_replaced_and_the_service_goes_on(index: str, processes: int) -> None:
    with serving(index, processes=processes) as server:
        for _ in range(4):
            assert server.get(SEARCH).status == 200
            kill(server, server.workers()[0])
            assert server.alive()
            until(lambda: server.get(SEARCH).status == 200)
            assert len(server.workers()) == processes


def test_no_request_is_lost_but_those_in_the_worker_that_is_killed(server: Server) -> None:
    stopped = threading.Event()
    statuses: list[int] = []

    def ask() -> None:
        while not stopped.is_set():
            statuses.append(server.get(SEARCH, timeout=10).status)

    clients, kills = 4, 3
    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(ask) for _ in range(clients)]
        for _ in range(kills):
            kill(server, server.workers()[0])
        until(lambda: statuses.count(200) > 2 * clients * kills)
        stopped.set()
        for each in asking:
            each.result()
    lost = [status for status in statuses if status != 200]
    assert server.alive()
    assert set(lost) <= {0}
    # a client asks one thing at a time, and its next connection may reach the worker while it ends
    assert len(lost) <= 2 * clients * kills


def test_a_worker_that_hangs_is_replaced(index: str) -> None:
    with serving(index, JUDHUR_WATCHDOG_SECONDS="2") as server:
        until(lambda: len(server.workers()) == 2)
        before = set(server.workers())
        with ThreadPoolExecutor(1) as pool:
            hanging = pool.submit(server.get, "/hang")
            took = until(lambda: bool(set(server.workers()) - before))
            assert hanging.result().status == 0
        assert 1 < took < 15
        assert len(before & set(server.workers())) == 1
        until(lambda: server.get(SEARCH).status == 200)


def test_a_worker_that_is_only_busy_is_left_alone(index: str) -> None:
    with serving(index, JUDHUR_WATCHDOG_SECONDS="2") as server:
        until(lambda: len(server.workers()) == 2)
        before = server.workers()
        with ThreadPoolExecutor(8) as pool:
            assert {answer.status for answer in pool.map(server.get, ["/wait"] * 40)} == {200}
        assert server.workers() == before


def test_the_workers_end_with_their_parent_and_the_port_is_free(server: Server) -> None:
    workers = server.workers()
    server.process.kill()
    server.process.wait()
    until(lambda: free(server.port), seconds=5)
    assert not any(Path(f"/proc/{worker}/exe").exists() for worker in workers)


def free(port: int) -> bool:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.mark.torture
def test_fifty_kills_end_no_service(server: Server) -> None:
    for number in range(50):
        workers = server.workers()
        assert kill(server, workers[number % len(workers)]) < 10
        until(lambda: server.get(SEARCH).status == 200)
        assert server.alive()
