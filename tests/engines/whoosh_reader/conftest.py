"""An index of several segments with deleted articles, and a stock Whoosh index of the remaining articles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from whoosh import fields
from whoosh.filedb.filestore import RamStorage
from whoosh.searching import Searcher

from index.analysis.installed import load_analyzer
from index.archive.reader import Archive
from index.build import add_articles
from index.document import Document
from index.engines.embedded.generation import open_newest
from index.jobs import analyze_document
from index.manifest import read_manifest
from search.engines.whoosh_reader import open_whoosh_index
from search.engines.whoosh_reader.analyzer import TokenFieldAnalyzer
from search.engines.whoosh_reader.schema import TOKEN_FIELDS
from tests.engines.articles import ZONE
from tests.index.embedded import open_writer

ROOT = Path(__file__).resolve().parents[3]
SEEDS = ROOT / "seeds"
ARTICLES = ROOT / "tests" / "quality" / "data" / "articles.jsonl"

REPLACED = Document(
    "bus-lines",
    "قرر مجلس الوزراء القبض على قيادي في الوزارة، وكتب الوزير كتابا إلى الوزراء. https://example.org",
    title="قرار المجلس",
    source="قناة الجزيرة",
    published=dt.datetime(2024, 1, 2, 22, 30, tzinfo=dt.UTC),
    agencies=("رويترز", "فرانس برس"),
    url="https://example.org/a",
)
UNDATED = Document("undated", "وزير كتب كتابا عن التاريخ. لا يعرف أحد متى", agencies=("رويترز",), author="كاتب")
GONE = Document("gone", "لن يبقى من هذا شيء", source="صحيفة زائلة", author="راحل", agencies=("وكالة زائلة",))


@pytest.fixture(scope="session")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whoosh") / "index"
    add_articles(str(folder), [SEEDS])
    add_articles(str(folder), [ARTICLES])
    with open_writer(str(folder)) as writer:
        writer.add([analyze_document(document, load_analyzer(), ZONE) for document in (REPLACED, UNDATED, GONE)])
        writer.commit()
        writer.delete(["telecom-merger", GONE.id])
        writer.commit()
    generation = open_newest(folder, read_manifest(folder).directory)
    assert len(generation.segments) > 1, "an index of one segment tests less"
    assert generation.size > generation.commit_point.documents, "an index without deleted articles tests less"
    return folder


@pytest.fixture(scope="session")
def articles(location: Path) -> dict[str, Document]:
    with closing(Archive(location)) as archive:
        return {document.id: document for document in archive.documents()}


@pytest.fixture
def searcher(location: Path) -> Iterator[Searcher]:
    with open_whoosh_index(location).searcher() as opened:
        yield opened


@pytest.fixture(scope="session")
def stock(articles: dict[str, Document]) -> Iterator[Searcher]:
    """Return a searcher of Whoosh's own files, to which nothing of the product but its analyzer has contributed."""
    schema = fields.Schema(
        id=fields.ID(stored=True, unique=True),
        source=fields.ID(sortable=True),
        published=fields.DATETIME(sortable=True),
        **{
            name: fields.TEXT(analyzer=TokenFieldAnalyzer(field), chars=True, stored=True, vector=True)
            for name, (_, field) in TOKEN_FIELDS.items()
        },
    )
    index = RamStorage().create_index(schema)
    with index.writer() as writer:
        for document in articles.values():
            timestamp = document.published_time(ZONE)
            texts = {name: getattr(document, "text" if name.startswith("body") else "title") for name in TOKEN_FIELDS}
            writer.add_document(
                id=document.id,
                source=document.source or "-",
                published=None if timestamp is None else timestamp.astimezone(dt.UTC).replace(tzinfo=None),
                **texts,
            )
    with index.searcher() as opened:
        yield opened
