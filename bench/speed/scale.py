"""Growth of times and sizes with the number of articles: `python -m bench.speed.scale DATA… [--articles MOST]`.

Judhur, tantivy and Lucene at 10,000 to 300,000 articles, Judhur alone at 1,000,000. Real articles come first; the
others are mixed from them, with a vocabulary that grows by Heaps' law (see bench/speed/mixing.py). The queries are the
same at every size. Each point is saved when it is measured, and a run continues where the last one stopped.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.speed import machine, picture, queries
from bench.speed.corpus import Corpus, Facts, read_facts
from bench.speed.drawing import draw
from bench.speed.engines import ENGINES
from bench.speed.engines.peer import Answer, Mode, NotInstalledError
from bench.speed.growth import Point
from bench.speed.options import add_shared, engine_names, stem
from bench.speed.preparation import prepare
from bench.speed.queries import Kind, Query
from bench.speed.run import medians
from bench.speed.session import PeerFailedError, Session
from bench.speed.tables import NONE, Spread, digits, spread, table
from bench.speed.worker import QUERIES, WARM_UP

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
MOST_FOR_PEERS = 300_000
COMPARED = ("judhur", "tantivy", "lucene")
"""Engines with one field, measured in mode b."""
PRODUCT = "judhur-full"
"""The whole product, measured in mode c."""
CONDITIONS = (
    "Engines with one field: the ten best and the counts by source and by day over all matches (b); full search: "
    "pages of the default search through the service (c). Milliseconds, mean / p50 / p95 / p99. Articles beyond the "
    "real ones are mixed from their sentences, with made-up words for the vocabulary that real ones would bring by "
    "Heaps' law (bench/speed/mixing.py)."
)
POINTS, CORPORA, INDEXES = "points.json", "corpora.json", "indexes"
"""Files and a folder in the work folder."""


def main(arguments: list[str] | None = None) -> int:
    """Measure the missing points, then print, write and draw all points; return 1 if an answer is wrong."""
    options = _options(arguments)
    points = read_points(options.work / POINTS)
    facts = _read_facts(options.work / CORPORA)
    _refuse_other_data(options, facts)
    if points:
        _log(f"{len(points)} points were measured before; remove {options.work / POINTS} to measure them again")
    engines = [name for name in options.only if name.startswith("judhur") or _installed(name, options.work)]
    for size in (size for size in options.sizes if size <= options.articles):
        wanted = [name for name in _engines(size, engines) if (name, size) not in points]
        if wanted:
            _measure_size(options, size, wanted, points, facts)
    ordered = sorted(points.values(), key=lambda point: (point.articles, list(ENGINES).index(point.engine)))
    text = markdown(ordered, facts)
    print(text)
    options.results.mkdir(parents=True, exist_ok=True)
    name = f"{stem(options)}-scale"
    (options.results / f"{name}.md").write_text(text, "utf-8")
    _write(options.results / f"{name}.json", [dataclasses.asdict(point) for point in ordered])
    try:
        picture.draw(ordered, options.results / f"{name}.png")
    except ImportError as error:
        _log(f"no picture: {error}; pip install matplotlib")
    return int(bool(_wrong(ordered)))


def read_points(path: Path) -> dict[tuple[str, int], Point]:
    """Return the saved points by engine and number of articles; none if there is no file."""
    rows = json.loads(path.read_text("utf-8")) if path.exists() else []
    spreads = ("first", "warm")
    points = [Point(**(row | {name: Spread(**row[name]) for name in spreads})) for row in rows]
    return {(point.engine, point.articles): point for point in points}


def markdown(points: Sequence[Point], facts: dict[int, Facts]) -> str:
    """Return the report: the table of all points, and the corpora that they were measured on."""
    heads = ("articles", "engine", "first asked", "repeated", "docs/s", "MB", "peak MB", "open", "private MB (no file)")
    wrong = _wrong(points)
    return "\n\n".join(
        (
            "# Growth",
            f"{machine.describe()}. {CONDITIONS}",
            _corpus_table(facts),
            table(heads, [_row(point) for point in points]),
            "Wrong answers: " + "; ".join(wrong) if wrong else "All totals and counts by source are equal.",
            "Data: " + ", ".join(sorted({name for corpus in facts.values() for name in corpus.data})),
            "Versions: " + ", ".join(sorted({f"{point.engine} {point.version}" for point in points})) + "\n",
        )
    )


def _corpus_table(facts: dict[int, Facts]) -> str:
    return table(
        ("articles", "of them real", "tokens", "distinct", "Heaps' law"),
        [
            (
                str(size),
                str(corpus.real),
                str(corpus.tokens),
                str(corpus.types),
                NONE if corpus.exponent is None else f"{corpus.constant} · n^{corpus.exponent}",
            )
            for size, corpus in sorted(facts.items())
        ],
    )


def _row(point: Point) -> tuple[str, ...]:
    return (
        str(point.articles),
        ENGINES[point.engine].title,
        str(point.first),
        str(point.warm),
        f"{point.docs_per_second:.0f}",
        f"{point.megabytes:.0f}",
        f"{point.peak:.0f}",
        digits(point.open_ms),
        f"{digits(point.private)} ({digits(point.anonymous)})",
    )


def _measure_size(
    options: argparse.Namespace,
    size: int,
    names: Sequence[str],
    points: dict[tuple[str, int], Point],
    facts: dict[int, Facts],
) -> None:
    """Measure engines at one size; each point and the facts are added to `points` and `facts`, and saved, at once."""
    folder = options.work / f"articles-{size}"
    _log(f"preparing {size} articles")
    corpus = prepare(options.data, folder, size)
    facts[size] = read_facts(folder)
    _write(options.work / CORPORA, {str(count): dataclasses.asdict(entry) for count, entry in facts.items()})
    warm_up, drawn = draw(corpus, options.queries)
    queries.write(warm_up, folder / WARM_UP)
    queries.write(drawn, folder / QUERIES)
    words = _scan(corpus, drawn)
    for name in names:
        _log(f"{ENGINES[name].title}: {size} articles")
        try:
            points[name, size] = _measure(name, corpus, options.work / INDEXES, drawn, words, options.rounds)
        except PeerFailedError as error:
            if name.startswith("judhur"):
                raise
            _log(f"left out: {error}")
        _write(options.work / POINTS, [dataclasses.asdict(point) for point in points.values()])
    shutil.rmtree(folder)  # with a million articles it is as large as an index


def _measure(
    name: str, corpus: Corpus, indexes: Path, drawn: Sequence[Query], words: dict[str, int], rounds: int
) -> Point:
    """Return the figures of one engine at one size."""
    shutil.rmtree(indexes, ignore_errors=True)
    mode = Mode.PAGE if name == PRODUCT else Mode.FACETS
    try:
        with Session(name, corpus, indexes) as session:
            built = session.build()
        with Session(name, corpus, indexes) as session:
            opened = session.open()
            session.warm_up()
            first = session.ask(mode, answers=True)
            warm = medians([session.ask(mode) for _ in range(rounds)]).wall
    finally:
        shutil.rmtree(indexes, ignore_errors=True)
    first_spread, warm_spread = spread(first.seconds), spread(warm)
    assert first_spread is not None
    assert warm_spread is not None
    return Point(
        engine=name,
        version=session.started.version,
        articles=corpus.count,
        docs_per_second=corpus.count / built.seconds,
        megabytes=built.megabytes,
        peak=built.peak,
        open_ms=opened.first * 1000,
        private=opened.private,
        anonymous=opened.anonymous,
        first=first_spread,
        warm=warm_spread,
        answers=_digest(first.answers),
        words_right=None if name == PRODUCT else _words_right(drawn, first.answers, words),
    )


def _scan(corpus: Corpus, drawn: Sequence[Query]) -> dict[str, int]:
    """Return how many articles have the word of each single-word query."""
    counts = {query.terms[0]: 0 for query in drawn if query.kind is Kind.WORD}
    for article in corpus.articles():
        for word in counts.keys() & set(article.tokens.split()):
            counts[word] += 1
    return counts


def _words_right(drawn: Sequence[Query], answers: Sequence[Answer | None], words: dict[str, int]) -> bool:
    return all(
        answer is not None and answer.total == words[query.terms[0]]
        for query, answer in zip(drawn, answers, strict=True)
        if query.kind is Kind.WORD
    )


def _digest(answers: Sequence[Answer | None]) -> str:
    facts = [None if answer is None else (answer.total, sorted((answer.sources or {}).items())) for answer in answers]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:16]


def _wrong(points: Sequence[Point]) -> list[str]:
    """Return a line for each disagreement with the scan or between engines."""
    wrong = [
        f"{point.engine} at {point.articles}: totals of single words" for point in points if point.words_right is False
    ]
    for size in sorted({point.articles for point in points}):
        digests = {point.answers for point in points if point.articles == size and point.engine != PRODUCT}
        if len(digests) > 1:
            wrong.append(f"at {size} the engines do not agree")
    return wrong


def _engines(size: int, only: Sequence[str]) -> Iterator[str]:
    for name in (*COMPARED, PRODUCT):
        if name in only and (name.startswith("judhur") or size <= MOST_FOR_PEERS):
            yield name


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.speed.scale", description=__doc__)
    add_shared(parser, work="scale")
    parser.add_argument("--articles", type=int, default=SIZES[-1], help="the most articles")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=list(SIZES))
    parser.add_argument("--only", type=engine_names, default=[*COMPARED, PRODUCT])
    return parser.parse_args(arguments)


def _installed(name: str, work: Path) -> bool:
    try:
        Session(name, Corpus(work, 0), work / INDEXES).close()
    except (NotInstalledError, PeerFailedError) as error:
        _log(f"left out: {error}")
        return False
    return True


def _refuse_other_data(options: argparse.Namespace, facts: dict[int, Facts]) -> None:
    names = tuple(path.name for path in options.data)
    for corpus in facts.values():
        if corpus.data != names:
            raise SystemExit(
                f"the points in {options.work} were measured on {', '.join(corpus.data)}, not on {', '.join(names)}; "
                "remove the folder, or give another one with --work"
            )


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _read_facts(path: Path) -> dict[int, Facts]:
    rows = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {int(size): Facts(**(row | {"data": tuple(row["data"])})) for size, row in rows.items()}


def _write(path: Path, values: object) -> None:
    """Write JSON atomically: a run that is stopped leaves either the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", "utf-8")
    new.replace(path)


if __name__ == "__main__":
    sys.exit(main())
