"""Judhur's analysis as a Whoosh analyzer, so that query terms and highlights agree with the index."""

from __future__ import annotations

from collections.abc import Iterator

from whoosh.analysis import Analyzer, Token

from index.analysis.arabic import folding
from index.analysis.installed import load_analyzer
from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField


class TokenFieldAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Yields the terms of a text in one token field.

    A word has one token for each of its readings: tokens at the same position, whose `boost` is the share of the
    reading. Positions are those of the index, which count stop words.
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
        """Yield one token object repeatedly with new values, as Whoosh's analyzers do.

        Args:
            value: the text.
            removestops: omit the stop words and the words without a term in this field; otherwise they are yielded
                with `stopped` and an empty text.
            start_pos: position of the first word.
            start_char: offset of the text.
            tokenize: False for a prefix or a pattern: its letters are folded, and it is not split.
            mode: `query` for the text of a query, where a word yields only its most likely reading unless `readings`
                is given: a phrase has one term for each word.
            readings: whether a word yields all of its readings.
        """
        token = Token(positions=True, chars=True, removestops=removestops, mode=mode)
        if not tokenize:
            _set_position(token, start_pos, start_char, start_char + len(value))
            token.text = _folded(value, self.field)
            yield token
            return
        all_readings = mode != "query" if readings is None else readings
        text = load_analyzer().analyze(value)
        for position, (word, start, end) in enumerate(zip(text.words, text.starts, text.ends, strict=True), start_pos):
            terms = self._terms(word)
            for term in terms if all_readings else terms[:1]:
                _set_position(token, position, start_char + start, start_char + end)
                token.text, token.boost, token.stopped = term.text, term.weight, False
                yield token
            if not terms and not removestops:
                _set_position(token, position, start_char + start, start_char + end)
                token.text, token.boost, token.stopped = "", 1.0, True
                yield token

    def _terms(self, word: Word) -> list[FieldTerm]:
        """Return the terms of a word in this field, highest weight first; none of a stop word."""
        if word.stop:
            return []
        return sorted((term for term in word.terms if term.field is self.field), key=lambda term: -term.weight)


def _set_position(token: Token, position: int, start: int, end: int) -> None:
    token.pos, token.startchar, token.endchar = position, start, end


def _folded(text: str, field: TokenField) -> str:
    """Return a prefix or pattern, folded like the terms of a field."""
    match field:
        case TokenField.WRITTEN:
            return folding.written(text)
        case TokenField.SURFACE | TokenField.CLITIC:
            return folding.fold(text)
        case TokenField.LEMMA:
            return folding.base(folding.written(text))
        case _:
            return text
