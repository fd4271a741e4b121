"""The bench of the server under attack starts this checkout's server."""

from __future__ import annotations

from pathlib import Path

from bench.serving.server import ROOT, serving
from index import build


def test_the_server_answers(tmp_path: Path) -> None:
    location = str(tmp_path / "index")
    build.add_articles(location, [ROOT / "seeds"])

    with serving(ROOT, Path(location), processes=1) as server:
        status, length, _ = server.get("/api/v1/search?q=x")
        assert (status, length > 100) == (200, True)
        assert len(server.workers()) == 1
