"""Entries, which the parts of the build exchange: one for each form that is a name, a nisba or a loan word."""

from __future__ import annotations

import dataclasses
import re

from index.analysis.arabic import folding

NAME, NISBA, LOAN = "n", "a", "l"
"""Kinds, as in the data files: name, adjective or people of a name, common noun of foreign origin."""

_STANDARD = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_MAKSURA_INSIDE = re.compile("\N{ARABIC LETTER ALEF MAKSURA}.")


@dataclasses.dataclass(slots=True)
class Entry:
    """One form of a list."""

    form: str
    """Base form (see `index.analysis.arabic.folding`); the files have its surface."""
    kind: str
    lemma: str = ""
    """The lemma, if it is another form (`Russian` for `Russians`); else empty."""
    family: str = ""
    """The name that a nisba belongs to."""
    flags: str = ""
    """`w`: also a common word. Other letters are proclitics after which the form may be another word."""
    group: str = ""
    """What the form denotes in its source: a place, a gloss. Evidence for the spelling classes, not shipped."""
    english: str = ""
    """English name of the place, if the form is its whole name; else empty."""


def base(text: str) -> str:
    """Return the base form of a word of a source."""
    return folding.base(folding.written(text))


def words_of(text: str) -> list[str]:
    """Return the parts of a name in standard Arabic letters; empty if any part has other letters.

    Sources without language tags include Persian, Urdu, Kurdish and Uyghur spellings, which have other letters.
    """
    parts = re.split("[\\s-]+", text.strip())
    if all(_STANDARD.fullmatch(part) and not _MAKSURA_INSIDE.search(part) for part in parts):
        return parts
    return []
