"""Articles and index of different days, or of different indexes, are refused by commands, engines and writers."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index import build
from index.archive.reader import Archive
from index.archive.writer import ArchiveWriter
from index.engines import store_of
from index.engines.embedded.commit_point import generations
from index.errors import IndexingError, IndexMissingError, IndexReadOnlyError
from index.layout import ARCHIVE_NAME, MANIFEST_NAME, VERIFICATION_NAME
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.errors import EngineUnavailableError
from search.query import MatchAll
from tests.index.embedded import open_writer
from tests.torture import library

DAYS = 4


def put_archive(folder: Path, archive: Path) -> None:
    """Replace the articles of an index, as whoever restores this file alone from a backup."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{folder / ARCHIVE_NAME}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(archive, folder / ARCHIVE_NAME)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One index, copied at the end of each of four days on which articles were added, replaced and deleted."""
    base = tmp_path_factory.mktemp("days")
    copies = []
    for day in range(DAYS):
        with open_writer(str(base / "index"), create="UTC") as writer:
            for part in range(2):
                writer.add(library.article(number, day) for number in range(day * 4 + part, day * 4 + 8, 2))
                writer.delete([f"{day * 4:03}"])
                writer.commit()
        copies.append(Path(shutil.copytree(base / "index", base / f"day {day}")))
    return copies


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another index with more changes than any day."""
    with open_writer(str(tmp_path / "other"), create="UTC") as writer:
        writer.add(library.article(number) for number in range(60))
        writer.commit()
    return tmp_path / "other"


def refusals(folder: Path) -> dict[str, str]:
    """Return the message of every way to open an index that refuses it."""
    ways: dict[str, Callable[[], object]] = {
        "status": lambda: build.status(str(folder)),
        "behind": lambda: store_of(str(folder)).behind(),
        "add": lambda: build.add_articles(str(folder), [Path("seeds")]),
        "delete": lambda: build.delete_articles(str(folder), ["001"]),
        "catch up": lambda: store_of(str(folder)).catch_up(),
        "search": lambda: open_engine(str(folder)).close(),
    }
    messages = {}
    for name, way in ways.items():
        try:
            way()
        except (IndexingError, EngineUnavailableError) as error:
            messages[name] = str(error)
    problems = [problem for problem in build.verify(str(folder)) if "rebuild" in problem]
    if problems:
        messages["verify"] = problems[0]
    return messages


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of the files of an index, except its lock and what `verify` keeps."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("writer.lock", VERIFICATION_NAME)
    }


@pytest.mark.parametrize(("index", "archive"), list(itertools.product(range(DAYS), repeat=2)))
def test_older_articles_are_refused_and_newer_ones_are_indexed(
    days: list[Path], tmp_path: Path, index: int, archive: int
) -> None:
    folder = Path(shutil.copytree(days[index], tmp_path / "index"))
    put_archive(folder, days[archive] / ARCHIVE_NAME)
    before = contents(folder)
    if archive < index:
        messages = refusals(folder)
        assert set(messages) == {"status", "behind", "add", "delete", "catch up", "search", "verify"}
        for message in messages.values():
            assert "lack its last" in message
            assert "from a backup" in message
            assert "judhur index rebuild" in message
        assert contents(folder) == before, "what was lost can still be seen"
        build.rebuild(str(folder))
    expected = library.ask(str(days[archive]))
    found = library.ask(str(folder))  # opening applies what the index lacks
    assert found == expected
    assert build.verify(str(folder)) == ()


def test_the_articles_of_another_index_are_refused(days: list[Path], other: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(days[-1], tmp_path / "index"))
    put_archive(folder, other / ARCHIVE_NAME)
    messages = refusals(folder)
    assert len(messages) == 7
    assert all("belong to another index" in message for message in messages.values())
    build.rebuild(str(folder))
    assert build.verify(str(folder)) == ()
    assert build.status(str(folder)).documents == 60


def test_articles_that_went_another_way_are_refused(days: list[Path], tmp_path: Path) -> None:
    """The whole folder of day 1 was restored and went on; then the articles of day 3 are put beside it."""
    folder = Path(shutil.copytree(days[1], tmp_path / "index"))
    with open_writer(str(folder)) as writer:
        writer.add([library.article(70)])
        writer.commit()
    put_archive(folder, days[3] / ARCHIVE_NAME)
    messages = refusals(folder)
    assert len(messages) == 7
    assert all("not those that the index was made from" in message for message in messages.values())


def test_articles_without_identity_beside_an_index_with_one_are_refused(days: list[Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(days[1], tmp_path / "index"))
    with closing(sqlite3.connect(folder / ARCHIVE_NAME)) as connection, connection:
        connection.execute("DROP TABLE identity")
        connection.execute("DROP TABLE commits")
    assert len(refusals(folder)) == 7


def test_an_index_without_identity_gets_one_at_its_next_commit(days: list[Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(days[1], tmp_path / "index"))
    with closing(sqlite3.connect(folder / ARCHIVE_NAME)) as connection, connection:
        connection.execute("DROP TABLE identity")
        connection.execute("DROP TABLE commits")
    newest = generations(next(folder.glob("segments-*")))[0]
    values = json.loads(newest.read_text())
    former = json.loads(values["contents"])
    del former["archive"], former["commit"]
    body = json.dumps(former)
    newest.write_text(json.dumps({"contents": body, "checksum": zlib.crc32(body.encode())}))
    assert refusals(Path(shutil.copytree(folder, tmp_path / "tried"))) == {}
    with open_writer(str(folder)) as writer:
        writer.add([library.article(70)])
        writer.commit()
    put_archive(folder, days[1] / ARCHIVE_NAME)
    assert len(refusals(folder)) == 7


@pytest.mark.parametrize("left", [ARCHIVE_NAME, MANIFEST_NAME])
def test_missing_articles_are_not_made_anew(days: list[Path], tmp_path: Path, left: str) -> None:
    folder = Path(shutil.copytree(days[1], tmp_path / "index"))
    for name in {ARCHIVE_NAME, left}:
        (folder / name).unlink()
    for way in (
        lambda: build.add_articles(str(folder), [Path("seeds")]),
        lambda: build.rebuild(str(folder)),
        lambda: build.delete_articles(str(folder), ["001"]),
        lambda: Archive(folder),
        lambda: ArchiveWriter(folder),
    ):
        with pytest.raises(IndexingError, match=f"{ARCHIVE_NAME} from a backup|judhur index add"):
            way()
    assert not (folder / ARCHIVE_NAME).exists()


def test_an_emptied_file_of_articles_is_not_filled(days: list[Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(days[1], tmp_path / "index"))
    put_archive(folder, Path("/dev/null"))
    with pytest.raises(IndexingError, match="not a sound archive"):
        build.add_articles(str(folder), [Path("seeds")])
    with closing(sqlite3.connect(folder / ARCHIVE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_running_engine_sees_replaced_articles(days: list[Path], other: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(days[2], tmp_path / "index"))
    engine = open_engine(str(folder))
    try:
        with engine.searcher() as searcher:
            hits = [hit.id for hit in searcher.search(EngineRequest(Listing(MatchAll()), limit=50)).hits]
        for archive in (days[0] / ARCHIVE_NAME, other / ARCHIVE_NAME):
            put_archive(folder, archive)
            with pytest.raises(EngineUnavailableError, match="from a backup"), engine.searcher():
                pass
        (folder / ARCHIVE_NAME).unlink()
        with pytest.raises(EngineUnavailableError, match="are missing"), engine.searcher():
            pass
        assert not (folder / ARCHIVE_NAME).exists()
        put_archive(folder, days[2] / ARCHIVE_NAME)
        with engine.searcher() as searcher:
            assert [hit.id for hit in searcher.search(EngineRequest(Listing(MatchAll()), limit=50)).hits] == hits
            assert all(searcher.get_many(hits))
    finally:
        engine.close()


def test_a_running_engine_follows_an_index_that_is_replaced_whole(days: list[Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(days[3], tmp_path / "index"))
    engine = open_engine(str(folder))
    try:
        shutil.rmtree(folder)
        with pytest.raises(EngineUnavailableError), engine.searcher():
            pass
        shutil.copytree(days[0], folder)
        expected = Archive(days[0])
        with engine.searcher() as searcher:
            hits = [hit.id for hit in searcher.search(EngineRequest(Listing(MatchAll()), limit=50)).hits]
            stored = searcher.get_many(hits)
        assert hits
        assert {part.document.id: part.document for part in stored if part} == expected.get_many(hits)
        expected.close()
    finally:
        engine.close()


def test_a_reader_that_may_not_write_refuses_an_index_too_old_for_its_articles(
    days: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_: str) -> int:
        raise IndexReadOnlyError("Permission denied")

    monkeypatch.setattr("index.engines.embedded.store.EmbeddedStore.catch_up", forbidden)
    folder = Path(shutil.copytree(days[0], tmp_path / "index"))
    put_archive(folder, days[3] / ARCHIVE_NAME)
    with pytest.raises(EngineUnavailableError, match=r"the index at .* is older than its articles"):
        open_engine(str(folder))


def test_no_index_is_not_an_inconsistent_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="judhur index add"):
        Archive(tmp_path)
    with pytest.raises(IndexMissingError, match="judhur index add"):
        build.status(str(tmp_path))
