"""Requests to a cluster that loses nodes, hangs, or is not reachable get complete answers, or a clear 503 in time."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.location import completed
from search.engines import open_engine
from search.request import SearchRequest
from tests.cluster.archives import WORD, Archive, manager, search_service
from tests.cluster.running import reason_to_skip
from tests.web.test_serve import free_port, serving
from web.config import Config
from web.serve import ENGINE, build

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

API, PAGE = f"/api/v1/search?q={WORD}", f"/search?q={WORD}"
BUSY = 5.0
"""Factor of the time limits: the machine of the tests has other work, and starts nodes meanwhile."""


class Answer(NamedTuple):
    """One HTTP response."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def total(self) -> int:
        """Number of articles found."""
        found: int = json.loads(self.text)["total"]["value"]
        return found


def of_client(client: FlaskClient, path: str) -> Answer:
    began = time.monotonic()
    response = client.get(path)
    return Answer(response.status_code, dict(response.headers), response.text, time.monotonic() - began)


def of_server(address: str, path: str) -> Answer:
    began = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    connection.request("GET", path)
    with connection.getresponse() as response:
        text = response.read().decode()
        headers = {name.title(): value for name, value in response.getheaders()}
        answer = Answer(response.status, headers, text, time.monotonic() - began)
    connection.close()
    return answer


@contextmanager
def application(location: str) -> Iterator[Flask]:
    app = build(Config(index=location))
    try:
        yield app
    finally:
        app.extensions[ENGINE].close()


def is_unavailable(answer: Answer, path: str, *problems: str) -> None:
    """Check that an answer is a 503 of the format of its path, with Retry-After; `problems` are further types of it."""
    assert answer.status == 503, answer.text[:500]
    assert int(answer.headers["Retry-After"]) >= 1
    if path == API:
        assert answer.headers["Content-Type"] == "application/problem+json"
        types = [f"/problems/{problem}" for problem in ("index-unavailable", *problems)]
        assert json.loads(answer.text)["type"] in types
    else:
        assert 'dir="rtl"' in answer.text
        assert "الفهرس غير متاح الآن" in answer.text
    assert "127.0.0.1:" not in answer.text
    assert "Traceback" not in answer.text


def until(wanted: Callable[[], bool], seconds: float) -> float:
    """Wait until a condition holds; return the time in seconds."""
    began = time.monotonic()
    while not wanted():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s"
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.parametrize(
    "which",
    ["manager", pytest.param("another", marks=pytest.mark.torture), pytest.param("all", marks=pytest.mark.torture)],
)
def test_a_lost_node_is_not_noticed_by_readers(
    which: str, archive: Callable[..., Archive], measured: dict[str, str]
) -> None:
    filled = archive(600)
    cluster = filled.cluster
    first = manager(cluster)
    to_kill = {
        "manager": [first],
        "another": [node for node in cluster.nodes if node is not first][:1],
        "all": [*cluster.nodes, *cluster.nodes],
    }[which]
    for node in to_kill:
        engine = open_engine(filled.location(first=node))
        service = search_service(engine)
        assert service.search(SearchRequest(text=WORD)).total == 600
        node.kill()
        began = time.monotonic()
        totals, longest = [], 0.0
        for number in range(30):
            started = time.monotonic()
            found = service.search(SearchRequest(text=f"{WORD} x{number % 31}", per_page=100))
            totals.append((service.search(SearchRequest(text=WORD)).total, found.total > 0, len(found.hits) > 0))
            longest = max(longest, time.monotonic() - started)
            if not number:
                measured[f"killed ({which}): the first answer after"] = f"{longest:.2f} s"
                assert longest < 3 * BUSY
            time.sleep(0.05)
        assert set(totals) == {(600, True, True)}
        measured[f"killed ({which}): the longest of 30 pairs of searches"] = f"{longest:.2f} s"
        fresh = open_engine(filled.location(first=node))
        assert search_service(fresh).search(SearchRequest(text=WORD)).total == 600
        fresh.close()
        cluster.wait_for("yellow", nodes=2)
        assert service.search(SearchRequest(text=WORD)).total == 600
        node.start()
        cluster.wait_for("green")
        assert service.search(SearchRequest(text=WORD)).total == 600
        assert time.monotonic() - began < 200
        engine.close()


