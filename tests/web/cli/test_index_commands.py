"""`judhur index`: adding, deleting, status, rebuilding, and their error messages."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from index.manifest import read_manifest, write_manifest
from tests.web.cli.conftest import SEEDS, Call
from web.cli.command import FAILED, NO_INDEX, OUTDATED, REFUSED

WRONG_USAGE = 2


def test_add_reports_its_changes_and_then_that_nothing_changed(call: Call, tmp_path: Path) -> None:
    place = tmp_path / "index"

    first, second = (call("index", "add", SEEDS, "--index", place) for _ in range(2))

    assert (first.status, second.status) == (0, 0)
    assert "5 added, 0 replaced, 0 unchanged, 0 removed, 0 refused" in first.out
    assert "0 added, 0 replaced, 5 unchanged, 0 removed, 0 refused" in second.out


def test_the_index_may_be_named_before_the_command_or_in_the_environment(
    call: Call, seeds_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("--index", seeds_index, "index", "status").status == 0
    assert call("index", "--index", seeds_index, "status").status == 0
    monkeypatch.setenv("JUDHUR_INDEX", str(seeds_index))
    assert call("index", "status").status == 0


def test_sync_removes_missing_articles(call: Call, articles: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    call("index", "add", articles, "--index", place)
    (articles / "two.txt").unlink()

    assert "0 removed" in call("index", "add", articles, "--index", place).out
    assert "1 removed" in call("index", "add", articles, "--index", place, "--sync").out


def test_sync_with_an_emptied_folder_takes_an_option(call: Call, articles: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    call("index", "add", articles, "--index", place)
    for article in articles.iterdir():
        article.unlink()

    stopped = call("index", "add", articles, "--index", place, "--sync")

    assert (stopped.status, stopped.out) == (FAILED, "")
    assert f"judhur: this run does not find 2 of the 2 articles under {articles}; nothing was removed" in stopped.err
    assert "--allow-removals" in stopped.err
    assert call("search", "الوزير", "--index", place).out
    assert "2 removed" in call("index", "add", articles, "--index", place, "--sync", "--allow-removals").out


def test_allowing_removals_without_sync_is_wrong_usage(call: Call, articles: Path, tmp_path: Path) -> None:
    assert call("index", "add", articles, "--allow-removals", "--index", tmp_path / "index").status == WRONG_USAGE


def test_refused_articles_are_listed_and_counted_by_reason(call: Call, articles: Path, tmp_path: Path) -> None:
    (articles / "empty.txt").touch()
    (articles / "hollow.txt").touch()

    added = call("index", "add", articles, "--index", tmp_path / "index")

    assert added.status == 0
    assert "2 added" in added.out
    assert "2 refused" in added.out
    assert "empty.txt" in added.err
    assert "hollow.txt" in added.err
    assert "refused in total: 2\n       2  empty file" in added.err


def test_strict_has_its_own_exit_status(call: Call, articles: Path, tmp_path: Path) -> None:
    assert call("index", "add", articles, "--strict", "--index", tmp_path / "a").status == 0
    (articles / "empty.txt").touch()

    assert call("index", "add", articles, "--strict", "--index", tmp_path / "b").status == REFUSED


def test_a_missing_path_gives_one_line_and_creates_no_index(call: Call, tmp_path: Path) -> None:
    added = call("index", "add", tmp_path / "nowhere", "--index", tmp_path / "index")

    assert added.status == FAILED
    assert added.err.startswith("judhur: ")
    assert "nowhere" in added.err
    assert added.err.count("\n") == 1
    assert call("index", "status", "--index", tmp_path / "index").status == NO_INDEX


def test_delete_names_unknown_ids(call: Call, articles: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    call("index", "add", articles, "--index", place)
    known = json.loads(call("search", "--json", "--index", place).out)["hits"][0]["id"]

    deleted = call("index", "delete", known, "no-such-id", "--index", place)

    assert deleted.status == FAILED
    assert deleted.out == "1 deleted\n"
    assert deleted.err == "not in the index: no-such-id\n"
    assert call("index", "delete", known, "--index", place).out == "0 deleted\n"


def test_status_is_readable_by_people_and_programs(call: Call, seeds_index: Path) -> None:
    table, answer = (
        call("index", "status", "--index", seeds_index),
        call("index", "status", "--json", "--index", seeds_index),
    )

    assert "documents    5\n" in table.out
    values = json.loads(answer.out)
    assert values["documents"] == 5
    assert values["up_to_date"] is True


def test_status_of_no_index_names_the_remedy(call: Call, tmp_path: Path) -> None:
    found = call("index", "status", "--index", tmp_path / "none")

    assert found.status == NO_INDEX
    assert "judhur index add" in found.err


@pytest.mark.parametrize("key", ["fingerprint", "format"])
def test_an_index_of_another_version_is_recognized_refused_and_rebuilt(
    call: Call, articles: Path, tmp_path: Path, key: str
) -> None:
    place = tmp_path / "index"
    call("index", "add", articles, "--index", place)
    values: dict[str, Any] = {key: {"fingerprint": "0" * 64, "format": -1}[key]}
    write_manifest(place, dataclasses.replace(read_manifest(place), **values))

    assert call("index", "status", "--index", place).status == OUTDATED
    refused = call("search", "الوزير", "--index", place)
    assert refused.status == FAILED
    assert "judhur index rebuild" in refused.err
    rebuilt = call("index", "rebuild", "--index", place)
    assert rebuilt.status == 0
    assert "rebuilt from 2 articles" in rebuilt.out
    assert call("index", "status", "--index", place).status == 0


def test_verify_finds_nothing_in_a_sound_index(call: Call, seeds_index: Path) -> None:
    assert call("index", "verify", "--index", seeds_index).out == f"{seeds_index}: sound\n"


def test_verify_finds_damage(call: Call, articles: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    call("index", "add", articles, "--index", place)
    (segment,) = place.rglob("*.seg")
    segment.unlink()

    found = call("index", "verify", "--index", place)

    assert found.status == FAILED
    assert "judhur index rebuild" in found.err
    assert "sound" not in found.out
    assert call("index", "rebuild", "--index", place).status == 0
    assert call("index", "verify", "--index", place).status == 0


HOSTILE = "\x1b]0;title\x07\x1b[2J\u202eid\x9b31m"


def test_no_message_has_characters_that_a_terminal_would_execute(call: Call, tmp_path: Path) -> None:
    news = tmp_path / f"n{HOSTILE}.jsonl"
    news.write_text(json.dumps({"id": "a\u202eb", "text": "نص"}), "utf-8")
    place = tmp_path / f"index{HOSTILE}"
    outcomes = [
        call("index", "add", news, "--index", place),
        call("index", "add", news, "--sync", "--index", place),
        call("index", "status", "--index", place),
        call("index", "delete", HOSTILE, "--index", place),
        call("search", "--index", place),
        call("search", HOSTILE, "--index", place),
        call("search", "نص", "--json", "--index", place),
        call("analyze", HOSTILE),
        call("analyze", HOSTILE, "--jsonl"),
        call("index", "verify", "--index", f"{place}x"),
        call("index", "add", f"{news}x", "--index", place),
        call("search", "--sort", HOSTILE),
        call("search", "--page", HOSTILE, "--index", place),
    ]
    news.write_text("\n", "utf-8")
    outcomes.append(call("index", "add", news, "--sync", "--index", place))
    for segment in place.rglob("*.seg"):
        segment.unlink()
    outcomes.append(call("index", "verify", "--index", place))

    assert {outcome.status for outcome in outcomes} == {0, FAILED, WRONG_USAGE}
    for outcome in outcomes:
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", outcome.out + outcome.err), (
            outcome
        )


@pytest.mark.parametrize(
    "place", ["opensearch+http://user:secret@127.0.0.1:9/x", "opensearch+https://u:p@ss/w@127.0.0.1:9/x"]
)
def test_a_password_on_the_command_line_gives_a_warning_without_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    for arguments in (("index", "status", "--index", place), ("index", "migrate", place, str(tmp_path / "to"))):
        warned = call(*arguments)
        assert warned.err.startswith("judhur: warning: everybody on this machine can see the password")
        assert "JUDHUR_OPENSEARCH_PASSWORD" in warned.err
        assert "secret" not in warned.err
        assert "ss/w" not in warned.err

    monkeypatch.setenv("JUDHUR_INDEX", place)
    assert "warning" not in call("index", "status").err
    assert "warning" not in call("index", "status", "--index", "opensearch+http://user@127.0.0.1:9/x").err


@pytest.mark.parametrize("megabytes", [60, 150, 180, 200, 215])
def test_a_process_that_may_not_have_enough_memory_ends_in_one_line(
    seeds_index: Path, tmp_path: Path, megabytes: int
) -> None:
    command = f'ulimit -v {megabytes * 1000}; exec "$0" "$@"'
    for arguments in (["search", "الوزير"], ["index", "add", SEEDS, "--jobs", "2"]):
        place = seeds_index if arguments[0] == "search" else tmp_path / "index"
        ended = subprocess.run(
            ["/bin/bash", "-c", command, sys.executable, "-m", "web", *arguments, "--index", place],
            capture_output=True, check=False, timeout=60, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        errors = ended.stderr.decode()
        assert "Traceback" not in errors
        if ended.returncode:
            assert ended.returncode == FAILED
            assert errors.count("\n") <= 2, errors
            assert "memory" in errors.lower()


@pytest.mark.parametrize(("user", "warns"), [(0, True), (1000, False)])
def test_a_server_that_runs_as_root_gives_a_warning_and_runs(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, user: int, warns: bool
) -> None:
    started: list[str] = []
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr("web.serve.run", lambda config: started.append(config.index))

    served = call("serve", "--index", tmp_path)

    assert (served.status, started) == (0, [str(tmp_path)])
    assert served.err.startswith("judhur: warning: the server runs as root") == warns
    assert served.err.count("\n") == warns


def test_a_folder_has_no_previous_index(call: Call, seeds_index: Path) -> None:
    found = call("index", "rollback", "--index", seeds_index)

    assert found.status == FAILED
    assert "has no previous index to return to" in found.err
    assert found.err.count("\n") == 1
