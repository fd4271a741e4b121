"""The product's analysis as a Whoosh analyzer, so that query text and highlights agree with the index."""

from __future__ import annotations

from collections.abc import Iterator

from whoosh.analysis import Analyzer, Token

from index.analysis import folding
from index.analysis.pipeline import load_analyzer
from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField


class TokenFieldAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Turns a text into the terms that one token field has of it.

    A word stands for each of its readings: tokens of one position, whose `boost` is the share of the reading. Positions
    are those of the index, where stop words keep theirs.
    """

    def __init__(self, field: TokenField) -> None:
        self.field = field

    def __call__(
        self,
        value: str,
        *,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        tokenize: bool = True,
        mode: str = "",
        readings: bool | None = None,
        **_: object,
    ) -> Iterator[Token]:
        """Yield the same token over and over, as Whoosh's analyzers do.

        Args:
            value: the text.
            removestops: leave out the words that have no term in this field; else they come with `stopped` and
                without text, so that none of them is taken for a term.
            start_pos: position of the first word.
            start_char: where the text begins.
            tokenize: False for a prefix or a pattern: its letters are folded, and nothing is cut.
            mode: `query` for the text of a query, whose words stand for their likeliest reading alone unless
                `readings` says otherwise: a phrase has one term for each word.
            readings: whether a word stands for all of its readings.
        """
        token = Token(positions=True, chars=True, removestops=removestops, mode=mode)
        if not tokenize:
            _place(token, start_pos, start_char, start_char + len(value))
            token.text = _folded(value, self.field)
            yield token
            return
        every = mode != "query" if readings is None else readings
        text = load_analyzer().analyze(value)
        for position, (word, start, end) in enumerate(zip(text.words, text.starts, text.ends, strict=True), start_pos):
            terms = self._terms(word)
            for term in terms if every else terms[:1]:
                _place(token, position, start_char + start, start_char + end)
                token.text, token.boost, token.stopped = term.text, term.weight, False
                yield token
            if not terms and not removestops:
                _place(token, position, start_char + start, start_char + end)
                token.text, token.boost, token.stopped = "", 1.0, True
                yield token

    def _terms(self, word: Word) -> list[FieldTerm]:
        """Return the terms of a word in this field, those with the greatest share first."""
        return sorted((term for term in word.terms if term.field is self.field), key=lambda term: -term.weight)


def _place(token: Token, position: int, start: int, end: int) -> None:
    token.pos, token.startchar, token.endchar = position, start, end


def _folded(text: str, field: TokenField) -> str:
    """Return the beginning or the pattern of a word with the letters that the terms of a field have."""
    match field:
        case TokenField.WRITTEN:
            return folding.written(text)
        case TokenField.SURFACE | TokenField.CLITIC:
            return folding.fold(text)
        case TokenField.LEMMA:
            return folding.base(folding.written(text))
        case _:
            return text
