"""Reads prefixes: the beginning of a word with a star."""

from __future__ import annotations

import dataclasses
import re

from index.analysis.analyzer import Analyzer
from index.analysis.arabic.clitics import CONJUNCTIONS, article_pattern
from search.language.limits import MIN_PREFIX_LETTERS

_STAR = re.compile(r"([^*]+)\*\W*")
_ARTICLE = re.compile(f"[{''.join(CONJUNCTIONS)}]?(?:{article_pattern()})")
"""The definite article and the particles before it, which do not count as letters of a prefix."""


@dataclasses.dataclass(frozen=True, slots=True)
class Star:
    """A word with a star."""

    prefix: str
    """The folded letters before the star; empty if there are too few, or if the star is misplaced."""
    misplaced: bool = False
    """Whether the star is not directly after the letters of one word."""


def star_of(text: str, analyzer: Analyzer) -> Star | None:
    """Return the word with a star that `text` is, or None if it has no star or no word."""
    if "*" not in text:
        return None
    found = _STAR.fullmatch(text)
    tokens = list(analyzer.analyze(text).tokens())
    if not tokens:
        return None
    if found is None or len(tokens) != 1 or tokens[0].end < len(found[1]):
        return Star("", misplaced=True)
    prefix = analyzer.fold(tokens[0].text)
    article = _ARTICLE.match(prefix)
    letters = len(prefix) - (article.end() if article else 0)
    return Star(prefix if letters >= MIN_PREFIX_LETTERS else "")
