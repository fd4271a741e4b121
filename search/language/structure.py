"""Structure of the lexemes: balances parentheses, passes their fields on, and joins pieces that belong together."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

from index.schema import PUBLISHED
from search.language.fields import ROOT
from search.language.lexemes import Close, Lexeme, Open, Piece
from search.language.limits import MAX_DATE_WORDS, MAX_NESTING, MAX_ROOT_LETTERS
from search.language.notes import Notes
from search.language.roots import single_letter
from search.results import NoteKind

_MOST_FOLLOWING = max(MAX_DATE_WORDS, MAX_ROOT_LETTERS) - 1


def balance_brackets(lexemes: Sequence[Lexeme], notes: Notes) -> list[Lexeme]:
    """Return the lexemes with balanced parentheses, none of them empty, at most `MAX_NESTING` deep.

    Open parentheses are closed at the end; a closing one without an open one is dropped.
    """
    kept: list[Lexeme] = []
    opened: list[int] = []  # indices in `kept` of the open parentheses
    too_deep = 0
    for lexeme in lexemes:
        if isinstance(lexeme, Open):
            if len(opened) == MAX_NESTING:
                notes.add(NoteKind.NESTED_TOO_DEEP, "(", lexeme.position)
                too_deep += 1
                continue
            opened.append(len(kept))
        elif isinstance(lexeme, Close):
            if too_deep:
                too_deep -= 1
                continue
            if not opened:
                notes.add(NoteKind.UNBALANCED_PARENTHESIS, ")", lexeme.position)
                continue
            if opened.pop() == len(kept) - 1:
                kept.pop()
                continue
        kept.append(lexeme)
    return _close_all(kept, opened, notes)


def _close_all(lexemes: list[Lexeme], opened: list[int], notes: Notes) -> list[Lexeme]:
    for index in reversed(opened):
        notes.add(NoteKind.UNBALANCED_PARENTHESIS, "(", lexemes[index].position)
        if index == len(lexemes) - 1:
            lexemes.pop()
        else:
            lexemes.append(Close(lexemes[-1].position))
    return lexemes


def attach_fields(lexemes: Iterable[Lexeme]) -> list[Lexeme]:
    """Return the lexemes, in which a piece without a field has the field of the parentheses around it."""
    fields: list[str | None] = [None]
    kept: list[Lexeme] = []
    for lexeme in lexemes:
        if isinstance(lexeme, Open):
            fields.append(lexeme.field or fields[-1])
            kept.append(dataclasses.replace(lexeme, field=fields[-1]))
            continue
        if isinstance(lexeme, Close):
            fields.pop()
        elif lexeme.field is None and fields[-1]:
            lexeme = dataclasses.replace(lexeme, field=fields[-1], inherited=True)  # noqa: PLW2901
        kept.append(lexeme)
    return kept


def join_pieces(lexemes: Sequence[Lexeme], is_date: Callable[[str], bool]) -> list[Lexeme]:
    """Return the lexemes, in which the words of a date, and the letters of a root, are joined to one piece."""
    kept: list[Lexeme] = []
    index = 0
    while index < len(lexemes):
        lexeme = lexemes[index]
        index += 1
        if isinstance(lexeme, Piece) and _may_continue(lexeme):
            following = list(_bare_pieces(lexemes[index : index + _MOST_FOLLOWING]))
            date = lexeme.field == PUBLISHED
            count = _count_date_words(lexeme, following, is_date) if date else _count_root_letters(lexeme, following)
            lexeme = dataclasses.replace(lexeme, text=_joined_text(lexeme, following[:count]))
            index += count
        kept.append(lexeme)
    return kept


def _may_continue(piece: Piece) -> bool:
    return piece.field in (PUBLISHED, ROOT) and not piece.quoted and piece.operator is None


def _bare_pieces(lexemes: Iterable[Lexeme]) -> Iterator[Piece]:
    """Yield the pieces up to the first lexeme that is not a bare word."""
    for lexeme in lexemes:
        if not isinstance(lexeme, Piece) or not lexeme.bare:
            return
        yield lexeme


def _count_date_words(piece: Piece, following: Sequence[Piece], is_date: Callable[[str], bool]) -> int:
    """Return how many of the following words belong to the longest date."""
    counts = range(len(following[: MAX_DATE_WORDS - 1]), 0, -1)
    return next((count for count in counts if is_date(_joined_text(piece, following[:count]))), 0)


def _count_root_letters(piece: Piece, following: Sequence[Piece]) -> int:
    """Return how many of the following words are letters of a root that begins with this one."""
    if not single_letter(piece.text):
        return 0
    letters = list(itertools.takewhile(lambda letter: single_letter(letter.text), following[: MAX_ROOT_LETTERS - 1]))
    # no root of four letters ends in waw: after three letters it is the conjunction
    return len(letters) - (len(letters) == MAX_ROOT_LETTERS - 1 and letters[-1].operator is not None)


def _joined_text(piece: Piece, following: Sequence[Piece]) -> str:
    return " ".join(word.text for word in (piece, *following))