def test_a_cluster_without_its_shards_is_a_503_until_they_are_back(
    archive: Callable[..., Archive], measured: dict[str, str]
) -> None:
    copied, single = archive(300), archive(300, replicas=0)
    cluster = copied.cluster
    lost = cluster.nodes[1:]
    with (
        application(copied.location()) as app,
        application(single.location()) as other,
        serving(copied.location()) as (process, address),
    ):
        client, fragile = app.test_client(), other.test_client()
        assert of_server(address, API).total == of_client(client, API).total == of_client(fragile, API).total == 300
        lost[0].kill()
        for path in (API, PAGE):
            answer = of_client(fragile, path)
            is_unavailable(answer, path)
            measured[f"shards without copies are lost: {path.partition('?')[0]} says so after"] = (
                f"{answer.seconds:.2f} s"
            )
            assert answer.seconds < 2 * BUSY
        assert of_client(client, API).total == of_server(address, API).total == 300
        lost[1].kill()
        ways: dict[str, Callable[[str], Answer]] = {
            "client": lambda path: of_client(client, path),
            "server": lambda path: of_server(address, path),
        }
        for name, ask in ways.items():
            for path in (API, PAGE, API):
                answer = ask(path)
                is_unavailable(answer, path)
                measured[f"two of three nodes are lost: {name}, {path.partition('?')[0]} says so after"] = (
                    f"{answer.seconds:.2f} s"
                )
                assert answer.seconds < 2 * BUSY
        for node in lost:
            node.start()
        cluster.wait_for("yellow")
        waited = until(
            lambda: (
                {of_client(client, API).status, of_client(fragile, API).status, of_server(address, API).status} == {200}
            ),
            60,
        )
        measured["searches go on after a red cluster is green again"] = f"{waited:.2f} s"
        assert of_server(address, API).total == of_client(client, API).total == of_client(fragile, API).total == 300
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors


def unreachable_location() -> str:
    """Return a location whose port has no listener, with a user and a password."""
    hosts = ",".join(f"127.0.0.1:{free_port()}" for _ in range(3))
    return f"opensearch+http://someone:s3cret@{hosts}/nowhere"


@pytest.mark.parametrize("command", [["search", WORD], ["serve"], ["index", "add", "seeds"]], ids=" ".join)
def test_an_unreachable_cluster_is_reported_in_one_line(command: list[str]) -> None:
    if command[0] == "index":
        pytest.importorskip("index.engines.opensearch.store")
    done = subprocess.run(
        [sys.executable, "-m", "web", *command, "--index", unreachable_location()],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"JUDHUR_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    told = [line for line in done.stderr.splitlines() if not line.startswith("judhur: warning:")]
    assert len(told) == 1, done.stderr
    assert "cannot be reached (Connection refused); start the cluster" in done.stderr
    assert "s3cret" not in done.stderr
    assert "someone" not in done.stderr


def test_a_hanging_cluster_costs_one_time_out_and_then_nothing(
    archive: Callable[..., Archive], measured: dict[str, str]
) -> None:
    filled = archive(300)
    cluster = filled.cluster
    with application(completed(filled.location(), timeout="1")) as app:
        client = app.test_client()
        until(lambda: of_client(client, API).status == 200, 60)
        for node in cluster.nodes:
            node.pause()
        answer = of_client(client, API)
        is_unavailable(answer, API)
        measured["all nodes hang, time-out 1 s: the first 503 after"] = f"{answer.seconds:.2f} s"
        assert 0.9 < answer.seconds < 2 * BUSY
        at_once = of_client(client, PAGE)
        is_unavailable(at_once, PAGE)
        measured["all nodes hang: the next 503, the gate being closed, after"] = f"{at_once.seconds:.3f} s"
        assert at_once.seconds < 0.5

        threads = threading.active_count()
        began = time.monotonic()
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: of_client(app.test_client(), API), range(50)))
        took = time.monotonic() - began
        measured["all nodes hang: 50 searches at once are answered after"] = f"{took:.2f} s"
        assert {answer.status for answer in answers} == {503}
        assert took < 2 * BUSY
        assert threading.active_count() <= threads

        for node in cluster.nodes:
            node.resume()
        waited = until(lambda: of_client(client, API).status == 200, 90)
        measured["searches go on after the nodes do"] = f"{waited:.2f} s"
        assert of_client(client, API).total == 300


