"""Borders in a text: the offsets at which a passage or a heading may begin and end.

Offsets are code points. Every search is bounded by its arguments.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from index.analysis.arabic import letters
from index.document import Span


class Border(NamedTuple):
    """A kind of border."""

    marks: tuple[str, ...]
    """The characters that it begins with."""
    pattern: re.Pattern[str]
    """The whole border, with the white space after it."""

    def first(self, text: str, begin: int, end: int) -> int:
        """Return the offset after the first border between `begin` and `end`; 0 if there is none.

        `str.find` finds one character ten times as fast as a regular expression finds a class, and most of the marks
        do not occur at all.
        """
        after, piece = 0, text[begin:end]
        for mark in self.marks:
            if mark not in piece:
                continue
            offset = text.find(mark, begin, end)
            while offset >= 0:
                border = self.pattern.match(text, offset, end)
                if border:
                    after, end = border.end(), offset
                    break
                offset = text.find(mark, offset + 1, end)
        return after

    def last(self, text: str, begin: int, end: int) -> int:
        """Return the offset after the last border between `begin` and `end`; 0 if there is none."""
        after, piece = 0, text[begin:end]
        for mark in self.marks:
            if mark not in piece:
                continue
            offset = text.rfind(mark, begin, end)
            while offset >= 0:
                border = self.pattern.match(text, offset, end)
                if border:
                    after, begin = border.end(), offset
                    break
                offset = text.rfind(mark, begin, offset)
        return after


SENTENCE = Border((".", "\n", "؟", "!", "…", "?"), re.compile(r"[.!?؟…][\"'”»)\]]*\s+|\n[^\S\n]*\n\s*"))
"""The end of a sentence or a paragraph."""
LINE = Border(("\n",), re.compile(r"\n\s*"))
"""A line break; weaker than the end of a sentence, because texts extracted from web pages have line breaks at links."""
CLAUSE = Border(("،", "؛", ":", ",", ";"), re.compile(r"[،؛,;:][\"'”»)\]]*\s+"))
BORDERS = (SENTENCE, LINE, CLAUSE)
"""All kinds of border, the strongest first."""

_SENTENCE_MARKS = frozenset(".!?؟…")
_CLOSERS = "\"'”»)]"
_NOT_SPACE = re.compile(r"\S")
_JOINED = re.compile(f"[{letters.ARABIC_LETTERS}{letters.ARABIC_MARKS}][{letters.ARABIC_LETTERS}]")

_start = itemgetter(0)


def opens(text: str, start: int) -> bool:
    """Return whether a sentence or a line begins at `start`."""
    before = text[max(0, start - 8) : start]
    stripped = before.rstrip()
    if start == 0 or "\n" in before[len(stripped) :]:
        return True
    return len(stripped) < len(before) and stripped.rstrip(_CLOSERS)[-1:] in _SENTENCE_MARKS


def closes(text: str, end: int) -> bool:
    """Return whether a sentence, a line or the text ends at `end`."""
    return end >= len(text) or text[end] == "\n" or text[max(0, end - 8) : end].rstrip(_CLOSERS)[-1:] in _SENTENCE_MARKS


def joined(text: str, offset: int) -> bool:
    """Return whether `offset` lies between two letters of one run of Arabic letters, where no tag may be inserted."""
    return _JOINED.match(text, offset - 1) is not None


def around(lines: Sequence[Span], offset: int) -> tuple[Span | None, int]:
    """Return the line that contains `offset`, or None, and the number of lines that begin at or before it.

    `lines` must be ascending and disjoint.
    """
    count = bisect_right(lines, offset, key=_start)
    line = lines[count - 1] if count else None
    return (line if line and offset < line.end else None), count


def first_text(text: str, excluded: Sequence[Span], start: int) -> int:
    """Return the first offset from `start` on that is neither white space nor in an excluded line.

    `excluded` must be ascending and disjoint. The length of the text is returned if there is no such offset.
    """
    while True:
        found = _NOT_SPACE.search(text, start)
        if found is None:
            return len(text)
        start = found.start()
        line, count = around(excluded, start)
        if line is None:
            return start
        start = line.end
        while count < len(excluded) and excluded[count].start == start:  # skips adjacent lines without a search
            start = excluded[count].end
            count += 1
