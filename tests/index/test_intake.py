"""One process and several processes yield the same articles, in the same order."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from index import build, intake
from index.analysis.arabic import analyzer
from index.analysis.installed import load_analyzer
from index.archive.reader import Archive
from index.document import Document, Notice, Refusal
from index.errors import IndexingError
from index.intake import Arrival, analyze_articles, batched, compare_articles
from index.jobs import ReadingWords
from index.parallel import Answer, Work, WorkerPool
from index.schema import Section
from index.sources import ArticleReader
from index.transfer import PackedWords
from index.writer import Existing
from search.engines import open_engine
from search.request import SearchRequest
from search.service import SearchService
from tests.index.test_build import outcome, write

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
ZONE = ZoneInfo("Asia/Riyadh")


def lines(path: Path) -> Path:
    """Write articles of many kinds, good and bad, over several portions."""
    articles: list[dict[str, object]] = [
        {
            "id": f"{number}",
            "title": f"عنوان {number}",
            "text": f"قال الوزير رقم {number} إن الكتاب {number % 7} في الدار",
        }
        for number in range(90)
    ]
    articles[3]["date"] = "2025-02-12T09:30:00+03:00"
    articles[4]["date"] = "غدا"
    articles[5]["text"] = "نص\u0001به محرف\nالمصدر: قناة اليمن\nتاريخ النشر: 12 فبراير 2025\nبحسب رويترز"
    articles[6]["author"] = "الرياض - واس"
    articles[7]["id"] = " 7 "
    articles[8]["id"] = "\ud800"
    articles[9]["text"] = ""
    articles[9]["title"] = ""
    articles[40]["id"] = "10"
    articles[50]["id"] = ""
    articles[60]["text"] = 5.5
    last = json.dumps({"id": "last", "text": "نص"}, ensure_ascii=False).encode("cp1256")
    path.write_bytes(b"\n".join([*(json.dumps(article).encode() for article in articles), b"{broken", last]))
    return path


def arrived(paths: list[Path], archive: Archive, jobs: int) -> list[Arrival | Refusal | Notice]:
    with compare_articles(
        ArticleReader(paths, zone=ZONE).read(), archive, ZONE, analyzer=load_analyzer(), jobs=jobs
    ) as arrivals:
        return list(arrivals)


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "index")


def test_several_processes_yield_the_same_articles(location: str, tmp_path: Path) -> None:
    paths = [lines(tmp_path / "a.jsonl"), SEEDS]
    build.add_articles(location, [write(tmp_path / "before.jsonl", {"id": "11", "text": "قديم"})])
    build.add_articles(location, [SEEDS])
    archive = Archive(Path(location))
    alone, shared = (arrived(paths, archive, jobs) for jobs in (1, 2))
    archive.close()
    assert shared == alone
    unchanged = [arrival.document.id for arrival in alone if isinstance(arrival, Arrival) and arrival.analyzed is None]
    assert len(unchanged) == 5
    assert [arrival.document.id for arrival in alone if isinstance(arrival, Arrival) and arrival.existing] == [
        "11",
        *unchanged,
    ]
    kinds = [type(item) for item in alone]
    assert (kinds.count(Refusal), kinds.count(Notice), len(alone)) == (6, 3, 100)


def test_texts_are_those_of_the_document(location: str, tmp_path: Path) -> None:
    build.add_articles(location, [SEEDS])
    archive = Archive(Path(location))
    for item in arrived([lines(tmp_path / "a.jsonl")], archive, 2):
        if isinstance(item, Arrival):
            assert item.analyzed is not None
            assert item.analyzed.document is item.document
            assert item.analyzed.sections[Section.BODY].text is item.document.text
            assert item.analyzed.sections[Section.TITLE].text is item.document.title
    archive.close()


def test_several_processes_build_the_same_index(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl")
    events: list[list[Refusal | Notice]] = [[], []]
    progress: list[list[int]] = [[], []]
    places = [str(tmp_path / "one"), str(tmp_path / "two")]
    for number, place in enumerate(places):
        report = build.add_articles(
            place,
            [path, SEEDS],
            jobs=number + 1,
            report=events[number].append,
            progress=lambda done, _, seen=progress[number]: seen.append(done),  # type: ignore[misc]
        )
        assert outcome(report) == {"added": 91, "refused": 6}
        assert outcome(build.add_articles(place, [path, SEEDS], jobs=2 - number)) == {"unchanged": 91, "refused": 6}
        assert build.verify(place) == ()
    assert events[0] == events[1]
    assert progress[0] == progress[1]
    assert answers(places[0]) == answers(places[1])
    for jobs, place in enumerate(places, start=1):
        assert build.rebuild(place, jobs=jobs).added == 91
        assert build.verify(place) == ()
    assert answers(places[0]) == answers(places[1])


QUERIES = ["", "الكتاب", "كتب", "الوزير قال", '"قال الوزير"', "رويترز", "-الدار"]


def answers(place: str) -> list[object]:
    """Return what an index knows: its articles, and what it finds."""
    archive = Archive(Path(place))
    known: list[object] = list(archive.changes_since(0))
    archive.close()
    engine = open_engine(place)
    service = SearchService(engine, load_analyzer(), zone=ZONE)
    for query in QUERIES:
        result = service.search(SearchRequest(query, per_page=100))
        known.append((query, result.total, result.further, result.hits, result.facets, result.histogram))
    engine.close()
    return known


@dataclasses.dataclass(frozen=True)
class Faulty(ReadingWords):
    """Fails with one word, dies of another."""

    def __call__(self) -> Callable[[Sequence[str]], PackedWords]:
        read = super().__call__()

        def faulty(spellings: Sequence[str]) -> PackedWords:
            if "fails" in spellings:
                raise ValueError("no such word")
            if "dies" in spellings:
                os.kill(os.getpid(), signal.SIGKILL)
            return read(spellings)

        return faulty


@pytest.mark.parametrize(("fault", "message"), [("fails", "at 64: ValueError: no such word"), ("dies", "signal 9")])
def test_commits_survive_a_worker_that_fails_or_dies(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, message: str
) -> None:
    articles = [{"id": f"{number}", "text": f"نص {number}"} for number in range(100)]
    articles[70]["text"] = fault
    path = write(tmp_path / "a.jsonl", *articles)
    monkeypatch.setattr(build, "BATCH_DOCUMENTS", 10)
    with monkeypatch.context() as patch:
        patch.setattr(intake, "ReadingWords", Faulty)
        with pytest.raises(IndexingError, match=message):
            build.add_articles(location, [path], jobs=2)
    assert build.verify(location) == ()
    committed = build.status(location).documents
    # two portions of 32 were whole; a worker that dies may take along what it has not sent yet
    assert committed == 60 if fault == "fails" else committed in (0, 30, 60)
    again = build.add_articles(location, [path], jobs=2)
    assert (again.added, again.unchanged) == (100 - committed, committed)
    assert build.verify(location) == ()


def test_a_word_is_analyzed_once_by_all_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    class Noted(WorkerPool):
        def map(self, tasks: Iterable[Any]) -> Iterator[Answer[Any]]:
            for answer in super().map(tasks):
                asked.append(answer.task.message)
                yield answer

    monkeypatch.setattr(intake, "WorkerPool", Noted)
    texts = [f"كتاب {number} كلمة{chr(0x628 + number % 20)}" for number in range(100)]
    documents = [Document(id=f"{number}", text=text) for number, text in enumerate(texts)]
    fresh = analyzer._load.__wrapped__()
    with analyze_articles(documents, ZONE, analyzer=fresh, jobs=3) as shared:
        analyzed = list(shared)
    assert len(asked) == 4, "portions of 32"
    words = [word for message in asked for word in message]
    assert sorted(words) == sorted({word for text in texts for word in text.split()})
    assert [one.sections[Section.BODY] for one in analyzed] == [load_analyzer().analyze(text) for text in texts]


def test_an_interrupted_rebuild_leaves_the_old_index_and_no_workers(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[WorkerPool] = []

    class Noted(WorkerPool):
        def __init__(self, processes: int, work: Work) -> None:
            super().__init__(processes, work)
            started.append(self)

    def stop(done: int, _: float) -> None:
        if done == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(intake, "WorkerPool", Noted)
    build.add_articles(location, [SEEDS])
    before = build.status(location)
    with pytest.raises(KeyboardInterrupt):
        build.rebuild(location, jobs=2, progress=stop)
    assert [pool._workers for pool in started] == [[]], "a pool that is closed has no workers"
    assert build.status(location) == before
    assert build.verify(location) == ()


def test_ctrl_c_ends_all_processes_and_leaves_a_usable_index(location: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *({"id": f"{number}", "text": f"نص {number}"} for number in range(500)))
    program = f"""
