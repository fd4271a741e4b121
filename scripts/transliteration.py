"""Buckwalter's transliteration: one ASCII character for each Arabic letter and mark."""

from __future__ import annotations

import re

from index.analysis.arabic import letters

_LATIN = "'|>&<}AbptvjHxd*rzs$SDTZEg_fqklmnhwYyFNKaui~o`{"
_ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْٰٱ"
_TABLE = str.maketrans(_LATIN, _ARABIC)
_MARKS = re.compile(f"[{letters.ARABIC_MARKS}]")


def arabic(latin: str) -> str:
    """Return transliterated text in Arabic letters; other characters are unchanged."""
    return latin.translate(_TABLE)


def plain(vocalized: str) -> str:
    """Return Arabic text without marks, and with a plain alef for an alef wasla."""
    return _MARKS.sub("", vocalized).replace(letters.ALEF_WASLA, letters.ALEF)


_BACK = str.maketrans(_ARABIC, _LATIN)


def latin(text: str) -> str:
    """Return Arabic text in transliteration, the inverse of `arabic`."""
    return text.translate(_BACK)
