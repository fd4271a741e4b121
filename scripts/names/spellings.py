"""Spelling classes: the listed forms that are spellings of one name.

Two forms are joined only on evidence. Either a source has them for one thing (a city of GeoNames, a country of CLDR, a
gloss of the tables) and they are near; or they are very near and long, and the news do not use both as different names.
The measure is a weighted edit distance: each letter change that is usual in foreign names has a cost.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from index.analysis.arabic.clitics import ARTICLE
from index.analysis.arabic.letters import ALEF, BEH, FEH, HEH, JEEM, KAF, QAF, SEEN, TEH, WAW, YEH, ZAIN

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
"""Cost of one letter for another; any other exchange costs `_DEAR`, which separates two names."""
_DEAR = 5.0
_VOWEL = 0.5
"""Cost of a long vowel inside that only one spelling has."""
_GLIDE = 0.6
"""Cost of an initial vowel that only one spelling has."""
_FIRST_LETTER = 0.3
"""Additional cost of a different first letter."""
_WRITE_G = (_GHAIN, JEEM, QAF, KAF)
_ONE_THING = 1.5
_ONE_LOAN = 0.6
_SHORTEST_WITHOUT = 5
_VERY_NEAR = 0.5
_LIMITS = {0: 0.0, 1: 0.3, 2: 0.5, 3: 1.0, 4: 1.2}
"""Maximum distance of two spellings of one name, by the number of consonants of the shorter."""
_CHAIN = 1.1
"""Distance that any two members of a class may have, so that two spellings can be joined by a third."""
_FEW, _LONG = 3, 4
"""Consonants from which two very near names may be one: with evidence from the news, and without."""
_FREQUENT = 8
_RATIO = 5
_BUCKET = str.maketrans({**dict.fromkeys((_GHAIN, QAF, KAF), JEEM), ZAIN: SEEN, **dict.fromkeys("اوي", None)})


@functools.lru_cache(maxsize=1 << 18)
def distance(first: str, second: str) -> float:
    """Return the edit distance of two keys of `spelling_key`; the same change of all letters for g is one change."""
    first_g, second_g = ({letter for letter in key if letter in _WRITE_G} for key in (first, second))
    if len(first_g) == len(second_g) == 1 and first_g != second_g:
        (old,), (new,) = first_g, second_g
        return _EXCHANGES[frozenset((old, new))] + _edits(first.replace(old, new), second)
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
    """Return the consonants of a key, with one letter for g and one for z and s."""
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
        """Take, by key: the things that it denotes, its kinds, its count, and the words beside it in the news."""
        self._groups, self._kinds, self._counts, self._contexts = groups, kinds, counts, contexts
        self._class = {key: key for key in groups}
        self._members: dict[str, set[str]] = {key: {key} for key in groups}

    def build(self) -> list[list[str]]:
        """Return the classes of two members or more, the most frequent member first."""
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
        distance_between = distance(first, second)
        first_groups, second_groups = self._groups[first], self._groups[second]
        letters = min(len(consonants(first)), len(consonants(second)))
        if first_groups & second_groups:
            loan = all("loan" in group for group in first_groups & second_groups)
            return distance_between <= min(_ONE_LOAN if loan else _ONE_THING, _limit(first, second))
        if first_groups and second_groups and _sources(first_groups) & _sources(second_groups):
            return False
        if distance_between > _VERY_NEAR or letters < _FEW or _is_family(first) or _has_other_kaf(first, second):
            return False
        if letters < _LONG and not self._is_rare_beside(first, second):
            return False
        return not self._are_apart(first, second)

    def _is_rare_beside(self, first: str, second: str) -> bool:
        """Return whether the rarer form is in the news only and shares contexts with the other, a much commoner one."""
        rare, common = sorted((first, second), key=lambda key: self._counts.get(key, 0))
        often = self._counts.get(common, 0) >= max(_FREQUENT, _RATIO * self._counts.get(rare, 0))
        return often and not self._groups[rare] and bool(set(self._contexts[rare]) & set(self._contexts[common]))

    def _are_apart(self, first: str, second: str) -> bool:
        """Return whether both forms are frequent in the news but never beside the same words."""
        often = min(self._counts.get(first, 0), self._counts.get(second, 0)) >= _FREQUENT
        return often and not set(self._contexts[first]) & set(self._contexts[second])

    def _join(self, first: str, second: str) -> None:
        kept, merged = self._class[first], self._class[second]
        if kept == merged:
            return
        # Every member must be near every other, since a chain of small steps leads from any name to any other.
        if any(distance(a, b) > max(_CHAIN, _limit(a, b)) for a in self._members[kept] for b in self._members[merged]):
            return
        self._members[kept] |= self._members.pop(merged)
        self._class |= dict.fromkeys(self._members[kept], kept)


def variants(form: str) -> list[str]:
    """Return the spellings of a name without one of its inner long vowels, or with another letter for g."""
    if _is_family(form):
        return []
    inner = range(1, len(form) - 1)
    spellings = {
        form[:i] + form[i + 1 :]
        for i in inner
        if len(form) >= _SHORTEST_WITHOUT and form[i] in _VOWELS and not _VOWELS & {form[i - 1], form[i + 1]}
    }
    if len(form) >= _SHORTEST_WITHOUT - 1 and _GHAIN in form:
        spellings |= {form.replace(_GHAIN, letter) for letter in (JEEM, QAF, KAF)}
    return sorted(spellings)


def _limit(first: str, second: str) -> float:
    """Return the distance above which two keys are never one name."""
    return _LIMITS.get(min(len(consonants(first)), len(consonants(second))), _ONE_THING)


def _has_other_kaf(first: str, second: str) -> bool:
    """Return whether the keys differ in their number of kafs: Iraq writes g with kaf, but most kafs are k."""
    return first.count(KAF) != second.count(KAF)


def _is_family(key: str) -> bool:
    """Return whether a key looks like an Arabic family name; similar ones are different families."""
    return key.startswith(ARTICLE) and key.endswith(YEH)


def _sources(groups: frozenset[str]) -> set[str]:
    """Return the sources of a form's groups: a source that has two forms in different groups distinguishes them."""
    return {group.split()[0] if " " in group else "place" for group in groups if not group.startswith("variant")}


def _loss(key: str, index: int) -> float:
    """Return the cost of a letter that only one of two spellings has."""
    if key[index] not in _VOWELS or index == len(key) - 1:
        return _DEAR
    return _VOWEL if index else _GLIDE