import os, signal, sys
from index import build, intake
from web.cli import main, reporting
build.BATCH_DOCUMENTS = 50
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's jobs in the background ignore it
def interrupted(log, articles, share):
    if articles == 120:
        os.killpg(0, signal.SIGINT)
reporting.IndexingLog.progress = interrupted
sys.exit(main.run(["index", "add", {str(path)!r}, "--jobs", "2", "--index", {location!r}]))
"""
    # the pipe of standard error is open as long as any of the processes runs
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, stderr=subprocess.PIPE, timeout=100, check=False, start_new_session=True,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (130, b"\n")
    assert build.status(location).documents == 100
    assert outcome(build.add_articles(location, [path], jobs=2)) == {"added": 400, "unchanged": 100}
    assert build.verify(location) == ()


def test_several_processes_analyze_documents_identically(tmp_path: Path) -> None:
    paths = [lines(tmp_path / "a.jsonl"), SEEDS]
    documents = [item for item in ArticleReader(paths, zone=ZONE).read() if isinstance(item, Document)]
    several = functools.partial(analyze_articles, documents, ZONE, analyzer=load_analyzer())
    with several(jobs=1) as alone, several(jobs=3) as shared:
        analyzed = list(alone)
        assert list(shared) == analyzed
    assert [one.document for one in analyzed] == documents


@pytest.mark.parametrize("jobs", [1, 2])
def test_notices_and_refusals_do_not_make_look_ups_smaller(tmp_path: Path, jobs: int) -> None:
    looked_up: list[list[str]] = []

    class Noted:
        def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
            looked_up.append(list(ids))
            return {}

    articles = [{"id": f"{number}", "text": "نص\u0001", "date": "غدا", "url": "ftp://a"} for number in range(64)]
    articles[40]["id"] = ""
    path = write(tmp_path / "a.jsonl", *articles)
    with compare_articles(
        ArticleReader([path], zone=ZONE).read(), Noted(), ZONE, analyzer=load_analyzer(), jobs=jobs
    ) as arrivals:
        items = list(arrivals)
    taken = [f"{number}" for number in range(64) if number != 40]
    assert [ids for ids in looked_up if ids] == [taken[:32], taken[32:]]
    assert [item.document.id for item in items if isinstance(item, Arrival)] == taken
    following = [type(item) for item in items[31 * 4 : 33 * 4]]
    assert following == [Arrival, Notice, Notice, Notice] * 2, "the notices of an article follow it across a border"


def test_a_batch_ends_with_the_item_that_fills_it() -> None:
    def portions(*sizes: int) -> list[list[int]]:
        return list(batched(sizes, int, at_most=3, size_at_most=10))

    assert portions() == []
    assert portions(1, 1, 1, 1) == [[1, 1, 1], [1]]
    assert portions(4, 7, 2) == [[4, 7], [2]]
    assert portions(99, 1) == [[99], [1]]
    counted = batched([1, -1, -1, 1, -1, 1], lambda _: 1, counts=lambda item: item > 0, at_most=2, size_at_most=5)
    assert list(counted) == [[1, -1, -1, 1], [-1, 1]]
