"""The publisher that an article states in a labelled line: «المصدر: قناة اليمن اليوم»."""

from __future__ import annotations

import functools
import re

from index.sources.lines import Line, LineKind
from index.sources.lists import rows, words
from index.sources.normalization import plain

_LONGEST = 60
"""Code points of the whole line; a longer one is a sentence."""
_SENTENCE_END = re.compile("[.!?\N{ARABIC QUESTION MARK}]$")
_JOINTS = re.compile("\\s*+[+/,\N{ARABIC COMMA}&|-]\\s*+|\\s++(?=\N{ARABIC LETTER WAW}\\w)")


def stated_publisher(line: Line) -> str:
    """Return the publisher that the line states, or an empty text.

    Collective words (وكالات) and news agencies, alone or joined («وكالات + رويترز»), are not publishers of an article.
    """
    if line.kind is not LineKind.PUBLISHER or len(line.text) > _LONGEST or _SENTENCE_END.search(line.value):
        return ""
    if not re.search(r"\w", line.value) or all(_is_no_publisher(part) for part in _JOINTS.split(plain(line.value))):
        return ""
    return " ".join(line.value.split())


def _is_no_publisher(part: str) -> bool:
    word = part.strip(" \"'«»“”()")
    return not word or word in _no_publishers() or word.removeprefix("\N{ARABIC LETTER WAW}") in _no_publishers()


@functools.cache
def _no_publishers() -> frozenset[str]:
    agencies = frozenset(
        plain(spelling) for _, spelling, contexts, _ in rows("agencies") if {"any", "place"} & set(contexts.split())
    )
    return words("not_publisher") | agencies
