"""Names from the Buckwalter tables, and evidence from the tables that the letters of a name are a common word.

The tables mark names by a capital letter in the gloss. Names with an Arabic root (muhammad, said) are left to the
lexicon. The names taken here look foreign to the letter model or are in a block without root.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from index.analysis.arabic import folding
from index.analysis.arabic.clitics import (
    ARTICLE,
    CONJUNCTIONS,
    LI_AND_ARTICLE,
    PREPOSITIONS,
    Slot,
    Use,
    letters_of,
    with_article,
)
from index.analysis.arabic.letters import (
    ALEF,
    BEH,
    LAM,
    NOON,
    TEH,
    TEH_MARBUTA,
    WAW,
    WAW_HAMZA,
    YEH,
    YEH_HAMZA,
)
from scripts.names.buckwalter import Reading, Stem, Tables
from scripts.names.entry import LOAN, NAME, NISBA, Entry

_NAME_CATEGORIES = frozenset(("Nprop", "N0", "FW", "FW-Wa", "FW-WaBi", "Ndip", "N"))
_CALENDAR = re.compile(
    r"day\b|\b(January|February|March|April|May|June|July|August|September|October|November|December|Islam|Muslim|Allah"
    r"|God|Koran|Qur|Sunn|Shi|Arab|Ramadan|Hijr|Prophet|Eid|Rabi|Jumad|Sha'?ban|Safar|Shawwal|Muharram)"
)
"""Capitalized glosses of words that are not names: days, months, religion."""
_FOREIGN_NAME = 0
_FOREIGN_LOAN = 20
_SHORTEST_NAME = 3
_SHORTEST_LOAN = 5
_SHORTEST_STEM = 2
_PARTICLES = CONJUNCTIONS + PREPOSITIONS
_PRONOUNS = letters_of(Slot.PRONOUN, least=Use.FREQUENT)
_PERSONS = (YEH, TEH, NOON, ALEF)
_HAMZA_SEATS = (WAW_HAMZA, YEH_HAMZA)
_LEAST_ELSEWHERE = 2
_RARE, _RARE_BEHIND = 0.02, 0.5
"""Count of the other forms of a word, as a share of the form that may be a name, from which the form counts as a word:
without and with a particle."""

Score = Callable[[str], int]


class WordEvidence:
    """Evidence, from tables and news, that a form is a common word."""

    def __init__(self, tables: Tables, counts: Mapping[str, int]) -> None:
        self._tables = tables
        self._counts = counts

    def is_word(self, form: str) -> bool:
        """Return whether a form is a common word that occurs in the news in other forms too."""
        return any(self._seen_elsewhere(form, reading) >= self._need(form, reading) for reading in self._common(form))

    def _need(self, form: str, reading: Reading) -> float:
        share = _RARE_BEHIND if reading.prefix and form[0] in _PARTICLES else _RARE
        return max(_LEAST_ELSEWHERE, share * self._counts.get(form, 0))

    def readings(self, form: str) -> list[Reading]:
        """Return the readings of a form, without implausible ones: a particle before a form that is not in the news."""
        readings = list(self._tables.readings(form))
        if form[0] not in _PARTICLES or form[1:] in self._counts or form[1:].startswith(ARTICLE):
            return readings
        return [r for r in readings if not r.prefix or r.entry.is_name or self._seen_elsewhere(form, r)]

    def _common(self, form: str) -> Iterator[Reading]:
        # The suffix "my" is rare in news, and it would match every adjective in -i.
        return (r for r in self._tables.readings(form) if not r.entry.is_name and r.suffix != YEH)

    def _seen_elsewhere(self, form: str, reading: Reading) -> int:
        """Return how often the word of a reading occurs in the news, in forms that the name does not have."""
        stem, counts = reading.stem, self._counts
        if form[0] in _PARTICLES and reading.prefix:
            return counts.get(form[1:], 0)
        if reading.entry.category.startswith("IV"):
            return sum(counts.get(person + form[1:], 0) for person in _PERSONS if person != form[0])
        if reading.entry.category.startswith("PV"):
            return sum(
                counts.get(other, 0) for other in {YEH + stem, TEH + stem, stem + TEH, stem + WAW + ALEF} - {form}
            )
        others = {stem, *(stem + pronoun for pronoun in _PRONOUNS), stem + ALEF + TEH, stem + YEH + NOON}
        if not form.startswith(ARTICLE):
            others |= {front + stem for front in map(with_article, ("", BEH, WAW, LAM))}
        if reading.suffix == TEH_MARBUTA:
            others |= {stem + TEH + pronoun for pronoun in _PRONOUNS}
            others |= {front + stem + TEH_MARBUTA for front in (ARTICLE, LI_AND_ARTICLE)}
        return sum(counts.get(other, 0) for other in others - {form})

    def flags(self, form: str) -> str:
        """Return the flags of a name: `w` if it is also a word, and the particles after which it may be one."""
        flags = "w" if self.is_word(form) else ""
        for particle in _PARTICLES:
            joined = particle + form
            whole = (reading for reading in self._common(joined) if not reading.prefix)
            if any(self._seen_elsewhere(joined, reading) >= 1 for reading in whole):
                flags += particle
        if not form.startswith(ARTICLE) and "w" not in flags and self.is_word(ARTICLE + form):
            flags += "A"
        return flags


def table_names(tables: Tables, score: Score) -> Iterator[Entry]:
    """Yield the foreign names of the tables: those in a block without root, or spelled like a foreign name."""
    for form, entries in sorted(tables.stems.items()):
        for entry in entries:
            if entry.category not in _NAME_CATEGORIES or not entry.is_name or _CALENDAR.search(entry.gloss):
                continue
            foreign = score(folding.surface(form)) > _FOREIGN_NAME or (not entry.root and len(form) >= _SHORTEST_LOAN)
            if foreign and len(form) >= _SHORTEST_NAME and not _is_rooted(form, entry):
                yield Entry(form, NAME, group=f"gloss {entry.gloss.split(';')[0]}")


def table_loans(tables: Tables, score: Score) -> Iterator[Entry]:
    """Yield the loan words of the tables: nouns in a block without root that look foreign or have two spellings."""
    spelled: dict[tuple[str, str], set[str]] = defaultdict(set)
    for form, entries in tables.stems.items():
        for entry in entries:
            spelled[entry.lemma, entry.category].add(form)
    for form, entries in sorted(tables.stems.items()):
        for entry in entries:
            nominal = entry.category.startswith("N") and not entry.is_name and len(form) >= _SHORTEST_LOAN
            if not nominal or entry.root or form.endswith(_HAMZA_SEATS):
                continue
            two = entry.lemma and len(spelled[entry.lemma, entry.category]) > 1
            if two or score(folding.surface(form)) > _FOREIGN_LOAN:
                kind = "adjective loan" if form.endswith(YEH) and entry.category == "Nall" else "loan"
                yield Entry(form, LOAN, group=f"{kind} {entry.gloss.split(';')[0]}")


def table_nisbas(tables: Tables, names: Mapping[str, int]) -> Iterator[Entry]:
    """Yield the adjectives in -i that have a name as gloss and belong to one of `names`, and their broken plurals."""
    lines: dict[str, list[tuple[str, Stem]]] = defaultdict(list)
    for form, entries in tables.stems.items():
        for entry in entries:
            if entry.is_name and entry.lemma:
                lines[entry.lemma].append((form, entry))
    for _, stems in sorted(lines.items()):
        adjectives = [form for form, entry in stems if form.endswith(YEH) and entry.category.startswith("Nall")]
        for form, entry in stems:
            lemma = form if form in adjectives else next(iter(adjectives), "")
            family = family_of(lemma, names)
            if lemma and family and (form in adjectives or entry.category.startswith("N")):
                own = "" if lemma == form else lemma
                yield Entry(form, NISBA, own, family, group=f"adjective {entry.gloss.split(';')[0]}")


def family_of(nisba: str, names: Mapping[str, int]) -> str:
    """Return the most frequent name that an adjective in -i may belong to, else empty; `names` has the counts."""
    stem = nisba[:-1]
    if len(stem) < _SHORTEST_STEM:
        return ""
    endings = ("", ALEF, YEH + ALEF, TEH_MARBUTA, YEH + TEH_MARBUTA, WAW)
    candidates = (front + stem + ending for front in ("", ARTICLE) for ending in endings)
    return max((name for name in candidates if name in names), key=lambda name: names[name], default="")


def _is_rooted(form: str, entry: Stem) -> bool:
    """Return whether an entry is in the block of a root of up to three letters from which the form may be derived.

    Some headers are the beginning of a foreign word instead; a long vowel inside shows that it is no root.
    """
    root = re.sub(r"\(\d\)", "", entry.root)
    return 1 < len(root) <= 3 and "A" not in root[1:] and len(form) <= len(root) + 3  # noqa: PLR2004  # letters of a root, and of a pattern
