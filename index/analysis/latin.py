"""Latin words in Arabic news: possessives, elided articles, plurals, numbers and addresses.

English dominates there and French stands beside it in the Maghreb; other languages keep their words as they are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from index.analysis import folding
from index.analysis.tokenizer import TokenKind


class LatinReading(NamedTuple):
    """What is known of a token that is no Arabic word."""

    surface: str
    stems: tuple[str, ...]
    """What is left without particles; for a web address also its host. One or two, of equal weight."""
    proclitics: tuple[str, ...]
    """A French particle: l', d', qu'."""
    enclitics: tuple[str, ...]
    """The English possessive."""
    lemma: str | None
    """The singular; None for numbers, addresses and designations."""


def read(kind: TokenKind, written: str) -> LatinReading:
    """Return the reading of a token in its written form, the Arabic particle before it already cut."""
    spelling = normalized(kind, written)
    surface = folding.surface(folding.base(spelling)) or spelling
    if kind is TokenKind.ADDRESS:
        return LatinReading(surface, tuple(dict.fromkeys((surface, host(surface)))), (), (), None)
    if kind is not TokenKind.LATIN:
        return LatinReading(surface, (surface,), (), (), None)
    elided, possessive = _ELISION.match(spelling), _POSSESSIVE.search(spelling)
    rest = spelling[elided.end() if elided else 0 : possessive.start() if possessive else None]
    stem = folding.surface(folding.base(rest)) or surface
    return LatinReading(
        surface, (stem,), (elided[0],) if elided else (), (possessive[0],) if possessive else (), singular(stem)
    )


_POSSESSIVE = re.compile(r"(?<=[^\W\d_])'s\Z|(?<=s)'\Z")
_ELISION = re.compile(r"(?:[cdjlmnst]|qu)'(?=[^\W\d_]{2})")
"""French particles before a vowel: l'Aube, d'Orsay, qu'elle; not the Irish O'."""
_ADDRESS_START = re.compile(r"(?:https?://)?(?:www\.)?")
_ADDRESS_END = re.compile(r"[/:?#].*", re.DOTALL)
_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_PLURAL_KEPT = re.compile(r"(?:ss|us|is|ics|ous|news|series|species)\Z")
_PLURAL_RULES = (
    (re.compile(r"(?<=[a-z]{2})ies\Z"), "y"),
    (re.compile(r"(?<=[a-z](?:ch|sh|ss|zz))es\Z|(?<=[a-z]{2}x)es\Z"), ""),
    (re.compile(r"(?<=[a-z]{3})s\Z"), ""),
)


def normalized(kind: TokenKind, written: str) -> str:
    """Return the one spelling under which a token that is no Arabic word is found, accents not yet folded.

    A designation, initials and a word with a single letter before or after the hyphen lose their punctuation (F-16 is
    F16, U.S is US, e-mail is email); a number loses its group separators and takes a point for its decimals; an
    address loses its scheme, `www.` and a closing slash.
    """
    if kind is TokenKind.NUMBER:
        return written.replace(",", "" if _GROUPS.fullmatch(written) else ".")
    if kind is TokenKind.ADDRESS:
        return _ADDRESS_START.sub("", written, count=1).rstrip("/") or written
    return written.translate({ord("."): None, ord("-"): None})


def host(address: str) -> str:
    """Return the machine's name in a normalized web address; an e-mail address comes back whole."""
    return address if "@" in address else _ADDRESS_END.sub("", address)


def singular(word: str) -> str:
    """Return a folded English word without its plural ending, by the regular rules; other words as they are."""
    if not word.isascii() or not word.isalpha() or _PLURAL_KEPT.search(word):
        return word
    for pattern, ending in _PLURAL_RULES:
        changed, count = pattern.subn(ending, word)
        if count:
            return changed
    return word
