"""The bench of Whoosh's reader times every operation, and compares Whoosh's totals with those of the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.speed import whoosh_reader
from index.build import add_articles

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("bench") / "index")
    add_articles(folder, [ROOT / "seeds", ROOT / "tests" / "quality" / "data" / "articles.jsonl"])
    return folder


def test_every_operation_is_measured(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert whoosh_reader.main([folder, "--queries", "5"]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("49 articles")
    rows = re.findall(r"^\| (.*?) \| [\d./ ]+ \|", printed, re.MULTILINE)
    assert len(rows) == 12
    for operation in ("open the index", "one term", "a phrase", "key terms", "highlights", "by the embedded engine"):
        assert any(operation in row for row in rows), operation


def test_differing_totals_are_found(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request = whoosh_reader._request
    monkeypatch.setattr(whoosh_reader, "_request", lambda term: request(term + "x"))

    assert whoosh_reader.main([folder, "--queries", "2"]) == 1
