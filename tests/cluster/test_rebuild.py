"""A rebuild replaces the current version of an archive by another: searches never fail, and nothing is lost."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import build
from index.analysis.installed import load_analyzer
from index.document import Document
from index.engines import store_of
from index.engines.opensearch import control, copying, rebuild
from index.engines.opensearch.connection import Cluster
from index.engines.opensearch.control import REBUILDING, Control
from index.engines.opensearch.mapping import names
from index.engines.opensearch.pairing import EPOCH
from index.engines.opensearch.versions import aliased, versions_there
from index.errors import IndexingError, IndexLockedError, IndexMismatchError
from index.jobs import analyze_document
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.query import MatchAll
from tests.cluster.articles import SEEDS, articles, found_ids, news, outcome, state, write
from tests.cluster.running import reason_to_skip
from web.cli.main import run

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

ClientOf = Callable[[str], Cluster]


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make portions so small that a few articles are several portions."""
    monkeypatch.setattr(copying, "READ_AT_ONCE", 10)
    monkeypatch.setattr(copying, "SENT_AT_ONCE", 10)
    monkeypatch.setattr(copying, "COMPARED_AT_ONCE", 7)
    monkeypatch.setattr(rebuild, "ROUND_PAUSE", 0.1)


def once(what: Callable[[], object]) -> Callable[[int, float], None]:
    """Return a progress callback that calls `what` once, at its first call."""
    waiting = [what]

    def called(_: int, __: float) -> None:
        if waiting:
            waiting.pop()()

    return called


def existing_versions(location: str, client_of: ClientOf) -> set[int]:
    """Return the numbers of the versions whose indices exist."""
    return set(versions_there(client_of(location)).values())


# building the next version


def test_a_rebuild_keeps_all_articles_in_the_next_version(location: str, tmp_path: Path, client_of: ClientOf) -> None:
    build.add_articles(location, [SEEDS, news(tmp_path / "n.jsonl", 30)])
    before = articles(location)
    calls: list[tuple[int, float]] = []

    assert build.rebuild(location, progress=lambda *now: calls.append(now)).added == 35

    assert articles(location) == before
    assert found_ids(location) == set(before)
    assert build.verify(location) == ()
    assert calls == sorted(calls)
    assert calls[-1] == (35, 1.0)
    cluster = client_of(location)
    name = cluster.address.name
    assert (state(cluster).version, state(cluster).previous) == (2, 1)
    assert aliased(cluster) == {name: [f"{name}-v2"], f"{name}-write": [f"{name}-v2"]}
    assert outcome(build.add_articles(location, [SEEDS])) == {"unchanged": 5}


def test_a_rebuild_makes_the_shards_that_the_location_asks_for(
    location_of: Callable[[str], str], client_of: ClientOf
) -> None:
    location = location_of("?shards=1&replicas=0")
    build.add_articles(location, [SEEDS])

    build.rebuild(location.replace("shards=1&replicas=0", "shards=3&replicas=1"))

    cluster = client_of(location)
    index = names(cluster.address.name, 2).articles
    settings = cluster.call("GET", f"/{index}/_settings")[index]["settings"]["index"]
    assert (settings["number_of_shards"], settings["number_of_replicas"]) == ("3", "1")
    assert len(found_ids(location)) == 5


def test_versions_older_than_the_one_before_are_removed(location: str, client_of: ClientOf) -> None:
    build.add_articles(location, [SEEDS])
    for _ in range(2):
        build.rebuild(location)
    assert existing_versions(location, client_of) == {2, 3}


def outdate(cluster: Cluster, version: int) -> None:
    """Make a version look as if another analyzer had built it."""
    for index in names(cluster.address.name, version):
        built = cluster.call("GET", f"/{index}/_mapping")[index]["mappings"]["_meta"]
        cluster.call("PUT", f"/{index}/_mapping", {"_meta": built | {"analyzer": "0.7", "fingerprint": "0" * 64}})


def test_the_index_of_another_analyzer_is_read_and_rebuilt_and_only_its_release_goes_back(
    location: str, client_of: ClientOf
) -> None:
    build.add_articles(location, [SEEDS])
    outdate(client_of(location), 1)
    assert not build.status(location).up_to_date
    for call in (store_of(location).writer, store_of(location).verify):
        with pytest.raises(IndexMismatchError, match="judhur index rebuild"):
            call()
    assert len(articles(location)) == 5

    build.rebuild(location)

    assert build.status(location).up_to_date
    assert build.verify(location) == ()
    with pytest.raises(IndexMismatchError, match=r"analyzer 0\.7 .* roll back with the Judhur that built it"):
        build.roll_back(location)
    assert state(client_of(location)).version == 2


# while others write


