"""Spelling classes: which listed forms are spellings of one name.

Two forms are joined only on evidence: a source says that they are one thing (a city of GeoNames, a country of CLDR, a
gloss of the tables) and they are near, or they are very near, long, and the news do not use both as different names.
Nearness is a distance in which every change of a letter that foreign names really undergo has its price.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from index.analysis.letters import ALEF, BEH, FEH, HEH, JEEM, KAF, LAM, QAF, SEEN, TEH, WAW, YEH, ZAIN

_GHAIN, _SHEEN, _KHAH, _HAH = "غ", "ش", "خ", "ح"
_DAL, _DAD, _ZAH, _THEH, _THAL, _AIN = "د", "ض", "ظ", "ث", "ذ", "ع"
_VOWELS = frozenset((ALEF, WAW, YEH))
_EXCHANGES: dict[frozenset[str], float] = {
    frozenset(pair): price
    for price, pairs in (
        (0.3, ((_GHAIN, JEEM), (TEH, _THEH), (SEEN, _THEH), (ZAIN, _ZAH), (_DAL, _THAL), (_DAL, _DAD))),
        (0.5, ((_GHAIN, QAF), (JEEM, QAF), (KAF, QAF), (SEEN, ZAIN), (JEEM, KAF), (_GHAIN, KAF), (BEH, FEH))),
        (0.6, ((JEEM, _SHEEN), (HEH, _HAH), (KAF, _KHAH), (SEEN, _SHEEN), (FEH, WAW), (JEEM, ZAIN))),
        (0.8, ((ALEF, WAW), (ALEF, YEH), (WAW, YEH), (_HAH, _KHAH), (_AIN, ALEF))),
    )
    for pair in pairs
}
"""Price of one letter for another; all other exchanges are as dear as two names."""
_DEAR = 5.0
_VOWEL = 0.5
"""Price of a long vowel inside, written or not."""
_GLIDE = 0.6
"""Price of a vowel at the beginning that only some spellings show."""
_FIRST_LETTER = 0.3
"""Added price of another first letter."""
_WRITE_G = (_GHAIN, JEEM, QAF, KAF)
_ONE_THING = 1.5
_ONE_LOAN = 0.6
_SHORTEST_WITHOUT = 5
_VERY_NEAR = 0.5
_LIMITS = {0: 0.0, 1: 0.3, 2: 0.5, 3: 1.0, 4: 1.2}
"""Price up to which two names of one thing are one spelling, by the number of their consonants."""
_CHAIN = 1.1
"""Price up to which two members of a class are always near, so that two spellings may meet in a third."""
_FEW, _LONG = 3, 4
"""Consonants from which two very near names may be one, and from which they are."""
_FREQUENT = 8
_RATIO = 5
_BUCKET = str.maketrans({**dict.fromkeys((_GHAIN, QAF, KAF), JEEM), ZAIN: SEEN, **dict.fromkeys("اوي", None)})


@functools.lru_cache(maxsize=1 << 18)
def distance(first: str, second: str) -> float:
    """Return the price of the changes between two keys of `spelling_key`; one letter for g throughout is one change."""
    mine, other = ({letter for letter in key if letter in _WRITE_G} for key in (first, second))
    if len(mine) == len(other) == 1 and mine != other:
        (one,), (another,) = mine, other
        return _EXCHANGES[frozenset((one, another))] + _edits(first.replace(one, another), second)
    return _edits(first, second)


def _edits(first: str, second: str) -> float:
    rows = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(1, len(first) + 1):
        rows[i][0] = rows[i - 1][0] + _loss(first, i - 1)
    for j in range(1, len(second) + 1):
        rows[0][j] = rows[0][j - 1] + _loss(second, j - 1)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            exchange = 0.0 if a == b else _EXCHANGES.get(frozenset((a, b)), _DEAR)
            exchange += _FIRST_LETTER if a != b and i == j == 0 else 0.0
            rows[i + 1][j + 1] = min(
                rows[i][j] + exchange, rows[i][j + 1] + _loss(first, i), rows[i + 1][j] + _loss(second, j)
            )
    return rows[-1][-1]


def consonants(key: str) -> str:
    """Return the letters of a key that carry a name: the long vowels are out, and g is one letter."""
    return key.translate(_BUCKET)


class Classes:
    """Joins forms, given what the sources and the news say of them."""

    def __init__(
        self,
        groups: Mapping[str, frozenset[str]],
        kinds: Mapping[str, set[str]],
        counts: Mapping[str, int],
        contexts: Mapping[str, Counter[str]],
    ) -> None:
        """Take the things that each key stands for, its kinds and count, and the words beside it in the news."""
        self._groups, self._kinds, self._counts, self._contexts = groups, kinds, counts, contexts
        self._class = {key: key for key in groups}
        self._members: dict[str, set[str]] = {key: {key} for key in groups}

    def build(self) -> list[list[str]]:
        """Return the classes with two members or more, the commonest member first."""
        pairs = sorted(self._pairs(), key=lambda pair: (distance(*pair), pair))
        for first, second in pairs:
            if self._is_one(first, second):
                self._join(first, second)
        classes = [sorted(members, key=self._rank) for members in self._members.values() if len(members) > 1]
        return sorted(classes, key=lambda members: self._rank(members[0]))

    def _rank(self, key: str) -> tuple[int, str]:
        return -self._counts.get(key, 0), key

    def _pairs(self) -> Iterator[tuple[str, str]]:
        things: dict[str, set[str]] = defaultdict(set)
        for key, groups in self._groups.items():
            for group in (*groups, f"consonants {consonants(key)}"):
                things[group].add(key)
        pairs = {pair for members in things.values() for pair in combinations(sorted(members), 2)}
        return iter(pairs)

    def _is_one(self, first: str, second: str) -> bool:
        if not self._kinds[first] & self._kinds[second]:
            return False
        apart = distance(first, second)
        mine, other = self._groups[first], self._groups[second]
        letters = min(len(consonants(first)), len(consonants(second)))
        if mine & other:
            loan = all("loan" in group for group in mine & other)
            return apart <= min(_ONE_LOAN if loan else _ONE_THING, _limit(first, second))
        if mine and other and _sources(mine) & _sources(other):
            return False
        if apart > _VERY_NEAR or letters < _FEW or _is_family(first) or _has_other_kaf(first, second):
            return False
        if letters < _LONG and not self._is_rare_beside(first, second):
            return False
        return not self._are_apart(first, second)

    def _is_rare_beside(self, first: str, second: str) -> bool:
        """Return whether one form is a rare one of the news only, and is used like the other, a far commoner one."""
        rare, common = sorted((first, second), key=lambda key: self._counts.get(key, 0))
        often = self._counts.get(common, 0) >= max(_FREQUENT, _RATIO * self._counts.get(rare, 0))
        return often and not self._groups[rare] and bool(set(self._contexts[rare]) & set(self._contexts[common]))

    def _are_apart(self, first: str, second: str) -> bool:
        """Return whether the news use both forms, and not beside the same words."""
        often = min(self._counts.get(first, 0), self._counts.get(second, 0)) >= _FREQUENT
        return often and not set(self._contexts[first]) & set(self._contexts[second])

    def _join(self, first: str, second: str) -> None:
        one, other = self._class[first], self._class[second]
        if one == other:
            return
        # Every member has to be near every other: a chain of small steps leads from any name to any other.
        if any(distance(a, b) > max(_CHAIN, _limit(a, b)) for a in self._members[one] for b in self._members[other]):
            return
        self._members[one] |= self._members.pop(other)
        self._class |= dict.fromkeys(self._members[one], one)


def variants(form: str) -> list[str]:
    """Return the spellings of a name that leave one of its inner long vowels out, or write g with another letter."""
    if _is_family(form):
        return []
    inner = range(1, len(form) - 1)
    found = {
        form[:i] + form[i + 1 :]
        for i in inner
        if len(form) >= _SHORTEST_WITHOUT and form[i] in _VOWELS and not _VOWELS & {form[i - 1], form[i + 1]}
    }
    if len(form) >= _SHORTEST_WITHOUT - 1 and _GHAIN in form:
        found |= {form.replace(_GHAIN, letter) for letter in (JEEM, QAF, KAF)}
    return sorted(found)


def _limit(first: str, second: str) -> float:
    """Return the price from which two keys are never one name."""
    return _LIMITS.get(min(len(consonants(first)), len(consonants(second))), _ONE_THING)


def _has_other_kaf(first: str, second: str) -> bool:
    """Return whether a kaf of one stands for another letter: Iraq writes g with it, but k is far more frequent."""
    return first.count(KAF) != second.count(KAF)


def _is_family(key: str) -> bool:
    """Return whether a key looks like an Arabic family name: near ones are different families."""
    return key.startswith(ALEF + LAM) and key.endswith(YEH)


def _sources(groups: frozenset[str]) -> set[str]:
    """Return the sources that speak of a form: what one source has under two things it keeps apart."""
    return {group.split()[0] if " " in group else "place" for group in groups if not group.startswith("variant")}


def _loss(key: str, place: int) -> float:
    """Return the price of a letter that only one of two spellings has."""
    if key[place] not in _VOWELS or place == len(key) - 1:
        return _DEAR
    return _VOWEL if place else _GLIDE
