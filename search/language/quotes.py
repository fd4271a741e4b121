"""Quotation marks of a query: which text is in quotes, in whatever direction or mixture they were typed.

Arabic keyboards and pasted text have the marks the wrong way round (»…«), of two kinds („…”) or as two apostrophes.
Nearly every mark therefore opens, and the next one of the same family closes.
"""

from __future__ import annotations

from typing import NamedTuple

_STRAIGHT = '"'
_CURLED = "\u201c\u201d\u201e\u201f\uff02"
_APOSTROPHES = ("''", "\u2019\u2019", "\u2018\u2018", "``")
_PAIRS = {"«": "»", "»": "«", "‹": "›", "›": "‹"}

OPENING = f"{_STRAIGHT}«‹\u201c\u201e\u201f\uff02"
"""Marks that also end the word before them, as the inside of a regular expression's `[...]`."""
CLOSING = "»›\u201d"
"""Marks that usually close: they open only at the beginning of a piece, if another one closes."""


class Quoted(NamedTuple):
    """A text in quotes; offsets in the query."""

    start: int
    """Of the text between the marks."""
    end: int
    after: int
    """Behind the closing mark."""
    closed: bool
    """Whether there is a closing mark; else the text ends with the query."""


def quoted_at(text: str, start: int) -> Quoted | None:
    """Return the text in quotes that begins at an offset, or None if no quotation mark opens there."""
    double = text[start : start + 2]
    if double in _APOSTROPHES:
        return _until(text, start + 2, {double})
    mark = text[start : start + 1]
    closing = _closing(mark)
    if not closing:
        return None
    found = next(filter(None, (_until(text, start + 1, marks) for marks in closing)), None)
    if found or mark in CLOSING:
        return found
    return Quoted(start + 1, len(text), len(text), closed=False)


def lone_in(word: str) -> str:
    """Return the quotation mark without its counterpart at either end of a word, or an empty string."""
    return next((mark for mark in (*_APOSTROPHES, *CLOSING) if word.startswith(mark) or word.endswith(mark)), "")


def _closing(mark: str) -> tuple[set[str], ...]:
    """Return the marks that may close the text behind an opening one, the likeliest first."""
    if mark in _PAIRS:
        return ({_PAIRS[mark]},)
    if mark == _STRAIGHT:
        return {_STRAIGHT}, set(_CURLED)
    return ({*_CURLED}, {_STRAIGHT}) if mark and mark in _CURLED else ()


def _until(text: str, start: int, closing: set[str]) -> Quoted | None:
    """Return the text from `start` to the first of the closing marks, or None if there is none of them."""
    ends = [(end, len(mark)) for mark in closing if (end := text.find(mark, start)) >= 0]
    if not ends:
        return None
    end, length = min(ends)
    return Quoted(start, end, end + length, closed=True)
