"""Damage that no search has read is found in the background, and told by /health."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from index import build
from index.archive.reader import Archive
from index.archive.rows import hash_of
from index.document import Document
from index.errors import IndexingError
from index.layout import ARCHIVE_NAME, VERIFICATION_NAME
from search.engine import Condition, EngineRequest, Listing
from search.engines import open_engine
from search.errors import EngineUnavailableError, SearchError
from search.query import MatchAll
from tests.index.embedded import open_writer
from tests.index.engines.test_generations import damage_array
from tests.torture import library


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of several segments."""
    folder = tmp_path_factory.mktemp("scan") / "index"
    library.make(str(folder))
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "index"))


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.engines.embedded.scan.DELAY_SECONDS", 0.0)


def largest(folder: Path) -> Path:
    return max(folder.rglob("*.seg"), key=lambda path: path.stat().st_size)


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return False


def scanned() -> bool:
    return "index scan" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("name", ["tokens", "token_lengths", "occurrences", "title_frequencies", "word_terms"])
def test_damage_is_found_without_a_search(folder: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    damage_array(largest(folder), name)
    with caplog.at_level(logging.ERROR):
        engine = open_engine(str(folder))
        assert eventually(lambda: engine.condition() == Condition(1, None))
        engine.close()
    assert f"is damaged in its {name}; run `judhur index rebuild" in caplog.text


def test_a_sound_index_has_no_problems_and_the_scan_ends(folder: Path) -> None:
    engine = open_engine(str(folder))
    assert eventually(scanned)
    assert engine.condition() == Condition(0, None)
    engine.close()


def test_a_rebuild_ends_the_problem(folder: Path) -> None:
    damage_array(largest(folder), "tokens")
    engine = open_engine(str(folder))
    assert eventually(lambda: engine.condition().problems == 1)
    build.rebuild(str(folder))
    with engine.searcher() as searcher:
        assert searcher.search(EngineRequest(Listing(MatchAll()))).total == 38
    assert engine.condition() == Condition(0, None)
    engine.close()


@pytest.mark.parametrize(
    "name", ["tokens", "token_starts", "token_lengths", "posting_documents", "occurrences", "body_frequencies"]
)
def test_a_search_that_reads_damage_is_refused_with_the_remedy(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.engines.embedded.scan.DELAY_SECONDS", 60.0)
    damage_array(largest(folder), name)
    with pytest.raises(SearchError, match=f"is damaged in its {name}; run `judhur index rebuild"):
        library.ask(str(folder))


def add_until_merged(folder: Path) -> None:
    """Make so many commits that the largest segment is merged."""
    with open_writer(str(folder)) as writer:
        for first in range(100, 1_000, 100):
            writer.add(library.article(number) for number in range(first, first + 100))
            writer.commit()


@pytest.mark.parametrize("name", ["tokens", "posting_documents", "occurrences", "term_words"])
def test_a_merge_does_not_take_damage_over(folder: Path, name: str) -> None:
    damage_array(largest(folder), name)
    with pytest.raises(IndexingError, match="is damaged in its"):
        add_until_merged(folder)
    assert any("is damaged in its" in problem for problem in build.verify(str(folder)))
    build.rebuild(str(folder))
    assert build.verify(str(folder)) == ()


def test_the_last_verification_is_known_until_a_rebuild(folder: Path) -> None:
    engine = open_engine(str(folder))
    assert eventually(scanned)  # so that it does not count the damage too
    assert engine.condition().verified is None
    assert build.verify(str(folder)) == ()
    condition = engine.condition()
    assert condition.problems == 0
    assert condition.verified is not None
    damage_array(largest(folder), "occurrences")
    assert len(build.verify(str(folder))) == 1
    assert engine.condition().problems == 1
    build.rebuild(str(folder))
    with engine.searcher():
        assert engine.condition() == Condition(0, None)
    engine.close()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"at": 5}', b"\xff"])
def test_an_unreadable_verification_is_none(folder: Path, content: bytes) -> None:
    (folder / VERIFICATION_NAME).write_bytes(content)
    engine = open_engine(str(folder))
    assert engine.condition().verified is None
    engine.close()


def damage_text(folder: Path) -> None:
    path = folder / ARCHIVE_NAME
    path.write_bytes(path.read_bytes().replace("الاقتصاد".encode(), "الاقتصاض".encode()))


def test_a_damaged_text_makes_its_page_unavailable(folder: Path) -> None:
    damage_text(folder)
    with pytest.raises(EngineUnavailableError, match="is not what was stored"):
        library.ask(str(folder))


def test_a_damaged_text_is_found_without_a_search(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    damage_text(folder)
    with caplog.at_level(logging.ERROR):
        engine = open_engine(str(folder))
        assert eventually(lambda: engine.condition() == Condition(1, None))
        engine.close()
    assert "is not what was stored" in caplog.text


def test_a_text_that_is_damaged_after_it_was_checked_is_not_shown(folder: Path) -> None:
    engine = open_engine(str(folder))
    assert eventually(scanned)
    damage_text(folder)
    archive = Archive(folder)
    ids = list(archive.ids())
    archive.close()
    with pytest.raises(EngineUnavailableError, match="is not what was stored"), engine.searcher() as searcher:
        searcher.get_many(ids)
    engine.close()


def test_an_article_is_compared_with_its_hash_once_while_the_file_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def counting(values: Sequence[str | None], document: Document) -> str:
        compared.append(document.id)
        return hash_of(values, document)

    monkeypatch.setattr("index.archive.reader.hash_of", counting)
    archive = Archive(folder)
    ids = sorted(archive.ids())
    for _ in range(3):
        assert len(archive.get_many(ids)) == len(ids)
    assert sorted(compared) == ids
    with open_writer(str(folder)) as writer:
        writer.add([library.article(7_000)])
        writer.commit()
    assert len(archive.get_many(ids)) == len(ids)
    assert len(compared) == 2 * len(ids)
    archive.close()
