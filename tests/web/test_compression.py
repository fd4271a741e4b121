"""Answers over HTTP are compressed as the client accepts them, and stay the same answers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import brotli
import pytest
from flask.testing import FlaskClient

from tests.web.library import library
from web.compression import SMALLEST

READ = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
ADDRESSES = ("/search?q=كتاب", "/api/v1/search?q=كتاب")


@pytest.fixture(scope="module", params=[0, 32], ids=["computed", "remembered"])
def client(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    articles = [{"id": f"{number}", "text": f"كتاب {number}"} for number in range(30)]
    with library(tmp_path_factory.mktemp("compression"), articles, answers_mb=request.param) as client:
        yield client


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("*", "br"),
        ("BR", "br"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0", None),
        ("identity, br;q=0.5", None),
        ("*;q=0", None),
        ("deflate", None),
        ("", None),
        ("gzip;q=nan", None),
        ("br;q=" + "9" * 5000, None),
        ("," * 5000 + "x" * 5000, None),
        ("gzip" * 2000, None),
    ],
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_answer_has_the_encoding_that_the_client_prefers(
    client: FlaskClient, address: str, accepted: str, encoding: str | None
) -> None:
    client.get(address, headers={"Accept-Encoding": accepted})
    response = client.get(address, headers={"Accept-Encoding": accepted})
    assert (response.status_code, response.headers.get("Content-Encoding")) == (200, encoding)
    assert response.headers["Vary"] == "Accept-Encoding"
    assert int(response.headers["Content-Length"]) == len(response.data)
    body = READ[encoding](response.data)
    assert "كتاب".encode() in body
    assert encoding is None or len(response.data) < len(body) / 4


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_tag_holds_for_every_encoding(client: FlaskClient, address: str) -> None:
    tags = {client.get(address, headers={"Accept-Encoding": name or ""}).headers["ETag"] for name in READ}
    (tag,) = tags
    assert tag.startswith('W/"')
    for name in READ:
        again = client.get(address, headers={"If-None-Match": tag, "Accept-Encoding": name or ""})
        assert (again.status_code, again.data, again.headers.get("Content-Encoding")) == (304, b"", None)
        assert (again.headers["Vary"], again.headers["ETag"]) == ("Accept-Encoding", tag)


def test_a_head_request_has_the_headers_of_the_answer_and_no_body(client: FlaskClient) -> None:
    for address in ADDRESSES:
        headers = {"Accept-Encoding": "br"}
        whole, head = client.get(address, headers=headers), client.head(address, headers=headers)
        assert head.data == b""
        lengths = [int(response.headers.pop("Content-Length")) for response in (head, whole)]
        assert abs(lengths[0] - lengths[1]) < 9, "an answer says how long it took"
        assert dict(head.headers) == dict(whole.headers)


def test_small_answers_and_files_stay_as_they_are(client: FlaskClient) -> None:
    for address in ("/api/v1/articles/1", "/static/page.css", "/api/v1/nothing"):
        with client.get(address, headers={"Accept-Encoding": "br, gzip"}) as response:
            assert "Content-Encoding" not in response.headers
            assert address.startswith("/static/") or len(response.data) < SMALLEST
