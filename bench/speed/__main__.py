"""Speed of Judhur compared with its peers: `python -m bench.speed DATA… [--articles N] [--only NAMES]`.

All engines get the same tokens of the same articles and answer the same queries in one run, each query for the first
time in a fresh process, and then again; the answers are checked. The server is measured over HTTP.
The tables are printed and, with the figures as JSON, written to bench/results/.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys

from bench.speed import machine, report
from bench.speed.corpus import read_facts
from bench.speed.engines import ENGINES
from bench.speed.options import add_shared, engine_names, stem
from bench.speed.preparation import prepare
from bench.speed.run import Extent, Run, measure
from bench.speed.worker import COMMIT


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; return 1 if an answer of Judhur is wrong or missing."""
    options = _options(arguments)
    corpus = prepare(options.data, options.work / "corpus", options.articles, extra=options.commits * COMMIT)
    indexes = options.work / "indexes"
    shutil.rmtree(indexes, ignore_errors=True)
    extent = Extent(options.queries, options.rounds, options.commits, options.requests)
    run = measure(corpus, indexes, options.only, extent)
    text = report.markdown(run, corpus)
    print(text)
    options.results.mkdir(parents=True, exist_ok=True)
    name = stem(options)
    (options.results / f"{name}.md").write_text(text, "utf-8")
    figures = {"machine": machine.describe(), "corpus": dataclasses.asdict(read_facts(corpus.folder))}
    (options.results / f"{name}.json").write_text(
        json.dumps(figures | _json_values(run), ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
    )
    wrong = any(figures.faults for name, figures in run.engines.items() if name.startswith("judhur"))
    return int(wrong or any(served.failed for served in run.served))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.speed", description=__doc__)
    add_shared(parser, work="speed")
    parser.add_argument(
        "--articles", type=int, help="number of articles (default: all real ones); further ones are mixed"
    )
    parser.add_argument("--commits", type=int, default=30)
    parser.add_argument("--requests", type=int, default=1_000, help="queries over HTTP; 0 leaves them out")
    names = ", ".join(ENGINES)
    parser.add_argument(
        "--only", type=engine_names, default=list(ENGINES), help=f"engines, separated by commas: {names}"
    )
    return parser.parse_args(arguments)


def _json_values(run: Run) -> dict[str, object]:
    """Return a run as values for JSON, with times in seconds, rounded to microseconds."""

    def rounded(value: object) -> object:
        if isinstance(value, float):
            return round(value, 6)
        if isinstance(value, dict):
            return {str(key): rounded(item) for key, item in value.items()}
        return [rounded(item) for item in value] if isinstance(value, list | tuple) else value

    return {name: rounded(value) for name, value in dataclasses.asdict(run).items()}


if __name__ == "__main__":
    sys.exit(main())