def test_one_hanging_node_costs_time_outs_until_the_cluster_drops_it(
    archive: Callable[..., Archive], measured: dict[str, str]
) -> None:
    filled = archive(300)
    cluster = filled.cluster
    hanging = next(node for node in cluster.nodes if node is not manager(cluster))
    location = completed(filled.location(first=hanging), timeout="3")
    with application(location) as app:
        client = app.test_client()
        until(lambda: of_client(client, API).status == 200, 60)
        hanging.pause()
        began = time.monotonic()
        answers: list[Answer] = []
        while len(answers) < 5 or not all(answer.status == 200 for answer in answers[-5:]):
            answers.append(of_client(client, API))
            assert time.monotonic() - began < 120
            time.sleep(0.1)
        failed = [answer for answer in answers if answer.status != 200]
        waits = [answer.seconds for answer in answers]
        measured["one of three hangs, time-out 3 s: searches are well after"] = f"{time.monotonic() - began:.1f} s"
        measured["one of three hangs: 503, longest wait"] = f"{len(failed)} of {len(answers)}, {max(waits):.2f} s"
        for answer in failed:
            is_unavailable(answer, API, "search-timeout")  # the deadline of 2 s may come before the time-out of 3 s
        assert {answer.total for answer in answers if answer.status == 200} == {300}
        # The searches that succeeded may not have used a copy on that node; a new point in time chooses copies again.
        cluster.wait_for("yellow", nodes=2, timeout=60)
        # The hanging node is the first host of the location: a small request detects it.
        with application(location) as other:
            answer = of_client(other.test_client(), API)
            assert (answer.status, answer.total) == (200, 300)
        hanging.resume()
        cluster.wait_for("yellow")
        assert of_client(client, API).total == 300


@contextmanager
def black_hole() -> Iterator[str]:
    """Yield the address of a socket that never answers a connection: its backlog is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for client in waiting:
            client.setblocking(False)  # noqa: FBT003 - the socket API
            client.connect_ex(listening.getsockname())
        time.sleep(0.2)
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            for client in waiting:
                client.close()


def test_an_address_that_never_answers_costs_a_second_once(
    archive: Callable[..., Archive], measured: dict[str, str]
) -> None:
    filled = archive(300)
    with black_hole() as address, application(filled.location(others=[address])) as app:
        client = app.test_client()
        answers = [of_client(client, API) for _ in range(12)]
        assert {answer.total for answer in answers} == {300}
        measured["one address never answers: the longest of 12 searches"] = f"{max(it.seconds for it in answers):.2f} s"
        assert sum(answer.seconds > 0.9 for answer in answers) <= 2 * BUSY


def test_only_addresses_that_never_answer_are_reported_early() -> None:
    with black_hole() as one, black_hole() as other:
        began = time.monotonic()
        with pytest.raises(Exception, match="cannot be reached"):
            open_engine(f"opensearch+http://{one},{other}/nowhere")
        assert time.monotonic() - began < 3 * BUSY
