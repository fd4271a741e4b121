"""Whoosh's own searcher, posting by posting over the same files, finds what our executor finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from whoosh import query as whoosh_query
from whoosh.searching import Searcher

from index.build import add_articles
from index.engines.embedded.generation import open_newest
from index.schema import Level, Section, TokenField
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.engines.whoosh_reader import open_whoosh_index
from search.engines.whoosh_reader.schema import term_field
from search.query import Alternative, And, Phrase, Term
from tests.engines.articles import article
from tests.index.embedded import open_writer

SEEDS = Path(__file__).parents[2] / "seeds"
BODY = (Section.BODY,)


def word(field: TokenField, text: str, number: int = 0) -> Term:
    return Term(text, number, (Alternative(Level.EXACT, field, text, 1.0),), BODY)


def whoosh_ids(searcher: Searcher, query: whoosh_query.Query) -> set[str]:
    return {hit["id"] for hit in searcher.search(query, limit=None)}


def our_ids(location: Path, query: And | Phrase | Term) -> set[str]:
    engine = open_engine(str(location))
    try:
        with engine.searcher() as searcher:
            return {hit.id for hit in searcher.search(EngineRequest(Listing(query), limit=1000)).hits}
    finally:
        engine.close()


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("second") / "index"
    add_articles(str(folder), [SEEDS])
    with open_writer(str(folder)) as writer:
        writer.add([article("x", "book pen"), article("y", "pen book of ink")])
        writer.commit()
        writer.delete(["x"])
        writer.commit()
    return folder


@pytest.fixture
def searcher(location: Path) -> Iterator[Searcher]:
    with open_whoosh_index(location).searcher() as opened:
        yield opened


def test_every_term_of_every_field_finds_the_same_articles(location: Path, searcher: Searcher) -> None:
    asked = 0
    for name, text in list(searcher.reader().all_terms())[::40]:
        section, _, field = name.partition("_")
        if section == Section.BODY:
            term = word(TokenField(field), text.decode())
            assert our_ids(location, term) == whoosh_ids(searcher, whoosh_query.Term(name, text)), (name, text.decode())
            asked += 1
    assert asked > 50


def test_and_and_phrase_find_the_same(location: Path, searcher: Searcher) -> None:
    name = term_field(Section.BODY, TokenField.SURFACE)
    pairs = [("البيت", "الابيض"), ("pen", "book"), ("book", "pen"), ("الرئيس", "الروسي")]
    found = 0
    for first, second in pairs:
        both = And((word(TokenField.SURFACE, first), word(TokenField.SURFACE, second, 1)))
        terms = [whoosh_query.Term(name, text.encode()) for text in (first, second)]
        assert our_ids(location, both) == whoosh_ids(searcher, whoosh_query.And(terms))
        phrase = Phrase((word(TokenField.SURFACE, first), word(TokenField.SURFACE, second, 1)), (0, 1))
        theirs = whoosh_ids(searcher, whoosh_query.Phrase(name, [first.encode(), second.encode()]))
        assert our_ids(location, phrase) == theirs
        found += len(theirs)
    assert found >= 3


def test_whoosh_counts_what_the_index_counts(location: Path, searcher: Searcher) -> None:
    assert searcher.doc_count() == open_newest(location, "segments-0001").commit_point.documents == 6
