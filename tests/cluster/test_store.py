"""An index on a cluster through the interfaces of the write path, with crashes, locks and damage."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from index import build, document
from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument, Document, Refusal
from index.engines import store_of
from index.engines.opensearch import bulk, connection, control, mapping, versions, words, writer
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster, ClusterError
from index.engines.opensearch.control import Control
from index.engines.opensearch.mapping import CLUSTER_FORMAT, FACET_PROPERTIES, names
from index.engines.opensearch.pairing import EPOCH
from index.errors import IndexDamagedError, IndexLockedError, IndexMissingError
from index.jobs import analyze_document
from index.schema import FACETS, FacetField
from search.engine import CountRequest, EngineRequest, FacetRequest, Listing
from search.engines import open_engine
from search.query import FacetFilter, MatchAll
from tests.cluster.articles import SEEDS, articles, found_ids, news, outcome, write
from tests.cluster.running import reason_to_skip
from tests.index.memory import MemoryStore, installed

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

ClientOf = Callable[[str], Cluster]


# adding, deleting, copying


def test_articles_go_to_a_cluster_and_back_to_the_letter(location: str, tmp_path: Path) -> None:
    here, back = str(tmp_path / "here"), str(tmp_path / "back")
    build.add_articles(here, [SEEDS], zone=ZoneInfo("Africa/Tunis"))

    assert outcome(build.migrate(here, location)) == {"added": 5}
    assert outcome(build.migrate(location, back)) == {"added": 5}

    assert articles(location) == articles(back) == articles(here)
    hashes = {name: document.content_hash() for name, document in articles(here).items()}
    assert {name: document.content_hash() for name, document in articles(location).items()} == hashes
    assert build.status(location).zone == build.status(back).zone == "Africa/Tunis"
    assert build.verify(back) == ()


# an index that is older than a facet


@pytest.fixture
def old(location: str, tmp_path: Path, client_of: ClientOf) -> str:
    """Return the location of an index that was made before there was a facet `section`."""
    with pytest.MonkeyPatch.context() as before:
        known = {facet: field for facet, field in FACETS.items() if facet is not FacetField.SECTION}
        before.setattr(document, "FACETS", known)
        before.setattr(mapping, "FACET_PROPERTIES", {facet: FACET_PROPERTIES[facet] for facet in known})
        before.setattr(versions, "FACET_PROPERTIES", mapping.FACET_PROPERTIES)
        build.add_articles(location, [write(tmp_path / "old.jsonl", {"id": "old", "text": "نص", "section": "فن"})])
    fields = client_of(location).call("GET", f"/{ClusterAddress.of(location).name}-v1/_mapping")
    assert "section" not in str(fields), "the index has the facet already"
    return location


def counted(location: str, **asked: Any) -> tuple[int, dict[str, int]]:
    """Return the number of matches and the counts of the facet `section`."""
    with contextlib.closing(open_engine(location)) as engine, engine.searcher() as searcher:
        facets = tuple(FacetRequest(facet, 5) for facet in FacetField)
        request = EngineRequest(Listing(MatchAll(), **asked), CountRequest(facets))
        result = searcher.search(request)
    (section,) = (counts for counts in result.facets if counts.field is FacetField.SECTION)
    return result.total, {entry.value: entry.count for entry in section.values if entry.count}


def test_an_index_that_is_older_than_a_facet_answers_as_if_nothing_had_a_value(old: str) -> None:
    art = FacetFilter(FacetField.SECTION, ("فن",))

    assert counted(old) == (1, {})
    assert counted(old, selected=(art,)) == (0, {})
    assert counted(old, excluded=(art,)) == (1, {})


def test_an_index_that_is_older_than_a_facet_takes_articles_and_counts_them(old: str, tmp_path: Path) -> None:
    build.add_articles(old, [write(tmp_path / "new.jsonl", {"id": "new", "text": "نص", "section": "صحة"})])

    assert counted(old) == (2, {"صحة": 1})
    assert counted(old, excluded=(FacetFilter(FacetField.SECTION, ("صحة",)),)) == (1, {})


def test_a_rebuild_counts_a_facet_in_all_articles(old: str) -> None:
    build.rebuild(old)

    assert counted(old) == (1, {"فن": 1})


# articles and requests that the cluster rejects


def test_a_refused_article_is_reported_with_its_fields_and_the_old_one_stays(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.add_articles(location, [write(tmp_path / "n.jsonl", {"id": "a", "text": "قديم"})])
    memory = installed(MemoryStore(), monkeypatch)
    bad = Document("a", "جديد", source="س" * 20_000, origin="file:7")  # more bytes than Lucene takes as a term
    with memory.writer(create="Asia/Riyadh"):
        memory.articles = {"a": bad, "b": Document("b", "نص")}
    events: list[Any] = []

    assert outcome(build.migrate(memory.location, location, report=events.append)) == {"added": 1, "refused": 1}

    (refusal,) = (event for event in events if isinstance(event, Refusal))
    assert (refusal.document_id, refusal.origin, refusal.document) == ("a", "file:7", bad)
    assert "source" in refusal.reason
    assert len(refusal.reason) < 300
    assert {name: document.text for name, document in articles(location).items()} == {"a": "قديم", "b": "نص"}
    assert build.verify(location) == ()


def test_a_cluster_that_takes_no_large_requests_gets_smaller_ones(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    call = Cluster.call

    def narrow(self: Cluster, method: str, path: str, body: Any = None, **values: Any) -> Any:
        if path == "/_bulk":
            sent.append(len(body))
            if len(body) > 5_000:
                raise ClusterError("entity too large", 413)
        return call(self, method, path, body, **values)

    monkeypatch.setattr(Cluster, "call", narrow)
    file = news(tmp_path / "n.jsonl", 30)
    file.write_text(file.read_text("utf-8") + json.dumps({"id": "long", "text": "كتاب " * 2_000}) + "\n", "utf-8")

    assert outcome(build.add_articles(location, [file])) == {"added": 30, "refused": 1}
    assert len(articles(location)) == 30
    assert max(sent) > 5_000


# commits in the background


class HeldRequests:
    """Blocks the bulk requests of the writers in this process until `open` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        self.failure: ClusterError | None = None
        real = bulk.send

        def held(cluster: Cluster, actions: Any) -> Any:
            assert self.open.wait(30)
            if self.failure is not None:
                raise self.failure
            return real(cluster, actions)

        monkeypatch.setattr(writer, "send", held)


