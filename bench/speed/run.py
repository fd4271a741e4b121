"""One run: every engine indexes, opens, answers, commits; each in processes of its own, one at work at a time."""

from __future__ import annotations

import dataclasses
import statistics
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.speed import checks, queries
from bench.speed.corpus import Corpus
from bench.speed.drawing import draw
from bench.speed.engines import ENGINES
from bench.speed.engines.peer import HITS, Mode, NotInstalledError
from bench.speed.oracle import Oracle, Truth
from bench.speed.queries import Query
from bench.speed.session import PeerFailedError, Session
from bench.speed.worker import QUERIES, Asked, Built, Committed, Memory, Opened, Started

SLOW_SECONDS = 60.0
"""A round that takes longer is asked once only."""

Latencies = list[float | None]
"""Seconds of each query, in the order of the queries; None for what an engine cannot answer."""


@dataclasses.dataclass(slots=True)
class EngineFigures:
    """What was measured of one engine; None for what it does not do."""

    name: str
    started: Started
    built: Built | None = None
    opened: Opened | None = None
    first: Latencies = dataclasses.field(default_factory=list)
    """Pages asked for the first time."""
    latencies: dict[Mode, Latencies] = dataclasses.field(default_factory=dict)
    """Medians of the rounds, by the clock."""
    processor: dict[Mode, Latencies] = dataclasses.field(default_factory=dict)
    """The same by the processor."""
    memory: Memory | None = None
    committed: Committed | None = None
    checked: int = 0
    """Answers that were compared."""
    faults: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class Run:
    """What one run measured."""

    queries: list[Query]
    engines: dict[str, EngineFigures] = dataclasses.field(default_factory=dict)
    missing: list[str] = dataclasses.field(default_factory=list)
    """Engines that were left out, with what would bring them in."""


def measure(corpus: Corpus, folder: Path, names: Iterable[str], *, count: int, rounds: int, commits: int) -> Run:
    """Measure the engines `names` on a corpus, their indexes under `folder`, with `count` queries."""
    run = Run(draw(corpus, count))
    queries.write(run.queries, corpus.folder / QUERIES)
    for name in names:
        _build(run, name, corpus, folder)
    with ExitStack() as opened:
        sessions = []
        for name in list(run.engines):
            if ENGINES[name].factory != "make_parallel":  # its index is the one of the others
                _say(f"{ENGINES[name].title}: opening")
                session = opened.enter_context(Session(name, corpus, folder))
                run.engines[name].opened = session.open()
                sessions.append(session)
        _check(run, sessions, corpus)
        _ask(run, sessions, rounds)
        for session in sessions:
            run.engines[session.name].memory = session.memory()
        # last of all, since they change the index
        for session in sessions:
            if ENGINES[session.name].shares is None:
                _say(f"{ENGINES[session.name].title}: {commits} commits")
                run.engines[session.name].committed = session.commit(commits)
    return run


def _build(run: Run, name: str, corpus: Corpus, folder: Path) -> None:
    entry = ENGINES[name]
    if entry.shares is not None and entry.shares not in run.engines:
        run.missing.append(f"{entry.title}: reads the index of {ENGINES[entry.shares].title}, which is not measured")
        return
    try:
        with Session(name, corpus, folder) as session:
            run.engines[name] = EngineFigures(name, session.started)
            if entry.shares is None:
                _say(f"{entry.title}: indexing {corpus.count} articles")
                run.engines[name].built = session.build()
    except NotInstalledError as error:
        run.missing.append(str(error))
    except PeerFailedError as error:
        if name.startswith("judhur"):
            raise
        # a run of an hour does not end because one peer cannot take part
        del run.engines[name]
        run.missing.append(str(error))


def _check(run: Run, sessions: Sequence[Session], corpus: Corpus) -> None:
    """Ask everything once, with the answers; pages come first, so that they are asked for the first time."""
    _say("checking the answers")
    oracle = Oracle(corpus, run.queries)
    truths = [oracle.answer(query) for query in run.queries]
    for session in sessions:
        figures = run.engines[session.name]
        pages = session.ask(Mode.PAGE, answers=True)
        figures.first = pages.seconds
        if not ENGINES[session.name].product:
            _check_peer(figures, run.queries, truths, pages, session.ask(Mode.FACETS, answers=True))
        elif session.name == "judhur-full":
            figures.checked, figures.faults = checks.scan_faults(corpus, run.queries, pages.answers)
        for fault in figures.faults[:5]:
            _say(f"{ENGINES[session.name].title}: {fault}")


def _check_peer(
    figures: EngineFigures, asked: Sequence[Query], truths: Sequence[Truth], pages: Asked, counted: Asked
) -> None:
    ranked = figures.name == "judhur"
    for query, truth, page, answer in zip(asked, truths, pages.answers, counted.answers, strict=True):
        if answer is not None:
            figures.checked += 1
            found = checks.faults(query, answer, truth, ranked=ranked)
            if page is not None and checks.page_faults(page, min(HITS, truth.total)):
                found.append(f"{query.kind} {' '.join(query.terms)}: a hit without a snippet")
            figures.faults += found[:1]


def _ask(run: Run, sessions: Sequence[Session], rounds: int) -> None:
    """Ask everything in rounds, engine after engine in each, so that a busy minute is shared by all."""
    for session in sessions:
        for _ in range(ENGINES[session.name].warm_rounds):
            for mode in Mode:
                session.ask(mode)
    taken: dict[str, dict[Mode, list[Asked]]] = {session.name: {mode: [] for mode in Mode} for session in sessions}
    for number in range(rounds):
        _say(f"round {number + 1} of {rounds}")
        for mode in Mode:
            for session in sessions:
                known = taken[session.name][mode]
                if not known or sum(filter(None, known[-1].seconds)) < SLOW_SECONDS:
                    known.append(session.ask(mode))
    for name, by_mode in taken.items():
        for mode, asked in by_mode.items():
            run.engines[name].latencies[mode] = medians([once.seconds for once in asked])
            run.engines[name].processor[mode] = medians([once.processor for once in asked])


def medians(rounds: Sequence[Latencies]) -> Latencies:
    """Return the median of each query over the rounds."""
    known = ([seconds for seconds in times if seconds is not None] for times in zip(*rounds, strict=True))
    return [statistics.median(times) if times else None for times in known]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
