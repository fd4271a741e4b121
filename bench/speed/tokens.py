"""The tokens that every engine is handed: folded surfaces without stop words, by the product's own analysis."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import NamedTuple

import index.analysis
from index.analysis import folding
from index.analysis.pipeline import load_analyzer
from index.analysis.stopwords import load_stop_words
from index.analysis.tokenizer import TokenKind, kind_of, token_pattern

MAX_LENGTH = 60
"""Code points of a token; longer ones (addresses) are left out for all engines, since Xapian takes 245 bytes."""


MEMO_LIMIT = 1_000_000
"""Spelled forms that are remembered, about 200 bytes each; a full memo is emptied."""


class SurfaceText(NamedTuple):
    """The surfaces of a text, and where each stands in it (code points)."""

    surfaces: list[str]
    starts: array[int]
    ends: array[int]


class SurfaceAnalyzer:
    """Gives texts as surfaces. Looks no word up in the lexicon, since nothing but the surface is asked."""

    def __init__(self) -> None:
        self._analyzer = load_analyzer()
        self._stop_words = load_stop_words(Path(index.analysis.__file__).parent / "data")
        self._memo: dict[str, str] = {}

    def analyze(self, text: str) -> SurfaceText:
        """Return the surfaces of a text in order, without stop words: the next word takes the next position."""
        memo = self._memo
        surfaces: list[str] = []
        starts, ends = array("I"), array("I")
        for match in token_pattern().finditer(text):
            spelled = match.group()
            surface = memo.get(spelled)
            if surface is None:
                if len(memo) >= MEMO_LIMIT:
                    memo.clear()
                surface = memo[spelled] = self._surface(spelled, kind_of(match))
            if surface:
                surfaces.append(surface)
                starts.append(match.start())
                ends.append(match.end())
        return SurfaceText(surfaces, starts, ends)

    def _surface(self, spelled: str, kind: TokenKind) -> str:
        """Return a token's surface; empty for one that is left out."""
        if kind is TokenKind.ARABIC:
            base = folding.base(folding.written(spelled) or spelled)
            surface = "" if self._stop_words.rule(base) else folding.surface(base)
        else:
            words = [word for word in self._analyzer.analyze(spelled).words if not word.stop]
            surface = words[0].surface if words else ""
        return surface if len(surface) <= MAX_LENGTH and not any(map(str.isspace, surface)) else ""
