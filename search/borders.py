"""Borders of a text: where a passage or a heading may begin and end. Every search is bounded by its arguments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from index.analysis import letters
from index.document import Span


class Border(NamedTuple):
    """A kind of border: the characters that it begins with, and all of it, the white space behind it included."""

    marks: tuple[str, ...]
    pattern: re.Pattern[str]

    def first(self, text: str, begin: int, end: int) -> int:
        """Return where the text goes on behind the first border between two places; 0 when there is none.

        A character is found ten times as fast as a class of characters, and most are not there at all.
        """
        after, piece = 0, text[begin:end]
        for mark in self.marks:
            if mark not in piece:
                continue
            place = text.find(mark, begin, end)
            while place >= 0:
                found = self.pattern.match(text, place, end)
                if found:
                    after, end = found.end(), place
                    break
                place = text.find(mark, place + 1, end)
        return after

    def last(self, text: str, begin: int, end: int) -> int:
        """Return where the text goes on behind the last border between two places; 0 when there is none."""
        after, piece = 0, text[begin:end]
        for mark in self.marks:
            if mark not in piece:
                continue
            place = text.rfind(mark, begin, end)
            while place >= 0:
                found = self.pattern.match(text, place, end)
                if found:
                    after, begin = found.end(), place
                    break
                place = text.rfind(mark, begin, place)
        return after


SENTENCE = Border((".", "\n", "؟", "!", "…", "?"), re.compile(r"[.!?؟…][\"'”»)\]]*\s+|\n[^\S\n]*\n\s*"))
"""The end of a sentence or a paragraph."""
LINE = Border(("\n",), re.compile(r"\n\s*"))
"""Weaker than the end of a sentence: articles that were cut out of pages break their lines at links."""
CLAUSE = Border(("،", "؛", ":", ",", ";"), re.compile(r"[،؛,;:][\"'”»)\]]*\s+"))
BORDERS = (SENTENCE, LINE, CLAUSE)
"""The strongest first."""

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
