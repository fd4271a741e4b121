"""Speed of Judhur beside its peers: `python -m bench.speed DATA… [--articles N] [--only NAMES]`.

All engines get the same articles as the same tokens and answer the same queries in one run; answers are checked before
anything counts. The tables are printed and, with the figures as JSON, written to bench/results/.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import os
import shutil
import sys
from pathlib import Path

from bench.speed import machine, report
from bench.speed.corpus import prepare, read_facts
from bench.speed.engines import ENGINES
from bench.speed.run import Run, measure

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; return 1 when an answer of ours is wrong."""
    options = _options(arguments)
    corpus = prepare(options.data, options.work / "corpus", options.articles)
    indexes = options.work / "indexes"
    shutil.rmtree(indexes, ignore_errors=True)
    run = measure(corpus, indexes, options.only, count=options.queries, rounds=options.rounds, commits=options.commits)
    text = report.markdown(run, corpus)
    print(text)
    options.results.mkdir(parents=True, exist_ok=True)
    stem = f"{dt.datetime.now(tz=dt.UTC).date()}-{options.machine}"
    (options.results / f"{stem}.md").write_text(text, "utf-8")
    figures = {"machine": machine.describe(), "corpus": dataclasses.asdict(read_facts(corpus.folder))}
    (options.results / f"{stem}.json").write_text(
        json.dumps(figures | _plain(run), ensure_ascii=False, indent=1, default=str) + "\n", "utf-8"
    )
    return int(any(run.engines[name].faults for name in run.engines if name.startswith("judhur")))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.speed", description=__doc__)
    default = [Path(path) for path in os.environ.get("JUDHUR_DATA", "").split(os.pathsep) if path]
    parser.add_argument("data", type=Path, nargs="*" if default else "+", default=default)
    parser.add_argument("--articles", type=int, help="how many; beyond the real ones they are mixed from them")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--commits", type=int, default=30)
    parser.add_argument("--only", type=_names, default=list(ENGINES), help=f"of {','.join(ENGINES)}; all by default")
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "bench" / "speed", help="for corpus and indexes")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results")
    parser.add_argument("--machine", default=machine.label(), help="what the files of the results call the machine")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown engine {unknown[0]!r}; engines are: {', '.join(ENGINES)}")
    return names


def _plain(run: Run) -> dict[str, object]:
    """Return a run as JSON holds it: latencies in milliseconds with three decimals."""

    def rounded(value: object) -> object:
        if isinstance(value, float):
            return round(value, 6)
        if isinstance(value, dict):
            return {str(key): rounded(item) for key, item in value.items()}
        return [rounded(item) for item in value] if isinstance(value, list | tuple) else value

    return {name: rounded(value) for name, value in dataclasses.asdict(run).items()}


if __name__ == "__main__":
    sys.exit(main())
