"""Readers in other processes while a writer commits: they see each commit as soon as it has returned, and whole."""

from __future__ import annotations

import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from index.engines import open_writer
from index.schema import Level
from search.engine import EngineRequest, Searcher
from search.engines import open_engine
from search.query import MatchAll
from tests.engines.articles import ZONE, term
from tests.torture import history, processes

PAIRS = 6
"""Each commit changes one pair of articles: both get the commit's number as their version, or both go."""


def read(pipe: Connection, location: str) -> None:
    """Search until the pipe says 0; after the n-th commit was announced, no older moment may be shown.

    Each announcement is sent back by the first searcher after it, so that commits run while searchers of the moment
    before are at work, but no two commits do: the text that a commit replaced is kept until the commit after it.
    At the end come (number of searches, moments seen, time of the slowest search in seconds), or what was wrong.
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
            wrong = half_seen(searcher, committed)
        slowest = max(slowest, time.monotonic() - began)
        searches += 1
        if wrong:
            pipe.send(wrong)
            return


def half_seen(searcher: Searcher, committed: int) -> str:
    """Return what is wrong with the moment that a searcher shows; empty when nothing is."""
    state = history.held(searcher)
    newest = max(state.values(), default=0)
    if newest < committed:
        return f"commit {committed} has returned, and {newest} is the newest that a new searcher shows"
    for number in range(PAIRS):
        pair = {state.get(f"{number}"), state.get(f"{number + PAIRS}")}
        if len(pair) != 1:
            return f"half a commit is seen: pair {number} stands at {pair} among {state}"
    if len(state) != searcher.info().documents or -1 in state.values():
        return f"{searcher.info().documents} articles are counted, and these are shown: {state}"
    for document_id, version in state.items():
        query = term(history.word_of(document_id, version), widest=Level.EXACT)
        found = [hit.id for hit in searcher.search(EngineRequest(query)).hits]
        if found != [document_id]:
            return f"the word of article {document_id} finds {found}"
    return ""


def batch_of(number: int) -> history.Batch:
    pair = number % PAIRS
    gone = number % 11 == 0
    other = (pair + 1) % PAIRS
    changes: list[history.Change] = [(str(place), None if gone else number) for place in (pair, pair + PAIRS)]
    if gone:  # the newest commit shows in some article at any time
        changes += [(str(place), number) for place in (other, other + PAIRS)]
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
        assert generations > 3, "the readers saw hardly any commit: the test proves nothing"
        tally["searches while another process committed"] += searches
        tally["moments that readers saw"] += generations
        name = "slowest search of a new moment while committing, ms"
        tally[name] = max(tally[name], round(slowest * 1000))


def test_readers_in_other_processes_see_every_commit_at_once_and_whole(place: Path, tally: Counter[str]) -> None:
    run(str(place / "index"), 100, tally)


@pytest.mark.torture
def test_readers_see_thousands_of_commits_whole(place: Path, tally: Counter[str]) -> None:
    run(str(place / "index"), 2_000, tally)


def test_an_article_that_a_query_may_not_miss_is_there_in_all_moments(place: Path) -> None:
    """What is open when the files of its moment go away goes on answering: three commits and a rebuild later too."""
    location = str(place / "index")
    old = history.make_index(location, [(("1", 1), ("2", 2))])
    engine = open_engine(location)
    with engine.searcher() as searcher:
        for number in range(3):
            with open_writer(location) as writer:
                history.write(writer, ((str(10 + number), number),))
                writer.commit()
        with open_writer(location) as writer:
            history.rebuild(writer)
        found = searcher.search(EngineRequest(MatchAll(), limit=10))
        assert [hit.id for hit in found.hits] == sorted(old)
        word = term(history.word_of("1", 1), widest=Level.EXACT)
        assert [hit.id for hit in searcher.search(EngineRequest(word)).hits] == ["1"]
    engine.close()
