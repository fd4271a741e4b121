"""Words outside the lexicon: what productive patterns say of them, and only with evidence.

First the word is taken for an inflection or an adjective in -i of a word that the lexicon has (احتجاجية of
احتجاج). Then for a regular verb, participle or masdar (الحوكمة, متخلدة): its letters must fill a pattern and leave a
root that the lexicon has words of, the more of them the less the pattern itself shows. Anything else has no lemma and
no root: it may be a name, and a name with a root is worse than a word without one.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from index.analysis.letters import ALEF, BEH, FEH, HAMZA, HEH, KAF, LAM, MEEM, NOON, SEEN, TEH, WAW, YEH
from index.analysis.readings import Reading

PATTERN = "pattern"
"""The rule of a reading that rests on a pattern alone."""
_ARTICLE = ALEF + LAM
_FRONTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_ARTICLE, (_ARTICLE,)),
    (LAM + LAM, (LAM, _ARTICLE)),
    (WAW, (WAW,)),
    (WAW + _ARTICLE, (WAW, _ARTICLE)),
    (BEH + _ARTICLE, (BEH, _ARTICLE)),
    (KAF + _ARTICLE, (KAF, _ARTICLE)),
    (FEH + _ARTICLE, (FEH, _ARTICLE)),
    (WAW + BEH + _ARTICLE, (WAW, BEH, _ARTICLE)),
    (WAW + LAM + LAM, (WAW, LAM, _ARTICLE)),
    (BEH, (BEH,)),
    (LAM, (LAM,)),
    (FEH, (FEH,)),
    (KAF, (KAF,)),
    (WAW + BEH, (WAW, BEH)),
    (WAW + LAM, (WAW, LAM)),
    (SEEN, (SEEN,)),
    (WAW + SEEN, (WAW, SEEN)),
)
_PRONOUNS = (HEH, HEH + ALEF, HEH + MEEM, HEH + MEEM + ALEF, NOON + ALEF)
_ENDINGS = (
    (HEH, ""),
    (ALEF + TEH, HEH),
    (ALEF + TEH, ""),
    (YEH + NOON, ""),
    (WAW + NOON, ""),
    (ALEF + NOON, ""),
    (TEH + YEH + NOON, HEH),
    (TEH + ALEF + NOON, HEH),
    (TEH, HEH),
    (YEH, ""),
    (WAW, ""),
    (ALEF, ""),
)
"""Endings of nouns and what the dictionary form has in their place; teh before a pronoun is teh marbuta."""
_VERB_ENDINGS = (WAW + NOON, WAW + ALEF, TEH, ALEF + NOON, NOON + ALEF, HEH, HEH + ALEF, HEH + MEEM)
_NISBA = (YEH, WAW + YEH)
_SHORTEST = 3
_SHORTEST_BASE = 4
_REMEMBERED = 1 << 14
"""Forms looked up for a noun: a word that the lexicon has not comes in many forms, and their nouns are the same few."""
_PRODUCTIVE = 3
"""Words that the lexicon has of a root before a pattern is believed; twice that where the pattern is plain."""


class _Pattern(NamedTuple):
    shape: re.Pattern[str]
    length: int
    """Letters of the words that have the shape."""
    first: str
    """What they may begin with, empty for any radical."""
    form: int
    pos: str
    plain: bool
    """Whether names have the shape as often as words: no augment but a long vowel."""


def _patterns(shapes: str, form: int, pos: str, *, plain: bool = False) -> list[_Pattern]:
    """Return patterns of shapes in which F, C and L stand for the radicals (فعل), f and c for one said again."""
    letters = {radical: f"(?P<{radical.lower()}>{_RADICAL})" for radical in "FCL"} | {"f": "(?P=f)", "c": "(?P=c)"}
    result = []
    for shape in shapes.split():
        text = "".join(letters.get(sign, sign) for sign in shape)
        signs = _CHOICE.findall(shape)
        first = "" if signs[0] in letters else signs[0]
        result.append(_Pattern(re.compile(text), len(signs), first, form, pos, plain))
    return result


_RADICAL = f"[{HAMZA}{BEH}{TEH}-\u063a{FEH}-{WAW}{YEH}]"
_CHOICE = re.compile(r"\[\w+\]|\w")
"""One letter of a shape: a sign, or one of several letters."""


@functools.cache
def _nominal_patterns() -> tuple[_Pattern, ...]:
    """Return the shapes of masdars, participles and their broken plurals, the most telling first."""
    return (
        *_patterns("مستFCL مستFCي استFCاL استFCاء", 10, "noun"),
        *_patterns("متFاCL متFاCي", 6, "noun"),
        *_patterns("متFCL متFCي", 5, "noun"),
        *_patterns("منFCL منFCي انFCاL انFCاء", 7, "noun"),
        *_patterns("مFتCL مFتCي اFتCاL اFتCاء", 8, "noun"),
        *_patterns("تFCيL تFCيLه تFCيه", 2, "noun"),
        *_patterns("مFCوL", 1, "noun"),
        *_patterns("مFاCيL", 1, "noun"),
        *_patterns("مFاCLه", 3, "noun"),
        *_patterns("تFاCL", 6, "noun"),
        *_patterns("اFCاL اFCاء", 4, "noun"),
        *_patterns("FوCLه FCLنه", 1, "noun"),
        *_patterns("FCfcه", 1, "noun"),
        *_patterns("مFCL مFاCL", 2, "noun", plain=True),
        *_patterns("FاCL FاCLه FCاLه FCLه FCاL", 1, "noun", plain=True),
    )


@functools.cache
def _verbal_patterns() -> tuple[_Pattern, ...]:
    """Return the shapes of verbs with the letter of the person, where they have one."""
    return (
        *_patterns("[يتنا]ستFCL استFCL", 10, "verb"),
        *_patterns("[يتنا]تFاCL تFاCL", 6, "verb"),
        *_patterns("[يتنا]تFCL", 5, "verb"),
        *_patterns("[يتنا]نFCL انFCL", 7, "verb"),
        *_patterns("[يتنا]FتCL اFتCL", 8, "verb"),
        *_patterns("[يتن]FاCL", 3, "verb"),
        *_patterns("[يتن]FCL", 2, "verb", plain=True),
    )


@functools.cache
def _fitting(length: int, first: str, *, verbal: bool) -> tuple[_Pattern, ...]:
    """Return the patterns that words of a length and a first letter may have."""
    patterns = _verbal_patterns() if verbal else _nominal_patterns()
    return tuple(one for one in patterns if one.length == length and (not one.first or first in one.first))


_Known = Callable[[str], Sequence[Reading]]


class Fallback:
    """Reads unknown words after known ones; shared by threads."""

    def __init__(self, known: _Known, roots: Callable[[], Counter[str]]) -> None:
        """Take the reading of known words by their surface, and how many words there are of each root."""
        self._known = known
        self._roots = functools.cache(roots)
        self._noun = functools.lru_cache(_REMEMBERED)(self._look_up_noun)

    def read(self, surface: str) -> Reading | None:
        """Return the reading that patterns give to a word outside the lexicon, None without evidence."""
        divisions: list[tuple[tuple[str, ...], str]] = [((), surface)] if len(surface) >= _SHORTEST else []
        divisions += [
            (proclitics, surface[len(front) :])
            for front, proclitics in _fronts().get(surface[0], ())
            if surface.startswith(front) and len(surface) - len(front) >= _SHORTEST
        ]
        for proclitics, rest in divisions:
            if reading := self._derived(rest, proclitics):
                return reading
        for proclitics, rest in divisions:
            if reading := self._patterned(rest, proclitics):
                return reading
        return None

    def _derived(self, form: str, proclitics: tuple[str, ...]) -> Reading | None:
        """Read a form as an inflection or nisba of a noun of the lexicon."""
        if proclitics[-1:] == (SEEN,):
            return None
        pronouns = [] if _ARTICLE in proclitics else _ending_of(form, _PRONOUNS)
        for pronoun in ("", *pronouns):
            stem = form[: len(form) - len(pronoun)]
            enclitics = (pronoun,) if pronoun else ()
            for singular, rule in _singulars(stem):
                for base, adjective in _bases(singular):
                    noun = self._noun(base, rule == "feminine" and not pronoun and not adjective)
                    if noun:
                        lemma = singular if adjective else noun.lemma
                        what = f"{rule} of {noun.lemma}"
                        return Reading(
                            lemma,
                            "",
                            noun.family,
                            noun.roots,
                            "adjective" if adjective else noun.pos,
                            proclitics,
                            enclitics,
                            stem,
                            1.0,
                            "fallback",
                            what,
                        )
        return None

    def _look_up_noun(self, form: str, whole: bool) -> Reading | None:  # noqa: FBT001 - a cache is quicker so
        """Return the reading of a noun long enough to be no chance; three letters do before a teh marbuta."""
        if len(form) < _SHORTEST_BASE - (whole or form[-1:] == HEH):
            return None
        readings = self._known(form)
        best = readings[0] if readings else None
        if best is None or best.proclitics or best.enclitics or not best.roots or best.pos not in ("noun", "adjective"):
            return None
        return best

    def _patterned(self, form: str, proclitics: tuple[str, ...]) -> Reading | None:
        """Read a form as a masdar, participle or verb of a known root."""
        article = _ARTICLE in proclitics
        if proclitics[-1:] != (SEEN,):
            for singular, rule in _singulars(form):
                for pattern in _fitting(len(singular), singular[0], verbal=False):
                    root = self._root(
                        pattern, singular, shown=article or (rule == "plural"), cut=bool(proclitics) and not article
                    )
                    if root:
                        return _regular(pattern, root, singular, form, proclitics)
        if not article:
            for ending in ("", *_ending_of(form, _VERB_ENDINGS)):
                stem = form[: len(form) - len(ending)]
                for pattern in _fitting(len(stem), stem[:1], verbal=True):
                    root = self._root(pattern, stem, shown=bool(ending), cut=bool(proclitics))
                    if root:
                        return _regular(pattern, root, stem, form, proclitics)
        return None

    def _root(self, pattern: _Pattern, stem: str, *, shown: bool, cut: bool) -> str:
        """Return the root that a form shows in a pattern if there is evidence enough for it."""
        found = None if pattern.plain and (cut or not shown) else pattern.shape.fullmatch(stem)
        if found is None:
            return ""
        radicals = found.groupdict()
        first, second = radicals["f"], radicals["c"]
        if first == second:
            return ""
        if pattern.pos == "noun" and "(?P=f)" in pattern.shape.pattern:
            # Two radicals said twice are a root of four (حلحلة); there is no other evidence, and no name like it.
            return (first + second) * 2
        lasts = (radicals["l"],) if "l" in radicals else (YEH, WAW)
        known = self._roots()
        roots = [first + second + last for last in lasts]
        best = max(roots, key=lambda root: known[root])
        return best if known[best] >= (_PRODUCTIVE * 2 if pattern.plain else _PRODUCTIVE) else ""


def _regular(pattern: _Pattern, root: str, lemma: str, stem: str, proclitics: tuple[str, ...]) -> Reading:
    return Reading(
        lemma, "", f"{root}{pattern.form}", ((root, 1.0),), pattern.pos, proclitics, (), stem, 1.0, "fallback", PATTERN
    )


@functools.cache
def _fronts() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the fronts by their first letter."""
    return {letter: tuple(one for one in _FRONTS if one[0][0] == letter) for letter in {one[0][0] for one in _FRONTS}}


