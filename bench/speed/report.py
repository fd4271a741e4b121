"""The report of a run in Markdown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import statistics
from collections.abc import Iterable, Iterator, Sequence

from bench.speed import machine
from bench.speed.corpus import SEED, Corpus, read_facts
from bench.speed.engines import ENGINES
from bench.speed.engines.peer import Mode
from bench.speed.queries import Kind, Query
from bench.speed.run import EngineFigures, Latencies, Run

NONE = "-"


@dataclasses.dataclass(frozen=True, slots=True)
class Spread:
    """Latencies of many queries, in milliseconds."""

    mean: float
    p50: float
    p95: float
    p99: float

    def __str__(self) -> str:
        """Return the four values separated by slashes."""
        return " / ".join(map(digits, (self.mean, self.p50, self.p95, self.p99)))


def spread(latencies: Iterable[float | None]) -> Spread | None:
    """Return the spread of latencies in seconds, without those that are None; None if there is none."""
    times = sorted(seconds * 1000 for seconds in latencies if seconds is not None)
    if not times:
        return None
    p50, p95, p99 = (times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.95, 0.99))
    return Spread(statistics.fmean(times), p50, p95, p99)


def digits(value: float) -> str:
    """Return a number with two or three significant digits."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown(run: Run, corpus: Corpus) -> str:
    """Return the whole report."""
    parts = [f"# Speed, {dt.datetime.now(tz=dt.UTC).date()}", _conditions(run, corpus), *_sections(run, corpus)]
    return "\n\n".join(parts) + "\n"


def _conditions(run: Run, corpus: Corpus) -> str:
    facts = read_facts(corpus.folder)
    mixed = facts.articles - facts.real
    law = f"; Heaps' law {facts.constant} · n^{facts.exponent}" if mixed else ""
    return (
        f"{machine.describe()}; load of the machine at the end {machine.load():.1f}. {facts.articles} articles "
        f"({facts.real} real, {mixed} mixed from them{law}) of {', '.join(facts.data)}: "
        f"{facts.tokens} tokens, {facts.types} distinct. {len(run.queries)} queries from titles, seed {SEED}. "
        "Milliseconds unless it says otherwise; medians of the rounds for each query, then mean / p50 / p95 / p99 "
        "over the queries. a = the ten best; b = a and the counts by source and by day over all matches; "
        "c = b and a snippet for each of the ten."
    )


def _sections(run: Run, corpus: Corpus) -> Iterator[str]:
    peers = [figures for name, figures in run.engines.items() if not ENGINES[name].product]
    product = [figures for name, figures in run.engines.items() if ENGINES[name].product]
    yield "## Same tokens, one field, same queries"
    yield _latency_table(peers)
    for mode in Mode:
        yield f"{mode} by kind of query, p50 / p95:"
        yield _kind_table(run.queries, peers, mode)
    yield "## Judhur as it is used"
    yield _latency_table(product, modes=(Mode.PAGE,))
    yield "Full search by kind of query, p50 / p95:"
    yield _kind_table(run.queries, [figures for figures in product if figures.latencies], Mode.PAGE)
    yield "## Indexes"
    yield _index_table((figures for name, figures in run.engines.items() if ENGINES[name].shares is None), corpus.count)
    yield (
        "All commits but stock Whoosh's are on disk when they return. «Start» loads libraries and word data, before "
        "any index is opened. Private memory counts mapped pages of files that no other process maps; in brackets, "
        "what no file backs."
    )
    yield "## Ratios of mean times, over the queries that both answer"
    yield _ratio_table(peers)
    yield "## Figures to reach"
    yield table(("figure", "measured", "reach"), _goals(run, corpus))
    yield "## Checks"
    yield _check_table(run.engines.values())
    yield "Versions: " + "; ".join(
        f"{ENGINES[name].title} {figures.started.version}" for name, figures in run.engines.items()
    )
    if run.missing:
        yield "Left out: " + "; ".join(run.missing)


def _latency_table(engines: Iterable[EngineFigures], modes: Iterable[Mode] = tuple(Mode)) -> str:
    columns = list(modes)
    rows = [
        [
            ENGINES[figures.name].title,
            *(_spread_cell(figures.latencies.get(mode, ())) for mode in columns),
            _spread_cell(figures.first),
        ]
        for figures in engines
        if figures.latencies
    ]
    return table(("engine", *columns, "c, first time asked"), rows)


def _kind_table(queries: Sequence[Query], engines: Iterable[EngineFigures], mode: Mode) -> str:
    rows = []
    for figures in engines:
        row = [ENGINES[figures.name].title]
        for kind in Kind:
            latencies = zip(queries, figures.latencies[mode], strict=True)
            of_kind = spread(seconds for query, seconds in latencies if query.kind is kind)
            row.append(NONE if of_kind is None else f"{digits(of_kind.p50)} / {digits(of_kind.p95)}")
        rows.append(row)
    return table(("engine", *Kind), rows)


