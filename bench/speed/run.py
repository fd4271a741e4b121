"""One run: every engine builds an index, answers in fresh processes, and commits; one process works at a time."""

from __future__ import annotations

import dataclasses
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.speed import checks, queries, serving
from bench.speed.corpus import Corpus
from bench.speed.drawing import Drawn, draw
from bench.speed.engines import ENGINES
from bench.speed.engines.peer import HITS, Mode, NotInstalledError
from bench.speed.oracle import Oracle, Truth
from bench.speed.parts import megabytes_by_part
from bench.speed.queries import Query
from bench.speed.serving import HttpFigures
from bench.speed.session import PeerFailedError, Session
from bench.speed.worker import (
    QUERIES,
    WARM_UP,
    Built,
    Committed,
    Memory,
    Opened,
    Round,
    Started,
    WarmedUp,
    index_folder,
)

Latencies = list[float | None]
"""Seconds of each query, in the order of the queries; None for a query that the engine cannot answer."""
PRODUCT = "judhur-full"
"""The engine whose index the server reads."""


@dataclasses.dataclass(frozen=True, slots=True)
class Times:
    """Times of all queries, each the median over the rounds."""

    wall: Latencies
    processor: Latencies


@dataclasses.dataclass(slots=True)
class EngineFigures:
    """The measurements of one engine; None for what it does not support."""

    name: str
    started: Started
    built: Built | None = None
    opened: Opened | None = None
    warmed_up: WarmedUp | None = None
    first: Times | None = None
    """Of pages, each query asked for the first time in its process."""
    memory: Memory | None = None
    """After these."""
    repeated: dict[Mode, Times] = dataclasses.field(default_factory=dict)
    """Each query asked again."""
    committed: Committed | None = None
    checked: int = 0
    """Number of answers that were checked."""
    faults: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class Run:
    """The measurements of one run."""

    queries: list[Query]
    engines: dict[str, EngineFigures] = dataclasses.field(default_factory=dict)
    served: list[HttpFigures] = dataclasses.field(default_factory=list)
    """Over HTTP; empty if that was left out."""
    parts: dict[str, float] = dataclasses.field(default_factory=dict)
    """MB of the product's index by part; empty if it was not measured."""
    missing: list[str] = dataclasses.field(default_factory=list)
    """What was left out, each with the reason and the remedy."""


@dataclasses.dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    queries: int
    """Asked of each engine."""
    rounds: int
    """Fresh processes of each engine."""
    commits: int
    requests: int
    """Queries asked over HTTP; 0 leaves that out."""


def measure(corpus: Corpus, folder: Path, names: Iterable[str], extent: Extent) -> Run:
    """Measure the engines `names` on a corpus; their indexes are built in `folder`.

    Raises:
        PeerFailedError: Judhur's process failed; a peer that fails is only left out.
    """
    drawn = draw(corpus, max(extent.queries, extent.requests))
    run = Run(drawn.asked[: extent.queries])
    queries.write(run.queries, corpus.folder / QUERIES)
    queries.write(drawn.warm_up, corpus.folder / WARM_UP)
    for name in names:
        _build(run, name, corpus, folder)
    # The index of the engine that builds with two processes equals that of `PRODUCT`.
    asked = [name for name in run.engines if ENGINES[name].factory != "make_parallel"]
    _ask(run, asked, corpus, folder, extent.rounds)
    if PRODUCT in run.engines:
        run.parts = megabytes_by_part(index_folder(PRODUCT, folder))
        _serve(run, drawn, folder, extent)
    # Commits come last, since they change the index.
    for name in asked:
        if ENGINES[name].shares is None:
            _log(f"{ENGINES[name].title}: {extent.commits} commits")
            with Session(name, corpus, folder) as session:
                session.open()
                run.engines[name].committed = session.commit(extent.commits)
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


def _ask(run: Run, names: Sequence[str], corpus: Corpus, folder: Path, rounds: int) -> None:
    """Ask all queries in rounds, all engines in each round, so that other load on the machine affects all of them.

    Each engine starts a fresh process in each round. The answers of the first round are checked.
    """
    oracle = Oracle(corpus, run.queries)
    truths = [oracle.answer(query) for query in run.queries]
    first: dict[str, list[Round]] = {name: [] for name in names}
    repeated: dict[str, dict[Mode, list[Round]]] = {name: {mode: [] for mode in Mode} for name in names}
    for number in range(rounds):
        for name in names:
            _log(f"round {number + 1} of {rounds}: {ENGINES[name].title}")
            figures = run.engines[name]
            with Session(name, corpus, folder) as session:
                figures.opened = session.open()
                figures.warmed_up = session.warm_up()
                first[name].append(session.ask(Mode.PAGE, answers=number == 0))
                figures.memory = session.memory()
                for mode in Mode:
                    repeated[name][mode].append(session.ask(mode, answers=number == 0 and mode is Mode.FACETS))
            if number == 0:
                _check(figures, run.queries, truths, corpus, first[name][0], repeated[name][Mode.FACETS][0])
    for name in names:
        run.engines[name].first = medians(first[name])
        run.engines[name].repeated = {mode: medians(of_mode) for mode, of_mode in repeated[name].items()}


def medians(rounds: Sequence[Round]) -> Times:
    """Return the median of each query over the rounds."""
    return Times(
        [_median(times) for times in zip(*(one_round.seconds for one_round in rounds), strict=True)],
        [_median(times) for times in zip(*(one_round.processor for one_round in rounds), strict=True)],
    )


def _median(times: Sequence[float | None]) -> float | None:
    answered = [seconds for seconds in times if seconds is not None]
    return statistics.median(answered) if answered else None


def _check(
    figures: EngineFigures,
    drawn: Sequence[Query],
    truths: Sequence[Truth],
    corpus: Corpus,
    pages: Round,
    counted: Round,
) -> None:
    if not ENGINES[figures.name].product:
        _check_peer(figures, drawn, truths, pages, counted)
    elif figures.name == PRODUCT:
        figures.checked, figures.faults = checks.scan_faults(corpus, drawn, pages.answers)
    for fault in figures.faults[:5]:
        _log(f"{ENGINES[figures.name].title}: {fault}")


def _check_peer(
    figures: EngineFigures, drawn: Sequence[Query], truths: Sequence[Truth], pages: Round, counted: Round
) -> None:
    ranked = figures.name == "judhur"
    for query, truth, page, answer in zip(drawn, truths, pages.answers, counted.answers, strict=True):
        if answer is not None:
            figures.checked += 1
            faults = checks.faults(query, answer, truth, ranked=ranked)
            if page is not None:
                faults += checks.faults(query, page, truth, ranked=ranked)
                if checks.page_faults(page, min(HITS, truth.total)):
                    faults.append(f"{query.name}: a hit without a snippet")
            figures.faults += faults[:1]


def _serve(run: Run, drawn: Drawn, folder: Path, extent: Extent) -> None:
    """Measure the server, unless there is no client to measure it with."""
    if not extent.requests:
        return
    asked = [query for query in drawn.asked[: extent.requests] if query.typed]
    others = [query for query in drawn.warm_up if query.typed]
    try:
        run.served = serving.measure(index_folder(PRODUCT, folder), others, asked, extent.rounds)
    except NotInstalledError as error:
        run.missing.append(str(error))


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
