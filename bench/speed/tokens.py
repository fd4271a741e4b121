"""The tokens that every engine gets: folded surfaces without stop words, from the product's own analysis."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import NamedTuple

import index.analysis.arabic
from index.analysis.arabic import folding
from index.analysis.arabic.stopwords import load_stop_words
from index.analysis.arabic.tokenizer import TokenKind, kind_of, token_pattern
from index.analysis.installed import load_analyzer

MAX_LENGTH = 60
"""Longest token in code points; longer ones (URLs) are left out for all engines, since Xapian accepts 245 bytes."""


MEMO_LIMIT = 1_000_000
"""Entries of the cache from written words to surfaces, about 200 bytes each; a full cache is cleared."""


class SurfaceText(NamedTuple):
    """The surfaces of a text with their offsets in it, in code points, half open."""

    surfaces: list[str]
    starts: array[int]
    ends: array[int]


class SurfaceAnalyzer:
    """Analyzes texts into surfaces only; Arabic words are not looked up in the lexicon, which surfaces do not need."""

    def __init__(self) -> None:
        self._analyzer = load_analyzer()
        self._stop_words = load_stop_words(Path(index.analysis.arabic.__file__).parent / "data")
        self._memo: dict[str, str] = {}

    def analyze(self, text: str) -> SurfaceText:
        """Return the surfaces of a text in order, without stop words, which leave no gap in the positions."""
        memo = self._memo
        surfaces: list[str] = []
        starts, ends = array("I"), array("I")
        for match in token_pattern().finditer(text):
            written = match.group()
            surface = memo.get(written)
            if surface is None:
                if len(memo) >= MEMO_LIMIT:
                    memo.clear()
                surface = memo[written] = self._surface(written, kind_of(match))
            if surface:
                surfaces.append(surface)
                starts.append(match.start())
                ends.append(match.end())
        return SurfaceText(surfaces, starts, ends)

    def _surface(self, written: str, kind: TokenKind) -> str:
        """Return a token's surface; empty for a token that is left out."""
        if kind is TokenKind.ARABIC:
            letters = folding.written(written) or written
            base = folding.base(letters)
            surface = "" if self._stop_words.rule(base, letters) else folding.surface(base)
        else:
            words = [word for word in self._analyzer.analyze(written).words if not word.stop]
            surface = words[0].surface if words else ""
        return surface if len(surface) <= MAX_LENGTH and not any(map(str.isspace, surface)) else ""
