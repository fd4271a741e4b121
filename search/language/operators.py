"""Operators: the words that join or exclude what stands beside them, and the places in which they do.

A word of data/operators.csv is an operator only where its place says so; anywhere else it is a word. OR stands between
two things, and so does AND, and NOT before one. Separate «و» and «ليس» are ordinary words of the language: of 20,129
headlines of news 435 have a separate «و», and 28 have «ليس», none of them with the meaning of an operator. They are
operators only beside quotes, parentheses, a field or a sign, which show that the text is a query: before those stood
«ليس» in none of the 28, and «و» in 18 of the 435, where all it does is to require the word on its other side.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable, Sequence
from importlib.resources import files

from search.language.fields import FILTERS
from search.language.lexemes import Close, Lexeme, Open, Operator, Piece
from search.language.notes import Notes
from search.results import NoteKind


class Operators:
    """The words of data/operators.csv: Latin ones in capitals only, Arabic ones in any spelling."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        rows = csv.DictReader(files("search").joinpath("data/operators.csv").read_text("utf-8").splitlines())
        words = {row["word"]: Operator[row["operator"].upper()] for row in rows}
        self._fold = fold
        self._latin = {word: asked for word, asked in words.items() if word.isascii()}
        self._arabic = {fold(word): asked for word, asked in words.items() if not word.isascii()}
        self._last_letters = {word[-1] for word in self._arabic}

    def get(self, text: str) -> Operator | None:
        """Return what a word asks for where it is an operator, or None when it never is."""
        if text.isascii():
            return self._latin.get(text)
        # nearly every word ends in another letter and need not be folded
        if text[-1].isalpha() and text[-1] not in self._last_letters:
            return None
        return self._arabic.get(self._fold(text))


def resolve_operators(lexemes: Sequence[Lexeme], has_content: Callable[[Piece], bool], notes: Notes) -> list[Lexeme]:
    """Return the lexemes with operators where they operate and words elsewhere; an ordinary «و» is left out."""
    return _Decision(_without_repeats(lexemes), has_content, notes).lexemes()


def _without_repeats(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    asked = [lexeme.operator if isinstance(lexeme, Piece) else None for lexeme in lexemes]
    return [
        lexeme
        for place, lexeme in enumerate(lexemes)
        if not (place and asked[place] and asked[place - 1] is asked[place])
    ]


class _Decision:
    """One pass over the lexemes of a query."""

    def __init__(self, lexemes: Sequence[Lexeme], has_content: Callable[[Piece], bool], notes: Notes) -> None:
        self._lexemes = lexemes
        self._has_content = has_content
        self._notes = notes
        self._kept: list[Lexeme] = []
        self._before: Lexeme | None = None
        """What an operator at this place would join to what follows."""

    def lexemes(self) -> list[Lexeme]:
        for place, lexeme in enumerate(self._lexemes):
            if isinstance(lexeme, Piece) and lexeme.operator:
                self._candidate(lexeme, place)
            else:
                self._keep(lexeme)
        return self._kept

    def _keep(self, lexeme: Lexeme) -> None:
        self._kept.append(lexeme)
        if isinstance(lexeme, Open):
            self._before = None
        elif isinstance(lexeme, Close) or self._has_content(lexeme):
            self._before = lexeme

    def _candidate(self, piece: Piece, place: int) -> None:
        after = self._after(place)
        between = self._before is not None and after is not None
        ordinary = not piece.text.isascii()
        if piece.operator is Operator.OR:
            operates = between
        elif piece.operator is Operator.AND:
            # between values «و» only lists them
            explicit = piece.field not in FILTERS and (_marked(self._before) or _marked(after))
            operates = between and (not ordinary or explicit)
        else:
            operates = after is not None and (not ordinary or _marked(self._next(place)))
        if operates:
            self._kept.append(piece)
            self._before = None
        elif not (between and ordinary and piece.operator is Operator.AND):
            self._word(piece, between=between)

    def _word(self, piece: Piece, *, between: bool) -> None:
        """Keep an operator as a word; whoever may have meant one is told."""
        if piece.text.isascii() or (between and piece.operator is Operator.NOT):
            self._notes.add(NoteKind.OPERATOR_AS_WORD, piece.text, piece.position)
            if not self._has_content(piece):
                return
        self._keep(dataclasses.replace(piece, operator=None))

    def _next(self, place: int) -> Lexeme | None:
        return self._lexemes[place + 1] if place + 1 < len(self._lexemes) else None

    def _after(self, place: int) -> Lexeme | None:
        """Return what an operator at this place would reach: the next thing that is more than stop words."""
        for lexeme in self._lexemes[place + 1 :]:
            if isinstance(lexeme, Open):
                return lexeme
            if isinstance(lexeme, Close) or lexeme.operator in (Operator.AND, Operator.OR):
                return None
            if lexeme.operator is None and self._has_content(lexeme):
                return lexeme
        return None


def _marked(lexeme: Lexeme | None) -> bool:
    """Return whether a lexeme shows that the text is a query, not a sentence."""
    return lexeme is not None and not (isinstance(lexeme, Piece) and lexeme.bare and "*" not in lexeme.text)
