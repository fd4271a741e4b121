"""Readings: the morphological analyses of a word. An ambiguous word has several, with weights."""

from __future__ import annotations

from typing import NamedTuple


class Reading(NamedTuple):
    """One way to read a word. Create it by keyword."""

    stem: str
    """Surface without the clitics."""
    lemma: str
    """Dictionary form without harakat: a singular, a masculine, a perfect; may be empty."""
    family: str
    """Key of the derivation family: equal for words derived from one verb or noun; may be empty."""
    source: str
    """`lexicon`, `reviewed`, `names`, `fallback` or `latin`; `counts` if only the clitics are known."""
    vocalized: str = ""
    """The lemma with harakat; empty if unknown."""
    roots: tuple[tuple[str, float], ...] = ()
    """Roots with weights that add up to one, the likeliest first; empty for names and loan words."""
    pos: str = ""
    """`verb`, `noun`, `adjective`, `name`, `particle`, or empty if unknown."""
    proclitics: tuple[str, ...] = ()
    """Particles in order of speech."""
    enclitics: tuple[str, ...] = ()
    """Pronouns, or the English possessive."""
    weight: float = 1.0
    """Share among the readings of the word, rounded to two decimals."""
    rule: str = ""
    """Evidence for the reading, for display; may be empty."""
    spelling: str = ""
    """Key of its spelling class, for foreign names and units of measurement; else empty."""
