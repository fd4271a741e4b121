"""One run: every engine builds an index, opens it, answers and commits, in its own process; one works at a time."""

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
from bench.speed.worker import QUERIES, Built, Committed, Memory, Opened, Round, Started

SLOW_SECONDS = 60.0
"""A mode whose round takes longer than this is measured in one round only."""

Latencies = list[float | None]
"""Seconds of each query, in the order of the queries; None for a query that the engine cannot answer."""


@dataclasses.dataclass(slots=True)
class EngineFigures:
    """The measurements of one engine; None for what it does not support."""

    name: str
    started: Started
    built: Built | None = None
    opened: Opened | None = None
    first: Latencies = dataclasses.field(default_factory=list)
    """Wall-clock time of pages, each query asked for the first time."""
    latencies: dict[Mode, Latencies] = dataclasses.field(default_factory=dict)
    """Wall-clock time, the median over the rounds."""
    processor: dict[Mode, Latencies] = dataclasses.field(default_factory=dict)
    """Processor time, the median over the rounds."""
    memory: Memory | None = None
    committed: Committed | None = None
    checked: int = 0
    """Number of answers that were checked."""
    faults: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class Run:
    """The measurements of one run."""

    queries: list[Query]
    engines: dict[str, EngineFigures] = dataclasses.field(default_factory=dict)
    missing: list[str] = dataclasses.field(default_factory=list)
    """Engines that were left out, each with the reason and the remedy."""


def measure(corpus: Corpus, folder: Path, names: Iterable[str], *, count: int, rounds: int, commits: int) -> Run:
    """Measure the engines `names` on a corpus with `count` queries; their indexes are built in `folder`.

    Raises:
        PeerFailedError: Judhur's process failed; a peer that fails is only left out.
    """
    run = Run(draw(corpus, count))
    queries.write(run.queries, corpus.folder / QUERIES)
    for name in names:
        _build(run, name, corpus, folder)
    with ExitStack() as opened:
        sessions = []
        for name in list(run.engines):
            if ENGINES[name].factory != "make_parallel":  # its index equals that of judhur-full
                _log(f"{ENGINES[name].title}: opening")
                session = opened.enter_context(Session(name, corpus, folder))
                run.engines[name].opened = session.open()
                sessions.append(session)
        _check(run, sessions, corpus)
        _ask(run, sessions, rounds)
        for session in sessions:
            run.engines[session.name].memory = session.memory()
        # Commits come last, since they change the index.
        for session in sessions:
            if ENGINES[session.name].shares is None:
                _log(f"{ENGINES[session.name].title}: {commits} commits")
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
                _log(f"{entry.title}: indexing {corpus.count} articles")
                run.engines[name].built = session.build()
    except NotInstalledError as error:
        run.missing.append(str(error))
    except PeerFailedError as error:
        if name.startswith("judhur"):
            raise
        # A failed peer must not end a run of an hour.
        del run.engines[name]
        run.missing.append(str(error))


def _check(run: Run, sessions: Sequence[Session], corpus: Corpus) -> None:
    """Ask all queries once and check the answers; pages come first, so that their times are those of a cold cache."""
    _log("checking the answers")
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
            _log(f"{ENGINES[session.name].title}: {fault}")


def _check_peer(
    figures: EngineFigures, drawn: Sequence[Query], truths: Sequence[Truth], pages: Round, counted: Round
) -> None:
    ranked = figures.name == "judhur"
    for query, truth, page, answer in zip(drawn, truths, pages.answers, counted.answers, strict=True):
        if answer is not None:
            figures.checked += 1
            faults = checks.faults(query, answer, truth, ranked=ranked)
            if page is not None and checks.page_faults(page, min(HITS, truth.total)):
                faults.append(f"{query.kind} {' '.join(query.terms)}: a hit without a snippet")
            figures.faults += faults[:1]


def _ask(run: Run, sessions: Sequence[Session], rounds: int) -> None:
    """Ask all queries in rounds, all engines in each round, so that other load on the machine affects all of them."""
    for session in sessions:
        for _ in range(ENGINES[session.name].warm_rounds):
            for mode in Mode:
                session.ask(mode)
    measured: dict[str, dict[Mode, list[Round]]] = {session.name: {mode: [] for mode in Mode} for session in sessions}
    for number in range(rounds):
        _log(f"round {number + 1} of {rounds}")
        for mode in Mode:
            for session in sessions:
                of_mode = measured[session.name][mode]
                if not of_mode or sum(filter(None, of_mode[-1].seconds)) < SLOW_SECONDS:
                    of_mode.append(session.ask(mode))
    for name, by_mode in measured.items():
        for mode, of_mode in by_mode.items():
            run.engines[name].latencies[mode] = medians([one_round.seconds for one_round in of_mode])
            run.engines[name].processor[mode] = medians([one_round.processor for one_round in of_mode])


def medians(rounds: Sequence[Latencies]) -> Latencies:
    """Return the median of each query over the rounds; None for a query without an answer."""
    answered = ([seconds for seconds in times if seconds is not None] for times in zip(*rounds, strict=True))
    return [statistics.median(times) if times else None for times in answered]


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
