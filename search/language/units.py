"""Units: the words of a query. A compound (عبد الله) is one of them, whether it is typed in one word or in several."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from index.analysis.tokens import AnalyzedText, FieldTerm, Token
from search.language.fields import FILTERS
from search.language.lexemes import Lexeme, Piece

_STAR = "*"


def units(analyzed: AnalyzedText, *, stop_words: bool = False) -> Iterator[Token]:
    """Yield the tokens of a text, each compound as one token.

    The word of a compound in several words has the terms of the whole alone: no part of it is searched. With
    `stop_words`, those of compounds that are stop words (لا سيما) are searched one by one.
    """
    words = analyzed.words
    position = 0
    while position < len(words):
        word, start, end = words[position], analyzed.starts[position], analyzed.ends[position]
        following = position + 1 + word.compound.count(" ")
        if word.is_split and word.stop and stop_words:
            following = position + 1
        elif word.is_split:
            end = analyzed.ends[following - 1]
            word = word._replace(terms=tuple(itertools.dropwhile(_of_first_part, word.terms)))
        yield Token(analyzed.text[start:end], start, end, position, word)
        position = following


def _of_first_part(term: FieldTerm) -> bool:
    """Return whether a term belongs to the first part of a compound: these come before those of the whole."""
    return " " not in term.text


def join_compounds(lexemes: Sequence[Lexeme], analyze: Callable[[str], AnalyzedText]) -> list[Lexeme]:
    """Return the lexemes, in which bare words that are one compound are one piece."""
    kept: list[Lexeme] = []
    run: list[Piece] = []
    for lexeme in lexemes:
        if isinstance(lexeme, Piece) and lexeme.bare and lexeme.field not in FILTERS and _STAR not in lexeme.text:
            run.append(lexeme)
            continue
        kept += [*_joined(run, analyze), lexeme]
        run = []
    return [*kept, *_joined(run, analyze)]


def _joined(pieces: Sequence[Piece], analyze: Callable[[str], AnalyzedText]) -> Iterator[Piece]:
    """Yield the pieces, those of a compound joined."""
    if len(pieces) < 2:  # noqa: PLR2004 - nothing to join
        yield from pieces
        return
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece.text) + 1)
    text = " ".join(piece.text for piece in pieces)
    together: set[int] = set()
    for unit in units(analyze(text)):
        together.update(start for start in starts if unit.start < start < unit.end)
    first = 0
    for index in range(1, len(pieces) + 1):
        if index == len(pieces) or starts[index] not in together:
            yield _piece(pieces[first:index])
            first = index


def _piece(pieces: Sequence[Piece]) -> Piece:
    head = pieces[0]
    if len(pieces) == 1:
        return head
    return Piece(
        " ".join(piece.text for piece in pieces), position=head.position, field=head.field, inherited=head.inherited
    )
