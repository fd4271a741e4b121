"""The archive keeps articles to the letter, numbers its changes, and serves older moments."""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import ARCHIVE_NAME, Archive
from index.document import Basis, Document, Evidence, Span
from index.errors import IndexDamagedError, IndexMissingError

FULL = Document(
    id="ا/1",
    text="نص\tطويل\r\nمن سطرين 😀",
    title="عنوان",
    title_basis=Basis.GIVEN,
    source="قناة",
    source_basis=Basis.STATED,
    published=dt.datetime(2025, 2, 12, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=3))),
    published_basis=Basis.STATED,
    author="كاتب",
    section="سياسة",
    url="https://example.org/1",
    agencies=("تاس", "رويترز"),
    teasers=(Span(0, 2),),
    evidence=(Evidence("published", "2025-02-12", "تاريخ النشر: …"),),
    origin="/articles/1.txt",
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, create=True)
    yield made
    made.close()


def test_an_article_comes_back_to_the_letter(archive: Archive) -> None:
    archive.put(FULL)
    archive.commit()
    assert archive.get(FULL.id) == FULL
    assert archive.hash_of(FULL.id) == FULL.content_hash()


@settings(max_examples=50, deadline=None)
@given(text=texts, title=texts, published=st.one_of(st.none(), st.dates(), st.datetimes(timezones=st.just(dt.UTC))))
def test_any_text_and_date_come_back(text: str, title: str, published: dt.date | None) -> None:
    document = Document(id="1", text=text, title=title, published=published)
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder), create=True)
        archive.put(document)
        archive.commit()
        assert archive.get("1") == document
        archive.close()


def test_the_origin_is_no_part_of_the_content() -> None:
    moved = Document(id="1", text="نص", origin="/b")
    assert Document(id="1", text="نص", origin="/a").content_hash() == moved.content_hash()
    assert Document(id="1", text="نصّ", origin="/a").content_hash() != moved.content_hash()


def test_what_was_not_committed_is_forgotten(archive: Archive) -> None:
    archive.put(FULL)
    archive.rollback()
    assert archive.get(FULL.id) is None
    assert archive.last_change() == 0


def test_changes_are_numbered_and_told_in_order(archive: Archive) -> None:
    archive.put(Document(id="b", text="1"))
    archive.put(Document(id="a", text="2"))
    archive.commit()
    seen = archive.last_change()
    archive.put(Document(id="b", text="3"))
    archive.delete("a")
    archive.delete("never there")
    archive.commit()
    changes = [(known, document and document.text) for known, document in archive.changes_since(seen)]
    assert changes == [("a", None), ("b", "3")]
    assert [known for known, _ in archive.changes_since(archive.last_change())] == []


def test_a_deleted_article_that_comes_back_is_no_deletion(archive: Archive) -> None:
    archive.put(Document(id="a", text="1"))
    archive.delete("a")
    archive.put(Document(id="a", text="2"))
    archive.commit()
    assert [(known, document and document.text) for known, document in archive.changes_since(0)] == [("a", "2")]


def test_an_older_moment_keeps_its_text_until_it_is_forgotten(archive: Archive) -> None:
    archive.put(Document(id="a", text="old"))
    archive.put(Document(id="b", text="kept"))
    archive.commit()
    before = archive.last_change()
    archive.put(Document(id="a", text="new"))
    archive.delete("b")
    archive.put(Document(id="c", text="later"))
    archive.commit()
    texts_then = [document and document.text for document in (archive.get(known, at=before) for known in "abc")]
    assert texts_then == ["old", "kept", None]
    assert archive.get("b") is None
    archive.forget_former(archive.last_change())
    archive.commit()
    assert archive.get("a", at=before) is None


def test_threads_read_what_is_committed(archive: Archive) -> None:
    archive.put(FULL)
    archive.commit()
    found: list[Document | None] = []
    threads = [threading.Thread(target=lambda: found.append(archive.get(FULL.id))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [FULL] * 4


def test_a_missing_archive_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="judhur index add"):
        Archive(tmp_path)


def test_a_file_that_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE_NAME).write_bytes(b"not a database, but long enough to look at" * 40)
    archive = Archive(tmp_path)
    with pytest.raises(IndexDamagedError, match="not a sound archive"):
        archive.count()
    archive.close()
