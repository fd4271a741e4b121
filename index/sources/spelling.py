"""Plain spelling: the form in which labels, month names and agencies are compared, and the way back to the original.

It folds what writers vary (harakat, tatweel, hamza on alef, alef maksura, teh marbuta, Persian letters, both sets of
Arabic digits, presentation forms, invisible direction marks, case) letter by letter, so that every place of the plain
text has its place in the original. It is not the folding of the index: nothing that a reader searches passes here.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata

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
_MOVING = re.compile(f"[{_REMOVED}]+|[{_FORMS}]")
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
_DIGITS = str.maketrans(
    {zero + digit: str(digit) for zero in (ord("\N{ARABIC-INDIC DIGIT ZERO}"), 0x6F0) for digit in range(10)}
)
"""Arabic-Indic and (from U+06F0) Extended Arabic-Indic digits."""


def plain(text: str) -> str:
    """Return the plain spelling of a text."""
    return _folded(_MOVING.sub(lambda match: _moved(match[0]), text))


def ascii_digits(text: str) -> str:
    """Return the text with both sets of Arabic digits written 0-9."""
    return text.translate(_DIGITS)


def _folded(text: str) -> str:
    for letter, other in _LETTERS:
        text = text.replace(letter, other)
    # Only ASCII is lowered: the lower case of some letters is longer than they are.
    return _CAPITALS.sub(lambda match: match[0].lower(), text)


_CAPITALS = re.compile("[A-Z]+")


@functools.lru_cache(maxsize=1024)
def _moved(run: str) -> str:
    """Return what stands in plain spelling for a run of marks (nothing) or one presentation form (its letters)."""
    if _FORM.match(run):
        letters = unicodedata.normalize("NFKC", run).replace(" ", "")
        return _folded(_MARKS.sub("", letters))
    return ""


_MARKS = re.compile(f"[{_REMOVED}]+")
_FORM = re.compile(f"[{_FORMS}]")


@dataclasses.dataclass(frozen=True, slots=True)
class PlainText:
    """A text beside its plain spelling."""

    original: str
    plain: str

    @classmethod
    def of(cls, text: str) -> PlainText:
        """Return the text with its plain spelling."""
        return cls(text, plain(text))

    def place(self, position: int) -> int:
        """Return the place in the original of a place in the plain text, at the end of the marks that precede it."""
        moved = 0
        for match in _MOVING.finditer(self.original):
            length = len(_moved(match[0]))
            if match.start() - moved + length > position:
                break
            moved += match.end() - match.start() - length
        return min(position + moved, len(self.original))

    def slice(self, start: int, end: int) -> str:
        """Return the words of the original that lie under a range of the plain text."""
        return self.original[self.place(start) : self.place(end)].strip()
