"""`judhur index backup` and `judhur index restore`: what they print, and their statuses."""

from __future__ import annotations

import re
from pathlib import Path

from tests.index.engines.test_generations import damage_array
from tests.web.cli.conftest import Call
from web.cli.command import FAILED

LINE = r"(?P<place>\S+): 5 articles, [0-9.]+ MB, generation \S+, verified, in [0-9.]+ s\n"


def test_a_backup_is_made_and_restored(call: Call, seeds_index: Path, tmp_path: Path) -> None:
    done = call("index", "backup", tmp_path / "backup", "--index", seeds_index)
    assert (done.status, done.err) == (0, "")
    assert (line := re.fullmatch(LINE, done.out))
    assert line["place"] == str(tmp_path / "backup")
    done = call("index", "restore", tmp_path / "backup", "--index", tmp_path / "restored")
    assert (done.status, done.err) == (0, "")
    assert (line := re.fullmatch(LINE, done.out))
    assert line["place"] == str(tmp_path / "restored")
    found = call("search", "بيروت", "--index", seeds_index)
    assert call("search", "بيروت", "--index", tmp_path / "restored").out == found.out


def test_articles_are_replaced_with_the_option_alone(call: Call, seeds_index: Path, tmp_path: Path) -> None:
    call("index", "backup", tmp_path / "backup", "--index", seeds_index)
    call("index", "restore", tmp_path / "backup", "--index", tmp_path / "index")
    refused = call("index", "restore", tmp_path / "backup", "--index", tmp_path / "index")
    assert (refused.status, refused.out) == (FAILED, "")
    assert "has 5 articles" in refused.err
    assert len(refused.err.splitlines()) == 1
    assert call("index", "restore", tmp_path / "backup", "--replace", "--index", tmp_path / "index").status == 0


def test_all_problems_are_printed_and_there_is_no_backup(call: Call, seeds_index: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    call("index", "backup", index, "--index", seeds_index)
    for path in index.rglob("*.seg"):
        damage_array(path, "tokens")
    done = call("index", "backup", tmp_path / "backup", "--index", index)
    assert (done.status, done.out) == (FAILED, "")
    assert "is damaged in" in done.err
    assert f"judhur index verify --index {index}" in done.err.splitlines()[-1]
    assert not (tmp_path / "backup").exists()
    restored = call("index", "restore", index, "--index", tmp_path / "new")
    assert (restored.status, restored.out) == (FAILED, "")
    assert "is damaged in" in restored.err


def test_an_index_that_has_to_be_rebuilt_is_copied_and_a_note_says_so(
    call: Call, seeds_index: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    call("index", "backup", index, "--index", seeds_index)
    manifest = index / "manifest.json"
    manifest.write_text(re.sub(r'"format": \d+', '"format": 1', manifest.read_text("utf-8")), "utf-8")
    done = call("index", "backup", tmp_path / "backup", "--index", index)
    assert done.status == 0
    assert "5 articles" in done.out
    assert "judhur index rebuild" in done.err
    done = call("index", "restore", tmp_path / "backup", "--index", tmp_path / "new")
    assert done.status == 0
    assert "judhur index rebuild" in done.err
    assert call("index", "rebuild", "--index", tmp_path / "new").status == 0
    assert call("index", "verify", "--index", tmp_path / "new").status == 0
