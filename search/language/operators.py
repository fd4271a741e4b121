"""Operators: the words AND, OR and NOT, and the decision where they are operators and where ordinary words.

A word of data/operators.csv is an operator only in a position that allows it: OR and AND between two operands, NOT
before one. Separate «و» and «ليس» are ordinary words of Arabic: of 20,129 news headlines 435 have a separate «و» and 28
have «ليس», none of them meant as an operator. They are operators only next to quotes, parentheses, a field or a sign,
which show that the text is a query. In those headlines none of the 28 «ليس» is before one of these, and 18 of the 435
«و» are, where the operator only makes the adjacent word required.
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
    """The words of data/operators.csv: Latin ones must be in capitals, Arabic ones are folded."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        rows = csv.DictReader(files("search").joinpath("data/operators.csv").read_text("utf-8").splitlines())
        words = {row["word"]: Operator[row["operator"].upper()] for row in rows}
        self._fold = fold
        self._latin = {word: operator for word, operator in words.items() if word.isascii()}
        self._arabic = {fold(word): operator for word, operator in words.items() if not word.isascii()}
        self._last_letters = {word[-1] for word in self._arabic}

    def get(self, text: str) -> Operator | None:
        """Return the operator that a word may be, or None if it never is one."""
        if text.isascii():
            return self._latin.get(text)
        # nearly all words end with another letter and need no folding
        if text[-1].isalpha() and text[-1] not in self._last_letters:
            return None
        return self._arabic.get(self._fold(text))


def resolve_operators(lexemes: Sequence[Lexeme], has_content: Callable[[Piece], bool], notes: Notes) -> list[Lexeme]:
    """Return the lexemes, in which only actual operators have `operator` set; «و» as an ordinary word is dropped."""
    return _Resolver(_without_repeats(lexemes), has_content, notes).lexemes()


def _without_repeats(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Return the lexemes without operators that repeat the one before."""
    operators = [lexeme.operator if isinstance(lexeme, Piece) else None for lexeme in lexemes]
    return [
        lexeme
        for index, lexeme in enumerate(lexemes)
        if not (index and operators[index] and operators[index - 1] is operators[index])
    ]


class _Resolver:
    """Resolves the operators of one query, in one pass over its lexemes."""

    def __init__(self, lexemes: Sequence[Lexeme], has_content: Callable[[Piece], bool], notes: Notes) -> None:
        self._lexemes = lexemes
        self._has_content = has_content
        self._notes = notes
        self._kept: list[Lexeme] = []
        self._before: Lexeme | None = None
        """The left operand of an operator at the current index."""

    def lexemes(self) -> list[Lexeme]:
        for index, lexeme in enumerate(self._lexemes):
            if isinstance(lexeme, Piece) and lexeme.operator:
                self._resolve(lexeme, index)
            else:
                self._keep(lexeme)
        return self._kept

    def _keep(self, lexeme: Lexeme) -> None:
        self._kept.append(lexeme)
        if isinstance(lexeme, Open):
            self._before = None
        elif isinstance(lexeme, Close) or self._has_content(lexeme):
            self._before = lexeme

    def _resolve(self, piece: Piece, index: int) -> None:
        """Keep a piece as an operator, keep it as a word, or drop it."""
        after = self._after(index)
        between = self._before is not None and after is not None
        arabic = not piece.text.isascii()
        if piece.operator is Operator.OR:
            operates = between
        elif piece.operator is Operator.AND:
            # between values of a field «و» only separates them
            explicit = piece.field not in FILTERS and (_marked(self._before) or _marked(after))
            operates = between and (not arabic or explicit)
        else:
            operates = after is not None and (not arabic or _marked(self._next(index)))
        if operates:
            self._kept.append(piece)
            self._before = None
        elif not (between and arabic and piece.operator is Operator.AND):
            self._keep_as_word(piece, between=between)

    def _keep_as_word(self, piece: Piece, *, between: bool) -> None:
        """Keep an operator as a word, with a note if it was probably meant as an operator."""
        if piece.text.isascii() or (between and piece.operator is Operator.NOT):
            self._notes.add(NoteKind.OPERATOR_AS_WORD, piece.text, piece.position)
            if not self._has_content(piece):
                return
        self._keep(dataclasses.replace(piece, operator=None))

    def _next(self, index: int) -> Lexeme | None:
        return self._lexemes[index + 1] if index + 1 < len(self._lexemes) else None

    def _after(self, index: int) -> Lexeme | None:
        """Return the right operand of an operator at this index: the next lexeme that is more than stop words."""
        for lexeme in self._lexemes[index + 1 :]:
            if isinstance(lexeme, Open):
                return lexeme
            if isinstance(lexeme, Close) or lexeme.operator in (Operator.AND, Operator.OR):
                return None
            if lexeme.operator is None and self._has_content(lexeme):
                return lexeme
        return None


def _marked(lexeme: Lexeme | None) -> bool:
    """Return whether a lexeme has syntax of the query language, so that the text is a query and not a sentence."""
    return lexeme is not None and not (isinstance(lexeme, Piece) and lexeme.bare and "*" not in lexeme.text)
