"""The archive stores articles unchanged, numbers its changes, and returns articles as of older changes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive.reader import Archive
from index.archive.writer import ArchiveWriter
from index.document import HASH_VERSION, HASHED, HASHED_LATER, Basis, Document, Evidence, Span
from index.errors import IndexDamagedError, IndexMissingError
from index.layout import ARCHIVE_NAME
from index.writer import Existing

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
def archive(tmp_path: Path) -> Iterator[ArchiveWriter]:
    made = ArchiveWriter(tmp_path, create=True)
    yield made
    made.close()


def test_an_article_is_returned_unchanged(archive: ArchiveWriter) -> None:
    archive.put(FULL)
    archive.commit()
    assert archive.get(FULL.id) == FULL
    assert archive.existing([FULL.id, "other"]) == {FULL.id: Existing(FULL.content_hash(), FULL.origin)}


@settings(max_examples=50, deadline=None)
@given(text=texts, title=texts, published=st.one_of(st.none(), st.dates(), st.datetimes(timezones=st.just(dt.UTC))))
def test_any_text_and_date_are_returned_unchanged(text: str, title: str, published: dt.date | None) -> None:
    document = Document(id="1", text=text, title=title, published=published)
    with tempfile.TemporaryDirectory() as folder:
        archive = ArchiveWriter(Path(folder), create=True)
        archive.put(document)
        archive.commit()
        assert archive.get("1") == document
        archive.close()


def test_the_origin_is_not_part_of_the_content() -> None:
    moved = Document(id="1", text="نص", origin="/b")
    assert Document(id="1", text="نص", origin="/a").content_hash() == moved.content_hash()
    assert Document(id="1", text="نصّ", origin="/a").content_hash() != moved.content_hash()


def test_every_part_of_the_content_changes_the_hash() -> None:
    changes: list[dict[str, Any]] = [
        {"id": "2"}, {"text": "آخر"}, {"title": ""}, {"title_basis": None}, {"source": None}, {"source_basis": None},
        {"published": dt.date(2025, 2, 12)}, {"published_basis": None}, {"author": "كاتب\n"}, {"section": None},
        {"url": None}, {"agencies": ("تاس",)}, {"teasers": ()}, {"evidence": ()},
        {"author": None, "section": "كاتبسياسة"}, *({name: "قيمة"} for name in HASHED_LATER),
    ]  # fmt: skip
    hashes = {FULL.content_hash(), *(dataclasses.replace(FULL, **change).content_hash() for change in changes)}
    assert len(hashes) == len(changes) + 1
    content = {field.name for field in dataclasses.fields(Document)} - {"origin"}
    assert {name for change in changes for name in change} == content, "a field of the content has no case here"
    assert {*HASHED, *HASHED_LATER} == content, "a field of the content is not hashed: name it in HASHED_LATER"


def test_the_hash_of_an_article_does_not_change_between_releases() -> None:
    """Raise HASH_VERSION, and write a step that hashes again, before you change these."""
    digests = {
        1: (
            "7aac38860272d866ae803ce767232f68bad9d9ea14dd688ffb7bee95a749eac2",
            "6a1986c88ea79725be9566a67f0752ff4cffa4f198fe91f95824013676ed76f8",
        )
    }
    assert (FULL.content_hash(), Document(id="1", text="نص").content_hash()) == digests[HASH_VERSION]


def test_a_later_field_does_not_change_the_hash_of_articles_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [Document(id="1", text="نص", origin=origin).content_hash() for origin in ("", "/a")]
    monkeypatch.setattr("index.document.HASHED_LATER", ("origin", "agencies", "author"))
    after = [Document(id="1", text="نص", origin=origin).content_hash() for origin in ("", "/a")]
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)


def test_the_hash_of_a_changed_copy_is_computed_again() -> None:
    assert Document(id="1", text="نص").content_hash() != (known := Document(id="1", text="غيره")).content_hash()
    assert dataclasses.replace(known, text="نص").content_hash() == Document(id="1", text="نص").content_hash()
    assert pickle.loads(pickle.dumps(known)).content_hash() == known.content_hash()  # noqa: S301 - our own bytes


def test_uncommitted_changes_are_discarded(archive: ArchiveWriter) -> None:
    archive.put(FULL)
    archive.rollback()
    assert archive.get(FULL.id) is None
    assert archive.last_change() == 0


def test_changes_are_numbered_and_returned_in_order(archive: ArchiveWriter) -> None:
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


def test_numbers_of_committed_changes_are_not_reused(archive: ArchiveWriter, tmp_path: Path) -> None:
    archive.put(Document(id="a", text="1"))
    archive.commit()
    archive.put(Document(id="b", text="2"))
    archive.rollback()
    archive.commit()
    seen = archive.last_change()
    other = ArchiveWriter(tmp_path)
    other.put(Document(id="c", text="3"))
    other.commit()
    other.close()
    archive.put(Document(id="a", text="4"))
    archive.commit()
    assert (seen, archive.last_change()) == (1, 3)
    assert [known for known, _ in archive.changes_since(2)] == ["a"]


def test_a_writer_that_is_killed_leaves_the_last_commit(tmp_path: Path) -> None:
    writing = f"""
