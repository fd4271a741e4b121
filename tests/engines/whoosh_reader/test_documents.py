"""Stored fields are the articles, columns hold their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest
from whoosh import query
from whoosh.searching import Searcher

from index.archive.reader import Archive
from index.document import Document
from search.engines.whoosh_reader import open_whoosh_index
from search.engines.whoosh_reader.schema import TOKEN_FIELDS


def test_stored_fields_are_the_article(searcher: Searcher, articles: dict[str, Document]) -> None:
    documents = list(searcher.iter_docs())

    assert [number for number, _ in documents] == list(range(len(articles)))
    for _, fields in documents:
        article = articles[fields["id"]]
        assert fields["title"] == article.title
        assert fields["text"] == article.text
        assert fields["agency"] == list(article.agencies)
        for name in ("source", "author", "section", "url", "published"):
            assert fields.get(name) == getattr(article, name)
    assert {fields["id"] for _, fields in documents} == set(articles)


def test_a_document_is_found_by_its_id(searcher: Searcher) -> None:
    found = searcher.document(id="bus-lines")

    assert found is not None
    assert found["url"] == "https://example.org/a"
    assert found["published"] == dt.datetime(2024, 1, 2, 22, 30, tzinfo=dt.UTC)
    assert searcher.document(id="telecom-merger") is None, "it was deleted"
    assert searcher.document(id="") is None


def test_a_token_field_returns_its_text(searcher: Searcher, articles: dict[str, Document]) -> None:
    (hit,) = searcher.search(query.Term("id", "bus-lines"))

    for name in TOKEN_FIELDS:
        assert hit[name] == (articles["bus-lines"].title if name.startswith("title") else articles["bus-lines"].text)
    assert "body_lemma" not in hit.fields(), "a text is not repeated in what is stored"


def test_columns_contain_the_values_of_facets_and_dates(searcher: Searcher) -> None:
    reader = searcher.reader()
    known, unknown = searcher.document_number(id="bus-lines"), searcher.document_number(id="undated")

    assert reader.column_reader("source")[known] == "قناة الجزيرة"
    assert reader.column_reader("source")[unknown] == "-"
    assert reader.column_reader("author")[unknown] == "كاتب"
    assert reader.column_reader("published")[known] == dt.datetime(2024, 1, 2, 22, 30)  # noqa: DTZ001 - Whoosh's have no zone
    assert reader.column_reader("day")[known] == dt.datetime(2024, 1, 3)  # noqa: DTZ001
    assert reader.column_reader("day")[unknown] is None
    assert not reader.has_column("agency")
    for name in ("source", "published", "day", "title_surface"):
        column = reader.column_reader(name)
        assert list(column) == [column[number] for number in range(searcher.doc_count())]


def test_a_vector_agrees_with_the_postings(searcher: Searcher, stock: Searcher) -> None:
    for name in TOKEN_FIELDS:
        for fields in stock.all_stored_fields():
            ours, theirs = (opened.document_number(id=fields["id"]) for opened in (searcher, stock))
            expected = dict(stock.vector_as("weight", theirs, name)) if stock.has_vector(theirs, name) else {}
            assert dict(searcher.vector_as("weight", ours, name)) == pytest.approx(expected, rel=1e-5)
            for kind in ("positions", "characters", "frequency"):
                expected = dict(stock.vector_as(kind, theirs, name)) if expected else {}
                assert dict(searcher.vector_as(kind, ours, name)) == expected


def test_a_posting_has_the_positions_of_its_term(searcher: Searcher, stock: Searcher) -> None:
    for kind in ("positions", "characters", "frequency"):
        found = {
            searcher.stored_fields(number)["id"]: value
            for number, value in searcher.postings("body_root", "كتب").items_as(kind)
        }
        expected = {
            stock.stored_fields(number)["id"]: value
            for number, value in stock.postings("body_root", "كتب").items_as(kind)
        }
        assert found == expected
        assert len(found) > 3


def test_opening_and_searching_read_no_article(location: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    get_many = Archive.get_many

    def noted(archive: Archive, ids: Sequence[str], *, at: int | None = None) -> dict[str, Document]:
        read.append(list(ids))
        return get_many(archive, ids, at=at)

    monkeypatch.setattr(Archive, "get_many", noted)

    with open_whoosh_index(location).searcher() as searcher:
        results = searcher.search(query.Term("body_lemma", "رئيس"), sortedby="published", groupedby="source")
        assert len(results) > 5
        assert read == []
        hit = results[0]
        assert hit["text"]
        assert hit.highlights("body_lemma")
        assert read == [[hit["id"]]], "an article is read once"
