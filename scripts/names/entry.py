"""What the parts of the build hand to each other: one entry for each form that is a name, of a name, or a loan."""

from __future__ import annotations

import dataclasses
import re

from index.analysis import folding

NAME, NISBA, LOAN = "n", "a", "l"
"""Kinds as the data files write them: name, adjective or people of a name, common noun of foreign origin."""

_STANDARD = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_MAKSURA_INSIDE = re.compile("\N{ARABIC LETTER ALEF MAKSURA}.")


@dataclasses.dataclass(slots=True)
class Entry:
    """One form."""

    form: str
    """Base form (see `index.analysis.folding`); the files have its surface."""
    kind: str
    lemma: str = ""
    """The form's own lemma where it is another form: Russians under Russian."""
    family: str = ""
    """The name that a nisba belongs to."""
    flags: str = ""
    """`w`: also a common word. Other letters are proclitics before which the form may be something else."""
    group: str = ""
    """What the source says is one and the same: a place, a gloss. Evidence for the spelling classes, not shipped."""
    english: str = ""
    """The name of a place in English, where the form is all of its name."""


def base(text: str) -> str:
    """Return the base form of a word of a source."""
    return folding.base(folding.written(text))


def words_of(text: str) -> list[str]:
    """Return the parts of a name in standard Arabic letters; empty if any part has other letters.

    Sources without language tags mix Persian, Urdu, Kurdish and Uyghur spellings in; their letters give them away.
    """
    parts = re.split("[\\s-]+", text.strip())
    if all(_STANDARD.fullmatch(part) and not _MAKSURA_INSIDE.search(part) for part in parts):
        return parts
    return []
