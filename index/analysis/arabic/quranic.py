"""Quranic spelling: the modern spellings that a word with small letters may stand for.

The Quran, and print that follows it, writes part of the letters of a word as marks: a small alef (خَٰلِدُونَ, modern
خالدون), a small yeh or waw, a hamza without a seat (يَسۡـَٔلُونَ, modern يسألون). Waw and alef maksura under a small alef
stand for the alef (ٱلصَّلَوٰةَ, modern الصلاة). The marks do not say which modern letters are meant in every case, so
`modern_spellings` returns the possible spellings, the likeliest first; the pipeline takes the first that is a word.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from index.analysis.arabic import folding, letters
from index.analysis.arabic.clitics import ARTICLE, CONJUNCTIONS, LI_AND_ARTICLE, PREPOSITIONS, Slot, letters_of
from index.analysis.arabic.evidence import read_list
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_MADDA,
    ALEF_MAKSURA,
    ALEF_WASLA,
    FARSI_YEH,
    HAMZA,
    HEH,
    LAM,
    TATWEEL,
    TEH_MARBUTA,
    WAW,
    WAW_HAMZA,
    YEH,
    YEH_HAMZA,
)

WITHOUT_ALEF_FILE = "without_alef.txt"

_SMALL_ALEF = letters.SMALL_ALEF
_SMALL_WAW, _SMALL_YEH, _HIGH_YEH = "\u06e5", "\u06e6", "\u06e7"
_SILENT = "\u06df"
"""The small circle above a letter that is written and not spoken."""
_HAMZAS = frozenset((letters.HAMZA_MARK_ABOVE, letters.HAMZA_MARK_BELOW))
_ANY = f"{letters.ARABIC_MARKS}{letters.INVISIBLE}"
_SIGNS = re.compile(
    # the hamza without a seat stands on the line that joins two letters
    f"[{_SMALL_ALEF}\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]|{TATWEEL}[{_ANY}]{{0,8}}[{''.join(_HAMZAS)}]"
)
_LETTER = re.compile(f"([^{_ANY}])([{_ANY}]*)")
_VOWELS = re.compile("[\u064b-\u0650]")
_DAMMAS, _KASRAS = frozenset("\u064c\u064f"), frozenset("\u064d\u0650")
_SHADDA = "\N{ARABIC SHADDA}"
_ALEFS = (ALEF_MADDA, ALEF_HAMZA_ABOVE)
_YEHS = (ALEF_MAKSURA, YEH, FARSI_YEH)
_SEATS = (ALEF_HAMZA_ABOVE, YEH_HAMZA, WAW_HAMZA, HAMZA)
_MOST = 24
"""Spellings of one word that are tried."""


def is_quranic(spelled: str) -> bool:
    """Return whether a token has a sign of Quranic spelling that may stand for a letter."""
    return _SIGNS.search(spelled) is not None


def modern_spellings(spelled: str) -> tuple[str, ...]:
    """Return the written forms that a token may have in modern spelling, the likeliest first.

    The last one is its letters without the small ones, except after the vocative particle, whose alef is a letter in
    all modern spellings (يَٰقَوۡمِ). Distinct; one if the marks of the token stand for no letter.
    """
    plain = folding.written(spelled)
    choices = []
    found = _LETTER.findall(spelled)
    vocalized = _VOWELS.search(spelled) is not None
    for index, (letter, marks) in enumerate(found):
        before = found[index - 1] if index else ("", "")
        after = found[index + 1][0] if index + 1 < len(found) else ""
        choices.append(_spellings(letter, marks, before, after, vocalized=vocalized))
    spellings = ["".join(choice) for choice in itertools.islice(itertools.product(*choices), _MOST)]
    # A seat that was inserted before an alef is written with it as one letter.
    composed = [spelling.replace(ALEF_HAMZA_ABOVE + ALEF, ALEF_MADDA) for spelling in spellings]
    vocative = len(found) > 1 and found[0][0] == YEH and _SMALL_ALEF in found[0][1]
    return tuple(dict.fromkeys([*map(folding.written, composed), *(() if vocative else (plain,))]))


def _spellings(letter: str, marks: str, before: tuple[str, str], after: str, *, vocalized: bool) -> tuple[str, ...]:
    """Return what one letter with its marks may be in modern spelling."""
    above, line, between = marks.partition(TATWEEL)
    if line and not _HAMZAS.isdisjoint(between):
        alef = ALEF if _SMALL_ALEF in between else ""
        return tuple(letter + seat + alef for seat in _seats(between, (letter, above)))
    if letter == HAMZA and before[0] and after:
        return _seats(marks, before)
    if letter == LAM and _SHADDA in marks and before[0] in (ALEF_WASLA, ALEF):
        # The Quran writes one lam in الليل, as all writers do in الذي.
        return _with_small_letters((LAM + LAM, LAM), marks, after)
    if _SMALL_ALEF in marks and letter in (WAW, *_YEHS) and not _VOWELS.search(marks.partition(_SMALL_ALEF)[0]):
        return _alef_on(letter, after, vocalized=vocalized)
    if _SILENT in marks and after:
        return (letter, "")
    return _with_small_letters((letter,), marks, after)


def _alef_on(letter: str, after: str, *, vocalized: bool) -> tuple[str, ...]:
    """Return the spellings of a waw or yeh under a small alef, if no vowel stands between the two."""
    if letter != WAW:
        return (ALEF,) if after else (ALEF_MAKSURA,)
    if after == ALEF:
        return ("",)  # ٱلرِّبَوٰا۟, modern الربا
    return (ALEF,) if vocalized or after in (TEH_MARBUTA, HEH) else (WAW + ALEF, ALEF)


def _with_small_letters(spellings: tuple[str, ...], marks: str, after: str) -> tuple[str, ...]:
    """Return the spellings of a letter, each with the small letters above it."""
    if _SMALL_ALEF in marks and spellings == (ALEF,):
        return (ALEF_MADDA,)
    if _SMALL_ALEF in marks and after != ALEF and spellings[0] not in _ALEFS:
        spellings = tuple(spelling + ALEF for spelling in spellings)
    if _HIGH_YEH in marks:
        return tuple(spelling + YEH for spelling in spellings)
    for small, full in ((_SMALL_WAW, WAW), (_SMALL_YEH, YEH)):
        if small not in marks:
            continue
        with_letter = tuple(spelling + full for spelling in spellings)
        if _VOWELS.search(marks.partition(small)[2]):
            return with_letter
        # at the end of a word (لَهُۥ) it lengthens the vowel
        return (*spellings, *with_letter) if after else spellings
    return spellings


def _seats(marks: str, before: tuple[str, str]) -> tuple[str, ...]:
    """Return the hamzas of modern spelling, the likeliest first: that of the stronger of the two vowels around it."""
    vowels = marks + before[1]
    if before[0] in _YEHS or not _KASRAS.isdisjoint(vowels):
        likely = YEH_HAMZA
    elif not _DAMMAS.isdisjoint(vowels):
        likely = WAW_HAMZA
    else:
        likely = HAMZA if before[0] == ALEF or _SMALL_ALEF in before[1] else ALEF_HAMZA_ABOVE
    return (likely, *(seat for seat in _SEATS if seat != likely))


class WordsWithoutAlef:
    """Words in which modern spelling omits an alef that is spoken (هذا, الرحمن). Immutable, therefore thread-safe."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        """Take base forms, which may have clitics: `=x` is `x` without clitics, `*x` all words that end in `x`."""
        self._alone = frozenset(entry[1:] for entry in entries if entry.startswith("="))
        self._ends = tuple(entry[1:] for entry in entries if entry.startswith("*"))
        stems = "|".join(entry for entry in entries if entry[0] not in "=*")
        front = f"[{''.join(CONJUNCTIONS)}{ALEF}]?(?:[{''.join(PREPOSITIONS)}]?(?:{ARTICLE})?|{LI_AND_ARTICLE})"
        self._shape = re.compile(f"{front}(?:{stems})(?:{'|'.join(letters_of(Slot.PRONOUN))})?")

    def __contains__(self, base: str) -> bool:
        """Return whether a base form is one of the words."""
        return base in self._alone or base.endswith(self._ends) or self._shape.fullmatch(base) is not None


def load_words_without_alef(folder: Path) -> WordsWithoutAlef:
    """Return the words of the shipped list.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    return WordsWithoutAlef(read_list(folder / WITHOUT_ALEF_FILE))
