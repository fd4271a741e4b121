"""Arabic in terminals: logical text wherever something else orders it, shaped and ordered lines where nothing does.

The only module that reshapes Arabic. Pipes and files get logical text, always, so that `| grep` finds what was typed;
visual order is for a terminal that shows letters from left to right whatever they are. There each line is wrapped
first, then joined, then ordered: ordering a paragraph before wrapping it would put its last words into the first line.

python-bidi has two implementations. The one used here is `bidi.algorithm`, since the other, `bidi.get_display` of
0.6.12, leaves brackets as they are: «(نص)» would come out as «)نص(».
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import arabic_reshaper
from bidi.algorithm import get_display
from rich.cells import cell_len

from web.config import ConfigError

HINT = "إن ظهر النص مقلوبا جرّب ‎--rtl visual"
"""Shown once, dim, where nobody knows whether the terminal orders Arabic itself."""

LEFT_TO_RIGHT_MARK = "\N{LEFT-TO-RIGHT MARK}"

VTE_WITH_BIDI = 5703
"""VTE 0.57.3, the first release that orders Arabic itself (GNOME Terminal, Tilix and others)."""

MINIMUM_WIDTH = 20
"""Columns; a narrower terminal is treated as this wide."""

_MARKED = "\033[1;4m"
_DIM = "\033[2m"
_PLAIN = "\033[0m"

_STAND_INS = {"AL": "\ufbc1", "R": "\u07fa", "L": "\U0010fffd", "EN": "\U0001d7ce", "AN": "\u0605", "NSM": "\U000e0100"}
"""For each class of letter in the bidirectional algorithm (UAX #9), a character of that class that no article holds."""
_COLOURED = frozenset(_STAND_INS.values())


class Rtl(enum.StrEnum):
    """What the reader asked for with `--rtl` or `JUDHUR_RTL`."""

    AUTO = "auto"
    LOGICAL = "logical"
    VISUAL = "visual"


class Direction(enum.Enum):
    """Of a paragraph, as the bidirectional algorithm names it."""

    RIGHT_TO_LEFT = "R"
    LEFT_TO_RIGHT = "L"

    @classmethod
    def of(cls, text: str) -> Direction:
        """Return the direction of the first letter that has one; left to right without (rules P2 and P3)."""
        classes = map(unicodedata.bidirectional, text)
        first = next((strong for strong in classes if strong in ("L", "R", "AL")), "L")
        return cls.LEFT_TO_RIGHT if first == "L" else cls.RIGHT_TO_LEFT


class Span(NamedTuple):
    """A marked range of code points of a text, half open; whole words only."""

    start: int
    end: int


class _Cell(NamedTuple):
    """One character and whether it is marked."""

    character: str
    marked: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Terminal:
    """How to write to one stream."""

    visual: bool = False
    """Whether Arabic has to be joined and ordered before it is written."""
    styled: bool = False
    """Whether marks may be shown (bold and underlined); never in a pipe."""
    certain: bool = True
    """Whether the order was asked for or recognised; if not, `hint` has something to say."""
    marks: bool = False
    """Whether direction marks may be written: they keep columns apart where the terminal orders text itself."""
    width: int = 80
    """Columns; lines are wrapped to it in visual order only, since elsewhere the terminal wraps."""

    @property
    def hint(self) -> str | None:
        """The line for readers who see Arabic the wrong way round; None where there is no doubt."""
        if self.certain:
            return None
        return f"{_DIM}{HINT}{_PLAIN}" if self.styled else HINT

    def lines(
        self, text: str, marks: Sequence[Span] = (), indent: int = 0, direction: Direction = Direction.RIGHT_TO_LEFT
    ) -> list[str]:
        """Return a paragraph as the lines to write, first line first; white space counts as one space.

        Marks keep their words in both orders. Characters that would command the terminal are left out.
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
        """Return short texts as columns of these widths, from the left; the last is not filled up.

        What follows Arabic letters would join their line from right to left; a mark between two columns prevents it.
        """
        apart = LEFT_TO_RIGHT_MARK if self.marks else ""
        filled = [
            f"{self.cell(cell)}{apart}{' ' * (width - cell_len(cell))}"
            for cell, width in zip(cells, widths, strict=False)
        ]
        return (" " * indent + "  ".join([*filled, *map(self.cell, cells[len(widths) :])])).rstrip()

    def _flush_right(self, cells: Sequence[_Cell], room: int) -> str:
        return " " * (room - _width(cells)) + self._styled(cells)

    def _styled(self, cells: Sequence[_Cell]) -> str:
        parts = []
        for marked, run in itertools.groupby(cells, key=lambda cell: cell.marked):
            text = "".join(cell.character for cell in run)
            parts.append(f"{_MARKED}{text}{_PLAIN}" if marked and self.styled else text)
        return "".join(parts)


def detect(asked: Rtl, environment: Mapping[str, str], *, tty: bool, width: int) -> Terminal:
    """Return how to write to a stream; `asked` is what the command line says.

    What is no terminal gets logical text whatever is asked: `grep` and files want words, not shapes. On terminals the
    command line comes before `JUDHUR_RTL`. Without either, terminals known to order Arabic get logical text, and so
    does every other, with a hint: whoever has one of the others chooses once, with `JUDHUR_RTL=visual`.

    Raises:
        ConfigError: `JUDHUR_RTL` has a value that cannot be used.
    """
    usual = _usual(environment)
    styled = tty and environment.get("TERM") != "dumb"
    if not tty:
        return Terminal(width=width)
    chosen = usual if asked is Rtl.AUTO else asked
    if chosen is Rtl.AUTO:
        return Terminal(styled=styled, certain=_orders_arabic(environment), marks=True, width=width)
    visual = chosen is Rtl.VISUAL
    return Terminal(visual, styled, certain=True, marks=not visual, width=width)


def _usual(environment: Mapping[str, str]) -> Rtl:
    value = environment.get("JUDHUR_RTL") or Rtl.AUTO.value
    try:
        return Rtl(value)
    except ValueError as error:
        raise ConfigError(f"JUDHUR_RTL={value!r} is none of auto, logical, visual") from error


def _orders_arabic(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is known to order Arabic itself."""
    terminal = environment.get("TERM", "")
    if "TMUX" in environment or terminal.startswith(("tmux", "screen")):
        return False  # what stands in between redraws the line, and hands down the variables of the terminal outside
    version = environment.get("VTE_VERSION", "")
    return (
        (version.isascii() and version.isdigit() and int(version) >= VTE_WITH_BIDI)
        or "KONSOLE_VERSION" in environment
        or environment.get("TERM_PROGRAM") == "Apple_Terminal"
        or terminal.startswith("mlterm")
    )


def _readable(text: str, marks: Sequence[Span]) -> list[_Cell]:
    """Return the text without control characters and bidi controls, white space as single spaces, none at the ends."""
    marked = {place for mark in marks for place in range(mark.start, mark.end)}
    cells: list[_Cell] = []
    for place, character in enumerate(text):
        if character.isspace():
            if cells and cells[-1].character != " ":
                cells.append(_Cell(" ", place in marked))
        elif not _commands(character):
            cells.append(_Cell(character, place in marked))
    if cells and cells[-1].character == " ":
        cells.pop()
    return cells


def _commands(character: str) -> bool:
    """Whether a character does something instead of showing (controls, bidi controls, lone surrogates)."""
    category = unicodedata.category(character)
    return category in ("Cc", "Cs") or (category == "Cf" and unicodedata.bidirectional(character) not in ("BN", "AN"))


def _width(cells: Iterable[_Cell]) -> int:
    return sum(cell_len(cell.character) for cell in cells)


def _wrapped(cells: Sequence[_Cell], room: int) -> Iterator[list[_Cell]]:
    """Yield lines of at most `room` columns, broken at spaces; a longer word is broken between letters."""
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
    for cell in word:
        if _width([*piece, cell]) > room:
            yield piece
            piece = []
        piece.append(cell)
    yield piece


def _ordered(cells: Sequence[_Cell], direction: Direction) -> list[_Cell]:
    """Return one line joined and in visual order, from left to right.

    The order depends on the classes of the characters alone. So the line is ordered a second time with stand-ins of
    the same classes in the place of the marked letters: where these land, the marked letters do.
    """
    joined = list(_joined(cells))
    line = get_display("".join(cell.character for cell in joined), base_dir=direction.value)
    coloured = get_display("".join(_stand_in(cell) for cell in joined), base_dir=direction.value)
    marked = [colour in _COLOURED for colour in coloured]
    for place in range(1, len(line) - 1):  # a dot or sign inside a marked word has no stand-in
        marked[place] |= line[place] != " " and marked[place - 1] and coloured[place + 1] in _COLOURED
    return [_Cell(character, shown) for character, shown in zip(line, marked, strict=True)]


def _joined(cells: Sequence[_Cell]) -> Iterator[_Cell]:
    # Marked and other runs apart, since joining changes the number of letters; marks hold whole words, so no join
    # is lost at their ends.
    for marked, run in itertools.groupby(cells, key=lambda cell: cell.marked):
        for character in _reshaper().reshape("".join(cell.character for cell in run)):
            yield _Cell(character, marked)


def _stand_in(cell: _Cell) -> str:
    if not cell.marked:
        return cell.character
    return _STAND_INS.get(unicodedata.bidirectional(cell.character), cell.character)


@functools.cache
def _reshaper() -> arabic_reshaper.ArabicReshaper:
    # Harakat stay (deleting them is the library's default) and move behind their letter, because ordering turns the
    # letter and its marks round.
    return arabic_reshaper.ArabicReshaper({"delete_harakat": False, "shift_harakat_position": True})
