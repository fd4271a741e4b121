"""Spelling classes: different Arabic spellings of one foreign name.

Foreign sounds have no fixed Arabic letter: g is written with four letters, long vowels are written or left out, and
emphatic letters stand for plain ones. `spelling_key` folds only differences that hardly ever distinguish two names.
Further spellings of one name are listed, one class a line, in `data/names/spellings.tsv` (evidence: the README there).
The key is for foreign words only: the same letters distinguish Arabic words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from index.analysis.arabic import folding
from index.analysis.arabic.clitics import ARTICLE
from index.analysis.arabic.letters import ALEF, HAMZA, HEH, JEEM, SEEN, TEH, WAW, WAW_HAMZA, YEH, YEH_HAMZA

SPELLING_FILE = "spellings.tsv"
OLD_SPELLING_FILE = "old_spellings.txt"

_GHAIN = "\N{ARABIC LETTER GHAIN}"
_TAH = "\N{ARABIC LETTER TAH}"
_SAD = "\N{ARABIC LETTER SAD}"
_SAME_SOUND = str.maketrans({_TAH: TEH, _SAD: SEEN, WAW_HAMZA: WAW, YEH_HAMZA: YEH, HAMZA: None})
_LONG_ENOUGH = 5
"""Letters from which ghain and jeem are folded, and consonants from which vowels are dropped: in shorter names these
differences may distinguish two names."""
_VOWELS = f"{ALEF}{WAW}{YEH}"
_DOUBLED = re.compile(f"([^{_VOWELS}])\\1+")
_CONSONANT = re.compile(f"[^{_VOWELS}]")
_LAST_HEH = re.compile(f"(?<=..){HEH}$")


def spelling_key(name: str) -> str:
    """Return a key that is equal for spellings which differ only in letters for one sound.

    Emphatic t and s become plain, hamza is dropped or replaced by its seat, doubled letters become one, and a final heh
    (or teh marbuta) becomes alef. In names of five letters or more ghain becomes jeem, since both write g. In names of
    five consonants or more the long vowels between the first and the last one are dropped. In names with the article
    only the final heh changes, since many of them are Arabic.
    """
    folded = _LAST_HEH.sub(ALEF, folding.fold(name))
    if folded.startswith(ARTICLE):
        return folded
    plain = folded.translate(_SAME_SOUND)
    if len(plain) >= _LONG_ENOUGH:
        plain = plain.replace(_GHAIN, JEEM)
    if len(_CONSONANT.findall(plain)) >= _LONG_ENOUGH:
        plain = _without_middle_vowels(plain)
    return _DOUBLED.sub(r"\1", plain) or name


def _without_middle_vowels(key: str) -> str:
    """Return a key without its long vowels, except the first ones and those next to its last consonant."""
    first = re.search(f"(?<![{_VOWELS}])[{_VOWELS}]++(?=[^{_VOWELS}])", key[1:])
    last = re.search(f"(?<![{_VOWELS}])[{_VOWELS}]*+[^{_VOWELS}][{_VOWELS}]*+$", key)
    if not first or not last or first.end() + 1 > last.start():
        return key
    begin, end = first.end() + 1, last.start()
    return key[:begin] + re.sub(f"[{_VOWELS}]", "", key[begin:end]) + key[end:]


class SpellingClasses:
    """The listed spelling classes. Immutable, therefore thread-safe."""

    def __init__(self, classes: Mapping[str, str]) -> None:
        """Take a mapping of members to their class, both as returned by `spelling_key`."""
        self._classes = classes

    def key(self, name: str) -> str:
        """Return the class of a foreign name or loan word: its listed class, or else its `spelling_key`."""
        own = spelling_key(name)
        return self._classes.get(own, own)


def load_spelling_classes(folder: Path) -> SpellingClasses:
    """Return the classes of the files in `folder`, which have one class a line, the commonest member first.

    Members are keys; those of old spellings are names as they are written.

    Raises:
        OSError: a file is missing or cannot be read.
    """
    classes: dict[str, str] = {}
    for line in (folder / SPELLING_FILE).read_text(encoding="utf-8").splitlines():
        members = line.split(" ")
        classes.update(dict.fromkeys(members, members[0]))
    for names in load_old_spellings(folder):
        keys = list(map(spelling_key, names))
        classes |= dict.fromkeys(keys, classes.get(keys[0], keys[0]))
    return SpellingClasses(classes)


def load_old_spellings(folder: Path) -> list[list[str]]:
    """Return the spellings of each name that has an old one, the modern one first.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    lines = (folder / OLD_SPELLING_FILE).read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if not line.startswith("#")]
