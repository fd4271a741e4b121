"""Duals of nouns that end in hamza, which the lexicon does not inflect: جزأين of جزء, ضوءان of ضوء, صحراوين of صحراء.

Before the ending the hamza gets a seat, melts with the alef, or becomes waw (Wright, vol. 1, section 299). Other nouns
may end in the same letters (قرآن), so the singular must be a noun of the lexicon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from index.analysis.arabic.clitics import Slot, letters_of
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_MADDA,
    HAMZA,
    NOON,
    WAW,
    WAW_HAMZA,
    YEH,
    YEH_HAMZA,
)


class Dual(NamedTuple):
    """One way to read a word as a dual."""

    singular: str
    """Written form, with the proclitics of the word."""
    pronoun: str
    """Empty if there is none."""


_SEATS = HAMZA + ALEF_HAMZA_ABOVE + YEH_HAMZA + WAW_HAMZA
_ENDING = f"[{ALEF}{YEH}]"
_PRONOUN = f"(?P<pronoun>{'|'.join(letters_of(Slot.PRONOUN))})"
_DUAL = re.compile(
    f"(?P<stem>.{{2,30}}?)(?:(?:[{HAMZA}{ALEF_HAMZA_ABOVE}]{_ENDING}|{ALEF_MADDA})(?:{NOON}|{_PRONOUN})"
    f"|{ALEF_HAMZA_ABOVE}{YEH}"
    # with a pronoun or none these are adjectives in -i as a rule (قضائي)
    f"|[{YEH_HAMZA}{WAW_HAMZA}]{_ENDING}{NOON}|(?<={ALEF})(?P<waw>{WAW}){_ENDING}{NOON})"
)
DUAL_ENDINGS = (
    YEH + NOON,
    ALEF + NOON,
    ALEF_MADDA + NOON,
    ALEF_HAMZA_ABOVE + YEH,
    *(ending + pronoun for ending in (ALEF, YEH, ALEF_MADDA) for pronoun in letters_of(Slot.PRONOUN)),
)
"""The last letters of all duals."""


def duals(written: str) -> Iterator[Dual]:
    """Yield the readings of a written form as the dual of a noun in hamza, the likeliest singular first."""
    found = _DUAL.fullmatch(written)
    if found is None:
        return
    for hamza in (HAMZA,) if found["waw"] else _SEATS:
        yield Dual(found["stem"] + hamza, found["pronoun"] or "")
