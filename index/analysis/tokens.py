"""Tokens: the output of analysis, which engines index and the query side searches for.

A `Word` is the analysis of one spelled form and is shared by all its occurrences. An `AnalyzedText` is a text as a
sequence of words with the offsets of each in the ORIGINAL text. The position of a token is its ordinal in that
sequence. Stop words have positions too, so that phrases count the gap. A compound, a name that is written in one word
or in several, takes as many positions in both writings: in one word it is followed by `FILLER`.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from index.schema import TokenField


class FieldTerm(NamedTuple):
    """One term of one token field, to be indexed or searched for."""

    field: TokenField
    text: str
    weight: float = 1.0
    """Sum of the weights of the word's readings that have this term, 0 < weight <= 1."""


class Word(NamedTuple):
    """One spelled form with the terms it has in each token field."""

    written: str
    """The letters as written, without harakat and tatweel; presentation forms are replaced by letters."""
    surface: str
    """Folded; never empty."""
    clitics: tuple[str, ...]
    """Particles and pronouns that were cut, in order of speech, with a `+` on the side of the stem (`و+`, `+ها`)."""
    terms: tuple[FieldTerm, ...]
    """No two have the same field and text. A stop word has them in `WRITTEN` and `STOP` alone. A compound in several
    words has the terms of its first word, then its own, of which the first has a space; in one word, only its key
    (`SPELLING`) has a space."""
    stop: bool = False
    """Whether it is a stop word: searched in quotes and with `=` alone, and not counted in the length of a text."""
    compound: str = ""
    """The folded letters of a compound in several words; empty for other words. The word of a compound in several words
    stands at its first position, and has the letters of the whole."""
    joins: bool = False
    """Whether a compound may begin with it, or is it: a text is searched for compounds at these words."""

    @property
    def is_split(self) -> bool:
        """Whether it is a compound that is written in several words."""
        return self.compound != "" and self.compound == self.surface


FILLER = Word("", "", (), (), stop=True)
"""The further positions of a compound that is one word in the text; they have no width, and no terms."""


class Token(NamedTuple):
    """One occurrence of a word."""

    text: str
    """The slice of the original text, harakat included; for words that share a sign, the word as it is written out."""
    start: int
    end: int
    """Code points of the original text, half open."""
    position: int
    word: Word


class TokenizedText(NamedTuple):
    """A text split into tokens that are not analyzed yet; one entry of each column for each position."""

    text: str
    spellings: list[str]
    """The tokens as they stand in the text."""
    starts: array[int]
    """Type code `I`; code points of the text, ascending. Words that one sign stands for have the same offsets."""
    ends: array[int]
    """Type code `I`; half open."""


@dataclasses.dataclass(frozen=True, slots=True)
class AnalyzedText:
    """A text as words and offsets. `words`, `starts` and `ends` have one entry for each position."""

    text: str
    words: tuple[Word, ...]
    starts: array[int]
    """Type code `I`; code points of `text`, ascending. Words that one sign stands for have the same offsets."""
    ends: array[int]
    """Type code `I`; half open."""

    def __len__(self) -> int:
        """Return the number of positions, stop words included."""
        return len(self.words)

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens in order, without the positions of fillers. It creates an object for each."""
        starts, last = self.starts, len(self.words) - 1
        for position, (word, start, end) in enumerate(zip(self.words, starts, self.ends, strict=True)):
            if word is FILLER:
                continue
            shared = (position and starts[position - 1] == start) or (position < last and starts[position + 1] == start)
            yield Token(word.written if shared else self.text[start:end], start, end, position, word)
