"""Tokens: what analysis says of a text. The values that cross from analysis to the engines and to the query side.

A `Word` is what the pipeline knows of one spelled form and is shared by all its occurrences; an `AnalyzedText` is a
text as a sequence of words with the offsets of each in the ORIGINAL text. The position of a token is its ordinal in
that sequence: stop words keep theirs, so that phrases count the gap.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from index.schema import TokenField


class FieldTerm(NamedTuple):
    """One term to be indexed, or looked up, in one token field."""

    field: TokenField
    text: str
    weight: float = 1.0
    """Share of this reading among the readings of the word, 0 < weight <= 1."""


class Word(NamedTuple):
    """One spelled form with the terms it has in each token field."""

    written: str
    """Its letters as written, without harakat, tatweel and presentation forms."""
    surface: str
    """Folded; never empty."""
    clitics: tuple[str, ...]
    """Particles and pronouns that were cut, in order of speech, written with a `+` on the side of the word."""
    terms: tuple[FieldTerm, ...]
    """Empty for a stop word. No two are equal in field and text."""
    stop: bool = False


class Token(NamedTuple):
    """One occurrence of a word."""

    text: str
    """The slice of the original text, harakat and all."""
    start: int
    end: int
    """Code points of the original text, half open."""
    position: int
    word: Word


@dataclasses.dataclass(frozen=True, slots=True)
class AnalyzedText:
    """A text as words and offsets; `words`, `starts` and `ends` have one entry for each position."""

    text: str
    words: tuple[Word, ...]
    starts: array[int]
    """Type code `I`; code points, ascending."""
    ends: array[int]

    def __len__(self) -> int:
        """Return the number of positions, stop words included."""
        return len(self.words)

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens in order; for display and tests, since it makes an object for each."""
        for position, (word, start, end) in enumerate(zip(self.words, self.starts, self.ends, strict=True)):
            yield Token(self.text[start:end], start, end, position, word)
