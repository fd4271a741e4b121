"""Formulas: signs that stand for several words (ﷺ is صلى الله عليه وسلم).

Each word of a formula is a token of its own, with the offsets of the sign. So the words find the sign, the sign finds
the words, and phrases match both.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path

from index.analysis.tokens import TokenizedText

FORMULA_FILE = "formulas.txt"


class Formulas:
    """The signs and the words of each. Immutable, therefore thread-safe."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._words = words

    def __contains__(self, spelled: str) -> bool:
        """Return whether a token is the sign of a formula."""
        return spelled in self._words

    def spelled_out(self, tokenized: TokenizedText) -> TokenizedText:
        """Return a text in which each sign is replaced by its words; the same object if it has no sign."""
        if self._words.keys().isdisjoint(tokenized.spellings):
            return tokenized
        spellings: list[str] = []
        starts, ends = array("I"), array("I")
        for spelled, start, end in zip(tokenized.spellings, tokenized.starts, tokenized.ends, strict=True):
            words = self._words.get(spelled, (spelled,))
            spellings += words
            starts.extend([start] * len(words))
            ends.extend([end] * len(words))
        return TokenizedText(tokenized.text, spellings, starts, ends)


def load_formulas(folder: Path) -> Formulas:
    """Return the shipped formulas.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    lines = (folder / FORMULA_FILE).read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return Formulas({sign: tuple(words) for sign, *words in rows})
