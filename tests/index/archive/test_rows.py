"""Rows are decoded by column name; an undecodable row raises an error that names the article."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import build
from index.archive.migrations import FIRST_COLUMNS
from index.archive.reader import Archive
from index.archive.rows import COLUMNS, RowDamagedError, document_of, hash_of, row_of
from index.document import Basis, Document, Evidence, Span
from index.errors import IndexDamagedError
from index.layout import ARCHIVE_NAME
from search.engines import open_engine
from search.errors import EngineUnavailableError
from tests.index import version_1
from tests.index.archive.test_archive import FULL
from tests.index.embedded import open_writer
from tests.torture import history

DAMAGES = [
    ("title_basis", "guessed", "there is no basis 'guessed'"),
    ("published", "yesterday", "yesterday"),
    ("published", "2025-01-01T10:00", "no offset from UTC"),
    ("published", b"2025-01-01", "not text"),
    ("agencies", '["تاس"', "delimiter"),
    ("agencies", '{"تاس": 1}', "not a list of str"),
    ("agencies", "[1]", "not a list of str"),
    ("teasers", "[[1, 2, 3]]", "argument"),
    ("teasers", '[["1", 2]]', "not a list of lists of int"),
    ("teasers", "[1]", "not a list of list"),
    ("evidence", '[["source", "قناة"]]', "argument"),
    ("evidence", '[["source", "قناة", 3]]', "not a list of lists of str"),
    ("text", b"bytes", "not text"),
    ("author", 7, "not text"),
]
"""A column, its damaged value, and part of the error."""


@pytest.mark.parametrize("document", [FULL, Document("1", "نص"), *version_1.documents().values()], ids=lambda it: it.id)
def test_a_row_is_decoded_to_its_article(document: Document) -> None:
    row = row_of(document)
    assert tuple(row) == COLUMNS
    assert {type(value) for value in row.values()} <= {str, type(None)}
    assert document_of(row) == document
    assert document_of(dict(reversed(row.items()))) == document, "columns count by their names"


@pytest.mark.parametrize(("column", "value", "reason"), DAMAGES)
def test_a_damaged_row_names_its_article_and_what_is_wrong(column: str, value: object, reason: str) -> None:
    with pytest.raises(RowDamagedError, match=rf"article 'ا/1' cannot be read \(.*{reason}.*\); delete it and add it"):
        document_of({**row_of(FULL), column: value})


@pytest.mark.parametrize("column", ["id", "text", "title", "agencies", "teasers", "evidence", "origin"])
def test_a_row_without_a_required_value_is_damaged(column: str) -> None:
    with pytest.raises(RowDamagedError):
        document_of({**row_of(FULL), column: None})


def test_a_row_with_other_columns_is_damaged() -> None:
    short = row_of(FULL)
    del short["section"]
    with pytest.raises(RowDamagedError, match="section: missing"):
        document_of(short)
    with pytest.raises(RowDamagedError, match="colour: missing or not a column"):
        document_of({**row_of(FULL), "colour": None})


def test_all_columns_of_version_1_still_exist() -> None:
    assert set(FIRST_COLUMNS) <= set(COLUMNS)


@pytest.fixture
def damaged(tmp_path: Path) -> str:
    """Return an index of two articles, one of whose rows was changed by someone else."""
    location = str(tmp_path / "index")
    history.make_index(location, [(("1", 1), ("2", 2))])
    with contextlib.closing(sqlite3.connect(tmp_path / "index" / ARCHIVE_NAME)) as connection, connection:
        connection.execute("UPDATE articles SET published_basis = 'guessed' WHERE id = '1'")
    return location


def test_an_archive_with_a_damaged_row_names_file_article_and_remedy(damaged: str) -> None:
    with contextlib.closing(Archive(Path(damaged))) as archive:
        for reading in (lambda: archive.get("1"), lambda: list(archive.documents()), lambda: list(archive.check())):
            with pytest.raises(IndexDamagedError, match=rf"{ARCHIVE_NAME}: article '1' .*guessed.*; delete it and add"):
                reading()
        assert archive.get("2") == history.document("2", 2)
    (problem,) = build.verify(damaged)
    assert "article '1'" in problem


def test_a_search_with_a_damaged_row_raises_an_error(damaged: str) -> None:
    engine = open_engine(damaged)
    with (
        contextlib.closing(engine),
        pytest.raises(EngineUnavailableError, match="article '1' cannot be read"),
        engine.searcher() as searcher,
    ):
        searcher.get_many(["1"])[0]


def test_the_remedy_of_a_damaged_row_works(damaged: str) -> None:
    assert build.delete_articles(damaged, ["1"]) == ()
    with open_writer(damaged) as writer:
        history.write(writer, [("1", 1)])
        writer.commit()
    assert build.verify(damaged) == ()
    with contextlib.closing(Archive(Path(damaged))) as archive:
        assert archive.get("1") == history.document("1", 1)


values = st.one_of(st.none(), st.text(max_size=120))


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(max_size=50),
    source=values,
    basis=st.one_of(st.none(), st.sampled_from(Basis)),
    published=st.one_of(
        st.none(), st.dates(), st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-3.5))]))
    ),
    agencies=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    spans=st.lists(st.builds(Span, st.integers(0, 9), st.integers(0, 9)), max_size=2).map(tuple),
    evidence=st.lists(st.builds(Evidence, st.text(max_size=5), st.text(max_size=5), st.text()), max_size=2).map(tuple),
)
def test_the_hash_of_a_row_is_that_of_its_article(
    text: str,
    source: str | None,
    basis: Basis | None,
    published: dt.date | None,
    agencies: tuple[str, ...],
    spans: tuple[Span, ...],
    evidence: tuple[Evidence, ...],
) -> None:
    document = Document(
        "1", text, text[:3], basis, source, basis, published, basis, source, source, source, agencies, spans, evidence
    )
    row = [row_of(document)[column] for column in COLUMNS]
    assert hash_of(row, document) == document.content_hash()
