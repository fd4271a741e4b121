"""The real server over the seeds: its output, its answers, its end."""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from index.build import add_articles, rebuild
from index.manifest import read_manifest, write_manifest
from search.errors import EngineUnavailableError, IndexOutdatedError
from web.config import Config
from web.serve import ENGINE, ServeError, application, build, cache_shares, run

ROOT = Path(__file__).parents[2]
SERVE = "import os; from web.config import Config; from web.serve import run; run(Config.from_environment(os.environ))"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    location = str(tmp_path_factory.mktemp("serve") / "index")
    add_articles(location, [ROOT / "seeds"])
    return location


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(index: str, processes: int = 1) -> Iterator[tuple[subprocess.Popen[str], str]]:
    settings = {"JUDHUR_INDEX": index, "JUDHUR_PORT": str(free_port()), "JUDHUR_PROCESSES": str(processes)}
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip().rstrip("/")
        finally:
            process.kill()


def ask(address: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("GET", path)
    with connection.getresponse() as answer:
        status, body = answer.status, answer.read()
    connection.close()
    return status, body


@pytest.mark.parametrize(("number", "processes"), [(signal.SIGTERM, 2), (signal.SIGINT, 1)])
def test_the_server_prints_its_address_answers_and_ends_cleanly(index: str, number: int, processes: int) -> None:
    with serving(index, processes) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        assert json.loads(ask(address, "/health")[1])["documents"] == 5
        assert json.loads(ask(address, "/api/v1/search?q=%D8%A8%D9%88%D8%AA%D9%8A%D9%86")[1])["total"]["value"] == 5
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_flood_of_arguments_is_refused(index: str) -> None:
    with serving(index) as (_, address):
        for count in (1001, 20_000):
            assert 400 <= ask(address, f"/api/v1/search?{'source=a&' * count}")[0] < 500


def test_a_port_in_use_is_an_error_at_start(index: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=f"127.0.0.1:{port}"):
            run(Config(index=index, port=port))


def test_a_missing_index_is_an_error_before_any_worker_starts(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError):
        run(Config(index=str(tmp_path / "nothing"), port=free_port()))


def test_the_environment_configures_the_application(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDHUR_INDEX", index)
    monkeypatch.setenv("JUDHUR_DIGITS", "latn")
    app = application()
    assert "5 مقالات" in app.test_client().get("/").text
    app.extensions[ENGINE].close()


def outdate(index: Path) -> None:
    """Write the manifest of another analyzer, as if the folder had been replaced."""
    manifest = read_manifest(index)
    write_manifest(index, dataclasses.replace(manifest, analyzer="0", fingerprint="0" * 64))


@pytest.mark.parametrize(
    ("config", "shares"),
    [
        (Config(cache_mb=64), (56, 8)),
        (Config(cache_mb=7), (7, 0)),
        (Config(cache_mb=64, answers_mb=0), (64, 0)),
        (Config(cache_mb=64, answers_mb=63), (1, 63)),
        (Config("opensearch+http://localhost/x", cache_mb=64), (64, 0)),
        (Config("opensearch+http://localhost/x", cache_mb=64, answers_mb=64), (64, 0)),
    ],
)
def test_the_answers_take_their_memory_from_the_cache(config: Config, shares: tuple[int, int]) -> None:
    assert cache_shares(config) == shares


def test_answers_that_would_take_the_whole_cache_are_an_error_at_start(index: str) -> None:
    config = Config(index=index, port=free_port(), cache_mb=8, answers_mb=8)
    for start in (build, run):
        with pytest.raises(ServeError, match="JUDHUR_ANSWERS_MB=8 takes the whole cache of 8 MB"):
            start(config)


@pytest.fixture
def own_index(tmp_path: Path) -> Path:
    add_articles(str(tmp_path / "index"), [ROOT / "seeds"])
    return tmp_path / "index"


@pytest.fixture
def client(own_index: Path) -> Iterator[FlaskClient]:
    app = build(Config(index=str(own_index)))
    yield app.test_client()
    app.extensions[ENGINE].close()


def test_an_index_of_another_analyzer_is_refused_at_start_with_the_remedy(own_index: Path) -> None:
    outdate(own_index)
    with pytest.raises(IndexOutdatedError, match=f"run `judhur index rebuild --index {own_index}`"):
        run(Config(index=str(own_index), port=free_port()))


@pytest.mark.parametrize("path", ["/api/v1/search?q=x", "/api/v1/articles/x", "/health"])
def test_an_index_that_is_replaced_while_it_serves_is_a_problem_with_the_remedy(
    own_index: Path, client: FlaskClient, path: str
) -> None:
    assert client.get(path).status_code in (200, 404)
    outdate(own_index)
    response = client.get(path)
    problem = json.loads(response.data)
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert (problem["type"], problem["status"]) == ("/problems/index-outdated", 503)
    assert "أعد الفهرسة" in problem["detail"]
    assert "judhur index rebuild" in problem["detail"]
    assert str(own_index) not in response.text
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/articles/x"])
def test_the_page_of_a_replaced_index_names_the_remedy_and_works_after_the_rebuild(
    own_index: Path, client: FlaskClient, path: str
) -> None:
    before = client.get(path)
    outdate(own_index)
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (503, "text/html")
    assert "<h1>أعد الفهرسة</h1>" in response.text
    assert "judhur index rebuild" in response.text
    rebuild(str(own_index))
    assert client.get(path).status_code == before.status_code


def test_an_analysis_needs_no_index(own_index: Path, client: FlaskClient) -> None:
    outdate(own_index)
    assert client.get("/api/v1/analyze?text=x").status_code == 200
