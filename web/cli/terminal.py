"""Arabic in terminals: logical order for a terminal that reorders text itself, visual order for one that does not.

The only module of the package that reshapes Arabic. Pipes and files always get logical order, so that `| grep` finds
what was typed. A terminal without bidirectional support shows all characters from left to right and needs visual
order: each line is wrapped first, then its letters are joined, then they are reordered. Reordering a paragraph before
wrapping it would put its last words on the first line.

python-bidi has two implementations. This module uses `bidi.algorithm`, since the other, `bidi.get_display` of 0.6.12,
does not mirror brackets: «(نص)» would come out as «)نص(».
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import itertools
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bidi.algorithm import get_display
from rich.cells import cell_len

from web.config import Rtl

HINT = "إن ظهر النص مقلوبا جرّب ‎--rtl visual"
"""Shown once, dim, if it is unknown whether the terminal reorders Arabic itself."""

LEFT_TO_RIGHT_MARK = "\N{LEFT-TO-RIGHT MARK}"

VTE_WITH_BIDI = 5703
"""VTE 0.57.3, the first release that reorders Arabic itself (GNOME Terminal, Tilix and others)."""

MINIMUM_WIDTH = 20
"""Columns; a narrower terminal is treated as this wide."""

_MARKED = "\033[1;4m"
_DIM = "\033[2m"
_PLAIN = "\033[0m"

_STAND_INS = {"AL": "\ufbc1", "R": "\u07fa", "L": "\U0010fffd", "EN": "\U0001d7ce", "AN": "\u0605", "NSM": "\U000e0100"}
"""For each class of letter in the bidirectional algorithm (UAX #9), a character of that class that no article holds."""
_STAND_IN_SET = frozenset(_STAND_INS.values())


class Direction(enum.Enum):
    """The direction of a paragraph; the values are those of `bidi.algorithm`."""

    RIGHT_TO_LEFT = "R"
    LEFT_TO_RIGHT = "L"

    @classmethod
    def of(cls, text: str) -> Direction:
        """Return the direction of the first strong character, left to right if there is none (UAX #9, P2 and P3)."""
        classes = map(unicodedata.bidirectional, text)
        first = next((strong for strong in classes if strong in ("L", "R", "AL")), "L")
        return cls.LEFT_TO_RIGHT if first == "L" else cls.RIGHT_TO_LEFT


class Span(NamedTuple):
    """A highlighted range of code points of a text, half open; whole words only."""

    start: int
    end: int


class _Cell(NamedTuple):
    """One character and whether it is highlighted."""

    character: str
    marked: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Terminal:
    """How to write to one stream."""

    visual: bool = False
    """Whether letters must be joined and put into visual order before they are written."""
    styled: bool = False
    """Whether highlights may be shown (bold and underlined); never in a pipe."""
    certain: bool = True
    """Whether the order was set by the user or the terminal was recognised; if not, `hint` is a line."""
    marks: bool = False
    """Whether direction marks may be written; they separate columns where the terminal reorders text itself."""
    width: int = 80
    """Width in columns. Only lines in visual order are wrapped to it; otherwise the terminal wraps them."""

    @property
    def hint(self) -> str | None:
        """The line for readers who see Arabic in reverse; None if the order is certain."""
        if self.certain:
            return None
        return f"{_DIM}{HINT}{_PLAIN}" if self.styled else HINT

    def lines(
        self, text: str, marks: Sequence[Span] = (), indent: int = 0, direction: Direction = Direction.RIGHT_TO_LEFT
    ) -> list[str]:
        """Return a paragraph as the lines to write, first line first; a run of white space becomes one space.

        The `marks` are offsets in `text`; the same words are highlighted in both orders. Control characters, which
        the terminal would execute, are left out.
        """
        cells = _readable(text, marks)
        if not self.visual:
            return [" " * indent + self._styled(cells)]
        room = max(self.width, MINIMUM_WIDTH) - indent
        return [self._flush_right(_ordered(line, direction), room) for line in _wrapped(cells, room)]

    def cell(self, text: str) -> str:
        """Return a text as one line without padding, in the direction of its first letter."""
        cells = _readable(text, ())
        return self._styled(_ordered(cells, Direction.of(text)) if self.visual else cells)

    def row(self, cells: Sequence[str], widths: Sequence[int], indent: int = 2) -> str:
        """Return short texts as columns of these widths, from left to right; the last column is not padded.

        A terminal that reorders text would merge a column with Arabic letters before it into one run from right to
        left; a direction mark between the two prevents it.
        """
        separator = LEFT_TO_RIGHT_MARK if self.marks else ""
        padded = [
            f"{self.cell(cell)}{separator}{' ' * (width - cell_len(cell))}"
            for cell, width in zip(cells, widths, strict=False)
        ]
        return (" " * indent + "  ".join([*padded, *map(self.cell, cells[len(widths) :])])).rstrip()

    def _flush_right(self, cells: Sequence[_Cell], room: int) -> str:
        return " " * (room - _width(cells)) + self._styled(cells)

    def _styled(self, cells: Sequence[_Cell]) -> str:
        parts = []
        for marked, run in itertools.groupby(cells, key=lambda cell: cell.marked):
            text = "".join(cell.character for cell in run)
            parts.append(f"{_MARKED}{text}{_PLAIN}" if marked and self.styled else text)
        return "".join(parts)


def detect(rtl: Rtl, environment: Mapping[str, str], *, tty: bool, width: int) -> Terminal:
    """Return how to write to a stream, in the order that the user set.

    Pipes and files (`tty` false) always get logical order, which `grep` needs. If the order is `auto`, a terminal gets
    logical order, with a hint unless the variables of the terminal show that it reorders Arabic.
    """
    if not tty:
        return Terminal(width=width)
    styled = environment.get("TERM") != "dumb"
    if rtl is Rtl.AUTO:
        return Terminal(styled=styled, certain=_reorders_arabic(environment), marks=True, width=width)
    visual = rtl is Rtl.VISUAL
    return Terminal(visual, styled, certain=True, marks=not visual, width=width)


def printable(text: str) -> str:
    """Return a text as one line without the characters that a terminal would execute, or that reorder others.

    For messages: they quote ids, paths and texts of articles as they are.
    """
    return "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or not _is_control(character)
    )


