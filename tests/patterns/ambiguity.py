"""Whether a repetition of a regular expression can read one text in two ways: then a run of n letters has 2ⁿ.

An expression becomes an automaton whose states are its characters (Glushkov). It is exponentially ambiguous where a
state can come back to itself with one text in two ways (Weber and Seidl 1991, criterion EDA). Lookarounds and back
references count as empty, and a possessive repetition as an ordinary one unless it can end anywhere: an expression that
is found need not be slow, one that is not found is not exponential.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from tests.patterns.syntax import (
    ASSERTIONS,
    CHARACTERS,
    MANY,
    REPEATS,
    Tree,
    below,
    class_of,
    constants,
    members,
    parsed,
)

_Pair = tuple[int, int]
_State = TypeVar("_State")


class _Part(NamedTuple):
    """A part of an expression: the ways to pass it without a character, and its first and last characters.

    Ways are counted up to two.
    """

    empty: int
    first: Counter[int]
    last: Counter[int]


class _Automaton:
    """The characters of an expression, and which follow which in how many ways."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._flags = pattern.flags
        self.letters: list[frozenset[str]] = []
        self.follow: list[Counter[int]] = []
        self.never_fail: list[set[int]] = []
        """Of each possessive part, the characters behind which it may end: among them alone nothing is tried again."""
        self._sequence(parsed(pattern))

    def pairs(self, pair: _Pair) -> Iterator[_Pair]:
        """Yield the pairs of states that one character leads to from a pair."""
        for one in self.follow[pair[0]]:
            for other in self.follow[pair[1]]:
                if not self.letters[one].isdisjoint(self.letters[other]):
                    yield one, other

    def _sequence(self, tree: Tree) -> _Part:
        whole = _Part(1, Counter(), Counter())
        for operator, argument in tree:
            part = self._part(operator, argument)
            self._join(whole.last, part.first)
            whole = _Part(
                min(2, whole.empty * part.empty),
                _some((whole.first, 1), (part.first, whole.empty)),
                _some((whole.last, part.empty), (part.last, 1)),
            )
        return whole

    def _part(self, operator: object, argument: Any) -> _Part:
        if operator in CHARACTERS:
            self.letters.append(members(class_of(operator, argument), self._flags))
            self.follow.append(Counter())
            alone = Counter({len(self.letters) - 1: 1})
            return _Part(0, alone, alone)
        flags = self._flags
        if operator is constants.SUBPATTERN:
            self._flags = (flags | argument[1]) & ~argument[2]
        parts = [self._sequence(one) for one, _ in below(operator, argument)]
        self._flags = flags
        if not parts or operator in ASSERTIONS:
            return _Part(1, Counter(), Counter())
        whole = _Part(
            min(2, sum(part.empty for part in parts)),
            _some(*((part.first, 1) for part in parts)),
            _some(*((part.last, 1) for part in parts)),
        )
        if operator in (constants.POSSESSIVE_REPEAT, constants.ATOMIC_GROUP):
            self.never_fail.append(set(whole.last))
        if operator not in REPEATS:
            return whole
        least, most, _ = argument
        if most >= MANY:
            self._join(whole.last, whole.first)
        return whole._replace(empty=1 if not least or whole.empty else 0)

    def _join(self, last: Counter[int], first: Counter[int]) -> None:
        for one, ways in last.items():
            self.follow[one] = _some((self.follow[one], 1), (first, ways))


def _some(*counted: tuple[Counter[int], int]) -> Counter[int]:
    """Return the sum of counts, each taken so many times, up to two."""
    total: Counter[int] = Counter()
    for counts, times in counted:
        for one, ways in counts.items():
            if times:
                total[one] = min(2, total[one] + times * ways)
    return total


def ambiguous(pattern: re.Pattern[str]) -> list[str]:
    """Return the characters, as samples, at which a repetition can read a text in two ways."""
    automaton = _Automaton(pattern)
    reached = [_reached(state, automaton.follow.__getitem__) for state in range(len(automaton.letters))]
    found = []
    for state, behind in enumerate(reached):
        loop = {other for other in behind if state in reached[other]}
        if loop and not any(loop <= characters for characters in automaton.never_fail):
            twice = any(automaton.follow[one][other] > 1 for one in loop for other in loop)
            if twice or _parts_and_meets(automaton, state, loop):
                found.append(min(automaton.letters[state]))
    return found


def _parts_and_meets(automaton: _Automaton, state: int, loop: set[int]) -> bool:
    """Return whether two different ways from a state lead back to it with one text."""

    def within(pair: _Pair) -> Iterable[_Pair]:
        return ((one, other) for one, other in automaton.pairs(pair) if one in loop and other in loop)

    start = (state, state)
    apart = [pair for pair in _reached(start, within) if pair[0] != pair[1]]
    return any(start in _reached(pair, within) for pair in apart)


def _reached(start: _State, following: Callable[[_State], Iterable[_State]]) -> set[_State]:
    """Return the states behind one, which is among them only if a way leads back to it."""
    reached: set[_State] = set()
    left = [start]
    while left:
        new = set(following(left.pop())) - reached
        reached |= new
        left += new
    return reached
