"""A search beside commits: texts of its own snapshot, or a new snapshot; and an article that the archive has lost."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index import build
from index.analysis.installed import load_analyzer
from index.errors import IndexDamagedError
from index.layout import ARCHIVE_NAME
from search.engine import EngineRequest, Listing, Searcher
from search.engines import open_engine
from search.engines.embedded.engine import EmbeddedEngine
from search.errors import EngineUnavailableError, SnapshotExpiredError
from search.query import MatchAll
from search.request import SearchRequest
from search.service import SNAPSHOTS, SearchService
from tests.index.embedded import open_writer
from tests.torture import library


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    library.make(str(tmp_path / "index"))
    return tmp_path / "index"


def commit(folder: Path, times: int) -> None:
    """Replace article 010 as often, each time in a commit of its own."""
    with open_writer(str(folder)) as writer:
        for version in range(1, times + 1):
            writer.add([library.article(10, version)])
            writer.commit()


def test_a_snapshot_gives_its_own_text_until_two_commits_later(folder: Path) -> None:
    engine = open_engine(str(folder), cache_mb=0)
    with engine.searcher() as searcher:
        before = searcher.get_many(["010"])[0]
        commit(folder, 1)
        again = searcher.get_many(["010"])[0]
        assert before is not None
        assert again is not None
        assert again.document.text == before.document.text
        commit(folder, 2)
        with pytest.raises(SnapshotExpiredError) as raised:
            searcher.get_many(["010"])[0]
    assert raised.value.retry_after
    with engine.searcher() as searcher:
        assert searcher.get_many(["010"])[0] is not None
    engine.close()


class Disturbed(EmbeddedEngine):
    """An engine beside which commits come after each search, before its articles are read."""

    def __init__(self, folder: Path, disturbances: int) -> None:
        super().__init__(folder, cache_mb=0)
        self.left = disturbances
        self.folder = folder

    @contextmanager
    def searcher(self) -> Iterator[Searcher]:  # type: ignore[override]
        with super().searcher() as searcher:
            if self.left:
                self.left -= 1
                search = searcher.search

                def search_then_commit(request: EngineRequest) -> object:
                    result = search(request)
                    commit(self.folder, 3)
                    return result

                searcher.search = search_then_commit  # type: ignore[method-assign, assignment]
                try:
                    yield searcher
                finally:
                    del searcher.search
            else:
                yield searcher


@pytest.mark.parametrize("disturbances", range(SNAPSHOTS + 1))
def test_a_search_that_commits_overtook_is_repeated(folder: Path, disturbances: int) -> None:
    engine = Disturbed(folder, disturbances)
    service = SearchService(engine, load_analyzer(), zone=dt.UTC)
    request = SearchRequest(per_page=100)
    if disturbances < SNAPSHOTS:
        result = service.search(request)
        assert len(result.hits) == result.total == 38
    else:
        with pytest.raises(SnapshotExpiredError):
            service.search(request)
    engine.close()


@pytest.mark.parametrize("rows", ["DELETE FROM articles WHERE id = '010'", "DELETE FROM articles"])
def test_an_article_that_the_archive_has_lost_is_told(folder: Path, rows: str) -> None:
    with closing(sqlite3.connect(folder / ARCHIVE_NAME)) as connection, connection:
        connection.execute(rows)
    engine = open_engine(str(folder))
    with engine.searcher() as searcher:
        searcher.search(EngineRequest(Listing(MatchAll())))
        with pytest.raises(IndexDamagedError, match="010 is in the index, but not among the articles"):
            searcher.get_many(["010"])[0]
    engine.close()
    with pytest.raises(EngineUnavailableError, match="from a backup"):
        library.ask(str(folder))
    with pytest.raises(IndexDamagedError, match="from a backup"):
        build.delete_articles(str(folder), ["010"])


def test_an_article_that_was_never_there_is_no_damage(folder: Path) -> None:
    assert build.delete_articles(str(folder), ["never"]) == ("never",)
    engine = open_engine(str(folder))
    with engine.searcher() as searcher:
        assert searcher.get_many(["never"])[0] is None
    engine.close()
