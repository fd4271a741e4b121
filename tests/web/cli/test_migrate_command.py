"""`judhur index migrate`, and the file of refused articles: output and exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.index.embedded import open_writer
from tests.index.memory import MemoryStore, installed
from tests.index.test_build import write
from tests.web.cli.conftest import Call
from web.cli.command import FAILED, REFUSED

WRONG_USAGE = 2


def test_migrate_reports_its_changes_and_then_that_nothing_changed(
    call: Call, seeds_index: Path, tmp_path: Path
) -> None:
    target = tmp_path / "to"

    first, second = (call("index", "migrate", seeds_index, target, "--jobs", "2") for _ in range(2))

    assert (first.status, second.status) == (0, 0)
    assert first.out.startswith(f"{target}: 5 added, 0 replaced, 0 unchanged, 0 removed, 0 refused in ")
    assert second.out.startswith(f"{target}: 0 added, 0 replaced, 5 unchanged, 0 removed, 0 refused in ")
    assert (first.err, second.err) == ("", "")
    assert call("index", "verify", "--index", target).out == f"{target}: sound\n"
    found, before = (json.loads(call("search", "بوتين", "--json", "--index", it).out) for it in (target, seeds_index))
    assert [hit["id"] for hit in found["hits"]] == [hit["id"] for hit in before["hits"]]


def test_migrate_reports_articles_that_only_the_target_has(
    call: Call, seeds_index: Path, articles: Path, tmp_path: Path
) -> None:
    target = tmp_path / "to"
    call("index", "add", articles, "--index", target)

    migrated = call("index", "migrate", seeds_index, target)

    assert migrated.status == 0
    assert "5 added" in migrated.out
    assert migrated.err == f"note: {target}: articles here that are not at {seeds_index}: 2; they stay\n"


def test_migrate_reports_an_error_in_one_line(call: Call, seeds_index: Path, tmp_path: Path) -> None:
    target, cluster = tmp_path / "to", "opensearch+https://me:secret@host:9200/news"
    missing = call("index", "migrate", tmp_path / "none", target)
    same = call("index", "migrate", seeds_index, f"{seeds_index}/")
    no_engine = call("index", "migrate", seeds_index, cluster)
    nameless = call("index", "migrate", seeds_index, "")
    with open_writer(str(tmp_path / "locked"), create="UTC"):
        locked = call("index", "migrate", seeds_index, tmp_path / "locked")

    assert (missing.status, same.status, no_engine.status, locked.status) == (FAILED,) * 4
    assert nameless.status == WRONG_USAGE
    assert missing.err.startswith(f"judhur: no index at {tmp_path / 'none'}; ")
    assert "same index" in same.err
    assert "being written by" in locked.err
    assert "opensearch+https://host:9200/news" in no_engine.err
    assert "secret" not in no_engine.err
    assert {outcome.err.count("\n") for outcome in (missing, same, locked)} == {1}
    warning, error = no_engine.err.splitlines()
    assert warning.startswith("judhur: warning: ")
    assert error.startswith("judhur: ")
    assert not target.exists()


def test_migrate_has_its_own_exit_status_when_the_engine_refused_an_article(
    call: Call, seeds_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(document: object) -> str:
        return "too long for the engine; shorten it" if "003_" in str(document) else ""

    store = installed(MemoryStore(refused=refused), monkeypatch)
    path = tmp_path / "refused.jsonl"

    migrated = call("index", "migrate", seeds_index, store.location, "--refused", path)

    assert migrated.status == REFUSED
    assert "4 added" in migrated.out
    assert "1 refused" in migrated.out
    assert "refused: 003_2f2a242755a9d746 (" in migrated.err
    assert "refused in total: 1\n       1  too long for the engine; shorten it" in migrated.err
    assert call("index", "add", path, "--index", tmp_path / "corrected").status == 0
    (hit,) = json.loads(call("search", "--json", "--index", tmp_path / "corrected").out)["hits"]
    assert hit["id"] == "003_2f2a242755a9d746"


def test_add_writes_refused_articles_to_a_file(call: Call, tmp_path: Path) -> None:
    news = write(
        tmp_path / "n.jsonl", {"id": "a", "text": "نص"}, {"id": "a", "text": "نص آخر"}, {"id": "e", "text": ""}
    )
    path = tmp_path / "refused.jsonl"

    added = call("index", "add", news, "--refused", path, "--index", tmp_path / "index")

    assert added.status == 0
    assert "1 added" in added.out
    assert "2 refused" in added.out
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [
        {"id": "a", "reason": f"duplicate id in this run; first at {news}:1", "origin": f"{news}:2"},
        {"id": "e", "reason": "no text and no title; give it one", "origin": f"{news}:3"},
    ]


def test_an_existing_file_of_refused_articles_stops_the_command(call: Call, articles: Path, tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    path.write_text("{}", "utf-8")

    added = call("index", "add", articles, "--refused", path, "--index", tmp_path / "index")

    assert added.status == FAILED
    assert added.err.startswith(f"judhur: {path} exists already; ")
    assert not (tmp_path / "index").exists()
    assert path.read_text("utf-8") == "{}"
