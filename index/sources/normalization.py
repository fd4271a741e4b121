"""Plain spelling: the form in which labels, month names and agencies are compared, with offsets into the original.

It folds variants of writing (harakat, tatweel, hamza on alef, alef maksura, teh marbuta, Persian letters, both sets of
Arabic digits, presentation forms, invisible direction marks, case) letter by letter, so that every offset in the plain
text has an offset in the original. It is not the folding of the index: the terms of the index do not use it.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

_REMOVED = (
    "\N{ARABIC FATHATAN}-\N{ARABIC SUBSCRIPT ALEF}"  # harakat, shadda, sukun, Quranic signs above and below
    "\N{ARABIC LETTER SUPERSCRIPT ALEF}\N{ARABIC TATWEEL}\N{ARABIC LETTER MARK}"
    "\N{ZERO WIDTH SPACE}-\N{RIGHT-TO-LEFT MARK}"
    "\N{LEFT-TO-RIGHT EMBEDDING}-\N{RIGHT-TO-LEFT OVERRIDE}\N{LEFT-TO-RIGHT ISOLATE}-\N{POP DIRECTIONAL ISOLATE}"
    "\N{ZERO WIDTH NO-BREAK SPACE}"
)
_FORMS = (
    "\N{ARABIC LETTER ALEF WASLA ISOLATED FORM}-\ufdff"
    "\N{ARABIC FATHATAN ISOLATED FORM}-\N{ARABIC LIGATURE LAM WITH ALEF FINAL FORM}"
)
MARKS = f"[{_REMOVED}]"
"""Regular expression of a letter that plain spelling removes."""
FORMS = f"[{_FORMS}]"
"""Regular expression of a presentation form, which may stand for several letters."""
_MARK = re.compile(MARKS)
_FORM = re.compile(FORMS)
_MOVING = re.compile(f"{MARKS}+|{FORMS}")
_BETWEEN = re.compile(r"\W+")
_LETTERS = (
    ("\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}", "\N{ARABIC LETTER ALEF}"),
    ("\N{ARABIC LETTER ALEF WITH HAMZA BELOW}", "\N{ARABIC LETTER ALEF}"),
    ("\N{ARABIC LETTER ALEF WITH MADDA ABOVE}", "\N{ARABIC LETTER ALEF}"),
    ("\N{ARABIC LETTER ALEF WASLA}", "\N{ARABIC LETTER ALEF}"),
    ("\N{ARABIC LETTER ALEF MAKSURA}", "\N{ARABIC LETTER YEH}"),
    ("\N{ARABIC LETTER FARSI YEH}", "\N{ARABIC LETTER YEH}"),
    ("\N{ARABIC LETTER KEHEH}", "\N{ARABIC LETTER KAF}"),
    ("\N{ARABIC LETTER TEH MARBUTA}", "\N{ARABIC LETTER HEH}"),
    ("\N{NO-BREAK SPACE}", " "),
)
_NOTHING = "\N{ARABIC TATWEEL}"
"""Removed letters are mapped to this one, which is itself removed, so that one replacement removes all of them."""
_SEVERAL = "\N{ARABIC LETTER ALEF WASLA ISOLATED FORM}"
"""Presentation forms of several letters are mapped to this one, so that one search finds whether there is any. It is a
form of one letter itself, so nothing else is mapped to it."""
_UTF16 = "utf-16-le"
_UNIT = np.dtype("<u2")
_UNITS = 1 << 16
_DIGITS = str.maketrans(
    {zero + digit: str(digit) for zero in (ord("\N{ARABIC-INDIC DIGIT ZERO}"), 0x6F0) for digit in range(10)}
)
"""Arabic-Indic and (from U+06F0) Extended Arabic-Indic digits."""


def plain(text: str) -> str:
    """Return the plain spelling of a text."""
    return _mapped(text, _plain_units())


def plain_words(text: str) -> list[str]:
    """Return the words of the plain spelling in order; code points above U+FFFF separate words."""
    return _mapped(text, _word_units()).split()


def ascii_digits(text: str) -> str:
    """Return the text with both sets of Arabic digits written 0-9."""
    return text.translate(_DIGITS)


def spellings_of(letter: str) -> str:
    """Return a regular expression for the letters that fold to a plain letter, without presentation forms."""
    others = (other for other, same in (*_LETTERS, *_CAPITALS) if same == letter)
    return f"[{''.join(map(re.escape, (letter, *others)))}]"


_CAPITALS = tuple(zip(string.ascii_uppercase, string.ascii_lowercase, strict=True))
"""Only ASCII is lowercased: the lower case of some other letters is longer."""


def _mapped(text: str, table: npt.NDArray[np.uint16]) -> str:
    """Return the text with each UTF-16 code unit mapped by `table`, shape (65536,).

    This is ten times as fast as regular expressions or `str.translate`.
    """
    units = np.frombuffer(text.encode(_UTF16, "surrogatepass"), _UNIT)
    mapped = table[units].tobytes().decode(_UTF16, "surrogatepass")
    if _SEVERAL in mapped:
        return _mapped(_FORM.sub(lambda match: _letters(match[0]), text), table)
    return mapped.replace(_NOTHING, "")


@functools.cache
def _plain_units() -> npt.NDArray[np.uint16]:
    """Return the plain spelling of every UTF-16 code unit, shape (65536,); some map to `_NOTHING` or `_SEVERAL`."""
    table = np.arange(_UNITS, dtype=_UNIT)
    for letter, other in (*_LETTERS, *_CAPITALS):
        table[ord(letter)] = ord(other)
    all_units = "".join(map(chr, range(_UNITS)))
    for match in _MOVING.finditer(all_units):
        for unit in match[0]:
            letters = _letters(unit) if _FORM.match(unit) else _NOTHING
            table[ord(unit)] = ord(letters if len(letters) == 1 else _SEVERAL if letters else _NOTHING)
    return table


@functools.cache
def _word_units() -> npt.NDArray[np.uint16]:
    """Return the table of `_plain_units` with spaces for everything that is not part of a word."""
    table = _plain_units().copy()
    between = np.zeros(_UNITS, dtype=bool)
    for match in _BETWEEN.finditer("".join(map(chr, range(_UNITS)))):
        between[match.start() : match.end()] = True
    table[between[table]] = ord(" ")
    return table


@functools.cache
def _letters(form: str) -> str:
    """Return the letters of a presentation form in plain spelling."""
    letters = _MARK.sub("", unicodedata.normalize("NFKC", form).replace(" ", ""))
    for letter, other in _LETTERS:
        letters = letters.replace(letter, other)
    return letters


@dataclasses.dataclass(frozen=True, slots=True)
class PlainText:
    """A text with its plain spelling."""

    original: str
    plain: str

    @classmethod
    def of(cls, text: str) -> PlainText:
        """Return the text with its plain spelling."""
        return cls(text, plain(text))

    def original_offset(self, offset: int) -> int:
        """Return the offset in the original of an offset in the plain text, after the marks that precede it."""
        return next(self._original_offsets(offset))

    def slices(self, ranges: Iterable[tuple[int, int]]) -> list[str]:
        """Return the part of the original for each range of the plain text, without surrounding spaces."""
        ranges = tuple(ranges)
        offsets = sorted({*itertools.chain.from_iterable(ranges)})
        original = dict(zip(offsets, self._original_offsets(*offsets), strict=True))
        return [self.original[original[start] : original[end]].strip() for start, end in ranges]

    def _original_offsets(self, *offsets: int) -> Iterator[int]:
        """Yield the offsets in the original of ascending offsets, in one pass over the removed and expanded letters."""
        matches = _MOVING.finditer(self.original)
        match, shift = next(matches, None), 0
        for offset in offsets:
            while match is not None:
                run = match[0]
                length = len(_letters(run)) if _FORM.match(run) else 0
                if match.start() - shift + length > offset:
                    break
                shift += len(run) - length
                match = next(matches, None)
            yield min(offset + shift, len(self.original))
