"""Spelling classes: different Arabic spellings of one foreign name.

Foreign sounds have no settled letter: g is written with four, long vowels come and go, emphatic letters stand for plain
ones. `spelling_key` folds only what hardly ever tells two names apart; which further spellings are one name is listed,
class by class, in `data/names/spellings.tsv`, on evidence (see the README there). Only foreign words are asked for a
key: among Arabic words the same letters tell words apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from index.analysis import folding
from index.analysis.letters import ALEF, HAMZA, HEH, JEEM, LAM, SEEN, TEH, WAW, WAW_HAMZA, YEH, YEH_HAMZA

SPELLING_FILE = "spellings.tsv"

_GHAIN = "\N{ARABIC LETTER GHAIN}"
_TAH = "\N{ARABIC LETTER TAH}"
_SAD = "\N{ARABIC LETTER SAD}"
_SAME_SOUND = str.maketrans({_TAH: TEH, _SAD: SEEN, WAW_HAMZA: WAW, YEH_HAMZA: YEH, HAMZA: None})
_LONG_ENOUGH = 5
"""Letters from which a ghain for a jeem no longer makes another name, and consonants from which vowels do not."""
_VOWELS = f"{ALEF}{WAW}{YEH}"
_DOUBLED = re.compile(f"([^{_VOWELS}])\\1+")
_CONSONANT = re.compile(f"[^{_VOWELS}]")
_LAST_HEH = re.compile(f"(?<=..){HEH}$")
_ARTICLE = ALEF + LAM


def spelling_key(name: str) -> str:
    """Return a key that is equal for spellings which differ only in letters of one sound; deterministic.

    Emphatic t and s are plain, hamza is dropped or its seat, doubled letters are one, and a final heh (or teh marbuta)
    is alef. In longer names ghain is jeem, since both write g, and in names of five consonants and more the long
    vowels between the first and the last one are left out. Names with the article are Arabic ones as often as not:
    there no consonant stands for another, and no vowel is left out.
    """
    folded = _LAST_HEH.sub(ALEF, folding.fold(name))
    if folded.startswith(_ARTICLE):
        return folded
    plain = folded.translate(_SAME_SOUND)
    if len(plain) >= _LONG_ENOUGH:
        plain = plain.replace(_GHAIN, JEEM)
    if len(_CONSONANT.findall(plain)) >= _LONG_ENOUGH:
        plain = _without_middle_vowels(plain)
    return _DOUBLED.sub(r"\1", plain) or name


def _without_middle_vowels(key: str) -> str:
    """Return a key without its long vowels but for the first and what follows the last but one consonant."""
    first = re.search(f"[{_VOWELS}]+(?=[^{_VOWELS}])", key[1:])
    last = re.search(f"[{_VOWELS}]*[^{_VOWELS}][{_VOWELS}]*$", key)
    if not first or not last or first.end() + 1 > last.start():
        return key
    begin, end = first.end() + 1, last.start()
    return key[:begin] + re.sub(f"[{_VOWELS}]", "", key[begin:end]) + key[end:]


class SpellingClasses:
    """The listed classes; immutable, so that threads may share them."""

    def __init__(self, classes: Mapping[str, str]) -> None:
        """Take the class of each member, both as keys that `spelling_key` gives."""
        self._classes = classes

    def key(self, name: str) -> str:
        """Return the class of a foreign name or loan word: its listed class, or the key of its own letters."""
        own = spelling_key(name)
        return self._classes.get(own, own)


def load_spelling_classes(folder: Path) -> SpellingClasses:
    """Return the classes that are listed in `folder`: on each line one, its members as keys, the commonest first.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    classes: dict[str, str] = {}
    for line in (folder / SPELLING_FILE).read_text(encoding="utf-8").splitlines():
        members = line.split(" ")
        classes.update(dict.fromkeys(members, members[0]))
    return SpellingClasses(classes)
