"""Readers in other processes while a writer commits: they see each commit as soon as it returns, and all of it."""

from __future__ import annotations

import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from index.schema import Level
from search.engine import EngineRequest, Listing, Searcher
from search.engines import open_engine
from search.query import MatchAll
from tests.engines.articles import ZONE, term
from tests.index.embedded import open_writer
from tests.torture import history, processes

PAIRS = 6
"""Pairs of articles. Each commit changes one: both get the commit's number as their version, or both are deleted."""


def read(pipe: Connection, location: str) -> None:
    """Search until 0 is received; after commit n was announced, a new searcher must not show an older snapshot.

    The first searcher after an announcement sends it back. So a commit runs while searchers on the snapshot before it
    are at work, but never two commits, since a replaced text is kept until the next commit only. At the end (number of
    searches, number of snapshots, seconds of the slowest search) is sent, or a description of the fault.
    """
    engine = open_engine(location)
    searches, committed, echoed, slowest = 0, 0, 0, 0.0
    generations: set[str] = set()
    pipe.send("reading")
    while True:
        while pipe.poll():
            number = pipe.recv()
            if number == 0:
                engine.close()
                pipe.send((searches, len(generations), slowest))
                return
            committed = number
        began = time.monotonic()
        with engine.searcher() as searcher:
            if committed != echoed:
                pipe.send(committed)
                echoed = committed
            generations.add(searcher.info().generation)
            fault = snapshot_fault(searcher, committed)
        slowest = max(slowest, time.monotonic() - began)
        searches += 1
        if fault:
            pipe.send(fault)
            return


def snapshot_fault(searcher: Searcher, committed: int) -> str:
    """Return what is wrong with the snapshot of a searcher; empty if nothing is."""
    state = history.held(searcher)
    newest = max(state.values(), default=0)
    if newest < committed:
        return f"commit {committed} has returned, but a new searcher only shows commit {newest}"
    for number in range(PAIRS):
        pair = {state.get(f"{number}"), state.get(f"{number + PAIRS}")}
        if len(pair) != 1:
            return f"half a commit is visible: pair {number} has the versions {pair} in {state}"
    if len(state) != searcher.info().documents or -1 in state.values():
        return f"{searcher.info().documents} articles are counted, but these are found: {state}"
    for document_id, version in state.items():
        query = term(history.word_of(document_id, version), widest=Level.EXACT)
        found = [hit.id for hit in searcher.search(EngineRequest(Listing(query))).hits]
        if found != [document_id]:
            return f"the word of article {document_id} finds {found}"
    return ""


def batch_of(number: int) -> history.Batch:
    pair = number % PAIRS
    deletes = number % 11 == 0
    other = (pair + 1) % PAIRS
    changes: list[history.Change] = [
        (str(document_id), None if deletes else number) for document_id in (pair, pair + PAIRS)
    ]
    if deletes:  # also change another pair, so that some article always has the number of the newest commit
        changes += [(str(document_id), number) for document_id in (other, other + PAIRS)]
    return tuple(changes)


def run(location: str, commits: int, tally: Counter[str]) -> None:
    history.make_index(location, [batch_of(1)])
    with processes.started(read, location) as (_, first), processes.started(read, location) as (_, second):
        readers = (first, second)
        assert [processes.next_of(pipe) for pipe in readers] == ["reading"] * 2
        for number in range(2, commits + 2):
            with open_writer(location, create=ZONE.key) as writer:
                history.write(writer, batch_of(number))
                writer.commit()
                if number % 25 == 0:
                    history.rebuild(writer)
            for pipe in readers:
                pipe.send(number)
            for pipe in readers:
                assert processes.next_of(pipe) == number
        for pipe in readers:
            pipe.send(0)
        answers = [processes.next_of(pipe) for pipe in readers]
    for searches, generations, slowest in answers:
        assert generations > 3, "the readers saw too few commits for this test to prove anything"
        tally["searches while another process committed"] += searches
        tally["snapshots that readers saw"] += generations
        name = "slowest search of a new snapshot while committing, ms"
        tally[name] = max(tally[name], round(slowest * 1000))


def test_readers_in_other_processes_see_every_commit_at_once_and_completely(scratch: Path, tally: Counter[str]) -> None:
    run(str(scratch / "index"), 100, tally)


@pytest.mark.torture
def test_readers_see_thousands_of_commits_completely(scratch: Path, tally: Counter[str]) -> None:
    run(str(scratch / "index"), 2_000, tally)


def test_an_open_searcher_keeps_its_snapshot(scratch: Path) -> None:
    """It answers from its snapshot even after three commits and a rebuild have removed the files."""
    location = str(scratch / "index")
    old = history.make_index(location, [(("1", 1), ("2", 2))])
    engine = open_engine(location)
    with engine.searcher() as searcher:
        for number in range(3):
            with open_writer(location) as writer:
                history.write(writer, ((str(10 + number), number),))
                writer.commit()
        with open_writer(location) as writer:
            history.rebuild(writer)
        found = searcher.search(EngineRequest(Listing(MatchAll()), limit=10))
        assert [hit.id for hit in found.hits] == sorted(old)
        word = term(history.word_of("1", 1), widest=Level.EXACT)
        assert [hit.id for hit in searcher.search(EngineRequest(Listing(word))).hits] == ["1"]
    engine.close()
