"""Derivation families: a verb, its masdar and its participles.

The key of a verbal family is the root and the number of the verb form: كتب, its masdar كتابة and its participles كاتب
and مكتوب have `كتب1`; اتصل, اتصال and متصل have `وصل8`; مواصلات, of form III, has `وصل3`. Any other word has its own
family, which includes its adjective in -iyy and the abstract noun of that (تجاري is in the family of تجارة). The shapes
of the forms are in every grammar (Wright, vol. 1, sections 35-67 and 195-230), here in the spelling of the tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.analysis.arabic import letters
from scripts.build_lexicon.arramooz import Arramooz, shape_of
from scripts.build_lexicon.buckwalter import Lemma
from scripts.build_lexicon.roots import Roots
from scripts.transliteration import arabic, plain

_C = "([^aiuoAY~])"
_VERBS = (
    (1, "1a2[aiu]3", "1A3", "1a2~", "1a2(?:A|aA|aY|iy)"),
    (
        2,
        "1a2~a(?:3|Y)",
    ),
    (4, "'a12a(?:3|Y)", "'a1A3", "'a1a2~", "'A2a(?:3|Y)"),
    (3, "1A2a(?:3|Y)", "1A2~"),
    (
        5,
        "ta1a2~a(?:3|Y)",
    ),
    (6, "ta1A2a(?:3|Y)", "ta1A2~"),
    (7, "{in1a2a(?:3|Y)", "{in1A3", "{in1a2~"),
    (8, "{i1[tTd]a2a(?:3|Y)", "{i1[tTd]A3", "{i1[tTd]a2~", "{i[tTd]~a2a(?:3|Y)", "{i[tTd]~A3"),
    (
        9,
        "{i12a3~",
    ),
    (10, "{ista12a(?:3|Y)", "{ista1A3", "{ista1a2~"),
)
_NOUNS = (
    (2, "ta12iy3(?:ap)?", "ta12i(?:3|y)ap", "ta12iyap", "mu1a2~[ai](?:3|Y|iy)"),
    (3, "mu1A2[ai](?:3|Y|iy)(?:ap)?", "mu1A2Ap", "mu1A2~(?:ap)?"),
    (4, "<i12A[3']", "<i1A3ap", "<iy2A[3']", "mu12[ai](?:3|Y|iy)", "mu1iy3", "mu1A3", "mu1[ia]2~"),
    (5, "ta1a2~(?:u3|iy)", "muta1a2~[ai](?:3|Y|iy)"),
    (6, "ta1A2(?:u3|iy)", "ta1A2~", "muta1A2[ai](?:3|Y|iy)", "muta1A2~"),
    (7, "{in1i2A[3']", "{in1iyA3", "mun1a2[ai](?:3|Y|iy)", "mun1A3", "mun1a2~"),
    (
        8,
        "{i1[tTd]i2A[3']",
        "{i1[tTd]iyA3",
        "{i[tTd]~i2A[3']",
        "mu1[tTd]a2[ai](?:3|Y|iy)",
        "mu1[tTd]A3",
        "mu1[tTd]a2~",
        "mu[tTd]~a2[ai](?:3|Y|iy)",
    ),
    (9, "{i12i3A3", "mu12a3~"),
    (
        10,
        "{isti12A[3']",
        "{isti1A3ap",
        "{istiy2A[3']",
        "musta12[ai](?:3|Y|iy)",
        "musta1iy3",
        "musta1A3",
        "musta1[ia]2~",
    ),
    (1, "1A[2']i(?:3|y)", "1A2~", "ma12uw(?:3|~)(?:ap)?", "ma1uw3(?:ap)?", "ma1iy3", "ma12iy~"),
)
_MASDARS_OF_FORM_I = ("1i2A3ap", "1u2uw3", "1u2uw~", "1i2Ayap", "ma1A3", "ma12i(?:3|y)ap")
"""Shapes of form I that are nearly always masdars; the other masdars are taken from Arramooz."""
_FOUR = (
    (1, "1a23a4", "1a23a4ap", "mu1a23[ai]4"),
    (2, "ta1a23a4", "ta1a23u4", "muta1a23[ai]4"),
    (4, "{i12a3a4~", "{i12i34A4", "mu12a3i4~"),
)
_FOUR_RADICALS = 4
_HAMZA = str.maketrans(dict.fromkeys(">&}<", "'"))
_WEAK = frozenset("ويء")
_NISBA = re.compile(r"(?:Aw)?iy~(?:ap)?$")


def _compiled(shapes: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile("^" + re.sub(r"(?<!\[)[1234](?!\])", _C, shape.replace("[3']", "3").replace("[2']", "2")) + "$")
        for shape in shapes
    )


_FORMS_OF_VERBS = tuple((form, _compiled(shapes)) for form, *shapes in _VERBS)
_FORMS_OF_NOUNS = tuple((form, _compiled(shapes)) for form, *shapes in _NOUNS)
_FORMS_OF_FOUR = tuple((form, _compiled(shapes)) for form, *shapes in _FOUR)
_FORM_I = _compiled(_MASDARS_OF_FORM_I)


def families(lemmas: Sequence[Lemma], roots: Sequence[Roots], arramooz: Arramooz) -> list[str]:
    """Return the family key of each lemma."""
    masdars = _masdars(arramooz)
    keys = [
        _verbal(lemma, weighted[0][0], masdars) if weighted else ""
        for lemma, weighted in zip(lemmas, roots, strict=True)
    ]
    bases = {
        (lemma.block, skeleton(lemma.vocalized)): index
        for index, lemma in reversed(list(enumerate(lemmas)))
        if lemma.pos() != "verb"
    }
    return [key or _nominal(lemma, lemmas, keys, bases) for lemma, key in zip(lemmas, keys, strict=True)]


def skeleton(vocalized: str) -> str:
    """Return a transliteration without sukun, madda as hamza and alef, and hamza without seat.

    An initial hamza below alef, which marks form IV, and the alef wasla are kept.
    """
    text = vocalized.replace("o", "").replace("|", "'A")
    return text[:1] + text[1:].translate(_HAMZA) if text[:1] == "<" else text.translate(_HAMZA)


def verb_form(vocalized: str, root: str) -> int:
    """Return the number of the form of a verb, given its root; 0 if it has no known shape."""
    return _form(skeleton(vocalized), root, _FORMS_OF_FOUR if len(root) == _FOUR_RADICALS else _FORMS_OF_VERBS)


def noun_form(vocalized: str, root: str) -> int:
    """Return the number of the form of which a noun is, by its shape, the masdar or participle; 0 if of none."""
    return _form(skeleton(vocalized), root, _FORMS_OF_FOUR if len(root) == _FOUR_RADICALS else _FORMS_OF_NOUNS)


def _form(text: str, root: str, forms: Sequence[tuple[int, Sequence[re.Pattern[str]]]]) -> int:
    return next((form for form, shapes in forms if any(_has_radicals(root, shape.match(text)) for shape in shapes)), 0)


def _has_radicals(root: str, match: re.Match[str] | None) -> bool:
    """Return whether the radicals in a match of a shape are those of the root, except weak ones."""
    if match is None:
        return False
    shown = [letter for letter in arabic("".join(filter(None, match.groups()))) if letter not in _WEAK]
    radicals = [letter for letter in root if letter not in _WEAK]
    if len(radicals) > 1 and radicals[-1] == radicals[-2] and len(shown) == len(radicals) - 1:
        radicals.pop()
    missing = radicals[1:] if radicals[:1] and radicals[0] in _ASSIMILATED and len(shown) < len(radicals) else radicals
    return shown in (radicals, missing)


_ASSIMILATED = frozenset("تطدذزءظثصض")


def _masdars(arramooz: Arramooz) -> Mapping[tuple[str, str], str]:
    return {(noun.shape, noun.root): noun.verb for noun in arramooz.nouns if noun.kind == "masdar" and noun.verb}


def _verbal(lemma: Lemma, root: str, masdars: Mapping[tuple[str, str], str]) -> str:
    if lemma.pos() == "verb":
        return _key(root, verb_form(lemma.vocalized, root))
    if form := noun_form(lemma.vocalized, root):
        return _key(root, form)
    text = skeleton(lemma.vocalized)
    if len(root) < _FOUR_RADICALS and any(_has_radicals(root, shape.match(text)) for shape in _FORM_I):
        return _key(root, 1)
    verb = masdars.get((shape_of(arabic(lemma.vocalized)), root))
    return _key(root, _form_of_shape(verb, root)) if verb else ""


def _form_of_shape(verb: str, root: str) -> int:
    """Return the form of a verb given by its shape in Arabic letters."""
    bare = plain(verb)
    if bare[:1] == letters.ALEF or len(bare) > len(root) + 1:
        return 0
    doubled = "\N{ARABIC SHADDA}" in verb and root[-1] != root[-2]
    if doubled:
        return 2
    if bare[1:2] == letters.ALEF and len(bare) == len(root) + 1:
        return 3
    if bare[:1] == letters.ALEF_HAMZA_ABOVE and root[0] != letters.HAMZA:
        return 4
    return 1


def _key(root: str, form: int) -> str:
    return f"{root}{form}" if form else ""


def _nominal(lemma: Lemma, lemmas: Sequence[Lemma], keys: Sequence[str], bases: Mapping[tuple[int, str], int]) -> str:
    text = skeleton(lemma.vocalized)
    base, times = _NISBA.subn("", text)
    if times:
        for stem in (base, base + "ap", base + "Ap", base + "A", base + "iyA", base + "iyap", base + "A'"):
            index = bases.get((lemma.block, stem))
            if index is not None and lemmas[index] is not lemma:
                return keys[index] or plain(arabic(lemmas[index].vocalized))
        adjective = bases.get((lemma.block, text.removesuffix("ap")))
        if adjective is not None:
            return keys[adjective] or plain(arabic(lemmas[adjective].vocalized))
    return plain(arabic(lemma.vocalized))