def test_what_is_written_and_deleted_meanwhile_is_in_the_next_version(location: str, tmp_path: Path) -> None:
    file = tmp_path / "n.jsonl"
    build.add_articles(location, [news(file, 60)])

    def others() -> None:
        build.delete_articles(location, ["n00000", "n00059"])  # one is already copied, the other is not
        build.add_articles(location, [news(tmp_path / "changed.jsonl", 2, text="آخر", first=1)])
        build.add_articles(location, [news(tmp_path / "new.jsonl", 30, first=60)])
        build.delete_articles(location, ["n00001", "n00060"])
        build.add_articles(location, [news(tmp_path / "again.jsonl", 1)])

    build.rebuild(location, progress=once(others))

    now = articles(location)
    assert set(now) == {f"n{number:05}" for number in range(90)} - {"n00001", "n00059", "n00060"}
    assert found_ids(location) == set(now)
    assert now["n00002"].text == "آخر رقم 2"
    assert build.verify(location) == ()


def test_a_deletion_that_a_killed_writer_left_unfinished_is_not_undone(
    location: str, tmp_path: Path, client_of: ClientOf
) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 30)])
    cluster = client_of(location)
    target = names(cluster.address.name, 1).articles

    def dying() -> None:
        cluster.call("DELETE", f"/{target}/_doc/n00000")  # sent, but neither refreshed nor acknowledged

    build.rebuild(location, progress=once(dying))

    assert "n00000" not in articles(location)
    assert build.delete_articles(location, ["n00000"]) == ("n00000",)


def test_an_open_writer_is_waited_for_and_all_it_commits_is_there(location: str, tmp_path: Path) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 20)])
    zone = store_of(location).zone()
    with store_of(location).writer() as writing:
        rebuilding = threading.Thread(target=build.rebuild, args=[location])
        rebuilding.start()
        for number in range(8):
            document = Document(f"w{number}", "نص")
            writing.add([analyze_document(document, load_analyzer(), zone)])
            writing.delete([f"n{number:05}"])
            writing.commit()
            time.sleep(0.3)
        assert rebuilding.is_alive()
        assert build.status(location).generation.count("-") > 0
    rebuilding.join(60)

    assert not rebuilding.is_alive()
    expected = {f"n{number:05}" for number in range(8, 20)} | {f"w{number}" for number in range(8)}
    assert set(articles(location)) == found_ids(location) == expected
    assert build.verify(location) == ()


def test_a_writer_that_never_ends_keeps_the_old_version(
    location: str, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "LOCK_SECONDS", 0.5)
    build.add_articles(location, [SEEDS])

    with (
        store_of(location).writer(),
        pytest.raises(IndexLockedError, match=r"version 1 is still active.*written by process"),
    ):
        build.rebuild(location)

    assert existing_versions(location, client_of) == {1}
    assert build.verify(location) == ()
    build.rebuild(location)
    assert existing_versions(location, client_of) == {1, 3}


def test_a_writer_that_slept_through_a_rebuild_fails_and_changes_nothing(
    location: str, tmp_path: Path, client_of: ClientOf
) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 5)])
    cluster = client_of(location)
    with store_of(location).writer() as late:
        late.delete(["n00000"])
        late.add([analyze_document(Document("late", "نص"), load_analyzer(), late.zone)])
        cluster.call("DELETE", f"/{Control(cluster).index}/_doc/{control.WRITING.document}")  # its lease ran out
        build.rebuild(location)
        with pytest.raises(IndexLockedError, match="lost"):
            late.commit()

    assert set(articles(location)) == {f"n{number:05}" for number in range(5)}
    assert build.verify(location) == ()


# concurrent and failed rebuilds


def test_the_error_of_a_second_rebuild_names_the_running_one(location: str, client_of: ClientOf) -> None:
    build.add_articles(location, [SEEDS])
    with Control(client_of(location)).take_lock(REBUILDING):
        for call in (build.rebuild, build.roll_back):
            with pytest.raises(IndexLockedError, match=r"being rebuilt by process \d+ on"):
                call(location)
        assert outcome(build.add_articles(location, [SEEDS])) == {"unchanged": 5}


def test_a_rebuild_that_fails_leaves_nothing(location: str, client_of: ClientOf) -> None:
    build.add_articles(location, [SEEDS])

    def failing() -> None:
        raise IndexingError("no more")

    with pytest.raises(IndexingError, match="no more"):
        build.rebuild(location, progress=once(failing))

    assert existing_versions(location, client_of) == {1}
    assert build.verify(location) == ()


KILLED = """
import os, signal, sys
from index import build
from index.engines.opensearch import copying, rebuild
copying.READ_AT_ONCE = copying.SENT_AT_ONCE = 10
step = sys.argv[2]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if step != "copying":
    setattr(rebuild, step, die)
build.rebuild(sys.argv[1], progress=die if step == "copying" else None)
"""


def killed(location: str, step: str) -> None:
    """Rebuild in a process that is killed when it reaches a step."""
    ended = subprocess.run([sys.executable, "-c", KILLED, location, step], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize("step", ["copying", "_make_copies", "_swap"])
def test_a_killed_rebuild_blocks_no_later_one(location: str, tmp_path: Path, client_of: ClientOf, step: str) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 30)])
    killed(location, step)
    assert existing_versions(location, client_of) == {1, 2}
    assert any("left over from an interrupted rebuild" in problem for problem in build.verify(location))
    build.delete_articles(location, ["n00000"])
    assert len(found_ids(location)) == 29

    build.rebuild(location)

    assert existing_versions(location, client_of) == {1, 3}
    assert set(articles(location)) == found_ids(location) == {f"n{number:05}" for number in range(1, 30)}
    assert build.verify(location) == ()


