"""The roots of lemmas, by a vote of the words in a block.

A block of the Buckwalter tables has words of one root, but many blocks do not name it. Arramooz has the roots of many
words, some of them wrong. Therefore each block has a vote: of the roots in Arramooz of its words, of the consonants of
its form I verbs, and of its header. Each lemma gets the root with the most votes whose consonants it has in order.
Words without such a root (mostly foreign ones) have none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from index.analysis.arabic import letters
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
"""Votes of a word in Arramooz with the same vowels, and with other vowels; of a form I verb; of the block's header."""
_CLOSE = 0.35
_THREE = 3
_DOUBLED_HEADER = 2
"""Letters of a header that has the doubled radical once."""
_UNDOUBTED = 4.0
_SHORTEST_ROOTED_PARTICLE = 3
_WEAK = frozenset("ويءا")
_AUGMENTS = frozenset("اويمتنسةءى")
"""Letters that a word may have beside its root (Wright, vol. 1, section 19)."""
_ASSIMILATED = re.compile("(?:(?<=[زذد])د|(?<=[صضطظ])ط)")
"""The t of form VIII after z and emphatics, as it is spelled there."""


def lemma_roots(tables: Tables, arramooz: Arramooz) -> list[Roots]:
    """Return the roots of each lemma of the tables, in their order."""
    by_shape, by_spelling = _roots_by_word(arramooz)
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


def _roots_by_word(
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
    """Return the roots in Arramooz of this word, each with its vote and whether the vowels are the same."""
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
    """Yield the roots that the letters of a verb of form I, or of four radicals, show, with votes."""
    if lemma.pos() != "verb":
        return
    verb = lemma.vocalized.replace("|", ">aA")
    for pattern in (_SOUND, _FIRST_WEAK, _QUADRILITERAL):
        if match := pattern.match(verb):
            yield root_of(arabic("".join(match.groups()))), _SKELETON
            return
    if match := _DOUBLED.match(verb):
        yield root_of(arabic(match[1] + match[2] * 2)), _SKELETON
    elif match := _HOLLOW.match(verb):
        for middle in {"u": "w", "i": "y"}.get(lemma.vowels[:1], "wy"):
            yield root_of(arabic(match[1] + middle + match[2])), _SKELETON / (1 if lemma.vowels[:1] in "ui" else 2)
    elif match := _DEFECTIVE.match(verb):
        last = {"aA": "w", "aY": "y"}.get(match[3], "y")
        yield root_of(arabic(match[1] + match[2] + last)), _SKELETON if match[3] != "iy" else _SKELETON / 3


def _header_roots(header: str, sound: frozenset[str]) -> Iterator[str]:
    header = header.split("/", maxsplit=1)[0]
    root = root_of(arabic(header.replace("A", "'")) + (arabic(header[-1]) if len(header) == _DOUBLED_HEADER else ""))
    if root and (root in sound or len(root) == _THREE):
        yield root
        return
    if len(header) == _THREE and "A" in header[1:]:
        for weak in "wy":
            root = root_of(arabic(header[0] + header[1:].replace("A", weak)))
            if root in sound:
                yield root


def _choose(lemma: Lemma, own: Mapping[str, tuple[float, bool]], votes: Mapping[str, float]) -> Roots:
    spelled = plain(arabic(lemma.vocalized))
    if lemma.pos() == "particle" and len(spelled) < _SHORTEST_ROOTED_PARTICLE:
        return ()
    fitting = [
        (root, weight) for root, weight in sorted(votes.items(), key=lambda pair: -pair[1]) if fits(spelled, root)
    ]
    # A candidate of four letters that begins with hamza is a prefix and a root of three (أرملة: رمل), and one that ends
    # in yeh is a root of three and the ending of an adjective (قبطي: قبط), if the three letters are a candidate too.
    roots = {root for root, _ in fitting}
    fitting = [
        (root, weight)
        for root, weight in fitting
        if not (root[0] == letters.HAMZA and root[1:] in roots) and not (root[-1] == letters.YEH and root[:-1] in roots)
    ]
    if not fitting:
        # A few old words have lost a consonant (ماء of موه, شفة of شفه). They get the root in Arramooz if it has enough
        # votes in the block.
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
    """Return whether a word has the consonants of a root in order, and otherwise only augments.

    Weak letters and hamza may change or be missing. A doubled consonant may be written once. A dal may stand for thal
    or zain after assimilation (ادخر of ذخر).
    """
    position = 0
    word = spelled.translate(_UNSEATED)
    for number, radical in enumerate(root):
        if radical in _WEAK:
            continue
        if number and radical == root[number - 1]:
            after = word.find(radical, position)
            position = after + 1 if after >= 0 else position
            continue
        index = word.find(radical, position)
        if index < 0 and radical in "ذز":
            index = word.find(letters.DAL, position)
        if index < 0:
            return False
        position = index + 1
    rest = Counter(_ASSIMILATED.sub("", word, count=1)) - Counter(root)
    return all(letter in _AUGMENTS for letter in rest if letter not in root)


_UNSEATED = str.maketrans(dict.fromkeys("أإؤئآ", "ء"))
