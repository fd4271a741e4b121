"""The pieces of a word in one reading: particles, stem, ending of the stem, pronouns.

For display only: the index has the stem with its ending, and the dictionary form.
"""

from __future__ import annotations

from index.analysis.arabic import folding
from index.analysis.arabic.letters import ALEF, HEH, MEEM, NOON, TEH, TEH_MARBUTA, WAW, YEH
from index.analysis.readings import Reading
from index.analysis.tokens import Word

_ENDINGS = (
    TEH + ALEF + NOON,
    TEH + YEH + NOON,
    ALEF + TEH,
    WAW + NOON,
    YEH + NOON,
    ALEF + NOON,
    WAW + ALEF,
    NOON + ALEF,
    TEH + MEEM,
    HEH,
    TEH,
    NOON,
    ALEF,
)
"""Endings of nouns and of the perfect, folded, longest first (Wright, vol. 1, sections 89 and 299-313)."""


def pieces(reading: Reading, word: Word) -> tuple[str, ...]:
    """Return the parts of a word in their order, with the letters of the written word where they can be aligned."""
    stem, *ending = _inflected(reading.stem, folding.fold(reading.lemma))
    if stem.endswith(HEH) and reading.lemma.endswith(TEH_MARBUTA):
        stem = stem[:-1] + TEH_MARBUTA  # before a pronoun it is written as teh
    parts = [*reading.proclitics, stem, *ending, *reading.enclitics]
    if folding.surface("".join(parts)) + ALEF == word.surface and not ending and not reading.enclitics:
        parts.append(ALEF)  # of the accusative: written, and no letter of the stem
    return tuple(_as_written(parts, word))


def _inflected(stem: str, lemma: str) -> tuple[str, ...]:
    """Return a stem as dictionary form and ending; only the stem, if the inflection is not a known ending."""
    for ending in _ENDINGS if lemma and stem != lemma else ():
        head = stem[: -len(ending)]
        # A feminine loses its heh before the ending.
        if stem.endswith(ending) and (head == lemma or head + HEH == lemma):
            return head, ending
    return (stem,)


def _as_written(parts: list[str], word: Word) -> list[str]:
    """Return the parts with the letters of the written word, from its end as far as the folded letters agree."""
    if len(word.written) != len(word.surface):
        return parts
    written, end = [], len(word.surface)
    for part in reversed(parts):
        begin = end - len(part)
        if begin < 0 or word.surface[begin:end] != folding.surface(part):
            break
        written.append(word.written[begin:end])
        end = begin
    return [*parts[: len(parts) - len(written)], *reversed(written)]
