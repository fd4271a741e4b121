"""Inflects the words that only Arramooz has, by analogy with words of the Buckwalter tables.

Arramooz lists dictionary forms without stems. A verb gets the stems of a Buckwalter verb of the same shape, whose root
has weak letters and hamzas at the same positions. A noun gets the category of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from index.analysis.arabic import letters
from scripts.build_lexicon.arramooz import Arramooz, Noun, Verb, shape_of
from scripts.build_lexicon.buckwalter import Lemma, Stem
from scripts.build_lexicon.roots import Roots, fits
from scripts.transliteration import arabic, latin, plain

_SHORTEST = 3
_WEAK = frozenset("ويء")
_CHANGING = frozenset("تثدذزسصضطظن")
"""Radicals that change or replace the t of form VIII, or look like an augment: such verbs are no patterns."""
_CATEGORY_OF_KIND = {"masdar": "N/At", "active": "Nall", "passive": "Nall", "adjective": "Nall", "nisba": "Nall"}
_UNFIT_ENDINGS = (letters.ALEF, letters.ALEF_MAKSURA, letters.HAMZA, letters.WAW, letters.YEH_HAMZA)


def missing_words(arramooz: Arramooz, lemmas: Sequence[Lemma], roots: Sequence[Roots]) -> Iterator[tuple[Lemma, Roots]]:
    """Yield the words of Arramooz that are not among the lemmas, with stems and root, in the order of Arramooz."""
    known = {(shape_of(arabic(lemma.vocalized)), lemma.pos() == "verb") for lemma in lemmas}
    known |= {(shape_of(arabic(stem.vocalized)), stem.pos == "verb") for lemma in lemmas for stem in lemma.stems}
    # Plurals of known nouns count as known too: a rare homograph must not compete with نساء.
    spelled = {(plain(arabic(lemma.vocalized)), lemma.pos() == "verb") for lemma in lemmas}
    spelled |= {(stem.spelled, False) for lemma in lemmas for stem in lemma.stems if stem.pos != "verb"}
    spelled |= {
        (stem.spelled + letters.TEH_MARBUTA, False)
        for lemma in lemmas
        for stem in lemma.stems
        if stem.category.startswith("Nap")
    }
    patterns = _patterns(lemmas, roots)
    for verb in arramooz.verbs:
        if verb.root and (verb.shape, True) not in known and (verb.spelled, True) not in spelled:
            lemma = _inflected(verb, patterns)
            if lemma:
                known.add((verb.shape, True))
                yield lemma, ((verb.root, 1.0),)
    plurals: dict[str, list[Noun]] = {}
    for noun in arramooz.nouns:
        if noun.singular and (noun.spelled, False) not in spelled:
            plurals.setdefault(noun.singular, []).append(noun)
    for noun in arramooz.nouns:
        if (
            noun.root
            and not noun.singular
            and (noun.shape, False) not in known
            and (noun.spelled, False) not in spelled
        ):
            lemma = _declined(noun, plurals.get(noun.shape, []))
            if lemma and fits(noun.spelled, noun.root):
                known.add((noun.shape, False))
                yield lemma, ((noun.root, 1.0),)


_Pattern = tuple[Lemma, str]


def _patterns(lemmas: Sequence[Lemma], roots: Sequence[Roots]) -> Mapping[tuple[str, str, str], _Pattern]:
    """Return the model verbs, by shape with numbers for radicals, weak radicals, and vowel of the imperfect."""
    patterns: dict[tuple[str, str, str], _Pattern] = {}
    for lemma, weighted in zip(lemmas, roots, strict=True):
        if lemma.pos() != "verb" or not weighted or not _CHANGING.isdisjoint(weighted[0][0]):
            continue
        root = weighted[0][0]
        shape = _numbered(shape_of(arabic(lemma.vocalized)), root)
        if shape and all(_numbered(arabic(stem.vocalized), root) for stem in lemma.stems):
            for vowel in lemma.vowels[:1] if len(lemma.vowels) == 1 else ("",):
                key = (shape, _weak_pattern(root), vowel)
                if key not in patterns or len(patterns[key][0].stems) < len(lemma.stems):
                    patterns[key] = (lemma, root)
    return patterns


def _weak_pattern(root: str) -> str:
    return "".join(letter if letter in _WEAK else "-" for letter in root)


def _numbered(text: str, root: str) -> str:
    """Return text with a number for each sound radical; empty if it does not have all of them in order."""
    position = 0
    for number, radical in enumerate(root, 1):
        if radical in _WEAK:
            continue
        index = text.find(radical, position)
        if index < 0:
            if number > 1 and radical == root[number - 2]:
                continue
            return ""
        text = text[:index] + str(number) + text[index + 1 :]
        position = index + 1
    return text


def _inflected(verb: Verb, patterns: Mapping[tuple[str, str, str], _Pattern]) -> Lemma | None:
    if "ت" in verb.shape and verb.root[0] in _CHANGING and verb.shape.startswith(letters.ALEF):
        return None
    if len(set(verb.root)) < len(verb.root) - 1:
        return None
    shape = _numbered(verb.shape, verb.root)
    weak = _weak_pattern(verb.root)
    pattern = patterns.get((shape, weak, verb.vowel)) or patterns.get((shape, weak, ""))
    if pattern is None or (pattern[1][-1] == pattern[1][-2]) != (verb.root[-1] == verb.root[-2]):
        return None
    model, root = pattern
    stems = []
    for stem in model.stems:
        vocalized = latin(_replaced(arabic(stem.vocalized), root, verb.root))
        spelled = _replaced(stem.spelled, root, verb.root)
        stems.append(Stem(spelled, vocalized, stem.category, "verb"))
    return Lemma(latin(_replaced(arabic(model.vocalized), root, verb.root)), verb.vowel, 0, stems)


def _replaced(text: str, root: str, other: str) -> str:
    numbered = _numbered(text, root)
    return re.sub("[1234]", lambda match: other[int(match[0]) - 1], numbered)


def _declined(noun: Noun, plurals: Sequence[Noun]) -> Lemma | None:
    vocalized = latin(re.sub("[\u064b-\u0650]+$", "", noun.vocalized))
    word = noun.spelled
    pos = "adjective" if noun.kind in ("adjective", "nisba") else "noun"
    if word.endswith(_UNFIT_ENDINGS) or len(word) < _SHORTEST or " " in word:
        return None
    if word.endswith(letters.YEH) and noun.kind != "nisba":
        return None
    if word.endswith(letters.TEH_MARBUTA):
        stems = [Stem(word[:-1], vocalized.removesuffix("p").rstrip("a"), "NapAt", pos)]
    else:
        stems = [Stem(word, vocalized, _CATEGORY_OF_KIND.get(noun.kind, "Ndu"), pos)]
    for plural in plurals:
        text = latin(re.sub("[\u064b-\u0650]+$", "", plural.vocalized))
        if plural.spelled.endswith(letters.TEH_MARBUTA):
            stems.append(Stem(plural.spelled[:-1], text.removesuffix("p").rstrip("a"), "Nap", pos))
        elif not plural.spelled.endswith((*_UNFIT_ENDINGS, letters.YEH)) and " " not in plural.spelled:
            stems.append(Stem(plural.spelled, text, "N", pos))
    return Lemma(vocalized, "", 0, stems)
