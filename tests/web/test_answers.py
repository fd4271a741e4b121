"""A server repeats an answer from memory, until the index or the hour changes."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask, Response
from flask.testing import FlaskClient

from index.build import add_articles
from tests.web import samples
from tests.web.library import library, search, texts
from web.answers import OVERHEAD, Answers
from web.app import create_app
from web.config import Config

SEARCH = "/api/v1/search?q=x"


def remembering(service: samples.Service, megabytes: int = 32) -> tuple[FlaskClient, Answers, list[str]]:
    """Return a client, the memory, and the state of the index in a list to be changed."""
    state = ["g1"]
    answers = Answers(megabytes, lambda: state[0])
    return create_app(service, Config(), clock=lambda: samples.NOW, answers=answers).test_client(), answers, state


def test_a_repeated_request_is_answered_without_a_search(service: samples.Service) -> None:
    client, _, _ = remembering(service)
    for address in (SEARCH, "/search?q=x", "/", "/facets/source", "/api/v1/facets/source"):
        first = client.get(address)
        searched = len(service.requests)
        again = client.get(address)
        assert (again.data, dict(again.headers)) == (first.data, dict(first.headers))
        assert len(service.requests) == searched


def test_addresses_and_encodings_have_answers_of_their_own(service: samples.Service) -> None:
    client, _, _ = remembering(service)
    client.get(SEARCH)
    assert client.get("/api/v1/search?q=y").data != client.get(SEARCH).data
    assert client.get(SEARCH, headers={"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in client.get(SEARCH).headers


def test_another_state_of_the_index_empties_the_memory(service: samples.Service) -> None:
    client, answers, state = remembering(service)
    client.get(SEARCH)
    service.changes = {"total": 7}
    assert json.loads(client.get(SEARCH).data)["total"]["value"] != 7
    state[0] = "g2"
    assert json.loads(client.get(SEARCH).data)["total"]["value"] == 7
    size = answers.size
    client.get(SEARCH)
    assert answers.size == size > 0


def test_a_commit_is_seen_by_the_next_request(tmp_path: Path) -> None:
    with library(tmp_path, texts("كتاب")) as client:
        page = client.get("/search?q=كتاب")
        assert (search(client, "كتاب")["total"]["value"], search(client, "كتاب")["total"]["value"]) == (1, 1)
        (tmp_path / "more.txt").write_text("كتاب آخر", "utf-8")
        add_articles(str(tmp_path / "index"), [tmp_path / "more.txt"], zone=Config().zone)
        assert search(client, "كتاب")["total"]["value"] == 2
        changed = client.get("/search?q=كتاب", headers={"If-None-Match": page.headers["ETag"]})
        assert (changed.status_code, "مقالان" in changed.text or "نتيجتان" in changed.text) == (200, True)


def test_errors_and_what_depends_on_more_than_the_index_are_computed_each_time(service: samples.Service) -> None:
    client, answers, _ = remembering(service)
    for address in ("/health", "/nothing", "/api/v1/search?nothing=1", "/api/v1/articles/nothing", "/static/page.css"):
        client.get(address).close()
    assert client.options(SEARCH).status_code == 200
    service.fault = RuntimeError("x")
    assert client.get(SEARCH).status_code == 500
    service.fault = None
    assert answers.size == 0
    assert client.get(SEARCH).status_code == 200


def test_a_remembered_answer_still_needs_a_host(service: samples.Service) -> None:
    client, _, _ = remembering(service)
    client.get(SEARCH)
    assert client.get(SEARCH, headers={"Host": "a, b"}).status_code == 400


def test_an_unchanged_answer_is_a_304_without_a_search(service: samples.Service) -> None:
    client, _, _ = remembering(service)
    tag = client.get(SEARCH).headers["ETag"]
    searched = len(service.requests)
    again = client.get(SEARCH, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, len(service.requests)) == (304, b"", searched)


def test_the_memory_keeps_the_latest_answers_within_its_bound() -> None:
    app = Flask(__name__)
    bound, calls = 1024 * 1024, []
    answers = Answers(1, lambda: 0)
    answers.register(app)

    def answer() -> Response:
        calls.append(1)
        return Response(b"x" * 100_000)

    app.add_url_rule("/search", "search", answer)
    client = app.test_client()
    for number in range(50):
        client.get(f"/search?q={number}")
        client.get("/search?q=0")
        assert answers.size <= bound
    assert len(calls) == 50
    assert answers.size > bound - 100_000 - 2 * OVERHEAD
    client.get("/search?q=1")
    assert len(calls) == 51


def test_an_answer_that_would_displace_many_is_not_remembered() -> None:
    app = Flask(__name__)
    answers = Answers(1, lambda: 0)
    answers.register(app)
    app.add_url_rule("/search", "search", lambda: Response(b"x" * 200_000))
    app.test_client().get("/search")
    assert answers.size == 0