import os, pathlib
from index.archive.writer import ArchiveWriter
from index.document import Document
archive = ArchiveWriter(pathlib.Path({str(tmp_path)!r}), create=True)
archive.put(Document(id="a", text="committed"))
archive.commit()
archive.put(Document(id="a", text="lost"))
archive.delete("a")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", writing], check=False).returncode == 9
    archive = ArchiveWriter(tmp_path)
    archive.put(Document(id="b", text="later"))
    archive.commit()
    changes = [(known, document and document.text) for known, document in archive.changes_since(0)]
    assert changes == [("a", "committed"), ("b", "later")]
    assert archive.last_change() == 2
    archive.close()


def test_readers_see_articles_after_the_commit(archive: ArchiveWriter) -> None:
    archive.put(Document(id="a", text="old"))
    archive.commit()
    archive.put(Document(id="a", text="new"))
    archive.put(Document(id="b", text="new"))
    assert {known: document.text for known, document in archive.get_many(["a", "b"]).items()} == {"a": "old"}
    archive.commit()
    assert {known: document.text for known, document in archive.get_many(["a", "b"]).items()} == {
        "a": "new",
        "b": "new",
    }


def test_get_many_returns_the_same_as_get(archive: ArchiveWriter) -> None:
    names = [str(number) for number in range(250)]
    for name in names:
        archive.put(Document(id=name, text=f"old {name}"))
    archive.commit()
    before = archive.last_change()
    for name in names[::3]:
        archive.put(Document(id=name, text=f"new {name}"))
    for name in names[1::3]:
        archive.delete(name)
    archive.commit()
    for change in (before, archive.last_change()):
        asked = ["never", *names, *names[:3]]
        alone = {name: document for name in asked if (document := archive.get(name, at=change)) is not None}
        assert archive.get_many(asked, at=change) == alone
    assert len(archive.existing(names)) == 167
    assert archive.get_many([]) == {}


def test_an_article_that_is_added_again_is_not_a_deletion(archive: ArchiveWriter) -> None:
    archive.put(Document(id="a", text="1"))
    archive.delete("a")
    archive.put(Document(id="a", text="2"))
    archive.commit()
    assert [(known, document and document.text) for known, document in archive.changes_since(0)] == [("a", "2")]


def test_an_older_change_number_has_its_text_until_it_is_forgotten(archive: ArchiveWriter) -> None:
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


COMMITS = st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "one", "two"])), max_size=8)
"""For each commit what it does to articles: their new text, or none to delete them."""


@settings(max_examples=60, deadline=None)
@given(commits=COMMITS, kept=st.integers(0, 3))
def test_an_older_change_number_has_its_own_text_or_none(commits: list[dict[str, str]], kept: int) -> None:
    """As the writer does, each commit forgets what was replaced more than `kept` commits ago."""
    with tempfile.TemporaryDirectory() as folder:
        archive = ArchiveWriter(Path(folder), create=True)
        versions: list[tuple[int, dict[str, str]]] = [(0, {})]
        for commit in commits:
            texts = dict(versions[-1][1])
            for known, text in commit.items():
                if text:
                    archive.put(Document(id=known, text=text))
                    texts[known] = text
                else:
                    archive.delete(known)
                    texts.pop(known, None)
            archive.forget_former(versions[max(0, len(versions) - 1 - kept)][0])
            archive.commit()
            versions.append((archive.last_change(), texts))
        for age, (change, texts) in enumerate(reversed(versions)):
            found = {known: document.text for known, document in archive.get_many("abc", at=change).items()}
            assert found.items() <= texts.items()
            assert age > kept or found == texts
        archive.close()


def test_threads_read_committed_articles(archive: ArchiveWriter) -> None:
    archive.put(FULL)
    archive.commit()
    found: list[Document | None] = []
    threads = [threading.Thread(target=lambda: found.append(archive.get(FULL.id))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [FULL] * 4


def test_the_error_for_a_missing_archive_has_the_command_that_creates_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="judhur index add"):
        Archive(tmp_path)


def test_a_file_that_is_not_an_archive_raises_an_error(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE_NAME).write_bytes(b"not a database, but long enough to look at" * 40)
    with pytest.raises(IndexDamagedError, match="not a sound archive"):
        Archive(tmp_path)
