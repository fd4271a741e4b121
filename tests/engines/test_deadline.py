"""The deadline of a request, in every engine that takes time: the reference engine has no steps to check it between."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import GRACE_SECONDS, Cluster, ClusterTimeoutError
from index.schema import FacetField
from search import deadline
from search.engine import EngineResult, FacetRequest
from search.errors import SearchTimeoutError
from search.query import And, Or
from tests.engines.articles import article, asked, term
from tests.engines.conftest import ON_A_CLUSTER
from tests.engines.kinds import Engine, embedded_engine

REQUEST = asked(
    And((term("كتاب", 0), term("علم", 1))),
    partial=Or((term("كتاب", 0), term("علم", 1))),
    facets=(FacetRequest(FacetField.SOURCE, 10), FacetRequest(FacetField.SECTION, 10)),
    histogram=True,
    form_limit=10,
    explained=True,
)


class Steps:
    """Stands for `deadline.check`: counts the steps, and ends the search at one of them."""

    def __init__(self, last: int | None = None) -> None:
        self.count = 0
        self.last = last

    def __call__(self) -> None:
        self.count += 1
        if self.count == self.last:
            raise SearchTimeoutError("stopped by the test")


def filled(engine: Engine) -> Engine:
    with engine.writer() as writer:
        writer.add([article("a", "كتاب علم"), article("b", "كتاب"), article("c", "علم كتاب علم")])
        writer.commit()
    return engine


@pytest.fixture(params=["embedded", ON_A_CLUSTER])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "embedded":
        made = filled(embedded_engine(tmp_path / "index"))
        yield made
        made.close()
        return
    with request.getfixturevalue("archives").engine() as made:
        yield filled(made)


def search(engine: Engine) -> EngineResult:
    with engine.searcher() as searcher:
        return searcher.search(REQUEST)


def test_a_search_without_time_is_stopped_and_the_next_one_is_whole(engine: Engine) -> None:
    with deadline.within(-1.0), pytest.raises(SearchTimeoutError):
        search(engine)
    with deadline.within(60.0):
        assert search(engine).total == 2


def test_wherever_a_search_is_stopped_nothing_of_it_is_taken_for_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fresh(number: int, check: Callable[[], None]) -> tuple[Engine, Callable[[], EngineResult]]:
        engine = filled(embedded_engine(tmp_path / str(number)))
        monkeypatch.setattr(deadline, "check", check)
        return engine, lambda: search(engine)

    steps = Steps()
    engine, ask = fresh(0, steps)
    whole = ask()
    engine.close()
    assert steps.count > 10
    for last in range(1, steps.count + 1):
        engine, ask = fresh(last, Steps(last))
        with pytest.raises(SearchTimeoutError):
            ask()
        monkeypatch.setattr(deadline, "check", Steps())
        assert ask() == whole
        engine.close()


@contextmanager
def silent_node(seconds: float) -> Iterator[ClusterAddress]:
    """Give the address of a node that answers every request after so many seconds."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            body = json.dumps({}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield ClusterAddress.of(f"opensearch+http://127.0.0.1:{server.server_port}/x")
    finally:
        server.shutdown()
        server.server_close()


def test_no_request_to_a_cluster_takes_longer_than_its_caller_waits() -> None:
    with silent_node(GRACE_SECONDS + 4) as address:
        began = time.monotonic()
        with deadline.within(0.1), pytest.raises(ClusterTimeoutError):
            Cluster(address, deadline.remaining).call("GET", "/x")
        assert time.monotonic() - began < GRACE_SECONDS + 3
