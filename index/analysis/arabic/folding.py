"""Folding: letter-level normalization, from a token to its written form, its base form and its surface.

The written form keeps every letter (hamza, teh marbuta, alef maksura) and drops the rest: harakat, tatweel and bidi
controls; presentation forms become letters. The base form folds the alefs and foreign letters. The surface folds teh
marbuta and alef maksura too. Clitics and stop words are looked up by the base form, where على and the name علي are
still two words.

Waw and yeh with hamza are not folded. In 4.2 million words of news, folding them would join 336 pairs of
surfaces, the frequent ones different words or names (فئة and فيه, قائد and قايد, يؤسف and يوسف), and would not even
bring مسؤول and مسئول together. Hamza and alef for a madda (القرءان) is folded: it
occurs 17 times in the same news, never as another word.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata

from index.analysis.arabic import letters
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ALEF_MAKSURA,
    ALEF_WASLA,
    FEH,
    HAMZA,
    HEH,
    LAM,
    TEH_MARBUTA,
    WAW,
    YEH,
)

_HAMZATED = (ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA)
_RANGES = re.compile("(?s).-.|.")
_COMPOSING_MARKS = re.compile(f"[{letters.HAMZA_AND_MADDA_MARKS}]")
_OTHER_DIGITS = re.compile(r"[^\D0-9]")
_ACCENTS = re.compile(f"(?<=[a-z\u0620-\u06d5])[{letters.ACCENTS}]+")
"""Accents on Latin letters and, by mistake, on Arabic ones. In other scripts an accent makes another letter."""
_HAMZA_ALEF = re.compile(f"(?:(?<![{ALEF}{HAMZA}])|(?<={ALEF}{HAMZA})){HAMZA}++{ALEF}(?=[{HAMZA}-{YEH}])")
"""Hamza and alef for a madda. At the end of a word it is the tanwin of a hamza, after an alef it is an ending. A run of
hamzas is tried once, from the first that no alef precedes, so that the time is linear."""

_ALEF_BEFORE_ALLAH = re.compile(f"[{ALEF}{ALEF_WASLA}][{letters.ARABIC_MARKS}]*(?={letters.ALLAH_SIGN})")
"""The sign has the alef; a typist whose font shows it without one writes another."""
_LI_ALLAH = re.compile(f"(^[{WAW}{FEH}]?[{letters.ARABIC_MARKS}]*{LAM})[{letters.ARABIC_MARKS}]*{letters.ALLAH_SIGN}")
_DOUBLE_HAMZA = frozenset(map("".join, itertools.product((HAMZA, ALEF_HAMZA_ABOVE), _HAMZATED)))
"""Beginnings of a word after the particle of a question: أأنذرتهم (Quranic: ءأنذرتهم) is found as أنذرتهم."""
_ARABIC_ONLY = re.compile("[\u0621-\u063a\u0641-\u064a]*")
"""Letters whose written form is themselves. Only the alefs, and hamza before alef, have another base form."""

_LATIN_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)


def fold(text: str) -> str:
    """Return the surface of a word or of its beginning; idempotent."""
    return surface(base(written(text)))


def is_plain(text: str) -> bool:
    """Return whether a text has only letters of the Arabic alphabet, so that it is its own written form."""
    return _ARABIC_ONLY.fullmatch(text) is not None


def written(text: str) -> str:
    """Return the written form of a token: without marks and presentation forms, digits as ASCII, Latin in lower case.

    Hamza and madda as combining marks are composed here, before any alef is folded, so that a decomposed
    alef with hamza is the same letter as the composed one in every later step.
    """
    if is_plain(text):
        return text
    if letters.ALLAH_SIGN in text:
        text = _LI_ALLAH.sub(rf"\1{LAM}{HEH}", _ALEF_BEFORE_ALLAH.sub("", text))
    plain = text.translate(_written_table())
    if is_plain(plain):
        return plain
    if plain.isascii():
        return plain.lower()
    plain = plain.replace(ALEF_MAKSURA + letters.HAMZA_MARK_ABOVE, letters.YEH_HAMZA)
    # Twice: case folding may undo a normalization and vice versa (Unicode, NFKC_Casefold).
    for _ in range(2):
        plain = unicodedata.normalize("NFKC", plain.casefold())
    if " " not in text:
        # NFKC decomposes some characters into a space and a mark.
        plain = plain.replace(" ", "")
    return _OTHER_DIGITS.sub(_decimal, _COMPOSING_MARKS.sub("", plain))


def base(written_form: str) -> str:
    """Return the base form of a written form: alefs, foreign letters and accents folded, endings kept."""
    if written_form[:2] in _DOUBLE_HAMZA:
        written_form = written_form[1:]
    if is_plain(written_form):
        folded = written_form.replace(ALEF_HAMZA_ABOVE, ALEF).replace(ALEF_HAMZA_BELOW, ALEF).replace(ALEF_MADDA, ALEF)
    elif written_form.isascii():
        return written_form.replace("'", "")
    else:
        folded = _plain_latin(written_form.translate(_base_table()))
    return _HAMZA_ALEF.sub(ALEF, folded) if HAMZA in folded else folded


def aligned(written_form: str) -> str:
    """Return a written form with one letter where its base form has one for two hamzas, or for hamza and alef."""
    if written_form[:2] in _DOUBLE_HAMZA:
        return written_form[1:]
    # المرءاة is المرأة and not المرآة, another word
    return written_form if written_form.endswith(TEH_MARBUTA) else written_form.replace(HAMZA + ALEF, ALEF_MADDA)


def surface(base_form: str) -> str:
    """Return the surface of a base form: teh marbuta as heh, alef maksura as yeh (never as alef)."""
    return base_form.replace(TEH_MARBUTA, HEH).replace(ALEF_MAKSURA, YEH)


def rules_between(before: str, after: str) -> str:
    """Return the names of the letter rules that turned `before`, a token or written form, into `after`."""
    if before == after:
        return ""
    return ", ".join(
        name for name, characters in _rules() if characters.search(before) and not characters.search(after)
    )


@functools.cache
def _rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the letter rules that are displayed: the name of each, and the characters that it replaces or drops."""
    hamzated = ALEF_HAMZA_ABOVE + ALEF_HAMZA_BELOW
    classes = (
        ("presentation forms", letters.PRESENTATION_FORMS),
        ("invisible characters", letters.INVISIBLE),
        ("tatweel", letters.TATWEEL),
        ("compose", letters.HAMZA_AND_MADDA_MARKS),
        ("harakat", letters.HARAKAT),
        ("keyboard letters", "".join(letters.KEYBOARD_TWINS)),
        ("digits", letters.DIGITS),
        ("alef-hamza", hamzated),
        ("alef-madda", ALEF_MADDA),
        ("alef-wasla", ALEF_WASLA),
        ("foreign letters", "".join(letters.FOREIGN_LETTERS)),
        ("teh-marbuta", TEH_MARBUTA),
        ("alef-maksura", ALEF_MAKSURA),
        ("lower case", "A-Z"),
        ("accents", "\u00c0-\u024f" + letters.ACCENTS),
        ("apostrophe", letters.APOSTROPHES),
    )
    return tuple((name, re.compile(f"[{characters}]")) for name, characters in classes)


