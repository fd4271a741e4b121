"""Expensive queries are answered in bounded time, and no query parser of the cluster reads user input."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from index.engines.opensearch import nodes
from index.location import completed
from scripts.cluster.nodes import Cluster
from search.engines import open_engine
from search.errors import EngineUnavailableError
from tests.cluster.archives import WORD, Archive, Batch
from tests.cluster.running import reason_to_skip
from tests.engines.articles import article
from web.config import Config
from web.serve import ENGINE, build

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

TIMEOUT = 10.0
"""The default time-out of a request in seconds; a search has several requests."""
REQUESTS = 8
ARTICLES = 1_500

COMMON = [f"c{number}" for number in range(32)]
"""Words that every article has."""

HOSTILE = {
    "four prefixes of two letters": "wa* wb* wc* wd*",
    "the commonest words": " ".join(COMMON),
    "any of the commonest words": " OR ".join(COMMON),
    "so many times": f"999×{WORD}",
    "thirty exclusions": " ".join([WORD, *(f"-wa{number}" for number in range(30))]),
    "a long phrase near": f'"{" ".join(COMMON[:20])}"~50',
    "parentheses": "(" * 200 + WORD + ")" * 200,
    "the cluster's own language": f'{WORD} OR words:* +/.*.*/ _exists_:id {{"match_all":{{}}}} id:[* TO *] AND NOT \\"',
    "a script": "doc['forward'].value; while(true){}",
    "lone surrogates and control characters": f"{WORD} \ufffe \x00 \x1f | \\ \u202e",
}


@pytest.fixture(scope="module")
def client(own_cluster: Cluster) -> Iterator[FlaskClient]:
    """Yield a client of the web application over an archive with many frequent words."""
    archive = Archive(own_cluster)
    written = [
        article(
            f"a{number}",
            f"{WORD} {' '.join(COMMON)} " + " ".join(f"w{'abcd'[each % 4]}{number * 8 + each}" for each in range(8)),
        )
        for number in range(ARTICLES)
    ]
    with archive.writer() as writer:
        Batch(written).write(writer)
    own_cluster.wait_for("yellow")
    app = build(Config(index=archive.location()))
    app.config["LOCATION"] = archive.location()
    yield app.test_client()
    app.extensions[ENGINE].close()
    archive.drop()


def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list that collects the bodies of all further requests to the cluster."""
    bodies: list[bytes] = []
    ask: Callable[..., object] = nodes.Nodes.ask

    def asking(
        self: nodes.Nodes, method: str, path: str, params: object, body: bytes | None, *rest: object, **how: object
    ) -> object:
        bodies.append(path.encode() + b"\n" + (body or b""))
        return ask(self, method, path, params, body, *rest, **how)

    monkeypatch.setattr(nodes.Nodes, "ask", asking)
    return bodies


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_is_answered_in_bounded_time(
    name: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, measured: dict[str, str]
) -> None:
    bodies = sent(monkeypatch)
    began = time.monotonic()
    response = client.get(f"/api/v1/search?q={quote(HOSTILE[name], errors='surrogatepass')}")
    took = time.monotonic() - began
    measured[f"hostile: {name}"] = f"{response.status_code} in {took:.2f} s"
    assert took < TIMEOUT * REQUESTS
    assert response.status_code in (200, 400, 503), response.text[:300]
    if response.status_code == 503:
        assert int(response.headers["Retry-After"]) >= 1
    parsed = [body for body in bodies if b"query_string" in body or b"regexp" in body or b"wildcard" in body]
    assert not parsed


@pytest.mark.parametrize("query", [WORD, "", " ".join(COMMON[:4])])
@pytest.mark.parametrize(("page", "per_page"), [(100, 100), (1_000, 10), (500, 20)])
def test_deep_pages_are_answered(query: str, page: int, per_page: int, client: FlaskClient) -> None:
    began = time.monotonic()
    response = client.get(f"/api/v1/search?q={quote(query)}&page={page}&per_page={per_page}")
    assert response.status_code == 200, response.text[:300]
    assert json.loads(response.data)["total"]["value"] == ARTICLES
    assert time.monotonic() - began < TIMEOUT * REQUESTS


def test_a_search_that_costs_more_than_its_time_is_given_up(client: FlaskClient, measured: dict[str, str]) -> None:
    engine = open_engine(completed(client.application.config["LOCATION"], timeout="1"))
    loop = "int sum = params.start; for (int i = 0; i < 900000; i++) { sum += i % 7; } sum >= 0"
    loops = [{"script": {"script": {"source": loop, "params": {"start": start}}}} for start in range(10)]
    costly = {"query": {"bool": {"filter": loops}}}
    began = time.monotonic()
    with pytest.raises(EngineUnavailableError, match="in time") as caught, engine.searcher() as searcher:
        searcher._point_in_time.ask(costly)  # type: ignore[attr-defined]
    took = time.monotonic() - began
    measured["hostile: a search that costs too much, time-out 1 s: given up after"] = f"{took:.2f} s"
    assert took < TIMEOUT
    assert caught.value.retry_after == 5
    engine.close()
    assert client.get(f"/api/v1/search?q={WORD}").status_code == 200