def _index_table(engines: Iterable[EngineFigures], count: int) -> str:
    heads = (
        "engine", "docs/s", "MB on disk", "peak MB", "start, s", "open, again", "private MB added (no file)",
        "private MB after all (no file)", "commit of 20", "refresh", "first answer after",
    )  # fmt: skip
    rows = []
    for figures in engines:
        built, opened, memory, commits = figures.built, figures.opened, figures.memory, figures.committed
        rows.append(
            [
                ENGINES[figures.name].title,
                digits(count / built.seconds) if built else NONE,
                digits(built.megabytes) if built else NONE,
                digits(built.peak) if built else NONE,
                digits(figures.started.seconds),
                f"{digits(opened.first * 1000)}, {digits(opened.again * 1000)}" if opened else NONE,
                f"{digits(opened.private)} ({digits(opened.anonymous)})" if opened else NONE,
                f"{digits(memory.private)} ({digits(memory.anonymous)})" if memory else NONE,
                _milliseconds(commits.commits if commits else ()),
                _milliseconds(commits.refreshes if commits else ()),
                _milliseconds(commits.first_answers if commits else ()),
            ]
        )
    return table(heads, rows)


def _ratio_table(engines: Iterable[EngineFigures]) -> str:
    by_name = {figures.name: figures for figures in engines}
    ours = by_name.pop("judhur", None)
    if ours is None:
        return "Judhur was not measured."
    rows = []
    for name, theirs in by_name.items():
        cells = [ENGINES[name].title]
        cells += [_ratio(mean_ratio(ours.latencies[mode], theirs.latencies[mode])) for mode in Mode]
        cells += [_ratio(mean_ratio(ours.processor[mode], theirs.processor[mode])) for mode in Mode]
        rows.append(cells)
    return table(("Judhur against", *Mode, *(f"{mode}, processor" for mode in Mode)), rows)


def _ratio(ratio: float | None) -> str:
    return NONE if ratio is None else f"{ratio:.2f}" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"


def mean_ratio(ours: Latencies, theirs: Latencies) -> float | None:
    """Return our mean time divided by theirs, over the queries that both answer; None if there are none."""
    pairs = [(own, other) for own, other in zip(ours, theirs, strict=True) if own is not None and other is not None]
    return sum(own for own, _ in pairs) / sum(other for _, other in pairs) if pairs else None


def _goals(run: Run, corpus: Corpus) -> Iterator[tuple[str, str, str]]:
    """Yield name, measured value and target of each design figure of the engine that this run measured."""
    one_field, full, jobs = (run.engines.get(name) for name in ("judhur", "judhur-full", "judhur-jobs"))
    for name, mode, goal in (("tantivy", Mode.PAGE, "≤ .60"), ("whoosh", Mode.FACETS, "≤ 1/100")):
        if one_field and name in run.engines:
            theirs = run.engines[name]
            wall = _ratio(mean_ratio(one_field.latencies[mode], theirs.latencies[mode]))
            processor = _ratio(mean_ratio(one_field.processor[mode], theirs.processor[mode]))
            yield f"{mode}, one field, against {ENGINES[name].title}, mean", f"{wall} (processor {processor})", goal
    if full and (pages := spread(full.latencies[Mode.PAGE])):
        yield "full search, p95", f"{digits(pages.p95)} ms", "≤ 5 ms at 30,000, ≤ 50 ms at 1,000,000"
    for figures, what, goal in (
        (full, "indexing with everything, one process", "≥ 600 docs/s"),
        (jobs, "indexing with everything, two processes", "≥ 1,000 docs/s"),
        (one_field, "indexing what is analysed already, one field", "≥ 2,500 docs/s"),
    ):
        if figures and figures.built:
            yield what, f"{corpus.count / figures.built.seconds:.0f} docs/s", goal
    if full and full.opened and full.committed:
        yield "open, in a new process", f"{digits(full.opened.first * 1000)} ms", "≤ 30 ms"
        yield "refresh after a commit", f"{_milliseconds(full.committed.refreshes)} ms", "≤ 50 ms"
        private = f"{digits(full.opened.private)} MB ({digits(full.opened.anonymous)} MB of no file)"
        yield "private memory added by opening", private, "≤ 30 MB"
        yield "durable commit of 20 articles, median", f"{_milliseconds(full.committed.commits)} ms", "≤ 150 ms"


def _check_table(engines: Iterable[EngineFigures]) -> str:
    compared = {True: "totals of single words with a scan of all articles"}
    rows = [
        [
            ENGINES[figures.name].title,
            compared.get(ENGINES[figures.name].product, "totals and counts by source and day with the oracle")
            + (", scores and order too" if figures.name == "judhur" else ""),
            f"{figures.checked - len(figures.faults)} of {figures.checked} equal"
            + (f"; {figures.faults[0]}" if figures.faults else ""),
        ]
        for figures in engines
        if figures.checked
    ]
    return table(("engine", "compared", "outcome"), rows)


def _spread_cell(latencies: Iterable[float | None]) -> str:
    return str(spread(latencies) or NONE)


def _milliseconds(seconds: Sequence[float]) -> str:
    return digits(statistics.median(seconds) * 1000) if seconds else NONE
