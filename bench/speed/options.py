"""The command line options that both speed benches share."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from pathlib import Path

from bench.speed import machine
from bench.speed.engines import ENGINES

ROOT = Path(__file__).resolve().parents[2]


def add_shared(parser: argparse.ArgumentParser, *, work: str) -> None:
    """Add the shared options; the default work folder is `var/bench/<work>`."""
    default = [Path(path) for path in os.environ.get("JUDHUR_DATA", "").split(os.pathsep) if path]
    parser.add_argument("data", type=Path, nargs="*" if default else "+", default=default)
    parser.add_argument("--queries", type=int, default=450)
    parser.add_argument("--rounds", type=int, default=3, help="fresh processes of each engine")
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "bench" / work, help="for corpora and indexes")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results")
    parser.add_argument("--machine", default=machine.label(), help="name of the machine in the names of result files")


def engine_names(text: str) -> list[str]:
    """Return the names of engines in a text that separates them by commas.

    Raises:
        ArgumentTypeError: a name is not that of an engine.
    """
    names = text.split(",")
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown engine {unknown[0]!r}; engines are: {', '.join(ENGINES)}")
    return names


def stem(options: argparse.Namespace) -> str:
    """Return the name of a run's result files without extension."""
    return f"{dt.datetime.now(tz=dt.UTC).date()}-{options.machine}"
