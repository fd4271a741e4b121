"""Words outside the lexicon: readings from productive patterns, if there is evidence for them.

The first try is an inflection, or an adjective in -i, of a word in the lexicon (احتجاجية of احتجاج). The second is a
regular verb, participle or masdar (الحوكمة, متخلدة): the letters must match a pattern with a root of which the lexicon
has words. The less specific the pattern, the more words are needed. Other words get no lemma and no root: they may be
names, and a wrong root for a name is worse than no root for a word.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from index.analysis.arabic.clitics import ARTICLE, CONJUNCTIONS, FUTURE, Slot, Use, letters_of, with_article
from index.analysis.arabic.letters import ALEF, BEH, FEH, HAMZA, HEH, NOON, TEH, WAW, YEH
from index.analysis.readings import Reading

_PRONOUNS = letters_of(Slot.PRONOUN, least=Use.USUAL)
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
"""Endings of nouns, and the ending of the dictionary form instead; teh before a pronoun is teh marbuta."""
_VERB_ENDINGS = (
    *(WAW + NOON, WAW + ALEF, TEH, ALEF + NOON, NOON + ALEF),
    *letters_of(Slot.PRONOUN, least=Use.FREQUENT),
)
"""Persons, then pronouns."""
_NISBA = (YEH, WAW + YEH)
_SHORTEST = 3
_SHORTEST_BASE = 4
_CACHE_SIZE = 1 << 14
"""Cached look-ups of nouns: an unknown word occurs in many forms, which lead to the same few nouns."""
_PRODUCTIVE = 3
"""Words of a root that the lexicon must have before a pattern is accepted; twice as many for a plain pattern."""


class _Pattern(NamedTuple):
    shape: re.Pattern[str]
    length: int
    """Letters of a word that has the shape."""
    first: str
    """Letters that the word may begin with; empty for any radical."""
    form: int
    """Number of the derived form (wazn) of the verb, 1 to 10."""
    pos: str
    plain: bool
    """Whether the shape has no augment but a long vowel, so that names have it as often as words."""


def _patterns(shapes: str, form: int, pos: str, *, plain: bool = False) -> list[_Pattern]:
    """Return the patterns of shapes in which F, C and L are the radicals (فعل), and f and c repetitions of F and C."""
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
"""One letter of a shape: a sign, or a class of letters in brackets."""


@functools.cache
def _nominal_patterns() -> tuple[_Pattern, ...]:
    """Return the shapes of masdars, participles and their broken plurals, the most specific first."""
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
    """Return the shapes of verbs, with the person prefix of the imperfect."""
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
    """Return the patterns that words of this length and first letter may have."""
    patterns = _verbal_patterns() if verbal else _nominal_patterns()
    return tuple(
        pattern for pattern in patterns if pattern.length == length and (not pattern.first or first in pattern.first)
    )


_LookUp = Callable[[str], Sequence[Reading]]


class Fallback:
    """Reads words outside the lexicon by analogy with words in it. Thread-safe."""

    def __init__(self, look_up: _LookUp, roots: Callable[[], Counter[str]]) -> None:
        """Take a function from a surface to its readings in the lexicon, and one that counts the words of each root."""
        self._look_up = look_up
        self._roots = functools.cache(roots)
        self._noun = functools.lru_cache(_CACHE_SIZE)(self._look_up_noun)

    def derived(self, surface: str) -> Reading | None:
        """Return the reading of a word as an inflection or nisba of a word in the lexicon, or None."""
        readings = (self._derived(rest, proclitics) for proclitics, rest in _divisions(surface))
        return next(filter(None, readings), None)

    def patterned(self, surface: str) -> Reading | None:
        """Return the reading of a word by a pattern of a root in the lexicon, or None."""
        readings = (self._patterned(rest, proclitics) for proclitics, rest in _divisions(surface))
        return next(filter(None, readings), None)

    def _derived(self, form: str, proclitics: tuple[str, ...]) -> Reading | None:
        """Return the reading of a form as an inflection or nisba of a noun of the lexicon, or None."""
        if proclitics[-1:] == (FUTURE,):
            return None
        pronouns = [] if ARTICLE in proclitics else _matching_endings(form, _PRONOUNS)
        for pronoun in ("", *pronouns):
            stem = form[: len(form) - len(pronoun)]
            for singular, rule in _singulars(stem):
                for base, adjective in _bases(singular):
                    noun = self._noun(base, rule == "feminine" and not pronoun and not adjective)
                    if noun:
                        return Reading(
                            stem=stem,
                            lemma=singular if adjective else noun.lemma,
                            family=noun.family,
                            roots=noun.roots,
                            pos="adjective" if adjective else noun.pos,
                            proclitics=proclitics,
                            enclitics=(pronoun,) if pronoun else (),
                            source="fallback",
                            rule=f"{rule} of {noun.lemma}",
                        )
        return None

    def _look_up_noun(self, form: str, whole: bool) -> Reading | None:  # noqa: FBT001 - the cache is faster with positional arguments
        """Return the reading of a noun, or None if there is none or `form` is so short that the match may be chance.

        Three letters are enough for a whole word and before a teh marbuta, else four.
        """
        if len(form) < _SHORTEST_BASE - (whole or form[-1:] == HEH):
            return None
        readings = self._look_up(form)
        best = readings[0] if readings else None
        if best is None or best.proclitics or best.enclitics or not best.roots or best.pos not in ("noun", "adjective"):
            return None
        return best

    def _patterned(self, form: str, proclitics: tuple[str, ...]) -> Reading | None:
        """Return the reading of a form as a masdar, participle or verb of a root in the lexicon, or None."""
        article = ARTICLE in proclitics
        if proclitics[-1:] != (FUTURE,):
            for singular, rule in _singulars(form):
                for pattern in _fitting(len(singular), singular[0], verbal=False):
                    root = self._root(
                        pattern, singular, shown=article or (rule == "plural"), cut=bool(proclitics) and not article
                    )
                    if root:
                        return _regular(pattern, root, singular, form, proclitics)
        if not article:
            for ending in ("", *_matching_endings(form, _VERB_ENDINGS)):
                stem = form[: len(form) - len(ending)]
                for pattern in _fitting(len(stem), stem[:1], verbal=True):
                    root = self._root(pattern, stem, shown=bool(ending), cut=bool(proclitics))
                    if root:
                        return _regular(pattern, root, stem, form, proclitics)
        return None

    def _root(self, pattern: _Pattern, stem: str, *, shown: bool, cut: bool) -> str:
        """Return the root that a pattern finds in a form; empty if none, or if the lexicon has too few words of it.

        `shown`: an article or ending shows that it is a noun or verb. `cut`: a particle was cut, which is uncertain.
        """
        match = None if pattern.plain and (cut or not shown) else pattern.shape.fullmatch(stem)
        if match is None:
            return ""
        radicals = match.groupdict()
        first, second = radicals["f"], radicals["c"]
        if first == second:
            return ""
        if pattern.pos == "noun" and "(?P=f)" in pattern.shape.pattern:
            # Two radicals twice are a root of four letters (حلحلة). The shape is evidence enough: no name has it.
            return (first + second) * 2
        lasts = (radicals["l"],) if "l" in radicals else (YEH, WAW)
        word_counts = self._roots()
        roots = [first + second + last for last in lasts]
        best = max(roots, key=lambda root: word_counts[root])
        return best if word_counts[best] >= (_PRODUCTIVE * 2 if pattern.plain else _PRODUCTIVE) else ""


def _regular(pattern: _Pattern, root: str, lemma: str, stem: str, proclitics: tuple[str, ...]) -> Reading:
    return Reading(
        stem=stem,
        lemma=lemma,
        family=f"{root}{pattern.form}",
        roots=((root, 1.0),),
        pos=pattern.pos,
        proclitics=proclitics,
        source="fallback",
        rule="pattern",
    )


def _divisions(surface: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the divisions of a word into proclitics and rest, the whole word first."""
    if len(surface) >= _SHORTEST:
        yield (), surface
    for front, proclitics in _fronts().get(surface[0], ()):
        if surface.startswith(front) and len(surface) - len(front) >= _SHORTEST:
            yield proclitics, surface[len(front) :]