def test_a_rebuild_that_is_killed_after_the_swap_has_swapped(location: str, client_of: ClientOf) -> None:
    build.add_articles(location, [SEEDS])
    killed(location, "point_aliases")
    cluster = client_of(location)
    assert state(cluster).version == 2
    assert len(found_ids(location)) == 5
    assert "the alias" in build.verify(location)[0]

    store_of(location).catch_up()

    assert build.verify(location) == ()
    assert aliased(cluster)[cluster.address.name] == [names(cluster.address.name, 2).articles]


# while others search


@contextlib.contextmanager
def searching(location: str, expected: set[str]) -> Iterator[list[int]]:
    """Search continuously with two engines, and check every answer; yield the number of searches of each engine."""
    ended = threading.Event()
    times, failures = [0, 0], list[object]()

    def search(number: int) -> None:
        engine = open_engine(location)
        try:
            while not ended.is_set():
                with engine.searcher() as searcher:
                    hits = searcher.search(EngineRequest(Listing(MatchAll()), limit=100)).hits
                    texts = searcher.get_many([hit.id for hit in hits])
                if {hit.id for hit in hits} != expected or None in texts:
                    failures.append({hit.id for hit in hits} ^ expected)
                times[number] += 1
        except Exception as error:  # noqa: BLE001 - any exception of a search is a failure
            failures.append(error)
        finally:
            engine.close()

    threads = [threading.Thread(target=search, args=[number]) for number in range(len(times))]
    for thread in threads:
        thread.start()
    try:
        yield times
    finally:
        ended.set()
        for thread in threads:
            thread.join(60)
    assert failures == []


def test_searches_never_fail_while_versions_come_and_go(location: str, tmp_path: Path, client_of: ClientOf) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 50)])

    with searching(location, set(articles(location))) as times:
        for step in (build.rebuild, build.rebuild, build.roll_back, build.rebuild):
            before = list(times)
            step(location)
            assert all(now > then for now, then in zip(times, before, strict=True)), "no search meanwhile"

    assert existing_versions(location, client_of) == {2, 4}


# going back


def test_going_back_loses_nothing_that_was_written_since(location: str, tmp_path: Path, client_of: ClientOf) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 30)])
    build.rebuild(location)
    build.delete_articles(location, ["n00000", "n00001"])
    build.add_articles(location, [news(tmp_path / "changed.jsonl", 3, text="آخر", first=1)])
    build.add_articles(location, [news(tmp_path / "new.jsonl", 20, first=30)])
    before = articles(location)
    assert len(before) == 49

    assert build.roll_back(location).added == 49

    assert state(client_of(location)).version == 1
    assert articles(location) == before
    assert found_ids(location) == set(before)
    assert build.verify(location) == ()

    build.delete_articles(location, ["n00002"])
    assert build.roll_back(location).added == 48
    assert state(client_of(location)).version == 2
    assert set(articles(location)) == set(before) - {"n00002"}
    assert build.verify(location) == ()


def test_going_back_ignores_what_a_late_writer_did_to_the_former_version(
    location: str, tmp_path: Path, client_of: ClientOf
) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 5)])
    build.rebuild(location)
    cluster = client_of(location)
    former = names(cluster.address.name, 1).articles
    before = articles(location)
    change = state(cluster).epoch * EPOCH + 1_000  # a change by a writer that was opened before the next one
    late: dict[str, Any] = {"version": change, "version_type": "external_gte"}
    cluster.call("DELETE", f"/{former}/_doc/n00001", **late)
    source = cluster.call("GET", f"/{former}/_source/n00002")
    article = source["article"] | {"row": source["article"]["row"] | {"text": "آخر"}}
    cluster.call("PUT", f"/{former}/_doc/n00002", source | {"article": article, "change": change}, **late)
    build.add_articles(location, [write(tmp_path / "m.jsonl", {"id": "new", "text": "نص"})])
    build.delete_articles(location, ["new"])

    build.roll_back(location)

    assert articles(location) == before
    assert build.verify(location) == ()


def test_there_is_nothing_to_go_back_to_before_a_rebuild(location: str, tmp_path: Path) -> None:
    build.add_articles(location, [SEEDS])
    with pytest.raises(IndexingError, match="no version before this one"):
        build.roll_back(location)
    folder = str(tmp_path / "folder")
    build.add_articles(folder, [SEEDS])
    with pytest.raises(IndexingError, match="has no previous index"):
        build.roll_back(folder)


def test_the_command_goes_back(location: str, capsys: pytest.CaptureFixture[str]) -> None:
    build.add_articles(location, [SEEDS])

    assert run(["index", "rebuild", "--index", location]) == 0
    assert run(["index", "rollback", "--index", location]) == 0
    assert "back to the index before, 5 articles" in capsys.readouterr().out
    assert run(["index", "verify", "--index", location]) == 0
