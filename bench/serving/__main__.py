"""How the server behaves under attack: `python -m bench.serving PART --index FOLDER [--code CHECKOUT]`.

    overload   64 clients ask the most expensive search for 15 s, beside one that asks for one word
    idle       5,000 connections that say nothing, beside one that asks for one word
    kills      one worker of two is killed with SIGKILL, 50 times
    hang       one worker of two hangs in a regular expression
    speed      times of searches in this checkout and another one, in turns

FOLDER is an index of the embedded engine, which is only read; `--code` is the checkout whose server is measured, this
one by default. Everything stays on the loopback address; the longest part takes two minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.serving.faults import hang, idle, kills
from bench.serving.overload import overload, percentile, report
from bench.serving.server import ROOT
from bench.serving.speed import compare


def main() -> None:
    """Run one part and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("overload", "idle", "kills", "hang", "speed"))
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--code", type=Path, default=ROOT)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that a refused client waits (overload)")
    options = parser.parse_args()
    code, index = options.code.resolve(), options.index.resolve()
    if options.part == "overload":
        print(report(overload(code, index, pause=options.pause)))
    elif options.part == "idle":
        print(idle(code, index, 5_000))
    elif options.part == "kills":
        seen = kills(code, index, 50)
        print(
            f"{seen.kills} kills; replaced in p50 {percentile(seen.replaced, 50):.2f} s, at most "
            f"{max(seen.replaced, default=float('nan')):.2f} s; {seen.answered} requests answered, {seen.in_worker} "
            f"without an answer in the worker that was killed, {seen.lost} others"
        )
    elif options.part == "hang":
        print(f"replaced after {hang(code, index)} s")
    else:
        print(compare(code, index))


if __name__ == "__main__":
    main()