@functools.cache
def _endings() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the endings of nouns by their last letter."""
    return {
        letter: tuple(one for one in _ENDINGS if one[0][-1] == letter) for letter in {one[0][-1] for one in _ENDINGS}
    }


def _ending_of(form: str, endings: tuple[str, ...]) -> list[str]:
    """Return those of the endings that a form has."""
    return [ending for ending in endings if form.endswith(ending)] if form.endswith(endings) else []


def _singulars(stem: str) -> list[tuple[str, str]]:
    """Return what a noun may be without its ending, and the ending's name; the form itself first."""
    singulars = [(stem, "form")]
    for ending, instead in _endings().get(stem[-1:], ()):
        if stem.endswith(ending) and len(stem) - len(ending) >= _SHORTEST:
            singulars.append((stem[: -len(ending)] + instead, "feminine" if ending == HEH else "plural"))
    return singulars


def _bases(singular: str) -> list[tuple[str, bool]]:
    """Return the nouns that a word may be the nisba of, then the word itself."""
    bases = []
    if singular.endswith(YEH):
        for ending in _NISBA:
            if singular.endswith(ending) and len(singular) - len(ending) >= _SHORTEST:
                base = singular[: -len(ending)]
                bases += [(base, True), (base + HEH, True)]
    bases.append((singular, False))
    return bases
