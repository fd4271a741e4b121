"""Arramooz: nouns and verbs with their roots, read from the SQLite file in the wheel.

It has roots, which are often missing in the Buckwalter tables, and the verb of a masdar or participle.
"""

from __future__ import annotations

import dataclasses
import re
import sqlite3
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path

from index.analysis.arabic import letters
from scripts.transliteration import plain

_DATABASE = "arramooz/data/arabicdictionary.sqlite"
_ROOT = re.compile("[\u0621\u0628\u062a-\u063a\u0641-\u0648\u064a]{3,4}")
_SHADDA = "\N{ARABIC SHADDA}"
_FATHA, _DAMMA, _KASRA, _SUKUN = (
    "\N{ARABIC FATHA}",
    "\N{ARABIC DAMMA}",
    "\N{ARABIC KASRA}",
    "\N{ARABIC SUKUN}",
)
_VOWELS = _FATHA + _DAMMA + _KASRA
_LONG = re.compile(f"{_FATHA}(?=[اىةآ])|{_KASRA}(?=ي(?![{_VOWELS}{_SHADDA}]))|{_DAMMA}(?=و(?![{_VOWELS}{_SHADDA}]))")
_CASE = re.compile("[\u064b-\u0650\u0652]+$")
_FIRST = re.compile(f"^[اٱ][{_VOWELS}]?")
_SEATS = str.maketrans(dict.fromkeys("أإؤئآ", "ء"))


@dataclasses.dataclass(frozen=True, slots=True)
class Noun:
    """One row of the table of nouns; broken plurals have their own rows."""

    shape: str
    """See `shape_of`."""
    vocalized: str
    spelled: str
    root: str
    kind: str
    """`masdar`, `active`, `passive`, `adjective`, `nisba` or empty."""
    verb: str
    """Shape of the verb that it is derived from; empty if not given."""
    singular: str
    """Shape of the singular of a broken plural, empty for a singular."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verb:
    """One row of the table of verbs."""

    shape: str
    vocalized: str
    spelled: str
    root: str
    vowel: str
    """Vowel of the imperfect as `u`, `a` or `i`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Arramooz:
    """The two tables."""

    nouns: tuple[Noun, ...]
    verbs: tuple[Verb, ...]

    def roots(self) -> frozenset[str]:
        """Return the roots of at least one verb or two nouns."""
        seen: dict[str, int] = defaultdict(int)
        for noun in self.nouns:
            seen[noun.root] += 1
        for verb in self.verbs:
            seen[verb.root] += 2
        return frozenset(root for root, times in seen.items() if times > 1)


def read_arramooz(wheel: Path) -> Arramooz:
    """Return the nouns and verbs in a wheel of arramooz-pysqlite, in the order of the file.

    Raises:
        OSError: the wheel cannot be read.
        KeyError: the wheel has no database.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        connection = sqlite3.connect(archive.extract(_DATABASE, folder))
        try:
            nouns = connection.execute(
                "SELECT vocalized, root, wordtype, original, single FROM nouns ORDER BY id, vocalized"
            ).fetchall()
            verbs = connection.execute("SELECT vocalized, root, future_type FROM verbs ORDER BY id").fetchall()
        finally:
            connection.close()
    return Arramooz(
        tuple(
            Noun(
                shape_of(vocalized),
                vocalized,
                _CASE.sub("", plain(vocalized)),
                root_of(root),
                next((kind for mark, kind in _KINDS if mark in (wordtype or "")), ""),
                shape_of(original or ""),
                shape_of(single or ""),
            )
            for vocalized, root, wordtype, original, single in nouns
        ),
        tuple(
            Verb(shape_of(vocalized), vocalized, plain(vocalized), root_of(root), _VOWEL.get(future, ""))
            for vocalized, root, future in verbs
        ),
    )


_FOUR = 4
_KINDS = (
    ("مصدر صناعي", "nisba"),
    ("مصدر", "masdar"),
    ("اسم فاعل", "active"),
    ("اسم مفعول", "passive"),
    ("منسوب", "nisba"),
    ("صفة", "adjective"),
    ("صيغة", "adjective"),
    ("تفضيل", "adjective"),
)
_VOWEL = {"فتحة": "a", "ضمة": "u", "كسرة": "i"}


def root_of(text: str | None) -> str:
    """Return a root with hamza as a letter without seat; empty if it is not a root.

    An alef is not a radical, nor is a weak letter after three others: such a root in Arramooz is just the letters of
    a word.
    """
    root = plain(text or "").strip().translate(_SEATS).replace(letters.ALEF_MAKSURA, letters.YEH)
    weak_fourth = len(root) == _FOUR and root[-1] in (letters.WAW, letters.YEH)
    return root if _ROOT.fullmatch(root) and not weak_fourth else ""


def shape_of(vocalized: str) -> str:
    """Return vocalized text without what dictionaries write differently: case, sukun, vowels before long vowels."""
    text = vocalized.replace(_SUKUN, "").replace("ٰ", "")
    text = re.sub(f"([{_VOWELS}]+){_SHADDA}", rf"{_SHADDA}\1", text)
    text = re.sub(f"([{_VOWELS}])\\1+", r"\1", text)
    text = _CASE.sub("", text)
    text = _FIRST.sub("ا", text)
    text = re.sub("^إِ", "إ", text)
    text = re.sub("^أَ", "أ", text)
    return _LONG.sub("", text)
