"""Which root a lemma has: the words of a block vote.

A block of the Buckwalter tables is a family of words of one root, though many blocks do not say which. Arramooz knows
roots of words but not of all, and errs now and then. So the roots that Arramooz has for the words of a block, the
consonants of its form I verbs, and the header of the block vote, and every lemma takes the strongest root whose
consonants it has in their order. Words that have no such root (foreign ones above all) have none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from index.analysis import letters
from scripts.build_lexicon.arramooz import Arramooz, root_of, shape_of
from scripts.build_lexicon.buckwalter import Lemma, Tables
from scripts.transliteration import arabic, plain

Roots = tuple[tuple[str, float], ...]
"""Roots with weights that add up to one, the likeliest first; empty for a word without one."""

_CONSONANT = "[^aiuoAwyY~`|{]"
_SOUND = re.compile(f"^({_CONSONANT})[aiu]({_CONSONANT})[aiu]({_CONSONANT})$")
_FIRST_WEAK = re.compile(f"^([wy])a({_CONSONANT})[aiu]({_CONSONANT})$")
_DOUBLED = re.compile(f"^({_CONSONANT}|w)a({_CONSONANT})~$")
_HOLLOW = re.compile(f"^({_CONSONANT})A({_CONSONANT})$")
_DEFECTIVE = re.compile(f"^({_CONSONANT}|[wy])a({_CONSONANT}|w)(aA|aY|iy)$")
_QUADRILITERAL = re.compile(f"^({_CONSONANT})a({_CONSONANT})o({_CONSONANT})a({_CONSONANT})$")

_SHAPE, _SPELLING, _SKELETON, _HEADER = 2.0, 1.0, 3.0, 2.0
"""Votes of a word that Arramooz has with its vowels, and without; of a form I verb; of the header of the block."""
_CLOSE = 0.35
_THREE = 3
_DOUBLED_HEADER = 2
"""Letters of a header that leaves the doubled radical out."""
_UNDOUBTED = 4.0
_SHORTEST_ROOTED_PARTICLE = 3
_WEAK = frozenset("ويءا")
_AUGMENTS = frozenset("اويمتنسةءى")
"""Letters that a word may have beside its root (Wright, vol. 1, section 19)."""
_ASSIMILATED = re.compile("(?:(?<=[زذد])د|(?<=[صضطظ])ط)")
"""The t of form VIII behind z and emphatics, as it is spelled there."""


def lemma_roots(tables: Tables, arramooz: Arramooz) -> list[Roots]:
    """Return the roots of each lemma of the tables, in their order."""
    by_shape, by_spelling = _known(arramooz)
    sound = arramooz.roots()
    blocks: dict[int, list[int]] = defaultdict(list)
    for number, lemma in enumerate(tables.lemmas):
        blocks[lemma.block].append(number)
    result: list[Roots] = [()] * len(tables.lemmas)
    for block, members in blocks.items():
        own = {number: _own(tables.lemmas[number], by_shape, by_spelling) for number in members}
        votes: defaultdict[str, float] = defaultdict(float)
        for number in members:
            for root, (share, _) in own[number].items():
                votes[root] += share
            for root, weight in skeleton_roots(tables.lemmas[number]):
                votes[root] += weight
        for root in _header_roots(tables.headers.get(block, ""), sound):
            votes[root] += _HEADER
        for number in members:
            result[number] = _choose(tables.lemmas[number], own[number], votes)
    return result


def _known(
    arramooz: Arramooz,
) -> tuple[Mapping[tuple[str, bool], Counter[str]], Mapping[tuple[str, bool], Counter[str]]]:
    by_shape: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    by_spelling: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for entries, verbal in ((arramooz.nouns, False), (arramooz.verbs, True)):
        for entry in entries:
            if entry.root:
                by_shape[entry.shape, verbal][entry.root] += 1
                by_spelling[entry.spelled, verbal][entry.root] += 1
    return by_shape, by_spelling


def _own(
    lemma: Lemma,
    by_shape: Mapping[tuple[str, bool], Counter[str]],
    by_spelling: Mapping[tuple[str, bool], Counter[str]],
) -> dict[str, tuple[float, bool]]:
    """Return the roots that Arramooz has for this very word: votes, and whether with the same vowels."""
    vocalized = arabic(lemma.vocalized)
    verbal = lemma.pos() == "verb"
    roots = by_shape.get((shape_of(vocalized), verbal))
    weight, same = _SHAPE, True
    if not roots:
        roots, weight, same = by_spelling.get((plain(vocalized), verbal)), _SPELLING, False
    if not roots:
        return {}
    total = sum(roots.values())
    return {root: (weight * count / total, same) for root, count in roots.most_common(3)}


def skeleton_roots(lemma: Lemma) -> Iterator[tuple[str, float]]:
    """Yield the roots that a verb of form I, or of four radicals, shows in its own letters, with votes."""
    if lemma.pos() != "verb":
        return
    verb = lemma.vocalized.replace("|", ">aA")
    for pattern in (_SOUND, _FIRST_WEAK, _QUADRILITERAL):
        if found := pattern.match(verb):
            yield root_of(arabic("".join(found.groups()))), _SKELETON
            return
    if found := _DOUBLED.match(verb):
        yield root_of(arabic(found[1] + found[2] * 2)), _SKELETON
    elif found := _HOLLOW.match(verb):
        for middle in {"u": "w", "i": "y"}.get(lemma.vowels[:1], "wy"):
            yield root_of(arabic(found[1] + middle + found[2])), _SKELETON / (1 if lemma.vowels[:1] in "ui" else 2)
    elif found := _DEFECTIVE.match(verb):
        last = {"aA": "w", "aY": "y"}.get(found[3], "y")
        yield root_of(arabic(found[1] + found[2] + last)), _SKELETON if found[3] != "iy" else _SKELETON / 3


def _header_roots(header: str, sound: frozenset[str]) -> Iterator[str]:
    header = header.split("/", maxsplit=1)[0]
    root = root_of(arabic(header.replace("A", "'")) + (arabic(header[-1]) if len(header) == _DOUBLED_HEADER else ""))
    if root and (root in sound or len(root) == _THREE):
        yield root
        return
    if len(header) == _THREE and "A" in header[1:]:
        for weak in "wy":
            other = root_of(arabic(header[0] + header[1:].replace("A", weak)))
            if other in sound:
                yield other


def _choose(lemma: Lemma, own: Mapping[str, tuple[float, bool]], votes: Mapping[str, float]) -> Roots:
    spelled = plain(arabic(lemma.vocalized))
    if lemma.pos() == "particle" and len(spelled) < _SHORTEST_ROOTED_PARTICLE:
        return ()
    fitting = [
        (root, weight) for root, weight in sorted(votes.items(), key=lambda pair: -pair[1]) if fits(spelled, root)
    ]
    # Four letters that begin with hamza are three behind a prefix (أرملة is of رمل), and those that end in yeh three
    # before the ending of an adjective (قبطي is of قبط), if the three are a root too.
    roots = {root for root, _ in fitting}
    fitting = [
        (root, weight)
        for root, weight in fitting
        if not (root[0] == letters.HAMZA and root[1:] in roots) and not (root[-1] == letters.YEH and root[:-1] in roots)
    ]
    if not fitting:
        # A few old words have lost a consonant (ماء of موه, شفة of شفه): theirs is what the whole block says too.
        lost = [root for root, (_, same) in own.items() if same and votes.get(root, 0) >= _UNDOUBTED]
        return ((lost[0], 1.0),) if lost else ()
    _, most = fitting[0]
    scores = {root: weight / most for root, weight in fitting[:4]}
    for root, (_, same) in own.items():
        if root in scores:
            scores[root] += 0.5 if same else 0.25
    return weighed(scores.items())


def weighed(scores: Iterable[tuple[str, float]]) -> Roots:
    """Return at most two roots, the second only if it is close to the first."""
    ordered = sorted(scores, key=lambda pair: (-pair[1], pair[0]))[:2]
    if len(ordered) > 1 and ordered[1][1] < _CLOSE * ordered[0][1]:
        ordered = ordered[:1]
    total = sum(score for _, score in ordered)
    return tuple((root, round(score / total, 2)) for root, score in ordered)


def fits(spelled: str, root: str) -> bool:
    """Return whether a word has the consonants of a root in their order, and beside them only augments.

    Weak letters and hamza may change or go; a doubled consonant may be written once; d and z may stand for each other's
    dotted twin after assimilation (ادخر of ذخر).
    """
    place = 0
    word = spelled.translate(_UNSEATED)
    for number, radical in enumerate(root):
        if radical in _WEAK:
            continue
        if number and radical == root[number - 1]:
            after = word.find(radical, place)
            place = after + 1 if after >= 0 else place
            continue
        found = word.find(radical, place)
        if found < 0 and radical in "ذز":
            found = word.find(letters.DAL, place)
        if found < 0:
            return False
        place = found + 1
    rest = Counter(_ASSIMILATED.sub("", word, count=1)) - Counter(root)
    return all(letter in _AUGMENTS for letter in rest if letter not in root)


_UNSEATED = str.maketrans(dict.fromkeys("أإؤئآ", "ء"))