def _plain_latin(text: str) -> str:
    if is_plain(text):
        return text
    decomposed = unicodedata.normalize("NFD", text.translate(_LATIN_WITHOUT_DECOMPOSITION))
    # Decomposition also separates hamza from its seat. Composition restores it, since only accents are dropped.
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def _decimal(match: re.Match[str]) -> str:
    return str(unicodedata.decimal(match[0]))


@functools.cache
def _written_table() -> dict[int, str | None]:
    """Return the `str.translate` table from a token to its written form; None drops a character."""
    table: dict[int, str | None] = dict.fromkeys(_members(letters.INVISIBLE + letters.ARABIC_MARKS))
    for mark in _members(letters.COMPOSING_MARKS):
        del table[mark]
    table |= {ord(twin): letter for twin, letter in letters.KEYBOARD_TWINS.items()}
    table |= {ord(letters.DECIMAL_SEPARATOR): ".", ord(letters.THOUSANDS_SEPARATOR): ","}
    table |= dict.fromkeys(map(ord, letters.APOSTROPHES), "'")
    table |= dict.fromkeys(_members(letters.HYPHENS), "-")
    for code in _members(letters.PRESENTATION_FORMS):
        plain = unicodedata.normalize("NFKC", chr(code))
        if code not in table and plain != chr(code):
            table[code] = plain.translate(table).replace(" ", "")
    return table


@functools.cache
def _base_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {
        ord(alef): ALEF for alef in (ALEF_MADDA, ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_WASLA)
    }
    table |= {ord(foreign): letter for foreign, letter in letters.FOREIGN_LETTERS.items()}
    return table | dict.fromkeys(map(ord, letters.APOSTROPHES))


def _members(characters: str) -> list[int]:
    """Return the code points of a character class, given as the inside of `[...]` without escapes."""
    ends = [(pair[0], pair[-1]) for pair in _RANGES.findall(characters)]
    return [code for first, last in ends for code in range(ord(first), ord(last) + 1)]
