"""Borders of a text: where a passage or a heading may begin and end. Every search is bounded by its arguments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from index.analysis import letters
from index.document import Span

SENTENCE = re.compile(r"[.!?؟…\n](?:(?<!\n)[\"'”»)\]]*\s+|(?<=\n)[^\S\n]*\n\s*)")
"""The end of a sentence or a paragraph, with the white space behind it. One class stands first, here and below: the
search for it is the fastest there is."""
WEAKER = re.compile(r"[\n،؛,;:](?:(?<=\n)\s*|[\"'”»)\]]*\s+)")
"""The end of a line or a clause. Articles that were cut out of pages break their lines at links."""
_SENTENCE_MARKS = frozenset(".!?؟…")
_CLOSERS = "\"'”»)]"
_NOT_SPACE = re.compile(r"\S")
_JOINED = re.compile(f"[{letters.ARABIC_LETTERS}{letters.ARABIC_MARKS}][{letters.ARABIC_LETTERS}]")

_start = itemgetter(0)


def opens(text: str, start: int) -> bool:
    """Return whether a sentence or a line begins at `start`."""
    before = text[max(0, start - 8) : start]
    spoken = before.rstrip()
    if start == 0 or "\n" in before[len(spoken) :]:
        return True
    return len(spoken) < len(before) and spoken.rstrip(_CLOSERS)[-1:] in _SENTENCE_MARKS


def closes(text: str, end: int) -> bool:
    """Return whether a sentence, a line or the text ends at `end`."""
    return end >= len(text) or text[end] == "\n" or text[max(0, end - 8) : end].rstrip(_CLOSERS)[-1:] in _SENTENCE_MARKS


def joined(text: str, place: int) -> bool:
    """Return whether `place` lies between two Arabic letters of one run: no tag may stand there."""
    return _JOINED.match(text, place - 1) is not None


def around(lines: Sequence[Span], place: int) -> tuple[Span | None, int]:
    """Return the line of those given (ascending, disjoint) that holds `place`, and how many begin before or at it."""
    count = bisect_right(lines, place, key=_start)
    line = lines[count - 1] if count else None
    return (line if line and place < line.end else None), count


def first_text(text: str, apart: Sequence[Span], start: int) -> int:
    """Return the first place from `start` on that is neither white space nor in a line that stands apart."""
    while True:
        found = _NOT_SPACE.search(text, start)
        if found is None:
            return len(text)
        start = found.start()
        line, count = around(apart, start)
        if line is None:
            return start
        start = line.end
        while count < len(apart) and apart[count].start == start:  # line after line, without a search for each
            start = apart[count].end
            count += 1
