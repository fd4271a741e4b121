"""What README.md shows is what the product prints and answers today."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.build import add_articles
from web.cli.main import judhur

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\S+) \| `(\w+)` \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)
CONSOLE = re.findall(r"^```console\n\$ judhur (.*)\n((?:.*\n)*?)```$", TEXT, re.MULTILINE)
LEVELS = ("exact", "clitic", "lemma", "family", "root", "spelling")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("readme") / "index"
    add_articles(str(folder), [ROOT / "seeds"])
    return str(folder)


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(judhur, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_table_has_one_query_at_each_level() -> None:
    assert tuple(level for _, level, _, _ in ROWS) == LEVELS


@pytest.mark.parametrize(("typed", "level", "found", "why"), ROWS)
def test_a_query_of_the_table_finds_what_it_says(index: str, typed: str, level: str, found: str, why: str) -> None:
    hits = json.loads(printed("--index", index, "search", typed, "--json"))["hits"]
    matches = [hit["match"] for hit in hits if hit["match"]["level"] == level]

    assert why in [match["why"] for match in matches]
    assert set(found.split("، ")) <= {word for match in matches for word in match["words"]}


@pytest.mark.parametrize(("command", "output"), CONSOLE)
def test_an_example_prints_what_it_says(command: str, output: str) -> None:
    # the order of harakat on one letter is not the same in every editor
    assert unicodedata.normalize("NFC", printed(*command.split())) == unicodedata.normalize("NFC", output)


def test_there_is_an_example_to_check() -> None:
    assert CONSOLE
