"""What both commands of the speed bench can be told."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from pathlib import Path

from bench.speed import machine
from bench.speed.engines import ENGINES

ROOT = Path(__file__).resolve().parents[2]


def add_shared(parser: argparse.ArgumentParser, *, work: str) -> None:
    """Add the options of both; the work folder is `var/bench/<work>` by default."""
    default = [Path(path) for path in os.environ.get("JUDHUR_DATA", "").split(os.pathsep) if path]
    parser.add_argument("data", type=Path, nargs="*" if default else "+", default=default)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "bench" / work, help="for corpora and indexes")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results")
    parser.add_argument("--machine", default=machine.label(), help="what the files of the results call the machine")


def engine_names(text: str) -> list[str]:
    """Return names of engines with commas between.

    Raises:
        ArgumentTypeError: there is no such engine.
    """
    names = text.split(",")
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown engine {unknown[0]!r}; engines are: {', '.join(ENGINES)}")
    return names


def stem(options: argparse.Namespace) -> str:
    """Return what the files of a run's results are called, without their ending."""
    return f"{dt.datetime.now(tz=dt.UTC).date()}-{options.machine}"
