"""Errors and headers: problem details under the API, an Arabic page elsewhere, and no internal details in either."""

from __future__ import annotations

import dataclasses
import json
import logging

import pytest
from flask.testing import FlaskClient

from search.errors import EngineUnavailableError
from tests.web import samples

PATHS = ["/", "/search?q=x", "/articles/aj/17", "/api/v1/search", "/health", "/nothing", "/static/page.css"]


def test_a_refused_parameter_is_a_problem_that_names_it(client: FlaskClient) -> None:
    response = client.get("/api/v1/search?from=32%2F13")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert json.loads(response.data) == {
        "type": "/problems/bad-date",
        "title": "Unreadable date",
        "status": 400,
        "detail": "لم نفهم التاريخ «32/13»؛ اكتب يوما مثل 2024-03-15 أو شهرا مثل 2024-03 أو سنة مثل 2024.",
        "instance": "/api/v1/search?from=32%2F13",
        "param": "from",
        "position": 0,
    }


def test_the_page_has_the_same_message_in_html(client: FlaskClient) -> None:
    response = client.get("/search?from=32%2F13")
    assert response.status_code == 400
    assert response.content_type == "text/html; charset=utf-8"
    assert "لم نفهم التاريخ «32/13»" in response.text
    assert '<html lang="ar" dir="rtl">' in response.text


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/api/v1/nothing", 404, "not-found"),
        ("/api", 404, "not-found"),
        ("/api/v1/articles/none", 404, "no-such-article"),
        ("/api/v1/search?x=1", 400, "unknown-parameter"),
        ("/api/v1/search?" + "a=b&" * 20_000, 400, "too-many-arguments"),
        ("/api/v1/search?q=" + "a" * 5000, 400, "query-too-long"),
        ("/api/v1/search?q=%FF", 400, "bad-encoding"),
    ],
)
def test_problems_have_stable_names(client: FlaskClient, path: str, status: int, slug: str) -> None:
    response = client.get(path)
    problem = json.loads(response.data)
    assert (response.status_code, problem["status"], problem["type"]) == (status, status, f"/problems/{slug}")
    assert len(problem["instance"]) <= 2000
    assert set(problem) == {"type", "title", "status", "detail", "instance", "param", "position"}


@pytest.mark.parametrize("path", ["/nothing", "/articles/none", "/search/", "/articles/", "/x//y", "/%00", "/%FF"])
def test_a_missing_page_is_an_arabic_404(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert "غير موجود" in response.text


@pytest.mark.parametrize("path", ["/search", "/api/v1/search", "/health", "/articles/aj/17"])
def test_only_get_and_head_are_allowed(client: FlaskClient, path: str) -> None:
    response = client.post(path)
    assert response.status_code == 405
    assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")


@pytest.mark.parametrize("path", ["/search", "/api/v1/search", "/articles/aj/17", "/health"])
def test_an_unavailable_index_is_503_and_its_path_is_only_in_the_log(
    client: FlaskClient, service: samples.Service, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    service.fault = EngineUnavailableError("no index at /srv/secret/index")
    with caplog.at_level(logging.ERROR):
        response = client.get(path)
    assert response.status_code == 503
    assert "secret" not in response.text
    assert "/srv/secret/index" in caplog.text


@pytest.mark.parametrize("path", ["/search?q=x", "/api/v1/search?q=x", "/articles/aj/17", "/health"])
def test_retry_after_is_sent_only_if_a_retry_can_succeed(
    client: FlaskClient, service: samples.Service, path: str
) -> None:
    service.fault = EngineUnavailableError("the cluster cannot be reached", retry_after=5)
    response = client.get(path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    service.fault = EngineUnavailableError("no index at var/index")
    response = client.get(path)
    assert response.status_code == 503
    assert "Retry-After" not in response.headers


def test_a_failed_probe_is_503(client: FlaskClient, service: samples.Service) -> None:
    service.health = dataclasses.replace(service.health, ok=False, detail="not found by its own word")
    response = client.get("/health")
    assert (response.status_code, json.loads(response.data)["type"]) == (503, "/problems/index-unavailable")


@pytest.mark.parametrize("path", ["/search", "/api/v1/search"])
def test_an_internal_error_shows_no_details(
    client: FlaskClient, service: samples.Service, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    service.fault = ZeroDivisionError("secret")
    response = client.get(path)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_static_files_are_cached_for_long_only_with_their_version(client: FlaskClient) -> None:
    for path, age in (("/static/page.css?v=1", "max-age=31536000"), ("/static/page.css", "max-age=3600")):
        with client.get(path) as response:
            assert age in response.headers["Cache-Control"]
