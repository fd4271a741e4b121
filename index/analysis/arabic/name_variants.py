"""Spelling classes: different Arabic spellings of one foreign name.

Foreign sounds have no fixed Arabic letter: g is written with four letters, long vowels are written or left out, and
emphatic letters stand for plain ones. `spelling_key` folds only differences that hardly ever distinguish two names;
`loose_key` folds more of them in names with many consonants. Further spellings of one name are listed, one class a
line, in `data/names/` (evidence: the README there). The keys are for foreign words only: the same letters distinguish
Arabic words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path

from index.analysis.arabic import folding
from index.analysis.arabic.clitics import ARTICLE
from index.analysis.arabic.letters import (
    ALEF,
    BEH,
    FEH,
    HAMZA,
    HEH,
    JEEM,
    KAF,
    QAF,
    SEEN,
    TEH,
    WAW,
    WAW_HAMZA,
    YEH,
    YEH_HAMZA,
)

SPELLING_FILE = "spellings.tsv"
OWN_FILES = ("old_spellings.txt", "modern_names.txt")
"""Lists of names with their spellings, as they are written."""
WRONG_FILE = "wrong_members.txt"
"""Members of the classes in `SPELLING_FILE` that are left out."""

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
_CONSONANTS = 4
_ARABIC_LETTER = re.compile("[\N{ARABIC LETTER HAH}\N{ARABIC LETTER AIN}\N{ARABIC LETTER DAD}\N{ARABIC LETTER ZAH}]")
_ALEF_OF_CLUSTER = re.compile(f"^{ALEF}(?={SEEN}[{BEH}{TEH}{FEH}{JEEM}{KAF}])")
_INITIAL_I = re.compile(f"^{ALEF}{YEH}(?=[^{_VOWELS}])")
_SHORT_E = re.compile(f"(?<=([^{_VOWELS}])){YEH}(?=[^{_VOWELS}])(?!\\1)")


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


def _after_first_vowel(key: str) -> int:
    """Return the index of the consonant after the first vowel of a key, its length if it has no vowel before one."""
    # waw and yeh at the beginning are consonants
    found = re.search(
        f"(?:^{ALEF}|^[{WAW}{YEH}](?=[{_VOWELS}])|(?<=[^{_VOWELS}])[{_VOWELS}])[{_VOWELS}]*+(?=[^{_VOWELS}])", key
    )
    return found.end() if found else len(key)


def _without_middle_vowels_after_alef(key: str) -> str:
    """Return a key that begins with alef without the vowels between its first consonant and its last vowel."""
    last = re.search(f"(?<![{_VOWELS}])[{_VOWELS}]*+[^{_VOWELS}][{_VOWELS}]*+$", key)
    first = re.search(f"^[{_VOWELS}]++[^{_VOWELS}]", key)
    if not first or not last or first.end() > last.start():
        return key
    return key[: first.end()] + re.sub(f"[{_VOWELS}]", "", key[first.end() : last.start()]) + key[last.start() :]


def has_many_consonants(key: str) -> bool:
    """Return whether a key is one of those that `loose_key` folds."""
    return (
        len(_CONSONANT.findall(key)) >= _CONSONANTS
        and not key.startswith(ARTICLE)
        and _ARABIC_LETTER.search(key) is None
    )


def loose_key(key: str) -> str:
    """Return a spelling key without what writers add or leave out in names of four consonants or more.

    Qaf becomes jeem in names of five letters or more, since the Gulf writes g with it. An alef before s and a stop,
    which makes the beginning pronounceable, is dropped, and so is yeh between two different consonants, since it may
    stand for a short e: in names of four consonants unless it is the first vowel. After an initial alef all vowels of a
    name of five consonants are middle vowels. Names with a letter that foreign names do not have keep their key.
    """
    if not has_many_consonants(key):
        return key
    if len(key) >= _LONG_ENOUGH:
        key = _DOUBLED.sub(r"\1", key.replace(QAF, JEEM))
    key = _ALEF_OF_CLUSTER.sub("", key)
    key = _INITIAL_I.sub(ALEF, key)
    many = len(_CONSONANT.findall(key)) >= _LONG_ENOUGH
    begin = 0 if many else _after_first_vowel(key)
    key = key[:begin] + _SHORT_E.sub("", key[begin:])
    return _without_middle_vowels_after_alef(key) if many and key.startswith(ALEF) else key


class SpellingClasses:
    """The listed spelling classes. Immutable, therefore thread-safe."""

    def __init__(self, classes: Mapping[str, str]) -> None:
        """Take a mapping of members to their class, both as returned by `loose_key`."""
        self._classes = classes

    def key(self, name: str) -> str:
        """Return the class of a foreign name or loan word: its listed class, or else its loose key."""
        own = loose_key(spelling_key(name))
        return self._classes.get(own, own)


def load_spelling_classes(folder: Path) -> SpellingClasses:
    """Return the classes of the files in `folder`, which have one class a line, the commonest member first.

    Members are keys; those of our own lists are names as they are written. Classes with a common member are one class.

    Raises:
        OSError: a file is missing or cannot be read.
    """
    wrong = set(itertools.chain.from_iterable(_lists(folder / WRONG_FILE)))
    lines = [[key for key in keys if key not in wrong] for keys in _lists(folder / SPELLING_FILE)]
    lines += [list(map(spelling_key, names)) for names in load_own_names(folder)]
    classes: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for keys in lines:
        first, *others = map(loose_key, keys)
        own = classes.setdefault(first, first)
        for key in others:
            other = classes.get(key, key)
            if other != own:
                joined = members.pop(other, [other])
                classes |= dict.fromkeys(joined, own)
                members.setdefault(own, [own]).extend(joined)
    return SpellingClasses(classes)


def load_own_names(folder: Path) -> list[list[str]]:
    """Return the names of our own lists, each with its spellings, the commonest first.

    Raises:
        OSError: a file is missing or cannot be read.
    """
    return [names for file in OWN_FILES for names in _lists(folder / file)]


def _lists(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if not line.startswith("#")]