@functools.cache
def _fronts() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the proclitic strings, with the proclitics in them, by their first letter, in the order of trial.

    Two particles before the word are tried if both are frequent.
    """
    frequent = letters_of(Slot.CONJUNCTION, least=Use.FREQUENT)
    after_conjunction: dict[str, tuple[str, ...]] = {"": letters_of(Slot.PARTICLE, least=Use.USUAL)}
    after_conjunction |= dict.fromkeys(CONJUNCTIONS, ())
    after_conjunction |= dict.fromkeys(frequent, letters_of(Slot.PARTICLE, least=Use.FREQUENT))
    fronts: list[tuple[str, tuple[str, ...]]] = []
    for conjunction, particles in after_conjunction.items():
        for particle in ("", *particles):
            proclitics = tuple(filter(None, (conjunction, particle)))
            fronts.append((conjunction + particle, proclitics))
            if particle != FUTURE:
                fronts.append((conjunction + with_article(particle), (*proclitics, ARTICLE)))
    # A frequent conjunction alone comes first: والحاق is و and الحاق. Else the article is likelier than a noun in al-.
    fronts.sort(key=lambda front: (front[0] not in frequent, ARTICLE not in front[1]))
    return {
        letter: tuple(front for front in fronts if front[0].startswith(letter))
        for letter in {front[0][0] for front in fronts if front[0]}
    }


@functools.cache
def _endings() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the endings of nouns by their last letter."""
    return {
        letter: tuple(ending for ending in _ENDINGS if ending[0][-1] == letter)
        for letter in {ending[0][-1] for ending in _ENDINGS}
    }


def _matching_endings(form: str, endings: tuple[str, ...]) -> list[str]:
    """Return the members of `endings` that a form ends with."""
    return [ending for ending in endings if form.endswith(ending)] if form.endswith(endings) else []


def _singulars(stem: str) -> list[tuple[str, str]]:
    """Return the possible singulars of a noun, each with the name of the ending removed; the form itself first."""
    singulars = [(stem, "form")]
    for ending, replacement in _endings().get(stem[-1:], ()):
        if stem.endswith(ending) and len(stem) - len(ending) >= _SHORTEST:
            singulars.append((stem[: -len(ending)] + replacement, "feminine" if ending == HEH else "plural"))
    return singulars


def _bases(singular: str) -> list[tuple[str, bool]]:
    """Return the nouns of which a word may be the nisba (with True), then the word itself (with False)."""
    bases = []
    if singular.endswith(YEH):
        for ending in _NISBA:
            if singular.endswith(ending) and len(singular) - len(ending) >= _SHORTEST:
                base = singular[: -len(ending)]
                bases += [(base, True), (base + HEH, True)]
    bases.append((singular, False))
    return bases
