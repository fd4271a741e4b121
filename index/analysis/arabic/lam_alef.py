"""Lam and alef in the wrong order, as programs write them that take text from a PDF.

A PDF has one glyph for lam with alef. A program that puts its letters in the order of the page writes «اإلمارات» for
الإمارات. After the alef of the article this shows: no Arabic word has an alef with hamza or madda between an alef and a
lam at its beginning. Two plain alefs before a lam may also be a typing error («االسلطات»): there the lexicon decides.
Elsewhere in a word the exchanged letters may be those of another word («سالم» for سلام), which stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from index.analysis.arabic.clitics import ARTICLE, CONJUNCTIONS
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    BEH,
    HAMZA,
    KAF,
    LAM,
    YEH,
)

_PARTICLES = f"[{''.join(CONJUNCTIONS)}]?[{BEH}{KAF}]?"
_HAMZATED = f"[{ALEF_HAMZA_ABOVE}{ALEF_HAMZA_BELOW}{ALEF_MADDA}]"
EXCHANGED = f"(?P<before>{_PARTICLES}{ALEF})(?P<alef>{_HAMZATED}){LAM}(?=[{HAMZA}-{YEH}])"
"""Regular expression of the beginning of a word in which the two have changed places."""
_EXCHANGED = re.compile(EXCHANGED)
_TWO_ALEFS = re.compile(f"(?P<before>{_PARTICLES}){ALEF}{ALEF}{LAM}(?P<rest>[{HAMZA}-{YEH}]{{2,}})")


def in_order(written: str, is_word: Callable[[str], bool]) -> str:
    """Return a word in its written form with lam and alef in their order; most words unchanged.

    `is_word` says whether the lexicon has a word.
    """
    found = _EXCHANGED.match(written)
    if found:
        return f"{found['before']}{LAM}{found['alef']}{written[found.end() :]}"
    doubled = _TWO_ALEFS.fullmatch(written)
    if doubled and not is_word(written):
        for ordered in (f"{ARTICLE}{ALEF}", ARTICLE):
            word = f"{doubled['before']}{ordered}{doubled['rest']}"
            if is_word(word):
                return word
    return written
