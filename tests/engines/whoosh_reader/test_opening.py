"""An index opens read-only and follows commits on request; an error has the remedy."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from whoosh import query
from whoosh.reading import MultiReader, ReaderClosed
from whoosh.searching import Searcher

from index.build import add_articles, rebuild
from index.layout import MANIFEST_NAME
from index.manifest import read_manifest
from search.engines.whoosh_reader import open_whoosh_index
from search.errors import EngineUnavailableError, IndexOutdatedError
from tests.engines.articles import article
from tests.engines.whoosh_reader.conftest import SEEDS
from tests.index.embedded import open_writer

PEN = query.Term("body_surface", "pen")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an index of two articles."""
    folder = tmp_path / "index"
    with open_writer(str(folder), create="Asia/Riyadh") as writer:
        writer.add([article("x", "pen book"), article("y", "book of ink")])
        writer.commit()
    return folder


def add(folder: Path, *ids: str) -> None:
    with open_writer(str(folder)) as writer:
        writer.add([article(document_id, "pen") for document_id in ids])
        writer.commit()


def test_a_folder_is_named_by_text_or_path(folder: Path) -> None:
    for location in (folder, str(folder)):
        index = open_whoosh_index(location)
        assert index.doc_count() == index.doc_count_all() == 2
        assert not index.is_empty()
        assert "body_lemma" in index.schema


def test_the_error_for_a_missing_index_has_the_command_that_creates_one(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="judhur index add"):
        open_whoosh_index(tmp_path / "none")


def test_an_index_without_its_articles_is_refused(folder: Path) -> None:
    (folder / "articles.sqlite3").unlink()

    with pytest.raises(EngineUnavailableError, match=r"articles\.sqlite3 from a backup"):
        open_whoosh_index(folder)


def test_the_error_for_an_outdated_index_has_the_rebuild_command(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest | {"format": 1}), "utf-8")

    with pytest.raises(IndexOutdatedError, match="judhur index rebuild"):
        open_whoosh_index(folder)


def test_the_error_for_a_damaged_index_has_the_rebuild_command(folder: Path) -> None:
    for path in (folder / read_manifest(folder).directory).glob("*.toc"):
        path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(EngineUnavailableError, match="judhur index rebuild"):
        open_whoosh_index(folder)


@pytest.mark.parametrize("location", ["opensearch+http://user:secret@localhost:9200/news", "https://example.org/news"])
def test_a_cluster_is_refused_without_its_password(location: str) -> None:
    with pytest.raises(EngineUnavailableError, match="folder") as raised:
        open_whoosh_index(location)

    assert "secret" not in str(raised.value)


def test_writing_is_refused_with_the_alternatives(folder: Path) -> None:
    index = open_whoosh_index(folder)

    with pytest.raises(NotImplementedError, match="judhur index add"):
        index.writer()
    with pytest.raises(NotImplementedError, match=r"index\.engines\.store_of"):
        index.writer(procs=4, limitmb=256)
    with pytest.raises(NotImplementedError, match="judhur index add"):
        index.delete_by_term("id", "x")


def test_a_searcher_sees_one_generation(folder: Path) -> None:
    index = open_whoosh_index(folder)
    with index.searcher() as searcher:
        before = index.latest_generation()
        add(folder, "z")

        assert len(searcher.search(PEN)) == 1
        assert index.latest_generation() != before
        assert not searcher.up_to_date()
        with index.searcher() as newer:
            assert len(newer.search(PEN)) == 2


def test_a_refreshed_searcher_sees_the_newest(folder: Path) -> None:
    index = open_whoosh_index(folder)
    searcher = index.searcher()
    assert searcher.refresh() is searcher
    add(folder, "z")
    with open_writer(str(folder)) as writer:
        writer.delete(["x"])
        writer.commit()

    fresh = searcher.refresh()

    assert {hit["id"] for hit in fresh.search(query.Every())} == {"y", "z"}
    assert [hit["id"] for hit in fresh.search(PEN)] == ["z"]
    assert fresh.up_to_date()
    with pytest.raises(ReaderClosed):
        searcher.search(PEN)
    fresh.close()


def test_a_refreshed_searcher_opens_no_segment_again(folder: Path) -> None:
    add(folder, *(str(number) for number in range(20)))  # so many that the next one is not merged with them
    searcher = open_whoosh_index(folder).searcher()
    before = searcher.reader().view.generation.segments
    add(folder, "z")

    fresh = searcher.refresh()

    assert fresh.reader().view.generation.segments[0] is before[0]
    fresh.close()