def _reorders_arabic(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is known to reorder Arabic itself."""
    terminal = environment.get("TERM", "")
    if "TMUX" in environment or terminal.startswith(("tmux", "screen")):
        return False  # a multiplexer redraws the lines itself, and passes on the variables of the outer terminal
    version = environment.get("VTE_VERSION", "")
    return (
        (version.isascii() and version.isdigit() and int(version) >= VTE_WITH_BIDI)
        or "KONSOLE_VERSION" in environment
        or environment.get("TERM_PROGRAM") == "Apple_Terminal"
        or terminal.startswith("mlterm")
    )


def _readable(text: str, marks: Sequence[Span]) -> list[_Cell]:
    """Return the text without control characters and bidi controls, white space as single spaces, none at the ends."""
    marked = {offset for mark in marks for offset in range(mark.start, mark.end)}
    cells: list[_Cell] = []
    for offset, character in enumerate(text):
        if character.isspace():
            if cells and cells[-1].character != " ":
                cells.append(_Cell(" ", offset in marked))
        elif not _is_control(character):
            cells.append(_Cell(character, offset in marked))
    if cells and cells[-1].character == " ":
        cells.pop()
    return cells


def _is_control(character: str) -> bool:
    """Whether a character must not reach the terminal: controls, bidi controls, lone surrogates."""
    category = unicodedata.category(character)
    return category in ("Cc", "Cs") or (category == "Cf" and unicodedata.bidirectional(character) not in ("BN", "AN"))


def _width(cells: Iterable[_Cell]) -> int:
    return sum(cell_len(cell.character) for cell in cells)


def _wrapped(cells: Sequence[_Cell], room: int) -> Iterator[list[_Cell]]:
    """Yield lines of at most `room` columns, broken at spaces; a word wider than that is broken between letters."""
    line: list[_Cell] = []
    for word in _words(cells):
        for piece in _pieces(word, room):
            if line and _width(line) + 1 + _width(piece) > room:
                yield line
                line = []
            if line:
                line.append(_Cell(" ", line[-1].marked and piece[0].marked))
            line.extend(piece)
    if line:
        yield line


def _words(cells: Sequence[_Cell]) -> Iterator[list[_Cell]]:
    for space, run in itertools.groupby(cells, key=lambda cell: cell.character == " "):
        if not space:
            yield list(run)


def _pieces(word: list[_Cell], room: int) -> Iterator[list[_Cell]]:
    piece: list[_Cell] = []
    width = 0
    for cell in word:
        columns = cell_len(cell.character)
        if width + columns > room:
            yield piece
            piece, width = [], 0
        piece.append(cell)
        width += columns
    yield piece


def _ordered(cells: Sequence[_Cell], direction: Direction) -> list[_Cell]:
    """Return one line with its letters joined and in visual order, from left to right.

    `get_display` does not report where a character went, but the order depends only on the bidirectional classes of
    the characters. So the line is ordered a second time with each highlighted character replaced by a stand-in of the
    same class: the positions of the stand-ins are those of the highlighted characters.
    """
    joined = list(_joined(cells))
    line = get_display("".join(cell.character for cell in joined), base_dir=direction.value)
    replaced = get_display("".join(_stand_in(cell) for cell in joined), base_dir=direction.value)
    marked = [character in _STAND_IN_SET for character in replaced]
    for index in range(1, len(line) - 1):  # a dot or sign inside a highlighted word has no stand-in
        marked[index] |= line[index] != " " and marked[index - 1] and replaced[index + 1] in _STAND_IN_SET
    return [_Cell(character, is_marked) for character, is_marked in zip(line, marked, strict=True)]


def _joined(cells: Sequence[_Cell]) -> Iterator[_Cell]:
    # Highlighted and other runs are joined separately, since joining changes the number of characters. Highlights are
    # whole words, so no join between two letters is lost.
    for marked, run in itertools.groupby(cells, key=lambda cell: cell.marked):
        for character in _reshape()("".join(cell.character for cell in run)):
            yield _Cell(character, marked)


def _stand_in(cell: _Cell) -> str:
    if not cell.marked:
        return cell.character
    return _STAND_INS.get(unicodedata.bidirectional(cell.character), cell.character)


@functools.cache
def _reshape() -> Callable[[str], str]:
    from arabic_reshaper import ArabicReshaper

    # Harakat are kept (the library deletes them by default). They are moved before their letter, since visual order
    # reverses the letter and its marks.
    reshape: Callable[[str], str] = ArabicReshaper({"delete_harakat": False, "shift_harakat_position": True}).reshape
    return reshape
