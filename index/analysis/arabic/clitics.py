"""The inventory of clitics: the particles and pronouns that Arabic writes as part of a word.

Every other list of clitics is derived from `CLITICS`. Letters are those of a base form (see `folding`).
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from index.analysis.arabic.letters import ALEF, BEH, FEH, HEH, KAF, LAM, MEEM, NOON, SEEN, WAW, YEH


class Slot(enum.IntEnum):
    """Where a clitic stands. The values are in order of speech, and a word has at most one clitic in each slot."""

    CONJUNCTION = 1
    PARTICLE = 2
    """A preposition, or the future particle."""
    ARTICLE = 3
    PRONOUN = 4
    """After the word; the other slots are before it."""


class Host(enum.Enum):
    """What a clitic attaches to."""

    NOUN = enum.auto()
    """Nouns, adjectives and names."""
    VERB = enum.auto()
    BOTH = enum.auto()


class Use(enum.IntEnum):
    """How often news uses the letters as this clitic, and how seldom as letters of the word itself."""

    RARE = 1
    """Cut only where counts of words are evidence for it."""
    USUAL = 2
    """Cut in words outside the lexicon too."""
    FREQUENT = 3
    """Forms with it are also evidence that the rest is a word, and it may stand beside another particle."""


class Clitic(NamedTuple):
    """A particle or pronoun."""

    name: str
    """Transliterated, with its meaning."""
    letters: str
    slot: Slot
    host: Host
    use: Use
    odds: float
    """Factor on the evidence for cutting it: how often these letters are the clitic in the news sample, and how often
    letters of the word itself. 0 if it is not cut on that evidence, or, like the article, by other rules."""


CLITICS = (
    Clitic("wa, and", WAW, Slot.CONJUNCTION, Host.BOTH, Use.FREQUENT, 0.4),
    Clitic("fa, so", FEH, Slot.CONJUNCTION, Host.BOTH, Use.USUAL, 0.05),
    Clitic("bi, with", BEH, Slot.PARTICLE, Host.NOUN, Use.FREQUENT, 0.2),
    Clitic("li, to", LAM, Slot.PARTICLE, Host.BOTH, Use.FREQUENT, 0.2),
    Clitic("ka, like", KAF, Slot.PARTICLE, Host.NOUN, Use.USUAL, 0.015),
    Clitic("sa, will", SEEN, Slot.PARTICLE, Host.VERB, Use.FREQUENT, 0.2),
    Clitic("al, the", ALEF + LAM, Slot.ARTICLE, Host.NOUN, Use.FREQUENT, 0.0),
    Clitic("hu, him", HEH, Slot.PRONOUN, Host.BOTH, Use.FREQUENT, 0.2),
    Clitic("ha, her", HEH + ALEF, Slot.PRONOUN, Host.BOTH, Use.FREQUENT, 0.4),
    Clitic("hum, them", HEH + MEEM, Slot.PRONOUN, Host.BOTH, Use.FREQUENT, 0.3),
    Clitic("hunna, them (feminine)", HEH + NOON, Slot.PRONOUN, Host.BOTH, Use.RARE, 0.1),
    Clitic("huma, them both", HEH + MEEM + ALEF, Slot.PRONOUN, Host.BOTH, Use.USUAL, 0.4),
    Clitic("ka, you", KAF, Slot.PRONOUN, Host.BOTH, Use.RARE, 0.02),
    Clitic("kum, you (plural)", KAF + MEEM, Slot.PRONOUN, Host.BOTH, Use.RARE, 0.1),
    Clitic("kunna, you (feminine plural)", KAF + NOON, Slot.PRONOUN, Host.BOTH, Use.RARE, 0.0),
    Clitic("kuma, you both", KAF + MEEM + ALEF, Slot.PRONOUN, Host.BOTH, Use.RARE, 0.0),
    Clitic("na, us", NOON + ALEF, Slot.PRONOUN, Host.BOTH, Use.USUAL, 0.15),
    Clitic("ni, me", NOON + YEH, Slot.PRONOUN, Host.VERB, Use.RARE, 0.02),
    Clitic("i, my", YEH, Slot.PRONOUN, Host.NOUN, Use.RARE, 0.2),
)


def letters_of(slot: Slot, *, least: Use = Use.RARE, host: Host | None = None) -> tuple[str, ...]:
    """Return the clitics of a slot that have at least a certain use and attach to `host`, in the order of `CLITICS`."""
    return tuple(
        clitic.letters
        for clitic in CLITICS
        if clitic.slot is slot and clitic.use >= least and (host is None or clitic.host in (host, Host.BOTH))
    )


def odds_of(slot: Slot) -> dict[str, float]:
    """Return the odds of the clitics of a slot that are cut on the evidence of counts."""
    return {clitic.letters: clitic.odds for clitic in CLITICS if clitic.slot is slot and clitic.odds}


(ARTICLE,) = letters_of(Slot.ARTICLE)
LI_AND_ARTICLE = LAM + LAM
"""After li- the article loses its alef."""
FUTURE = SEEN
VOCATIVE = YEH + ALEF
"""A word of its own, which writers often join to the name that they call. Cut off unlisted words only (`reader`)."""
CONJUNCTIONS = letters_of(Slot.CONJUNCTION)
PREPOSITIONS = letters_of(Slot.PARTICLE, host=Host.NOUN)


def with_article(particle: str) -> str:
    """Return the letters of the article after a particle, or after none if it is empty."""
    return LI_AND_ARTICLE if particle == LAM else particle + ARTICLE


def article_pattern(between: str = "") -> str:
    """Return a regular expression, without a group around it, of the article and the preposition before it.

    `between` matches what may stand between the two: marks.
    """
    before_alef = "".join(letter for letter in PREPOSITIONS if with_article(letter) != LI_AND_ARTICLE)
    return f"[{before_alef}]?{between}{ARTICLE}|{LI_AND_ARTICLE}"


def particles_in(base: str) -> tuple[str, ...]:
    """Return the particles in a base form that consists of particles: what precedes a number or Latin word (وبالـ)."""
    conjunction = base[:1] if base[:1] in CONJUNCTIONS else ""
    rest = base[len(conjunction) :]
    preposition = rest[:1] if rest[:1] in PREPOSITIONS else ""
    article = ARTICLE if rest[len(preposition) :] else ""
    return tuple(particle for particle in (conjunction, preposition, article) if particle)