def test_two_folders_are_searched_as_one(folder: Path, tmp_path: Path) -> None:
    add_articles(str(tmp_path / "other"), [SEEDS])
    readers = [open_whoosh_index(place).reader() for place in (tmp_path / "other", folder)]

    with Searcher(MultiReader(readers)) as searcher:
        assert searcher.doc_count() == 7
        asked = query.Or([PEN, query.Term("body_lemma", "بوتين")])
        assert {hit["id"] for hit in searcher.search(asked, limit=None)} > {"x", "000_ad51391c0478e70a"}
        assert searcher.reader().term_info("body_surface", "pen").min_id() == 5
        assert searcher.reader().term_info("body_surface", "pen").min_id() == 5


def test_a_rebuilt_index_is_another_generation(folder: Path) -> None:
    index = open_whoosh_index(folder)
    with index.searcher() as searcher:
        before = index.latest_generation()
        modified = index.last_modified()
        rebuild(str(folder))

        assert index.latest_generation() != before
        assert index.last_modified() >= modified
        assert searcher.refresh().doc_count() == 2


def test_texts_are_those_of_the_generation(folder: Path) -> None:
    with open_whoosh_index(folder).searcher() as searcher:
        (hit,) = searcher.search(query.Term("id", "x"))
        add(folder, "x")
        assert hit["text"] == "pen book", "the commit before is still at hand"


def test_the_error_for_a_dropped_text_recommends_a_refresh(folder: Path) -> None:
    with open_whoosh_index(folder).searcher() as searcher:
        (hit,) = searcher.search(query.Term("id", "x"))
        add(folder, "x")
        add(folder, "w")
        add(folder, "v")
        with pytest.raises(EngineUnavailableError, match=r"refresh\(\)"):
            hit["text"]
        (again,) = searcher.refresh().search(query.Term("id", "x"))
        assert again["text"] == "pen"


def test_a_closed_reader_raises_an_error(folder: Path) -> None:
    reader = open_whoosh_index(folder).reader()
    reader.close()

    with pytest.raises(ReaderClosed):
        reader.doc_count()
    reader.close()
    assert "ArticleReader" in repr(reader)


@pytest.fixture
def no_garbage_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage_collector")
def test_closing_releases_the_files(folder: Path) -> None:
    index = open_whoosh_index(folder)
    searcher = index.searcher()
    generation = weakref.ref(searcher.reader().view.generation)
    results = searcher.search(PEN, terms=True, groupedby="source", sortedby="published")
    assert results[0]["text"] == "pen book"
    assert results[0].highlights("body_surface").endswith("pen</b> book")
    assert list(searcher.lexicon("body_lemma"))
    assert searcher.key_terms([0], "body_surface")
    assert list(searcher.reader().terms_within("body_surface", "pan", 1)) == ["pen"]

    del results
    searcher.close()

    assert generation() is None, "something keeps the files mapped"
    shutil.rmtree(folder)


def test_an_index_without_articles_finds_nothing(folder: Path) -> None:
    with open_writer(str(folder)) as writer:
        writer.delete(["x", "y"])
        writer.commit()

    index = open_whoosh_index(folder)
    assert index.is_empty()
    with index.searcher() as searcher:
        for asked in (PEN, query.Every(), query.Prefix("body_surface", "p"), query.Every("day"), query.Every("id")):
            assert len(searcher.search(asked, sortedby="published", groupedby="source")) == 0
        assert list(searcher.reader().all_terms()) == []
        assert searcher.suggest("body_surface", "pen") == []
        assert searcher.field_length("body_lemma") == searcher.max_field_length("body_lemma") == 0
        assert searcher.reader().min_field_length("body_lemma") == 0


def test_a_new_index_has_no_segments_and_finds_nothing(tmp_path: Path) -> None:
    with open_writer(str(tmp_path / "index"), create="Asia/Riyadh") as writer:
        writer.commit()

    with open_whoosh_index(tmp_path / "index").searcher() as searcher:
        assert len(searcher.search(query.Or([PEN, query.Every()]))) == 0
        assert list(searcher.reader().all_terms()) == []
        assert list(searcher.reader().terms_within("body_surface", "pen", 1)) == []


def test_an_index_created_by_the_command_line_opens(tmp_path: Path) -> None:
    add_articles(str(tmp_path / "index"), [SEEDS])

    with open_whoosh_index(tmp_path / "index").searcher() as searcher:
        assert len(searcher.search(query.Term("body_lemma", "بوتين"))) >= 4


def test_judhurs_own_search_does_not_import_whoosh(folder: Path) -> None:
    script = (
        "import sys, web.app, web.cli.main\n"
        "from search.engines import open_engine\n"
        "open_engine(sys.argv[1]).close()\n"
        "sys.exit('whoosh' in sys.modules)\n"
    )

    assert subprocess.run([sys.executable, "-c", script, str(folder)], check=False).returncode == 0
