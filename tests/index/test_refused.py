"""Refused articles are counted, reported, and written to a file from which they can be read again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

from index import build
from index.document import Basis, Document, Evidence, Notice, Refusal
from index.errors import SourceError
from index.refused import keeping_refused
from index.sources import ArticleReader
from tests.index.memory import MemoryStore, installed
from tests.index.test_build import SEEDS, outcome, write


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_bytes().decode().splitlines()]


def too_long(document: Document) -> str:
    return "too long for the engine; shorten it" if "طويل" in document.text else ""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    return installed(MemoryStore(refused=too_long), monkeypatch)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    return write(
        tmp_path / "n.jsonl",
        {"id": "a", "text": "نص"},
        {"id": "b", "text": "نص طويل", "title": "عنوان", "author": "كاتب", "date": "2024-05-01"},
        {"id": "", "text": "بلا معرف"},
        {"id": "c", "text": "نص"},
    )


@pytest.mark.parametrize("batch", [1, 2, 3, 2000])
def test_refusals_of_the_engine_are_reported_and_not_counted_as_added(
    store: MemoryStore, news: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(build, "BATCH_DOCUMENTS", batch)
    events: list[Refusal | Notice] = []

    report = build.add_articles(store.location, [news], report=events.append)

    assert outcome(report) == {"added": 2, "refused": 2}
    assert {event.document_id: event.reason for event in events if isinstance(event, Refusal)} == {
        "": "no id; give every article one of its own",
        "b": "too long for the engine; shorten it",
    }
    assert sorted(store.articles) == ["a", "c"]


def test_a_refused_change_keeps_the_old_article(store: MemoryStore, news: Path) -> None:
    store.refused = lambda _: ""
    assert outcome(build.add_articles(store.location, [news])) == {"added": 3, "refused": 1}
    store.refused = too_long
    write(news, {"id": "a", "text": "صار طويلا"}, {"id": "b", "text": "نص"})

    report = build.add_articles(store.location, [news], sync=True)

    assert outcome(report) == {"replaced": 1, "removed": 1, "refused": 1}
    assert store.articles["a"].text == "نص"
    assert sorted(store.articles) == ["a", "b"]


def test_a_migration_counts_refusals_of_the_engine_as_not_indexed(
    store: MemoryStore, news: Path, tmp_path: Path
) -> None:
    source = str(tmp_path / "from")
    build.add_articles(source, [news])
    events: list[Refusal | Notice] = []

    assert outcome(build.migrate(source, store.location, report=events.append)) == {"added": 2, "refused": 1}
    assert outcome(build.migrate(source, store.location)) == {"unchanged": 2, "refused": 1}
    assert [event for event in events if isinstance(event, Notice)] == []


def test_a_refused_change_does_not_count_as_an_article_that_only_the_target_has(
    store: MemoryStore, tmp_path: Path
) -> None:
    source, news = str(tmp_path / "from"), tmp_path / "n.jsonl"
    build.add_articles(source, [write(news, {"id": "a", "text": "نص"})])
    build.migrate(source, store.location)
    build.add_articles(source, [write(news, {"id": "a", "text": "طويل"})])
    events: list[Refusal | Notice] = []

    assert outcome(build.migrate(source, store.location, report=events.append)) == {"refused": 1}
    assert [event for event in events if isinstance(event, Notice)] == []


def test_the_file_of_refused_articles_can_be_added_after_correction(
    store: MemoryStore, news: Path, tmp_path: Path
) -> None:
    path = tmp_path / "refused.jsonl"
    with keeping_refused(path, lambda _: None) as listener:
        build.add_articles(store.location, [news], report=listener)

    nameless, long = lines(path)
    assert nameless == {"id": "", "reason": "no id; give every article one of its own", "origin": f"{news}:3"}
    assert long == {
        "id": "b",
        "reason": "too long for the engine; shorten it",
        "origin": str(news),
        "title": "عنوان",
        "date": "2024-05-01",
        "author": "كاتب",
        "text": "نص طويل",
    }
    corrected = write(tmp_path / "corrected.jsonl", long | {"text": "نص قصير"})
    assert outcome(build.add_articles(store.location, [corrected])) == {"added": 1}


FULL = Document(
    id="ا/1",
    text="عنوان\nتاريخ النشر: 12 فبراير 2025\nالمصدر: قناة\nقال: 'نص' طويل 😀",
    title="عنوان",
    title_basis=Basis.STATED,
    source="قناة",
    source_basis=Basis.STATED,
    published=dt.datetime(2025, 2, 12, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=3))),
    published_basis=Basis.INFERRED,
    author="كاتب",
    section="سياسة",
    url="https://example.org/1",
    evidence=(
        Evidence("title", "عنوان", "عنوان"),
        Evidence("source", "قناة", "المصدر: قناة"),
        Evidence("published", "2025-02-12T09:30:00+03:00", "updated: 2025-02-12T06:30:00Z"),
    ),
)


def test_a_document_is_read_unchanged_from_its_line(tmp_path: Path) -> None:
    seeds = [item for item in ArticleReader([SEEDS], zone=dt.UTC).read() if isinstance(item, Document)]
    path = tmp_path / "refused.jsonl"
    with keeping_refused(path, lambda _: None) as listener:
        for document in [*seeds, FULL]:
            listener(Refusal(document.id, "because", document.origin, document))

    again = list(ArticleReader([path], zone=dt.UTC).read())

    assert again == [dataclasses.replace(document, origin=str(path)) for document in [*seeds, FULL]]


def test_each_refusal_is_written_immediately_and_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    events: list[object] = []

    def failing() -> None:
        with keeping_refused(path, events.append) as listener:
            listener(Notice("file", "a note"))
            assert not path.exists()
            listener(Refusal("a", "because", "file:1"))
            assert len(lines(path)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert lines(path) == [{"id": "a", "reason": "because", "origin": "file:1"}]
    assert len(events) == 2


def test_no_file_is_created_without_refusals(tmp_path: Path) -> None:
    with keeping_refused(tmp_path / "refused.jsonl", lambda _: None):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    path.write_text("mine", "utf-8")
    with pytest.raises(SourceError, match="exists already"), keeping_refused(path, lambda _: None):
        pytest.fail("the run began")
    assert path.read_text("utf-8") == "mine"


def test_a_file_in_no_folder_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no folder"), keeping_refused(tmp_path / "no" / "r", lambda _: None):
        pytest.fail("the run began")


def test_an_undecodable_file_name_is_written_readably(tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    with keeping_refused(path, lambda _: None) as listener:
        listener(Refusal("", "because", "caf\udce9.txt"))
    assert lines(path)[0]["origin"] == "caf\udce9.txt"