def analyzed(name: str, text: str = "نص", origin: str = "") -> AnalyzedDocument:
    return analyze_document(Document(name, text, origin=origin), load_analyzer(), ZoneInfo("UTC"))


def test_what_is_added_while_a_commit_goes_on_belongs_to_the_next(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_requests = HeldRequests(monkeypatch)
    with store_of(location).writer(create="UTC") as writing:
        writing.add([analyzed("a"), analyzed("b")])
        commit = writing.begin_commit()
        writing.add([analyzed("b", "جديد"), analyzed("c")])
        assert set(writing.existing(["a", "b", "c", "d"])) == {"a", "b", "c"}
        assert writing.existing(["b"])["b"].hash == Document("b", "جديد").content_hash()
        writing.rollback()
        assert writing.existing(["b"])["b"].hash == Document("b", "نص").content_hash()
        assert writing.delete(["a", "c"]) == 1
        assert set(writing.existing(["a", "b", "c"])) == {"b"}
        held_requests.open.set()
        commit.wait()
        assert found_ids(location) == {"a", "b"}
        writing.commit()
        assert found_ids(location) == {"b"}
    assert {name: document.text for name, document in articles(location).items()} == {"b": "نص"}
    assert build.verify(location) == ()


def test_an_article_whose_commit_goes_on_moves_and_is_found_by_its_origin(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_requests = HeldRequests(monkeypatch)
    with store_of(location).writer(create="UTC") as writing:
        writing.add([analyzed("a", origin="old"), analyzed("b", origin="other")])
        writing.begin_commit()
        threading.Timer(0.2, held_requests.open.set).start()
        writing.move("a", "new")
        assert writing.ids_by_origin(lambda origin: origin == "new") == ["a"]
        writing.commit()
    assert {name: document.origin for name, document in articles(location).items()} == {"a": "new", "b": "other"}


def test_closing_the_writer_waits_for_a_running_commit(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held_requests = HeldRequests(monkeypatch)
    with store_of(location).writer(create="UTC") as writing:
        writing.add([analyzed("a")])
        writing.begin_commit()
        threading.Timer(0.3, held_requests.open.set).start()
    with store_of(location).writer() as following:
        assert set(following.existing(["a"])) == found_ids(location) == {"a"}
    assert store_of(location).behind() == 0


def test_a_failed_commit_is_raised_by_the_next_call_and_discards_what_followed(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_requests = HeldRequests(monkeypatch)
    with store_of(location).writer(create="UTC") as writing:
        writing.add([analyzed("a")])
        held_requests.failure = ClusterError("disks are full")
        held_requests.open.set()
        failed = writing.begin_commit()
        writing.add([analyzed("b")])
        for following in (writing.begin_commit, failed.wait):
            with pytest.raises(ClusterError, match="disks are full"):
                following()
        assert writing.existing(["a", "b"]) == {}
        held_requests.failure = None
        writing.add([analyzed("c")])
        writing.commit()
    assert set(articles(location)) == found_ids(location) == {"c"}


def test_adding_stops_where_a_commit_failed_and_goes_on_from_there(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BATCH_DOCUMENTS", 10)
    file = news(tmp_path / "n.jsonl", 45)
    real, times = versions.refresh, iter(range(100))

    def failing(*given: Any) -> None:
        if next(times) == 2:
            raise ClusterError("no answer")
        real(*given)

    with monkeypatch.context() as patched:
        patched.setattr(writer, "refresh", failing)
        with pytest.raises(ClusterError, match="no answer"):
            build.add_articles(location, [file])
    assert len(found_ids(location)) == 20

    assert outcome(build.add_articles(location, [file])) == {"unchanged": 30, "added": 15}
    assert len(found_ids(location)) == 45


def test_words_are_sent_once_unless_unused_for_long() -> None:
    sent = words.SentWords(at_most=20)
    sent.add(range(11))
    assert all(key in sent for key in range(11))
    sent.add([3, *range(100, 110)])
    assert 3 in sent
    assert 4 not in sent


# crashes and locks

KILLED = """
import os, signal, sys
from pathlib import Path
from index import build, document
from index.engines.opensearch import writer
build.BATCH_DOCUMENTS = 10
real, times = getattr(writer, sys.argv[3]), int(sys.argv[4])
def dying(*given, **named):
    global times
    times -= 1
    if not times and sys.argv[3] == "refresh":
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*given, **named)
    if not times:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(writer, sys.argv[3], dying)
build.add_articles(sys.argv[1], [Path(sys.argv[2])])
"""


def killed(location: str, file: Path, step: str, times: int) -> None:
    """Add the articles of a file in a process that is killed when it has done a step of a commit so many times."""
    command = [sys.executable, "-c", KILLED, location, str(file), step, str(times)]
    ended = subprocess.run(command, check=False, cwd=SEEDS.parent, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


# before the articles of the second commit went out, after them and before they are visible
@pytest.mark.parametrize(("step", "there"), [("send_words", 10), ("refresh", 20)])
def test_a_killed_writer_leaves_what_it_committed_and_the_next_goes_on_at_once(
    location: str, tmp_path: Path, step: str, there: int
) -> None:
    file = news(tmp_path / "n.jsonl", 35)
    killed(location, file, step, 2)
    assert set(found_ids(location)) == {f"n{number:05}" for number in range(10)}
    assert store_of(location).behind() == 10
    assert "failed halfway" in build.verify(location)[0]
    before = build.status(location).generation

    assert outcome(build.add_articles(location, [file])) == {"added": 35 - there, "unchanged": there}

    assert build.status(location).generation != before
    assert set(articles(location)) == found_ids(location) == {f"n{number:05}" for number in range(35)}
    assert store_of(location).behind() == 0
    assert build.verify(location) == ()


def test_repair_shows_what_a_killed_writer_had_sent(location: str, tmp_path: Path) -> None:
    killed(location, news(tmp_path / "n.jsonl", 12), "refresh", 2)
    assert len(found_ids(location)) == 10

    assert store_of(location).catch_up() == 2

    assert len(found_ids(location)) == 12
    assert store_of(location).catch_up() == store_of(location).behind() == 0


def test_adding_what_was_sent_and_not_shown_shows_it(location: str, tmp_path: Path) -> None:
    file = news(tmp_path / "n.jsonl", 3)
    killed(location, file, "refresh", 1)

    assert outcome(build.add_articles(location, [file])) == {"unchanged": 3}
    assert len(found_ids(location)) == 3


def test_a_lock_of_another_machine_runs_out(
    location: str, tmp_path: Path, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.add_articles(location, [SEEDS])
    monkeypatch.setattr(control, "LEASE", 1.5)
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    lock = Control(client_of(location)).take_lock()
    monkeypatch.undo()
    lock._ended.set()  # the machine has died: the lock is not renewed

    with pytest.raises(IndexLockedError, match="on elsewhere"):
        store_of(location).writer()
    time.sleep(1.6)
    assert outcome(build.add_articles(location, [news(tmp_path / "n.jsonl", 1)])) == {"added": 1}


def test_a_renewal_whose_answer_was_lost_loses_no_lock(
    location: str, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "RENEWAL", 0.1)
    real = Control.renew
    lost: list[Any] = []

    def without_answer(self: Control, *given: Any) -> Any:
        found = real(self, *given)
        if not lost:
            lost.append(found)
            raise ClusterError("no answer")
        return found

    monkeypatch.setattr(Control, "renew", without_answer)
    build.add_articles(location, [SEEDS])
    with Control(client_of(location)).take_lock() as lock:
        time.sleep(0.5)
        lock.check()
    assert lost
    with store_of(location).writer():
        pass


def test_a_writer_that_lost_its_lock_acknowledges_nothing(location: str, tmp_path: Path, client_of: ClientOf) -> None:
    build.add_articles(location, [news(tmp_path / "n.jsonl", 3)])
    cluster = client_of(location)
    with store_of(location).writer() as late:
        late.delete(["n00000"])
        cluster.call("DELETE", f"/{Control(cluster).index}/_doc/{control.WRITING.document}")
        assert outcome(build.add_articles(location, [news(tmp_path / "m.jsonl", 1, first=3)])) == {"added": 1}
        with pytest.raises(IndexLockedError, match="lost"):
            late.commit()
    assert len(found_ids(location)) == 4
    assert build.verify(location) == ()


# reading while something happens


def test_a_scan_whose_point_in_time_is_lost_continues_after_the_last_article(
    location: str, tmp_path: Path, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.engines.opensearch.store.READ_AT_ONCE", 10)
    build.add_articles(location, [news(tmp_path / "n.jsonl", 45)])
    moments: list[str] = []
    real = connection.open_point_in_time

    def noted(cluster: Cluster, index: str) -> str:
        moments.append(real(cluster, index))
        return moments[-1]

    monkeypatch.setattr(connection, "open_point_in_time", noted)
    reading = store_of(location).documents()
    seen = [next(reading).id for _ in range(10)]

    client_of(location).call("DELETE", "/_search/point_in_time", {"pit_id": moments})
    build.delete_articles(location, ["n00003", "n00040"])
    seen += [document.id for document in reading]

    assert seen == [f"n{number:05}" for number in range(45) if number != 40]
    assert len(moments) == 2


# status and verify


def damaged_row(cluster: Cluster, target: Any) -> None:
    article = cluster.call("GET", f"/{target.articles}/_source/n00001")["article"]
    article["row"]["text"] = "نص المقال رقم 7"
    cluster.call("POST", f"/{target.articles}/_update/n00001", {"doc": {"article": article}}, refresh="true")


def lost_words(cluster: Cluster, target: Any) -> None:
    one = cluster.call("POST", f"/{target.words}/_search", {"size": 1, "query": {"exists": {"field": "terms"}}})
    cluster.call("DELETE", f"/{target.words}/_doc/{one['hits']['hits'][0]['_id']}", refresh="true")


def no_vocabulary(cluster: Cluster, target: Any) -> None:
    cluster.call("DELETE", f"/{target.words}")


def other_alias(cluster: Cluster, target: Any) -> None:
    cluster.call("DELETE", f"/{target.articles}/_alias/{cluster.address.name}")


def left_over(cluster: Cluster, target: Any) -> None:
    cluster.call("PUT", f"/{target.articles.replace('-v1', '-v7')}", {"settings": {"number_of_replicas": 0}})


@pytest.mark.parametrize(
    ("damage", "line", "mended_by_rebuild"),
    [
        (damaged_row, "article n00001: its text does not match its hash", False),
        (lost_words, "is in articles and not in", True),
        (no_vocabulary, "-words at", True),
        (other_alias, "names no index and not", True),
        (left_over, "left over from an interrupted rebuild", True),
    ],
)
def test_verify_finds_damage_and_its_remedy_helps(
    location: str, tmp_path: Path, client_of: ClientOf, damage: Any, line: str, *, mended_by_rebuild: bool
) -> None:
    file = news(tmp_path / "n.jsonl", 5)
    build.add_articles(location, [file])
    assert build.verify(location) == ()
    cluster = client_of(location)

    damage(cluster, names(cluster.address.name, 1))

    problems = build.verify(location)
    assert any(line in problem for problem in problems), problems
    if mended_by_rebuild:
        assert all("judhur index rebuild" in problem for problem in problems)
        build.rebuild(location)
    else:
        assert "delete it and add it again" in problems[0]
        build.delete_articles(location, ["n00001"])
        build.add_articles(location, [file])
    assert build.verify(location) == ()
    assert len(found_ids(location)) == 5


def test_a_missing_vocabulary_is_reported_by_every_command_that_needs_it(location: str, client_of: ClientOf) -> None:
    build.add_articles(location, [SEEDS])
    no_vocabulary(client_of(location), names(client_of(location).address.name, 1))

    for call in (store_of(location).status, store_of(location).writer):
        with pytest.raises(IndexDamagedError, match="judhur index rebuild"):
            call()
    assert len(articles(location)) == 5


def test_articles_without_a_state_document_are_not_overwritten(location: str, client_of: ClientOf) -> None:
    build.add_articles(location, [SEEDS])
    cluster = client_of(location)
    cluster.call("DELETE", f"/{Control(cluster).index}")

    with pytest.raises(IndexDamagedError, match="has 5 articles, but"):
        build.add_articles(location, [SEEDS])
    with pytest.raises(IndexMissingError):
        build.status(location)


def test_status_has_the_sizes_of_all_copies(location_of: Callable[[str], str]) -> None:
    location = location_of("?shards=1&replicas=1")
    build.add_articles(location, [SEEDS])
    status = build.status(location)

    assert (status.documents, status.behind, status.format, status.up_to_date) == (5, 0, CLUSTER_FORMAT, True)
    assert status.location == location
    assert status.size_bytes > 10_000
    assert status.change == EPOCH + 5
