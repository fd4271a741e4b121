"""Which files generations share, and the behaviour when files are damaged or missing."""

from __future__ import annotations

import json
import logging
import pickle
import struct
from pathlib import Path

import pytest

from index.build import verify
from index.engines import store_of
from index.engines.embedded.commit_point import generations, read_commit_point
from index.errors import IndexDamagedError
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.errors import EngineUnavailableError
from search.query import MatchAll
from tests.engines.articles import ZONE, article
from tests.index.embedded import open_writer


@pytest.fixture(autouse=True)
def _no_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `verify` not compare the words of these articles, which no analyzer made."""
    monkeypatch.setattr("index.engines.embedded.sampling.SAMPLE", 0)


@pytest.fixture
def location(tmp_path: Path) -> str:
    """Return an index with two generations: `a`, then `a` and `b`."""
    where = str(tmp_path / "index")
    with open_writer(where, create=ZONE.key) as writer:
        for document_id in ("a", "b"):
            writer.add([article(document_id, "book")])
            writer.commit()
    return where


def files(location: str) -> Path:
    return Path(location) / "segments-0001"


def ids(location: str) -> list[str]:
    engine = open_engine(location)
    try:
        with engine.searcher() as searcher:
            return [hit.id for hit in searcher.search(EngineRequest(Listing(MatchAll()))).hits]
    finally:
        engine.close()


def newest_segment(location: str) -> Path:
    newest, before = (read_commit_point(path) for path in generations(files(location)))
    return files(location) / (newest.files() - before.files() - {newest.file}).pop()


def test_only_two_generations_are_kept(location: str) -> None:
    with open_writer(location) as writer:
        for document_id in ("c", "d", "e"):
            writer.add([article(document_id, "book")])
            writer.commit()
    newest, before = (read_commit_point(path) for path in generations(files(location)))
    assert newest.number == before.number + 1
    assert {path.name for path in files(location).iterdir()} == newest.files() | before.files()


@pytest.mark.parametrize("harm", ["contents", "segment", "cut segment", "lost segment"])
def test_the_previous_generation_serves_when_the_newest_is_damaged_and_catch_up_restores_it(
    location: str, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    victim = generations(files(location))[0] if harm == "contents" else newest_segment(location)
    if harm == "lost segment":
        victim.unlink()
    else:
        content = victim.read_bytes()
        victim.write_bytes(content[:-9] if harm == "cut segment" else content[:-4] + b"\0" + content[-3:])
    with caplog.at_level(logging.WARNING):
        problems = verify(location)
    assert any("the newest generation" in problem for problem in problems)
    assert "falling back to an older generation of the index" in caplog.text
    # opening reads again from the articles what the older generation lacks
    assert ids(location) == ["a", "b"]
    assert verify(location) == ()


def damage_array(segment: Path, name: str) -> None:
    """Flip a bit in the first byte of an array."""
    content = bytearray(segment.read_bytes())
    offset, length, _, _ = struct.unpack("<QQI8s", content[-28:])
    content[json.loads(content[offset : offset + length])["arrays"][name][1]] ^= 1
    segment.write_bytes(content)


def test_an_array_that_is_read_whole_is_checked_at_opening(location: str) -> None:
    damage_array(newest_segment(location), "days")
    assert any("the newest generation" in problem for problem in verify(location))
    assert ids(location) == ["a", "b"]  # opening reads again from the articles what the older generation lacks
    assert verify(location) == ()


@pytest.mark.parametrize("name", ["tokens", "token_starts", "posting_documents", "occurrences", "body_frequencies"])
def test_damage_to_an_array_that_is_read_in_part_is_found_by_verify(location: str, name: str) -> None:
    damage_array(newest_segment(location), name)
    assert any(f"is damaged in its {name}; run `judhur index rebuild" in problem for problem in verify(location))


def test_the_error_has_the_remedy_when_both_generations_are_damaged(location: str) -> None:
    for path in generations(files(location)):
        path.write_bytes(b"")
    with pytest.raises(EngineUnavailableError, match="judhur index rebuild"):
        open_engine(location)
    with pytest.raises(IndexDamagedError, match="judhur index rebuild"):
        store_of(location).catch_up()


class Exploit:
    """Unpickled, it would make a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.marker,))


@pytest.mark.parametrize("name", ["_MAIN_4.toc", "_MAIN_3.toc", "MAIN_x.seg", "_MAIN_4.toc.tmp", "manifest.pickle"])
def test_a_pickle_in_the_folder_is_not_executed(location: str, tmp_path: Path, name: str) -> None:
    marker = tmp_path / "ran"
    (files(location) / name).write_bytes(pickle.dumps(Exploit(marker)))
    assert ids(location) == ["a", "b"]
    verify(location)
    with open_writer(location) as writer:
        writer.add([article("c", "book")])
        writer.commit()
    assert ids(location) == ["a", "b", "c"]
    assert not marker.exists()
    pickle.loads((files(location) / name).read_bytes()) if (files(location) / name).exists() else marker.touch()  # noqa: S301
    assert marker.exists()


def test_a_commit_without_a_commit_point_is_completed_by_the_next_one(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_writer(location) as writer:
        writer.add([article("c", "book")])
        with monkeypatch.context() as patch:
            patch.setattr("index.disk.rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
            with pytest.raises(Exception, match="No space"):
                writer.commit()
        writer.add([article("d", "book")])
        writer.commit()
    assert ids(location) == ["a", "b", "c", "d"]
    assert verify(location) == ()


def test_an_empty_commit_after_a_failed_one_names_no_missing_file(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_writer(location) as writer:
        writer.add([article("c", "book")])
        with monkeypatch.context() as patch:
            patch.setattr(writer.archive, "commit", lambda: (_ for _ in ()).throw(OSError(28, "No space left")))
            with pytest.raises(Exception, match="No space"):
                writer.commit()
        writer.commit()
        assert verify(location) == ()
        assert ids(location) == ["a", "b"]
        writer.add([article("c", "book")])
        writer.commit()
    assert ids(location) == ["a", "b", "c"]
    assert verify(location) == ()
