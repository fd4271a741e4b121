"""Engines are chosen by the scheme of a location, from one table for each path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from index import build
from index.engines import ENGINES, FOLDER, engine_of
from index.errors import SourceError
from search import engines
from tests.index.memory import MemoryStore, installed


@pytest.mark.parametrize(
    ("location", "engine"),
    [
        ("var/index", FOLDER),
        ("a:b@c", FOLDER),
        ("opensearch+http", FOLDER),
        ("opensearch+http://h/n", "opensearch"),
        ("opensearch+https://me:secret://@h/n", "opensearch"),
    ],
)
def test_an_engine_is_chosen_by_the_scheme(location: str, engine: str) -> None:
    assert engine_of(location) == engine


@pytest.mark.parametrize("location", ["http://me:secret@host:9200/news", "solr+https://host/news"])
def test_the_error_for_an_unknown_scheme_has_an_example_for_each_engine(location: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no engine for ") as raised:
        build.add_articles(location, [tmp_path])
    assert all(kind.example in str(raised.value) for kind in ENGINES.values())
    assert "secret" not in str(raised.value)


def test_each_example_is_a_location_of_its_engine() -> None:
    assert {name: engine_of(kind.example) for name, kind in ENGINES.items()} == {name: name for name in ENGINES}


def test_what_can_be_written_can_be_searched() -> None:
    assert engines.ENGINES.keys() == ENGINES.keys()


def test_a_third_engine_takes_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = installed(MemoryStore(), monkeypatch)
    (tmp_path / "news.txt").write_text("زار الوزير المدينة.", "utf-8")

    assert build.add_articles(store.location, [tmp_path]).added == 1
    assert build.status(store.location).documents == 1


def test_the_library_of_an_engine_is_imported_when_its_index_is_opened() -> None:
    code = (
        "import sys, index.build, search.engines; sys.exit('opensearchpy' in sys.modules or 'urllib3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
