"""Texts that make a bad regular expression slow, made from the expression itself, and how long it takes on them.

A backtracking engine is slow on a repeated piece (the pump) that a repetition can read in more ways than one, behind
what leads to that repetition (the prefix), before something that makes it fail (the end). Characters that are in the
same classes of an expression make no difference to it: one of each kind stands for all code points of the Basic
Multilingual Plane and a few beyond.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from tests.patterns.syntax import (
    ASSERTIONS,
    CHARACTERS,
    CODE_POINTS,
    REPEATS,
    Tree,
    below,
    class_of,
    constants,
    members,
    parsed,
)
from tests.watchdog import TooSlowError, within

LETTERS = 1_000
SECONDS = 0.05
"""CPU time that an expression may take for `LETTERS` letters."""
LONGER = 8
"""Times as many letters, to see how the time grows."""
GROWTH = 24
"""Times the time for `LONGER` times the letters from which on it does not grow as the text does: between 8 and 64, with
room for the other work of a machine."""
_SUSPICIOUS = 0.0002
"""Seconds for `LETTERS` letters below which an expression is not looked at again."""
_LOOKED_AT_AGAIN = 3
_CASES = 500
_Run = Callable[[re.Pattern[str], str], object]
_RUN: dict[str, _Run] = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "finditer": lambda pattern, text: [0 for _ in pattern.finditer(text)],
}
METHODS = tuple(_RUN)
_BORDERS = (constants.AT_BOUNDARY, constants.AT_NON_BOUNDARY)


class Case(NamedTuple):
    """One text."""

    prefix: str
    pump: str
    end: str

    def text(self, letters: int) -> str:
        """Return it with a run of this many letters."""
        return self.prefix + (self.pump * (letters // len(self.pump) + 1))[:letters] + self.end

    def __str__(self) -> str:
        return f"{self.prefix!a} + {self.pump!a} × n + {self.end!a}"


def fault(pattern: re.Pattern[str], methods: Sequence[str] = METHODS, *, linear: bool = True) -> str:
    """Return what is slow about an expression first, as `method: text: how slow`; empty when nothing is.

    Each of the methods must take `LETTERS` letters within `SECONDS`, and linear time unless that is not asked for.
    """
    found: dict[str, list[tuple[float, Case]]] = {method: [] for method in methods}
    for case, method in itertools.product(cases(pattern), methods):
        seconds = _seconds(_RUN[method], pattern, case.text(LETTERS))
        if math.isinf(seconds) and all(math.isinf(_seconds(_RUN[method], pattern, case.text(LETTERS))) for _ in "ab"):
            return f"{method}: {case}: more than {SECONDS} s for {LETTERS} letters"
        if seconds > _SUSPICIOUS and linear:
            found[method].append((seconds, case))
    for method, slow in found.items():
        for _, case in sorted(slow, reverse=True)[:_LOOKED_AT_AGAIN]:
            # wall time needs few runs; CPU time, which other work does not lengthen, confirms what it says
            if min(_growth(_RUN[method], pattern, case) for _ in range(2)) > GROWTH:
                times = _growth_of_work(_RUN[method], pattern, case)
                if times > GROWTH:
                    return f"{method}: {case}: {times:.0f} times the time for {LONGER} times the letters"
    return ""


def _growth(run: _Run, pattern: re.Pattern[str], case: Case) -> float:
    """Return how much longer a run of `LONGER` times the letters takes, each timed in its quietest moment."""
    short, long = (
        min(_seconds(run, pattern, case.text(letters), 10 * SECONDS) for _ in range(tries))
        for letters, tries in ((LETTERS, 5), (LONGER * LETTERS, 3))
    )
    return long / max(short, _SUSPICIOUS)


def _growth_of_work(run: _Run, pattern: re.Pattern[str], case: Case) -> float:
    """Return how much more CPU time a run of `LONGER` times the letters takes, measured over many runs."""

    def work(letters: int, runs: int) -> float:
        text = case.text(letters)
        began = time.process_time()
        for _ in range(runs):
            run(pattern, text)
        return time.process_time() - began

    runs = 1
    while (short := work(LETTERS, runs)) < SECONDS:
        runs *= 2
    return work(LONGER * LETTERS, -(-runs // LONGER)) * runs / -(-runs // LONGER) / short


def _seconds(run: _Run, pattern: re.Pattern[str], text: str, limit: float = SECONDS) -> float:
    """Return how long a method takes, infinity for more than `limit` seconds of CPU time."""
    began = time.perf_counter()
    try:
        with within(limit):
            run(pattern, text)
    except TooSlowError:
        return float("inf")
    return time.perf_counter() - began


def cases(pattern: re.Pattern[str]) -> list[Case]:
    """Return the texts for an expression: the same ones every time."""
    chance = random.Random(ascii(pattern.pattern))  # noqa: S311 - nothing secret
    tree, flags = parsed(pattern), pattern.flags
    every, repeated = _kinds(tree, flags, repeated=False), _kinds(tree, flags, repeated=True)
    prefixes = _some(
        sorted({"", *_prefixes(tree, 0), *_prefixes(tree, 1)}, key=lambda prefix: (len(prefix), prefix)), 8, chance
    ) + _some(every, 3, chance)
    ends = ("", every[-1])
    pumps = [
        *every,
        *_tuples(repeated, 2, 60, chance),
        *_tuples(every, 2, 60, chance),
        *_tuples(repeated, 3, 60, chance),
    ]
    made = itertools.product(prefixes, dict.fromkeys(pumps), ends)
    return _some([Case(*one) for one in made], _CASES, chance)


def _some(items: list[Any], most: int, chance: random.Random) -> list[Any]:
    """Return the items, of many the first third of `most` and a choice of the others."""
    if len(items) <= most:
        return items
    kept = most // 3
    return items[:kept] + chance.sample(items[kept:], most - kept)


def _tuples(kinds: Sequence[str], length: int, most: int, chance: random.Random) -> list[str]:
    if len(kinds) ** length <= most:
        return ["".join(letters) for letters in itertools.product(kinds, repeat=length)]
    return ["".join(chance.choices(kinds, k=length)) for _ in range(most)]


def _kinds(tree: Tree, flags: int, *, repeated: bool) -> list[str]:
    """Return one code point for each set of classes of an expression, or of its repetitions; last, one of no class."""
    signs: dict[str, int] = {}
    for number, one in enumerate(dict.fromkeys(_classes(tree, inside=not repeated))):
        for letter in members(one, flags):
            signs[letter] = signs.get(letter, 0) | 1 << number
    kinds: dict[int, str] = {}
    for letter, sign in signs.items():
        kinds[sign] = min(letter, kinds.get(sign, letter))
    others = (letter for letter in CODE_POINTS if letter not in signs)
    return [*sorted(kinds.values()), next(others, CODE_POINTS[0])]


def _classes(tree: Tree, *, inside: bool) -> Iterator[str]:
    """Yield the classes of characters in a tree as expressions; only those in repetitions if not `inside` of one."""
    for operator, argument in tree:
        if operator in CHARACTERS and inside:
            yield class_of(operator, argument)
        elif operator is constants.AT:
            yield r"\w" if argument in _BORDERS else r"[\n]"
        for part, many in below(operator, argument):
            yield from _classes(part, inside=inside or many)


@functools.cache
def _member(text: str) -> str:
    return min(members(text, 0), key=lambda letter: (not letter.isalnum(), letter), default="")


def _prefixes(tree: Tree, optional: int, before: str = "") -> Iterator[str]:
    """Yield what leads to each repetition, with what may be left out `optional` times."""
    for operator, argument in tree:
        for part, many in below(operator, argument):
            if many:
                yield before
            if operator not in ASSERTIONS:
                yield from _prefixes(part, optional, before)
        before += _sample(operator, argument, optional)


def _sample(operator: object, argument: Any, optional: int) -> str:
    """Return a text that a part of an expression matches, as far as no lookaround keeps it from that."""
    if operator in CHARACTERS:
        return _member(class_of(operator, argument))
    if operator in ASSERTIONS:
        return ""
    times = max(argument[0], min(optional, argument[1])) if operator in REPEATS else 1
    first = next(below(operator, argument), ([], False))[0]
    return "".join(_sample(*part, optional) for part in first) * times
