"""Latin words in Arabic news: possessives, elided articles, plurals, numbers and addresses.

Most Latin words there are English, in the Maghreb also French. Words of other languages are not changed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from index.analysis.arabic import folding
from index.analysis.arabic.numbers import readings
from index.analysis.arabic.tokenizer import TokenKind


class LatinReading(NamedTuple):
    """The analysis of a token that is not an Arabic word."""

    surface: str
    stems: tuple[str, ...]
    """Surface without clitics; for an address and for some numbers others beside it, all of equal weight."""
    proclitics: tuple[str, ...] = ()
    """A French particle: l', d', qu'."""
    enclitics: tuple[str, ...] = ()
    """The English possessive."""
    lemma: str = ""
    """The singular; empty for numbers, addresses and designations."""


def read(kind: TokenKind, written: str) -> LatinReading:
    """Return the reading of a token in its written form, without the Arabic particle before it."""
    if kind is TokenKind.NUMBER:
        numbers = readings(written)
        return LatinReading(numbers[0], numbers)
    spelling = normalized(kind, written)
    surface = folding.surface(folding.base(spelling)) or spelling
    if kind is TokenKind.ADDRESS:
        return LatinReading(surface, tuple(dict.fromkeys((surface, *names_in(surface)))))
    if kind is not TokenKind.LATIN:
        return LatinReading(surface, (surface,))
    elided, possessive = _ELISION.match(spelling), _POSSESSIVE.search(spelling)
    rest = spelling[elided.end() if elided else 0 : possessive.start() if possessive else None]
    stem = folding.surface(folding.base(rest)) or surface
    return LatinReading(
        surface,
        (stem,),
        proclitics=(elided[0],) if elided else (),
        enclitics=(possessive[0],) if possessive else (),
        lemma=singular(stem),
    )


_POSSESSIVE = re.compile(r"(?<=[^\W\d_])'s\Z|(?<=s)'\Z")
_ELISION = re.compile(r"(?:[cdjlmnst]|qu)'(?=[^\W\d_]{2})")
"""French particles before a vowel: l'Aube, d'Orsay, qu'elle; not the Irish O'."""
_ADDRESS_START = re.compile(r"(?:https?://)?(?:www\.)?")
_ADDRESS_END = re.compile(r"[/:?#].*", re.DOTALL)
_SECOND_LEVEL = frozenset({"com", "co", "net", "org", "gov", "edu", "ac", "sch", "mil", "med", "info"})
_PLURAL_KEPT = re.compile(r"(?:ss|us|is|ics|ous|news|series|species)\Z")
_PLURAL_RULES = (
    (re.compile(r"(?<=[a-z]{2})ies\Z"), "y"),
    (re.compile(r"(?<=[a-z](?:ch|sh|ss|zz))es\Z|(?<=[a-z]{2}x)es\Z"), ""),
    (re.compile(r"(?<=[a-z]{3})s\Z"), ""),
)


def normalized(kind: TokenKind, written: str) -> str:
    """Return the normalized spelling of a token that is no Arabic word and no number, before accents are folded.

    Designations, initials and words with a single letter before or after the hyphen lose their punctuation (F-16 is
    F16, U.S is US, e-mail is email). An address loses its scheme, `www.` and a final slash.
    """
    if kind is TokenKind.ADDRESS:
        return _ADDRESS_START.sub("", written, count=1).rstrip("/") or written
    return written.translate({ord("."): None, ord("-"): None})


def names_in(address: str) -> tuple[str, ...]:
    """Return what else readers call a normalized web address: its host, and the name in it; nothing for an e-mail one.

    The name is the label before the top-level domain, and before `gov`, `com` and the like in a domain of a country:
    alarabiya of arabic.alarabiya.net, spa of spa.gov.sa. A host of two labels is also written without its dot: node.js
    is nodejs.
    """
    if "@" in address:
        return ()
    host = _ADDRESS_END.sub("", address)
    labels = host.split(".")
    ending = 1 + (len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL)  # noqa: PLR2004
    name = labels[-1 - ending] if len(labels) > ending else ""
    joined = "".join(labels) if len(labels) == 2 else ""  # noqa: PLR2004
    return tuple(other for other in (host, name, joined) if other)


def singular(word: str) -> str:
    """Return a folded English word without its plural ending, by the regular rules; other words unchanged."""
    if not word.isascii() or not word.isalpha() or _PLURAL_KEPT.search(word):
        return word
    for pattern, ending in _PLURAL_RULES:
        changed, count = pattern.subn(ending, word)
        if count:
            return changed
    return word
