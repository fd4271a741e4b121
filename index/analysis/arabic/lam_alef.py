"""Lam and alef in the wrong order, as programs write them that take text from a PDF.

A PDF has one glyph for lam with alef. A program that puts its letters in the order of the page writes «اإلمارات» for
الإمارات. After the alef of the article this shows: no Arabic word begins with an alef, an alef with hamza or madda,
and a lam. Two plain alefs before a lam may also be a typing error («االسلطات»): there lexicon and word counts decide.
Elsewhere in a word the exchanged letters may be those of another word («سالم» for سلام), which stays.
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

RULE = "lam-alef order"
"""The name of the rule, for display."""
_PARTICLES = f"[{''.join(CONJUNCTIONS)}]?[{BEH}{KAF}]?"
_HAMZATED = f"[{ALEF_HAMZA_ABOVE}{ALEF_HAMZA_BELOW}{ALEF_MADDA}]"
EXCHANGED = f"(?P<before>{_PARTICLES}{ALEF})(?P<alef>{_HAMZATED}){LAM}(?=[{HAMZA}-{YEH}])"
"""Regular expression of the beginning of a word in which the two have changed places."""
_EXCHANGED = re.compile(EXCHANGED)
_TWO_ALEFS = re.compile(f"(?P<before>{_PARTICLES}){ALEF}{ALEF}{LAM}(?P<rest>[{HAMZA}-{YEH}]{{2,}})")


def in_order(written: str, evidence: Callable[[str], int]) -> str:
    """Return a word in its written form with lam and alef in their order; most words unchanged.

    `evidence` returns how well a word is known, 0 if it is not.
    """
    found = _EXCHANGED.match(written)
    if found:
        return f"{found['before']}{LAM}{found['alef']}{written[found.end() :]}"
    doubled = _TWO_ALEFS.fullmatch(written)
    if doubled is None or evidence(written):
        return written
    words = [f"{doubled['before']}{article}{doubled['rest']}" for article in (ARTICLE + ALEF, ARTICLE)]
    best = max(words, key=evidence)
    return best if evidence(best) else written
