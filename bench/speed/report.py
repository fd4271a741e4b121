"""The report of a run in Markdown: queries asked for the first time, repeated ones, HTTP, indexes, checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

from bench.speed import machine
from bench.speed.corpus import SEED, Corpus, read_facts
from bench.speed.drawing import WARM_UP
from bench.speed.engines import ENGINES
from bench.speed.engines.peer import Mode
from bench.speed.queries import Kind
from bench.speed.run import PRODUCT, EngineFigures, Latencies, Run, Times
from bench.speed.serving import CONNECTIONS
from bench.speed.tables import NONE, cell, digits, mean_ratio, milliseconds, ratio, table

COMPARED = ("tantivy", "lucene", "fts5")
"""The peers that the ratios are of."""

_CONDITIONS = (
    "Milliseconds, mean / p50 / p95 / p99 over the queries; of each query the median over the rounds, each with fresh "
    "processes. a = the ten best; b = a and the counts by source and by day over all matches; "
    "c = b and a snippet for each of the ten. Judhur as it is used (full search, JSON, HTML) makes a page of twenty "
    "with all facets, the histogram and the forms, and tiers up to the root; all others have one field with the "
    "same tokens. A dash is a kind that an engine does not have: roots with one field, snippets of prefixes in "
    "tantivy, pages in bm25s, OR in what readers type."
)


def markdown(run: Run, corpus: Corpus) -> str:
    """Return the whole report."""
    parts = [f"# Speed, {dt.datetime.now(tz=dt.UTC).date()}", *_conditions(run, corpus), *_sections(run, corpus)]
    return "\n\n".join(parts) + "\n"


def _conditions(run: Run, corpus: Corpus) -> Iterator[str]:
    facts = read_facts(corpus.folder)
    mixed = facts.articles - facts.real
    law = f"; Heaps' law {facts.constant} · n^{facts.exponent}" if mixed else ""
    yield (
        f"{machine.describe()}; load of the machine at the end {machine.load():.1f}. {facts.articles} articles "
        f"({facts.real} real, {mixed} mixed from them{law}) of {', '.join(facts.data)}: "
        f"{facts.tokens} tokens, {facts.types} distinct. {len(run.queries)} queries from titles, seed {SEED}: "
        + ", ".join(f"{sum(query.kind is kind for query in run.queries)} {kind}" for kind in Kind)
        + "."
    )
    yield _CONDITIONS


def _sections(run: Run, corpus: Corpus) -> Iterator[str]:
    engines = [figures for figures in run.engines.values() if figures.first]
    yield from _first_asked(run, engines)
    yield from _repeated(engines)
    yield from _over_http(run)
    yield from _indexes(run, corpus)
    yield "## Checks"
    yield _check_table(run.engines.values())
    yield "Versions: " + "; ".join(
        f"{ENGINES[figures.name].title} {figures.started.version}" for figures in run.engines.values()
    )
    if run.missing:
        yield "Left out: " + "; ".join(run.missing)


def _first_asked(run: Run, engines: Sequence[EngineFigures]) -> Iterator[str]:
    yield "## First asked"
    yield (
        f"Pages (c), each query once in its process, whose caches are cold: only {WARM_UP} other queries were asked "
        "before (200 times in Lucene, whose code is compiled while it runs). «First answer» is the first of these."
    )
    paged = [
        (figures, figures.first)
        for figures in engines
        if figures.first and any(seconds is not None for seconds in figures.first.wall)
    ]
    heads = ("engine", "all its kinds", "processor time", "private MB after", "first answer")
    yield table(
        heads,
        [
            (
                ENGINES[figures.name].title,
                cell(first.wall),
                cell(first.processor),
                digits(figures.memory.private) if figures.memory else NONE,
                digits(figures.warmed_up.first * 1000) if figures.warmed_up else NONE,
            )
            for figures, first in paged
        ],
    )
    yield "By kind of query:"
    yield table(
        ("engine", *Kind),
        [
            (ENGINES[figures.name].title, *(_of_kind(run, first.wall, kind) for kind in Kind))
            for figures, first in paged
        ],
    )
    yield "Ratios of means, over the queries that both answer (in brackets of processor time):"
    yield _ratio_table(engines, lambda figures: figures.first)


def _of_kind(run: Run, latencies: Latencies, kind: Kind) -> str:
    return cell(seconds for query, seconds in zip(run.queries, latencies, strict=True) if query.kind is kind)


def _repeated(engines: Sequence[EngineFigures]) -> Iterator[str]:
    yield "## Repeated"
    yield "The same queries again in the same processes, whose caches are warm."
    yield table(
        ("engine", *Mode, "c, processor time"),
        [
            (
                ENGINES[figures.name].title,
                *(cell(figures.repeated[mode].wall) for mode in Mode),
                cell(figures.repeated[Mode.PAGE].processor),
            )
            for figures in engines
        ],
    )
    yield "Ratios of means of c:"
    yield _ratio_table(engines, lambda figures: figures.repeated[Mode.PAGE])


def _over_http(run: Run) -> Iterator[str]:
    if not run.served:
        return
    yield "## Over HTTP"
    yield (
        f"`judhur serve` with its default settings (worker processes: {run.served[0].processes}) and wrk with one "
        f"thread and {CONNECTIONS} connections on the same machine: {run.served[0].requests} queries of the kinds "
        "above, each asked once of a fresh server, then all of them again."
    )
    heads = (
        "answers", "first asked, requests/s", "processor ms", "repeated, requests/s", "processor ms", "failed",
        "kB of a body", "private MB of a worker after the first-asked",
    )  # fmt: skip
    yield table(
        heads,
        [
            (
                kind.answers,
                digits(kind.first.per_second),
                digits(kind.first.processor * 1000),
                digits(kind.repeated.per_second),
                digits(kind.repeated.processor * 1000),
                str(kind.failed),
                digits(kind.kilobytes),
                digits(kind.worker),
            )
            for kind in run.served
        ],
    )


def _indexes(run: Run, corpus: Corpus) -> Iterator[str]:
    yield "## Indexes"
    built = [figures for figures in run.engines.values() if figures.built]
    yield _index_table(built, corpus.count)
    yield (
        "All commits but stock Whoosh's are on disk when they return. «Start» loads libraries and word data, before "
        "any index is opened. Private memory counts mapped pages of files that no other process maps; in brackets, "
        "what no file backs."
    )
    if run.parts:
        whole = sum(run.parts.values())
        yield f"{ENGINES[PRODUCT].title}, by part:"
        yield table(
            ("part", "MB", "%"),
            [(part, digits(size), digits(100 * size / whole)) for part, size in run.parts.items()]
            + [("sum", digits(whole), "100")],
        )


def _index_table(engines: Iterable[EngineFigures], count: int) -> str:
    heads = (
        "engine", "MB on disk", "docs/s", "peak MB", "start, s", "open, again", "private MB added (no file)",
        "commit of 20", "refresh", "first answer after",
    )  # fmt: skip
    rows = []
    for figures in engines:
        built, opened, commits = figures.built, figures.opened, figures.committed
        rows.append(
            [
                ENGINES[figures.name].title,
                digits(built.megabytes) if built else NONE,
                digits(count / built.seconds) if built else NONE,
                digits(built.peak) if built else NONE,
                digits(figures.started.seconds),
                f"{digits(opened.first * 1000)}, {digits(opened.again * 1000)}" if opened else NONE,
                f"{digits(opened.private)} ({digits(opened.anonymous)})" if opened else NONE,
                milliseconds(commits.commits if commits else ()),
                milliseconds(commits.refreshes if commits else ()),
                milliseconds(commits.first_answers if commits else ()),
            ]
        )
    return table(heads, rows)


def _ratio_table(engines: Sequence[EngineFigures], times: Callable[[EngineFigures], Times | None]) -> str:
    """Return the table of Judhur's means divided by those of the peers."""
    by_name = {figures.name: times(figures) for figures in engines}
    peers = [name for name in COMPARED if by_name.get(name)]
    return table(
        ("", *(f"to {ENGINES[name].title}" for name in peers)),
        [
            (ENGINES[name].title, *(_ratio_cell(ours, by_name[peer]) for peer in peers))
            for name, ours in by_name.items()
            if name.startswith("judhur")
        ],
    )


def _ratio_cell(ours: Times | None, theirs: Times | None) -> str:
    if ours is None or theirs is None:
        return NONE
    wall, processor = mean_ratio(ours.wall, theirs.wall), mean_ratio(ours.processor, theirs.processor)
    return NONE if wall is None else f"{ratio(wall)} ({ratio(processor)})"


def _check_table(engines: Iterable[EngineFigures]) -> str:
    compared = {
        False: "totals and counts by source and day with the oracle",
        True: "totals with a scan of all articles (of a title: the least)",
    }
    rows = [
        [
            ENGINES[figures.name].title,
            compared[ENGINES[figures.name].product] + (", scores and order too" if figures.name == "judhur" else ""),
            f"{figures.checked - len(figures.faults)} of {figures.checked} equal"
            + (f"; {figures.faults[0]}" if figures.faults else ""),
        ]
        for figures in engines
        if figures.checked
    ]
    return table(("engine", "compared", "outcome"), rows)
