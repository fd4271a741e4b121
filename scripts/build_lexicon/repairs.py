"""Repairs of the Buckwalter tables before they are compiled: words that are listed twice are merged.

The tables list some inflected words as separate lemmas: adverbs in -an (شكرا beside شكر), particles that consist of a
preposition and a noun (بالتالي), the feminine of the elative (كبرى beside أكبر), and plurals that are also a name
(ولايات of the United States) or that are, in Arramooz, the plural of a word of the same block (ضرائب). A search must
find them under their dictionary word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scripts.build_lexicon.arramooz import Arramooz, shape_of
from scripts.build_lexicon.buckwalter import Lemma
from scripts.build_lexicon.roots import Roots
from scripts.transliteration import arabic, plain

_TANWIN = ("AF", "FA", "F")
_PREPOSITION_AND_ARTICLE = ("bAl", "biAl", "kaAl", "kAl", "li|l")
_FEMININE_ELATIVE = re.compile("^([^aiuoAY~])u([^aiuoAY~])o?([^aiuoAwyY~])([aA]Y|A)$")


def repaired(lemmas: Sequence[Lemma], arramooz: Arramooz) -> tuple[Lemma, ...]:
    """Return the lemmas without those that are forms of another lemma, which gets their stems."""
    by_form = {(lemma.block, lemma.vocalized): lemma for lemma in reversed(lemmas) if lemma.pos() in _NOMINAL}
    by_stem = {
        (lemma.block, stem.vocalized + ending): lemma
        for lemma in reversed(lemmas)
        if lemma.pos() in _NOMINAL
        for stem in lemma.stems
        for ending in _bare_endings(stem.category)
    }
    by_shape = {
        (lemma.block, shape_of(arabic(lemma.vocalized))): lemma for lemma in reversed(lemmas) if lemma.pos() in _NOMINAL
    }
    singulars = _singulars(arramooz)
    kept = []
    for lemma in lemmas:
        if lemma.pos() == "particle" and _is_composed(lemma):
            continue
        head = _head(lemma, by_form, by_stem)
        if head is None and lemma.pos() in _NOMINAL:
            shapes = singulars.get(shape_of(arabic(lemma.vocalized)), ())
            heads = (by_shape.get((lemma.block, shape)) for shape in shapes)
            head = next((head for head in heads if head and head is not lemma), None)
            head = None if head and shape_of(arabic(head.vocalized)) in singulars else head
        if head is None or head is lemma:
            kept.append(lemma)
        elif lemma.pos() != "name":
            head.stems.extend(stem for stem in lemma.stems if stem not in head.stems)
    return tuple(kept)


def _singulars(arramooz: Arramooz) -> Mapping[str, tuple[str, ...]]:
    """Return the singulars of the broken plurals in Arramooz, by shape; without plurals that are also a singular."""
    alone = {noun.shape for noun in arramooz.nouns if not noun.singular}
    singulars: dict[str, tuple[str, ...]] = {}
    for noun in arramooz.nouns:
        if noun.singular and noun.shape not in alone:
            singulars[noun.shape] = (*singulars.get(noun.shape, ()), noun.singular)
    return singulars


_NOMINAL = ("noun", "adjective")
_Forms = Mapping[tuple[int, str], Lemma]


def _bare_endings(category: str) -> tuple[str, ...]:
    """Return the endings with which a stem of this category is a word without further affixes."""
    if category.startswith("Nap"):
        return ("ap",)
    return ("", "ap") if category.startswith(("N-ap", "Nall", "N/ap")) else ("",) if category[:2] != "NA" else ()


def _is_composed(lemma: Lemma) -> bool:
    return lemma.vocalized.startswith(_PREPOSITION_AND_ARTICLE) and len(lemma.vocalized) > len("biAl") + 2


def _head(lemma: Lemma, by_form: _Forms, by_stem: _Forms) -> Lemma | None:
    """Return the lemma of which a lemma is a form, or None."""
    word, block = lemma.vocalized, lemma.block
    if lemma.pos() == "verb":
        return None
    if lemma.pos() == "name":
        return by_stem.get((block, word))
    if lemma.pos() == "particle":
        bases = [word.removesuffix(ending) for ending in _TANWIN if word.endswith(ending)]
        forms = [base + ending for base in bases[:1] for ending in ("", "ap")]
    elif word.endswith("At"):
        forms = [word.removesuffix("At") + ending for ending in ("ap", "")]
    else:
        forms = list(_masculines(word))
    return next((by_form[block, form] for form in forms if (block, form) in by_form), None)


def _masculines(vocalized: str) -> Iterator[str]:
    if match := _FEMININE_ELATIVE.match(vocalized):
        first, second, third, _ = match.groups()
        if first == ">":
            yield f"|{second}a{third}"
        else:
            yield f">a{first}o{second}a{third}"
            yield f">a{first}a{second}~"


_PLURAL_OF_FOUR = re.compile("^([^aiuoAY~])a([^aiuoAY~])A([^aiuoAY~])i(?:y)?([^aiuoAY~])$")


def root_of_plural(lemma: Lemma) -> Roots:
    """Return the root that the broken plural of a word without root shows (دساتير: دستور has the root دستر)."""
    if lemma.pos() not in ("noun", "adjective"):
        return ()
    for stem in lemma.stems:
        match = _PLURAL_OF_FOUR.match(stem.vocalized)
        if match and not {"}", ">"} & set(match.groups()):
            root = plain(arabic("".join(match.groups())))
            letters = [letter for letter in plain(arabic(lemma.vocalized)) if letter in root]
            if match[2] in "wy":
                root = root[0] + root[2:]
            if _in_order(root, letters):
                return ((root, 1.0),)
    return ()


def _in_order(root: str, letters: Iterable[str]) -> bool:
    rest = iter(letters)
    return all(letter in rest for letter in root)
