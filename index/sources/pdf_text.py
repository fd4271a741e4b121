"""Signs that a text was taken from a PDF by a program that left its letters in the order of the page.

The analyzer reads some of these words (`index.analysis.arabic.lam_alef`), not all: whoever indexes them is told.
"""

from __future__ import annotations

import re

from index.analysis.arabic.lam_alef import EXCHANGED
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ARABIC_LETTERS,
    ARABIC_MARKS,
    LAM,
    SHORT_VOWELS,
)

_EXCHANGED = re.compile(f"(?<![{ARABIC_LETTERS}{ARABIC_MARKS}]){EXCHANGED}")
_SPACED_MARK = re.compile(f"(?<=[{ARABIC_LETTERS}]) [{SHORT_VOWELS}]{{1,3}}[{ARABIC_LETTERS}] [{SHORT_VOWELS}]")
"""Twice a mark behind a space, with one letter between: once may be a typing error («أيضا ًمن»)."""
_EXCHANGED_LETTERS = tuple(f"{ALEF}{alef}{LAM}" for alef in (ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA))
_SPACED_MARKS = tuple(
    f" {mark}" for mark in "\N{ARABIC FATHA}\N{ARABIC DAMMA}\N{ARABIC KASRA}\N{ARABIC SHADDA}\N{ARABIC SUKUN}"
)


def seems_from_pdf(text: str) -> bool:
    """Return whether a text has lam and alef, or letters and their marks, in the order of a page."""
    # nearly no text has these: a look for fixed letters is ten times as fast as one by an expression
    return _has(text, _EXCHANGED_LETTERS, _EXCHANGED) or _has(text, _SPACED_MARKS, _SPACED_MARK)


def _has(text: str, starts: tuple[str, ...], pattern: re.Pattern[str]) -> bool:
    return any(start in text for start in starts) and pattern.search(text) is not None
