"""The write path from files to a searchable index, and its behaviour when a step fails."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index import build, manifest
from index.document import Notice, Refusal
from index.errors import (
    IndexDamagedError,
    IndexingError,
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
    SourceError,
)
from index.layout import ARCHIVE_NAME, MANIFEST_NAME
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.errors import EngineUnavailableError
from search.query import MatchAll
from tests.index.embedded import open_writer

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "فهرس 1")


def write(path: Path, *articles: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles), "utf-8")
    return path


def ids(location: str) -> list[str]:
    engine = open_engine(location)
    try:
        with engine.searcher() as searcher:
            return [hit.id for hit in searcher.search(EngineRequest(Listing(MatchAll()), limit=100)).hits]
    finally:
        engine.close()


def text_of(location: str, document_id: str) -> str:
    engine = open_engine(location)
    try:
        with engine.searcher() as searcher:
            stored = searcher.get_many([document_id])[0]
            assert stored is not None
            return stored.document.text
    finally:
        engine.close()


def outcome(report: build.Report) -> dict[str, float]:
    return {name: value for name, value in dataclasses.asdict(report).items() if value and name != "seconds"}


def test_adding_twice_changes_nothing(location: str) -> None:
    assert outcome(build.add_articles(location, [SEEDS])) == {"added": 5}
    before = build.status(location)
    assert outcome(build.add_articles(location, [SEEDS])) == {"unchanged": 5}
    assert build.status(location).generation == before.generation
    assert build.verify(location) == ()


def test_a_changed_article_replaces_the_old_one(location: str, tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    build.add_articles(location, [write(news, {"id": "a", "text": "نص قديم"}, {"id": "b", "text": "نص"})])
    report = build.add_articles(location, [write(news, {"id": "a", "text": "نص جديد"}, {"id": "b", "text": "نص"})])
    assert outcome(report) == {"replaced": 1, "unchanged": 1}
    assert text_of(location, "a") == "نص جديد"
    assert ids(location) == ["a", "b"]


def test_sync_removes_only_articles_that_are_no_longer_under_the_paths(location: str, tmp_path: Path) -> None:
    kept = write(tmp_path / "kept.jsonl", {"id": "k", "text": "نص"})
    news = tmp_path / "news.jsonl"
    build.add_articles(location, [kept, write(news, {"id": "a", "text": "نص"}, {"id": "b", "text": "نص"})])
    write(news, {"id": "b", "text": "نص"})
    assert outcome(build.add_articles(location, [news])) == {"unchanged": 1}
    assert ids(location) == ["a", "b", "k"]
    assert outcome(build.add_articles(location, [news], sync=True)) == {"unchanged": 1, "removed": 1}
    assert ids(location) == ["b", "k"]
    assert build.verify(location) == ()


def test_sync_keeps_articles_of_unreadable_files(location: str, tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    build.add_articles(location, [write(news, {"id": "a", "text": "نص"}, {"id": "b", "text": "نص"})])
    news.write_bytes(b"\x00\x01\x02" * 50)
    assert outcome(build.add_articles(location, [news], sync=True)) == {"refused": 1}
    write(news, {"id": "a", "text": "", "title": ""}, {"id": "b", "text": "نص"})
    assert outcome(build.add_articles(location, [news], sync=True)) == {"refused": 1, "unchanged": 1}
    assert ids(location) == ["a", "b"]


def test_an_article_that_moved_belongs_to_its_new_file(location: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    build.add_articles(location, [write(old, {"id": "a", "text": "نص"})])
    build.add_articles(location, [write(new, {"id": "a", "text": "نص"})])
    write(old)
    old.write_text("\n", "utf-8")
    build.add_articles(location, [old], sync=True)
    assert ids(location) == ["a"]


def test_refusals_are_reported_and_the_other_articles_are_indexed(location: str, tmp_path: Path) -> None:
    events: list[Refusal | Notice] = []
    news = write(tmp_path / "n.jsonl", {"id": "a", "text": "نص"}, {"id": "a", "text": "آخر"}, {"id": "e", "text": " "})
    report = build.add_articles(location, [news], report=events.append)
    assert outcome(report) == {"added": 1, "refused": 2}
    assert [item.document_id for item in events if isinstance(item, Refusal)] == ["a", "e"]


def test_progress_runs_to_the_end(location: str) -> None:
    calls: list[tuple[int, float]] = []
    build.add_articles(location, [SEEDS], progress=lambda done, share: calls.append((done, share)))
    assert calls[-1] == (5, 1.0)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    rebuilt: list[tuple[int, float]] = []
    build.rebuild(location, progress=lambda done, share: rebuilt.append((done, share)))
    assert rebuilt[-1] == (5, 1.0)


def test_a_missing_path_changes_nothing(location: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        build.add_articles(location, [tmp_path / "nowhere"])
    assert not Path(location).exists()


def test_deleting_returns_unknown_ids(location: str) -> None:
    build.add_articles(location, [SEEDS])
    assert build.delete_articles(location, ["000_ad51391c0478e70a", "x", "x"]) == ("x",)
    assert len(ids(location)) == 4


def test_several_batches_make_one_index(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "BATCH_DOCUMENTS", 2)
    assert outcome(build.add_articles(location, [SEEDS])) == {"added": 5}
    assert len(ids(location)) == 5
    build.rebuild(location)
    assert len(ids(location)) == 5
    assert build.verify(location) == ()


def test_a_rebuild_gives_the_same_index_and_leaves_no_old_files(location: str) -> None:
    build.add_articles(location, [SEEDS])
    before = build.status(location)
    report = build.rebuild(location)
    after = build.status(location)
    assert (report.added, after.documents) == (5, 5)
    assert after.generation != before.generation
    assert [path.name for path in Path(location).glob("segments-*")] == ["segments-0002"]
    assert build.verify(location) == ()


def test_a_rebuild_needs_only_the_articles(location: str) -> None:
    build.add_articles(location, [SEEDS])
    before, article = ids(location), text_of(location, "000_ad51391c0478e70a")
    shutil.rmtree(Path(location) / "segments-0001")
    for path in Path(location).iterdir():
        if path.name != ARCHIVE_NAME:
            path.unlink()

    assert build.rebuild(location).added == 5

    assert (ids(location), text_of(location, "000_ad51391c0478e70a")) == (before, article)
    assert build.verify(location) == ()


def test_an_open_engine_continues_during_a_rebuild(location: str) -> None:
    build.add_articles(location, [SEEDS])
    engine = open_engine(location)
    with engine.searcher() as searcher:
        build.rebuild(location)
        assert searcher.search(EngineRequest(Listing(MatchAll()))).total == 5
        assert searcher.get_many(["000_ad51391c0478e70a"])[0] is not None
    with engine.searcher() as searcher:
        assert searcher.info().generation == build.status(location).generation
        assert searcher.search(EngineRequest(Listing(MatchAll()))).total == 5
    engine.close()


WRITER = "index.engines.embedded.writer"


def break_at(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, broken)


STEPS = [
    "index.engines.embedded.segment_builder.InvertedSegmentBuilder.write",
    "index.disk.NewFile.write",
    "index.disk.NewFile.finish",
    "index.engines.embedded.segments.write_live",
    f"{WRITER}.ArchiveWriter.forget_former",
    "index.disk.sync_folder",
    "index.disk.rename",
    f"{WRITER}.write_commit_point",
]


@pytest.mark.parametrize("step", STEPS)
def test_a_commit_that_fails_at_any_step_leaves_a_usable_index_and_loses_nothing(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    others = [*"bdefghij"]  # so many that the first segment stays as it is
    old = [{"id": known, "text": "كتاب"} for known in others]
    news = write(tmp_path / "n.jsonl", {"id": "a", "text": "نص"}, *old)
    build.add_articles(location, [news])
    write(news, {"id": "a", "text": "نص جديد"}, {"id": "c", "text": "وزير"})
    with monkeypatch.context() as patch:
        break_at(patch, step)
        with pytest.raises((IndexingError, OSError), match="No space"):
            build.add_articles(location, [news])
    assert ids(location) in (sorted(["a", *others]), sorted(["a", "c", *others]))
    assert build.verify(location) == ()
    build.add_articles(location, [news])
    assert ids(location) == sorted(["a", "c", *others])
    assert text_of(location, "a") == "نص جديد"
    assert build.verify(location) == ()
    assert list(Path(location).rglob("*.tmp")) == []


def test_a_crash_between_archive_and_index_is_repaired_at_the_next_opening(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.add_articles(location, [write(tmp_path / "n.jsonl", {"id": "a", "text": "نص"}, {"id": "b", "text": "كتاب"})])
    with monkeypatch.context() as patch:
        break_at(patch, f"{WRITER}.write_commit_point")
        with pytest.raises(IndexingError):
            build.delete_articles(location, ["b"])
    assert build.status(location).behind > 0
    assert any("lacks the last" in problem for problem in build.verify(location))
    assert ids(location) == ["a"]
    assert build.status(location).behind == 0
    assert build.verify(location) == ()


def test_a_failed_rebuild_leaves_the_old_index(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    build.add_articles(location, [SEEDS])
    with monkeypatch.context() as patch:
        break_at(patch, "index.engines.embedded.segment_builder.InvertedSegmentBuilder.write")
        with pytest.raises(IndexingError, match="No space"):
            build.rebuild(location)
    assert len(ids(location)) == 5
    assert [path.name for path in Path(location).glob("segments-*")] == ["segments-0001"]


def test_an_index_of_another_analyzer_is_refused_with_the_remedy(location: str) -> None:
    build.add_articles(location, [SEEDS])
    folder = Path(location)
    known = manifest.read_manifest(folder)
    manifest.write_manifest(folder, dataclasses.replace(known, analyzer="0", fingerprint="0" * 64))
    assert not build.status(location).up_to_date
    with pytest.raises(EngineUnavailableError, match="judhur index rebuild"):
        open_engine(location)
    with pytest.raises(IndexMismatchError, match="judhur index rebuild"):
        build.add_articles(location, [SEEDS])
    build.rebuild(location)
    assert build.status(location).up_to_date
    assert len(ids(location)) == 5


def test_an_index_of_another_format_is_rebuilt_from_its_articles(location: str) -> None:
    build.add_articles(location, [SEEDS])
    path = Path(location) / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": 0}), "utf-8")
    with pytest.raises(EngineUnavailableError, match="judhur index rebuild"):
        open_engine(location)
    build.rebuild(location)
    assert len(ids(location)) == 5


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 2}', b"\xff\xfe"])
def test_a_rebuild_repairs_a_damaged_manifest(location: str, content: bytes) -> None:
    build.add_articles(location, [SEEDS])
    (Path(location) / MANIFEST_NAME).write_bytes(content)
    with pytest.raises(IndexDamagedError, match="judhur index rebuild"):
        build.status(location)
    build.rebuild(location)
    assert len(ids(location)) == 5


@pytest.mark.parametrize("harm", ["damaged", "gone", "another format"])
def test_a_rebuild_without_a_manifest_keeps_the_time_zone(location: str, harm: str) -> None:
    build.add_articles(location, [SEEDS], zone=ZoneInfo("Africa/Tunis"))
    path = Path(location) / MANIFEST_NAME
    if harm == "damaged":
        path.write_bytes(b"{")
    elif harm == "gone":
        path.unlink()
    else:
        path.write_text(json.dumps({"format": 1, "zone": "Africa/Tunis"}), "utf-8")
        shutil.rmtree(Path(location) / "segments-0001")
    build.rebuild(location)
    assert build.status(location).zone == "Africa/Tunis"


def test_a_rebuild_restores_lost_index_files(location: str) -> None:
    build.add_articles(location, [SEEDS])
    shutil.rmtree(Path(location) / "segments-0001")
    assert "judhur index rebuild" in build.verify(location)[0]
    with pytest.raises(EngineUnavailableError, match="judhur index rebuild"):
        open_engine(location)
    build.rebuild(location)
    assert len(ids(location)) == 5


def test_one_writer_at_a_time_and_the_holder_is_named(location: str) -> None:
    build.add_articles(location, [SEEDS])
    with open_writer(location), pytest.raises(IndexLockedError, match='"process"'):
        build.add_articles(location, [SEEDS])
    assert len(ids(location)) == 5


@pytest.mark.parametrize("call", [build.status, build.verify, build.rebuild])
def test_no_index_is_a_clear_error(location: str, call: Callable[[str], object]) -> None:
    with pytest.raises(IndexMissingError, match="judhur index add"):
        call(location)


def test_a_file_is_not_an_index(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="is a file"):
        build.status(str(tmp_path / "file"))


def test_the_command_of_a_remedy_can_be_run_unchanged(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match=r"--index '.*/my index'`"):
        build.status(str(tmp_path / "my index"))
