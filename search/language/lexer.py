"""Splits a query text into lexemes, in one pass from left to right. Every text is accepted."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from index.analysis.arabic.letters import ARABIC_LETTERS, ARABIC_MARKS
from index.schema import Section
from search.language import quotes
from search.language.fields import FILTERS, LEAD, NEAR, ROOT
from search.language.lexemes import Close, Lexeme, Open, Operator, Piece, Sign
from search.language.limits import MAX_TIMES
from search.language.notes import Notes
from search.language.vocabulary import Vocabulary
from search.results import NoteKind

_DIRECTION_MARK = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"\s*")
_SIGN = re.compile(r"[-+](?=[^\s)])")
_COUNT = re.compile(rf"(\d{{1,9}})(?:×(?=[^\W\d_]|[{quotes.OPENING}(=])|[xX](?=[{ARABIC_LETTERS}{quotes.OPENING}=]))")
_WRITTEN = re.compile(r"=(?=[^\s()=])")
_FIELD = re.compile(rf"([^\W\d_](?:(?![\d_])[\w{ARABIC_MARKS}])*):(?=[^\s)])")
_SPACED_FIELD = re.compile(rf"([^\W\d_](?:(?![\d_])[\w{ARABIC_MARKS}]){{0,40}})(?:[ \u00a0]{{1,3}}:|:(?=[ \u00a0]))")
_BARE = re.compile(rf"[^\s{quotes.OPENING}()]+")
_PARTICLES = re.compile(rf"[{ARABIC_LETTERS}]{{1,2}}(?=[{quotes.CLOSING}])")
_SLOP = re.compile(r"~(\d{1,9})")
_FUZZY = re.compile(r"(?<=[^\W\d_])~\d*$")
_AMPERSAND = re.compile(
    rf"[^\w{ARABIC_LETTERS}]{{0,9}}(?:(?![{ARABIC_LETTERS}\d_])\w){{1,40}}+"
    rf"&(?:(?![{ARABIC_LETTERS}\d_])[\w&]){{1,40}}+[^\w&]{{0,9}}"
)
"""A name like H&M or AT&T, in which the halves are words for themselves, or even stop words: it is a phrase."""
_NEAR = re.compile(r"([^\W\d_]+):(\d{1,9})(?=[\s()]|$)")


def strip_direction_marks(text: str) -> tuple[str, Sequence[int]]:
    """Return a text without bidirectional controls, and the offset in the original of each code point that is left.

    Pasted text may have such controls before a sign or within a name.
    """
    if not _DIRECTION_MARK.search(text):
        return text, range(len(text))
    offsets = [offset for offset, character in enumerate(text) if not _DIRECTION_MARK.match(character)]
    return "".join(text[offset] for offset in offsets), offsets


@dataclasses.dataclass(slots=True)
class _Head:
    """The signs before a piece."""

    position: int
    sign: Sign = Sign.NONE
    field: str | None = None
    written: bool = False
    count: int | None = None
    counted: str = ""
    """The count as typed."""


class Lexer:
    """Reads the lexemes of one text."""

    def __init__(self, text: str, vocabulary: Vocabulary, notes: Notes) -> None:
        """Read `text`, which has no direction marks."""
        self._text = text
        self._vocabulary = vocabulary
        self._notes = notes
        self._offset = 0
        self._lexemes: list[Lexeme] = []

    def lexemes(self) -> list[Lexeme]:
        """Return the lexemes of the text, in order."""
        while self._skip_space() < len(self._text):
            if self._text[self._offset] == ")":
                self._lexemes.append(Close(self._offset))
                self._offset += 1
            elif not self._read_near():
                self._read_piece(self._read_head())
        return self._lexemes

    def _skip_space(self) -> int:
        """Consume white space and return the offset after it."""
        self._take(_SPACE)
        return self._offset

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Consume a match of `pattern` at the current offset, if there is one."""
        found = pattern.match(self._text, self._offset)
        if found:
            self._offset = found.end()
        return found

    def _read_head(self) -> _Head:
        head = _Head(self._offset)
        before = self._text[self._offset - 1] if self._offset else " "
        if (before.isspace() or before == "(") and (sign := self._take(_SIGN)):
            head.sign = Sign(sign[0])
        self._read_modifiers(head)
        self._read_field(head)
        if head.field in (Section.TITLE, LEAD):
            self._read_modifiers(head)
        return head

    def _read_modifiers(self, head: _Head) -> None:
        offset = self._offset
        if count := self._take(_COUNT):
            head.counted = count[0]
            if 1 <= int(count[1]) <= MAX_TIMES:
                head.count = int(count[1])
            else:
                self._note_unread(count[0], offset)
        if self._take(_WRITTEN):
            head.written = True

    def _read_field(self, head: _Head) -> None:
        """Read a field name. An unknown one is a separate word before quotes and parentheses, else part of its word."""
        name = _FIELD.match(self._text, self._offset)
        if name is None:
            self._note_spaced_field()
            return
        field = self._vocabulary.field(name[1])
        if field:
            head.field = field if field != NEAR else None
            if field == NEAR:
                self._note_unread(name[0], self._offset)
            self._offset = name.end()
            return
        if not self._text.startswith("//", name.end()):
            self._notes.add(NoteKind.UNKNOWN_FIELD, name[1], self._offset)
        if self._text[name.end()] == "(" or quotes.quoted_at(self._text, name.end()):
            self._lexemes.append(Piece(name[1], self._offset, sign=head.sign))
            self._offset = name.end()

    def _note_spaced_field(self) -> None:
        """Add a note on the name of a field with a space at its colon: it is a word, as in a headline."""
        spaced = _SPACED_FIELD.match(self._text, self._offset)
        if spaced and self._vocabulary.field(spaced[1]):
            self._notes.add(NoteKind.SPACED_FIELD, spaced[1], self._offset)

    def _read_piece(self, head: _Head) -> None:
        first = self._text[self._offset]
        if first == "(":
            self._lexemes.append(Open(self._offset, head.sign, head.field))
            self._offset += 1
            if head.counted or head.written:
                self._note_unread(self._text[head.position : self._offset - 1], head.position)
        elif quoted := quotes.quoted_at(self._text, self._offset):
            self._read_quoted(head, quoted)
        elif bare := self._take_bare():
            self._read_word(head, bare[0])

    def _take_bare(self) -> re.Match[str] | None:
        """Consume a word without quotes, or the particles before quotes of the wrong direction (و»قال«)."""
        particles = _PARTICLES.match(self._text, self._offset)
        before_quotes = particles is not None and quotes.quoted_at(self._text, particles.end()) is not None
        return self._take(_PARTICLES if before_quotes else _BARE)

    def _read_quoted(self, head: _Head, quoted: quotes.Quoted) -> None:
        inside = self._text[quoted.start : quoted.end]
        if not quoted.closed:
            self._notes.add(NoteKind.UNCLOSED_QUOTE, inside, head.position)
        self._offset = quoted.after
        slop = self._take(_SLOP)
        self._add_piece(head, inside, quoted=True, slop=int(slop[1]) if slop else None)

    def _read_word(self, head: _Head, text: str) -> None:
        if lone := quotes.lone_in(text):
            self._note_unread(lone, head.position)
        fuzzy = _FUZZY.search(text)
        if fuzzy and head.field not in FILTERS:
            self._note_unread(fuzzy[0], self._offset - len(fuzzy[0]))
            text = text[: fuzzy.start()]
        self._add_piece(head, text, quoted=_AMPERSAND.fullmatch(text) is not None)

    def _add_piece(self, head: _Head, text: str, *, quoted: bool = False, slop: int | None = None) -> None:
        has_values = head.field in (*FILTERS, ROOT)
        if (head.counted and head.field in FILTERS) or (head.written and has_values):
            self._note_unread(head.counted or "=", head.position)
        piece = Piece(
            text,
            position=head.position,
            quoted=quoted,
            sign=head.sign,
            field=head.field,
            written=head.written and not has_values,
            count=head.count if head.field not in FILTERS else None,
            slop=slop,
        )
        operator = self._vocabulary.operators.get(text) if piece.bare else None
        if operator and (operator is not Operator.AND or self._stands_alone(head.position)):
            piece = dataclasses.replace(piece, operator=operator)
        self._lexemes.append(piece)

    def _stands_alone(self, start: int) -> bool:
        """Return whether the word just read touches no quote or parenthesis, unlike the particle in «و"التعليم"»."""
        before, after = self._text[:start][-1:], self._text[self._offset :][:1]
        return (not before or before.isspace() or before == "(") and (not after or after.isspace() or after == ")")

    def _read_near(self) -> bool:
        """Set the slop of the quotes before a distance («"…" قرب:5»); return whether there is a distance here."""
        distance = _NEAR.match(self._text, self._offset)
        if distance is None or self._vocabulary.field(distance[1]) != NEAR:
            return False
        last = self._lexemes[-1] if self._lexemes else None
        if isinstance(last, Piece) and last.quoted and last.slop is None:
            self._lexemes[-1] = dataclasses.replace(last, slop=int(distance[2]))
        else:
            self._note_unread(distance[0], self._offset)
        self._offset = distance.end()
        return True

    def _note_unread(self, sign: str, position: int) -> None:
        self._notes.add(NoteKind.UNREAD_SIGN, sign, position)
