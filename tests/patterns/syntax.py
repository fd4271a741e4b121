"""The syntax of a regular expression, as the parser of `re` reads it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

# the parser of `re` has no public name, and no other reads all of the syntax
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = [
    "ASSERTIONS",
    "CHARACTERS",
    "CODE_POINTS",
    "MANY",
    "REPEATS",
    "Tree",
    "below",
    "class_of",
    "constants",
    "members",
    "parsed",
]

Tree = Sequence[tuple[Any, Any]]
"""Operators with their arguments, in the order of the expression."""

MANY = 8
"""Repetitions from which on a bounded one is taken for an endless one."""
CODE_POINTS = "".join(map(chr, range(0x10000))) + "\U0001f600\U0001d7ce\U0001e900\U000e0100"
"""The Basic Multilingual Plane, with an emoji, a digit, a letter and a mark from beyond."""
CHARACTERS = (constants.LITERAL, constants.NOT_LITERAL, constants.IN, constants.ANY)
REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)
ASSERTIONS = (constants.ASSERT, constants.ASSERT_NOT)
_CATEGORIES = {
    constants.CATEGORY_DIGIT: r"\d",
    constants.CATEGORY_NOT_DIGIT: r"\D",
    constants.CATEGORY_SPACE: r"\s",
    constants.CATEGORY_NOT_SPACE: r"\S",
    constants.CATEGORY_WORD: r"\w",
    constants.CATEGORY_NOT_WORD: r"\W",
}


def parsed(pattern: re.Pattern[str]) -> Tree:
    """Return the tree of an expression."""
    tree: Tree = parser.parse(pattern.pattern, pattern.flags)
    return tree


def below(operator: object, argument: Any) -> Iterator[tuple[Tree, bool]]:
    """Yield the parts of an operator, each with whether it is repeated `MANY` times."""
    if operator in REPEATS:
        yield argument[2], argument[1] >= MANY
    elif operator is constants.SUBPATTERN:
        yield argument[3], False
    elif operator is constants.BRANCH:
        yield from ((branch, False) for branch in argument[1])
    elif operator in ASSERTIONS:
        yield argument[1], False
    elif operator is constants.ATOMIC_GROUP:
        yield argument, False


def class_of(operator: object, argument: Any) -> str:
    """Return one of `CHARACTERS` as an expression of its own."""
    if operator is constants.ANY:
        return "."
    if operator is constants.LITERAL:
        return f"[{_escaped(argument)}]"
    if operator is constants.NOT_LITERAL:
        return f"[^{_escaped(argument)}]"
    inside = ""
    for kind, value in argument:
        if kind is constants.NEGATE:
            inside += "^"
        elif kind is constants.LITERAL:
            inside += _escaped(value)
        elif kind is constants.RANGE:
            inside += f"{_escaped(value[0])}-{_escaped(value[1])}"
        else:
            inside += _CATEGORIES[value]
    return f"[{inside}]"


@functools.cache
def members(text: str, flags: int) -> frozenset[str]:
    """Return those of `CODE_POINTS` that an expression of one character matches."""
    return frozenset(re.findall(text, CODE_POINTS, flags & ~re.VERBOSE))


def _escaped(code: int) -> str:
    return f"\\U{code:08x}"
