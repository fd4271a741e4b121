"""Lexer: query text → lexemes. One pass from left to right; every text has lexemes, and none is ever refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from index.analysis.letters import ARABIC_LETTERS, ARABIC_MARKS
from index.schema import Section
from search.language.fields import FILTERS, LEAD, NEAR, ROOT
from search.language.lexemes import Close, Lexeme, Open, Operator, Piece, Sign
from search.language.limits import MAX_TIMES
from search.language.notes import Notes
from search.language.vocabulary import Vocabulary
from search.results import NoteKind

_DIRECTION_MARK = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"\s*")
_SIGN = re.compile(r"[-+](?=[^\s)])")
_COUNT = re.compile(rf"(\d{{1,9}})(?:×(?=[^\W\d_]|[\"«“(=])|[xX](?=[{ARABIC_LETTERS}\"«“=]))")
_WRITTEN = re.compile(r"=(?=[^\s()=])")
_FIELD = re.compile(rf"([^\W\d_](?:[^\W\d_]|[{ARABIC_MARKS}])*):(?=[^\s)])")
_BARE = re.compile(r'[^\s"«“()]+')
_QUOTES = {'"': '"', "«": "»", "“": "”"}
_SLOP = re.compile(r"~(\d{1,9})")
_FUZZY = re.compile(r"(?<=[^\W\d_])~\d*$")
_NEAR = re.compile(r"([^\W\d_]+):(\d{1,9})(?=[\s()]|$)")


def strip_direction_marks(text: str) -> tuple[str, Sequence[int]]:
    """Return a text without the marks that only direct the eye, and the place of each code point in the original.

    Pasted text has such marks before any sign and in any name.
    """
    if not _DIRECTION_MARK.search(text):
        return text, range(len(text))
    places = [place for place, character in enumerate(text) if not _DIRECTION_MARK.match(character)]
    return "".join(text[place] for place in places), places


@dataclasses.dataclass(slots=True)
class _Head:
    """The signs before a piece, as far as they are read."""

    position: int
    sign: Sign = Sign.NONE
    field: str | None = None
    written: bool = False
    count: int | None = None
    counted: str = ""
    """The count as typed."""


class Lexer:
    """Reads one text."""

    def __init__(self, text: str, vocabulary: Vocabulary, notes: Notes) -> None:
        """Read `text`, which has no direction marks."""
        self._text = text
        self._vocabulary = vocabulary
        self._notes = notes
        self._place = 0
        self._lexemes: list[Lexeme] = []

    def lexemes(self) -> list[Lexeme]:
        """Return the lexemes of the text, in order."""
        while self._skip_space() < len(self._text):
            if self._text[self._place] == ")":
                self._lexemes.append(Close(self._place))
                self._place += 1
            elif not self._near():
                self._piece(self._head())
        return self._lexemes

    def _skip_space(self) -> int:
        self._take(_SPACE)
        return self._place

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._place)
        if found:
            self._place = found.end()
        return found

    def _head(self) -> _Head:
        head = _Head(self._place)
        before = self._text[self._place - 1] if self._place else " "
        if (before.isspace() or before == "(") and (sign := self._take(_SIGN)):
            head.sign = Sign(sign[0])
        self._modifiers(head)
        self._field(head)
        if head.field in (Section.TITLE, LEAD):
            self._modifiers(head)
        return head

    def _modifiers(self, head: _Head) -> None:
        place = self._place
        if count := self._take(_COUNT):
            head.counted = count[0]
            if 1 <= int(count[1]) <= MAX_TIMES:
                head.count = int(count[1])
            else:
                self._unread(count[0], place)
        if self._take(_WRITTEN):
            head.written = True

    def _field(self, head: _Head) -> None:
        """Read a field name; an unknown one is a word of its own before quotes and parentheses, else part of it."""
        name = _FIELD.match(self._text, self._place)
        if name is None:
            return
        field = self._vocabulary.field(name[1])
        if field:
            head.field = field if field != NEAR else None
            if field == NEAR:
                self._unread(name[0], self._place)
            self._place = name.end()
            return
        if not self._text.startswith("//", name.end()):
            self._notes.add(NoteKind.UNKNOWN_FIELD, name[1], self._place)
        if self._text[name.end()] in (*_QUOTES, "("):
            self._lexemes.append(Piece(name[1], self._place, sign=head.sign))
            self._place = name.end()

    def _piece(self, head: _Head) -> None:
        first = self._text[self._place]
        if first == "(":
            self._lexemes.append(Open(self._place, head.sign, head.field))
            self._place += 1
            if head.counted or head.written:
                self._unread(self._text[head.position : self._place - 1], head.position)
        elif first in _QUOTES:
            self._quoted(head, _QUOTES[first])
        elif bare := self._take(_BARE):
            self._word(head, bare[0])

    def _quoted(self, head: _Head, closing: str) -> None:
        end = self._text.find(closing, self._place + 1)
        inside = self._text[self._place + 1 : end if end >= 0 else len(self._text)]
        if end < 0:
            self._notes.add(NoteKind.UNCLOSED_QUOTE, inside, head.position)
        self._place = end + 1 if end >= 0 else len(self._text)
        slop = self._take(_SLOP)
        self._add(head, inside, quoted=True, slop=int(slop[1]) if slop else None)

    def _word(self, head: _Head, text: str) -> None:
        fuzzy = _FUZZY.search(text)
        if fuzzy and head.field not in FILTERS:
            self._unread(fuzzy[0], self._place - len(fuzzy[0]))
            text = text[: fuzzy.start()]
        self._add(head, text)

    def _add(self, head: _Head, text: str, *, quoted: bool = False, slop: int | None = None) -> None:
        valued = head.field in (*FILTERS, ROOT)
        if (head.counted and head.field in FILTERS) or (head.written and valued):
            self._unread(head.counted or "=", head.position)
        piece = Piece(
            text,
            position=head.position,
            quoted=quoted,
            sign=head.sign,
            field=head.field,
            written=head.written and not valued,
            count=head.count if head.field not in FILTERS else None,
            slop=slop,
        )
        asked = self._vocabulary.operators.get(text) if piece.bare else None
        if asked and (asked is not Operator.AND or self._stands_alone(head.position)):
            piece = dataclasses.replace(piece, operator=asked)
        self._lexemes.append(piece)

    def _stands_alone(self, start: int) -> bool:
        """Return whether no quote or parenthesis touches the word just read, as in «و"التعليم"» the particle does."""
        before, after = self._text[:start][-1:], self._text[self._place :][:1]
        return (not before or before.isspace() or before == "(") and (not after or after.isspace() or after == ")")

    def _near(self) -> bool:
        """Give the quotes before it the distance that is typed here («"…" قرب:5»); return whether one is."""
        distance = _NEAR.match(self._text, self._place)
        if distance is None or self._vocabulary.field(distance[1]) != NEAR:
            return False
        last = self._lexemes[-1] if self._lexemes else None
        if isinstance(last, Piece) and last.quoted and last.slop is None:
            self._lexemes[-1] = dataclasses.replace(last, slop=int(distance[2]))
        else:
            self._unread(distance[0], self._place)
        self._place = distance.end()
        return True

    def _unread(self, sign: str, position: int) -> None:
        self._notes.add(NoteKind.UNREAD_SIGN, sign, position)
