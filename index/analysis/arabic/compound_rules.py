"""Which words form a compound: a name, unit or negation that is written in one word or in several (عبدالله, عبد الله).

Two parts are a compound if a rule takes the second after the first, or if the whole is listed. The rules say it of both
writings: `split` of adjacent words, `joined` of one word. They are stricter for one word, since many words begin with
the letters of a first part (بن, لا, أبو) by chance.
"""

from __future__ import annotations

import enum
import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from index.analysis.arabic import folding
from index.analysis.arabic.clitics import ARTICLE, CONJUNCTIONS, PREPOSITIONS, with_article
from index.analysis.arabic.compound_lists import CompoundLists
from index.analysis.arabic.letters import ALEF_MADDA
from index.analysis.arabic.name_variants import SpellingClasses
from index.analysis.arabic.reader import WordReader
from index.analysis.readings import Reading
from index.analysis.tokens import Word
from index.schema import TokenField

MOST_PARTS = 4
"""Words of the longest compound."""
_ARABIC = frozenset(("lexicon", "reviewed"))
_LISTS = _ARABIC | {"names"}
"""Sources of readings. Within one word the foreign names do not count: they make بو and شون of بوشون."""
_SHORTEST = 2
"""Letters of a part."""
_HEAD = 3
"""Letters of the first part by which words that are no compound are told."""
_SHORTEST_UNLISTED = 3
"""Letters of a second part that is not listed, in a compound written as one word."""


class Taken(enum.IntEnum):
    """What a rule takes as the second part, beside what is listed; each includes those before it."""

    LISTED = 0
    NAME = 1
    """A personal name."""
    WORD = 2
    """Any word but a stop word; within one word, any word of the lexicon or the names."""


class Rule(NamedTuple):
    """A kind of compounds of two parts."""

    name: str
    firsts: str
    """Kind of the first parts in the lists."""
    seconds: str
    """Kind of the second parts in the lists; empty if none is listed."""
    split: Taken
    joined: Taken
    """Of words that neither the lexicon nor the names have: other words are compounds only by the lists."""
    article: int = 0
    """Letters after the article from which any second part with an article is taken; 0 if there is no such rule."""
    sure: bool = False
    """Whether any word of these letters with an article is a compound, whoever has it."""
    definite: bool = False
    """Whether an article may stand before the compound."""
    nests: bool = False
    """Whether the second part may be a compound."""
    preposition: bool = True
    """Whether a preposition may stand before the compound."""
    madda: bool = False
    """Whether the first part has a madda; without one, the second part must be listed."""

    @property
    def is_open(self) -> bool:
        """Whether it takes second parts that are not listed."""
        return self.split is not Taken.LISTED or self.article > 0 or self.nests


RULES = (
    Rule("servant of", "servant", "servant", Taken.LISTED, Taken.LISTED, article=2, sure=True),
    Rule("servant of", "attribute", "attribute", Taken.LISTED, Taken.LISTED, definite=True),
    Rule("name with God", "of-god", "god", Taken.LISTED, Taken.LISTED, definite=True),
    Rule("name with religion", "of-religion", "religion", Taken.LISTED, Taken.LISTED),
    Rule("father of", "kunya", "kunya", Taken.WORD, Taken.WORD, article=3, sure=True, nests=True),
    Rule("father of", "genitive", "kunya", Taken.NAME, Taken.LISTED, article=3, nests=True),
    Rule("father of", "accusative", "kunya", Taken.NAME, Taken.LISTED, article=3, nests=True, preposition=False),
    Rule("father of", "bu", "bu", Taken.WORD, Taken.NAME, article=3, nests=True),
    Rule("mother of", "mother", "mother", Taken.NAME, Taken.LISTED, nests=True),
    Rule("house of", "house", "family", Taken.WORD, Taken.NAME, nests=True, madda=True),
    Rule("son of", "son", "son", Taken.WORD, Taken.NAME, article=3, nests=True),
    Rule("son of", "scholar", "scholar", Taken.NAME, Taken.NAME, nests=True),
    Rule("daughter of", "daughter", "", Taken.NAME, Taken.LISTED, nests=True),
    Rule("place", "place", "", Taken.WORD, Taken.NAME, article=3),
    Rule("place", "settlement", "", Taken.NAME, Taken.NAME, article=3),
    Rule("unit", "unit", "unit", Taken.LISTED, Taken.LISTED, definite=True),
    Rule("negation", "negation", "negation", Taken.LISTED, Taken.LISTED, definite=True),
)


class Compound(NamedTuple):
    """A compound that was found."""

    particles: str
    """Letters of the particles before it."""
    parts: tuple[str, ...]
    """Folded."""
    key: str
    """Equal for all writings of the compound; a space between the parts."""
    rule: str
    stop: bool = False
    """Whether it is a function word."""
    following: str = ""
    """The letters, as written, of its further words, if it is written in several."""

    @property
    def split(self) -> str:
        """The folded letters of the compound in several words, particles included."""
        return self.particles + " ".join(self.parts)


class Beginning(NamedTuple):
    """What may follow the first part of a compound in several words."""

    seconds: frozenset[str]
    """Listed second parts, folded."""
    reach: int
    """Number of following words that decide which compound it is."""
    is_open: bool
    """Whether other words may follow too."""


class _Listed(NamedTuple):
    """A compound of which every part is listed."""

    writing: str
    key: str
    rule: str
    stop: bool


class _Cut(NamedTuple):
    """A word, divided after its particles."""

    particles: str
    rest: str
    definite: bool
    """Whether an article is among the particles."""


class _Second(NamedTuple):
    """What follows the first part of a compound."""

    parts: tuple[str, ...]
    key: str


class CompoundRules:
    """Finds compounds. Thread-safe."""

    def __init__(self, lists: CompoundLists, spellings: SpellingClasses, reader: WordReader) -> None:
        self._spellings = spellings
        self._reader = reader
        self._seconds = lists.seconds
        self._firsts: defaultdict[str, list[tuple[Rule, str]]] = defaultdict(list)
        """Rules by first part, each with the first part of the key."""
        for rule in RULES:
            for first, key in lists.firsts[rule.firsts].items():
                self._firsts[first].append((rule, key))
        self._beginnings: defaultdict[str, list[str]] = defaultdict(list)
        """First parts by their first two letters, the longest first."""
        for first in sorted(self._firsts, key=len, reverse=True):
            self._beginnings[first[:_SHORTEST]].append(first)
        self._names = dict(_listed(lists))
        by_parts = sorted(self._names, key=lambda writing: writing.count(" "))
        self._joined = {writing.replace(" ", ""): self._names[writing] for writing in by_parts}
        self._next: defaultdict[str, set[str]] = defaultdict(set)
        """Second words of listed names, by their first."""
        self._reach: defaultdict[str, int] = defaultdict(int)
        """Number of words that the longest listed name has after its first."""
        for writing in self._names:
            first, second, *rest = writing.split(" ")
            self._next[first].add(second)
            self._reach[first] = max(1 + len(rest), self._reach[first])
        self._function_words = {writing.partition(" ")[0] for writing in lists.stop} - {
            writing.partition(" ")[0] for writing in lists.names
        }
        """First words of names that are function words: no preposition is cut from these."""
        starts = {first[:_HEAD] for first in (*self._firsts, *self._next, *self._joined)} - {ARTICLE}
        fronts = ("", *[front for found in _fronts().values() for front, _ in found])
        self._heads = frozenset([front + start for front in fronts for start in starts])
        """The first letters of compounds: of the particles, at most four, and of the first part."""
        self._foreign = {self.spelling(writing): self._names[writing] for writing in lists.foreign}

    def spelling(self, writing: str) -> str:
        """Return the spelling class that a compound has as a foreign name in one word."""
        return self._spellings.key(writing.replace(" ", ""))

    def concerns(self, surface: str, written: str, readings: Sequence[Reading]) -> bool:
        """Return whether a word begins as a compound does, or is a foreign name: a fast check that most words fail.

        "House of" has the letters of the article. In one word, and after a particle, a madda tells them apart.
        """
        s = surface
        if not self._heads.isdisjoint((s[:2], s[:3], s[:4], s[:5], s[:6], s[:7])) or ALEF_MADDA in written:
            return True
        return s == ARTICLE or (bool(readings) and readings[0].spelling != "")

    def may_begin(self, surface: str) -> bool:
        """Return whether a word may be the first part of a compound in several words."""
        return any(rest in self._firsts or self._may_begin_name(cut, rest) for cut, rest, _ in _cuts(surface))

    def _may_begin_name(self, particles: str, rest: str) -> bool:
        return rest in self._next and (rest not in self._function_words or particles in ("", *CONJUNCTIONS))

    def beginning(self, surface: str) -> Beginning:
        """Return what may follow a word that may be the first part of a compound."""
        seconds: set[str] = set()
        reach, is_open = 1, False
        for particles, rest, _ in _cuts(surface):
            if self._may_begin_name(particles, rest):
                seconds |= self._next[rest]
                reach = max(reach, self._reach[rest])
            for rule, _ in self._firsts.get(rest, ()):
                is_open = is_open or rule.is_open
                seconds |= self._seconds[rule.seconds].keys() if rule.seconds else set()
        return Beginning(frozenset(seconds), reach, is_open)

    def joined(self, surface: str, written: str, readings: Sequence[Reading]) -> Compound | None:
        """Return the compound that one word is, given its forms and readings (none for a stop word), or None."""
        for cut in _cuts(surface):
            listed = self._joined.get(cut.rest)
            if listed and not (cut.definite and listed.stop):
                return _of_listed(cut.particles, listed)
            found = self._joined_by_rule(cut, written, readings)
            if found:
                return found
        for reading in readings:
            listed = self._foreign.get(reading.spelling) if reading.spelling else None
            if listed:
                return _of_listed("".join(reading.proclitics), listed)
        return None

    def _joined_by_rule(self, cut: _Cut, written: str, readings: Sequence[Reading]) -> Compound | None:
        """Return the compound of two parts that the rest of a word is, or None."""
        for first in self._beginnings.get(cut.rest[:_SHORTEST], ()):
            if not cut.rest.startswith(first) or len(cut.rest) < len(first) + _SHORTEST:
                continue
            for rule, key in self._firsts[first]:
                if not _allows(rule, cut) or (rule.madda and not _has_madda(written, cut.particles)):
                    continue
                found = self._joined_second(rule, cut.rest[len(first) :], readings)
                if found:
                    return Compound(cut.particles, (first, *found.parts), f"{key} {found.key}", rule.name)
        return None

    def split(self, first: Word, following: Sequence[Word], second: Word) -> Compound | None:
        """Return the compound that adjacent words are, or None.

        `following` are the words after `first`, at most `MOST_PARTS` - 1; `second` is the next word, or the word of the
        compound that begins there.
        """
        for cut in _cuts(first.surface):
            particles, rest = cut.particles, cut.rest
            for count in range(min(self._reach.get(rest, 0), len(following)), 0, -1):
                listed = self._names.get(" ".join([rest, *[word.surface for word in following[:count]]]))
                if listed and self._may_begin_name(particles, rest):
                    written = " ".join([word.written for word in following[:count]])
                    return _of_listed(particles, listed)._replace(following=written)
            for rule, key in self._firsts.get(rest, ()):
                if not _allows(rule, cut):
                    continue
                listed_only = rule.madda and not _has_madda(first.written, particles)
                found = self._split_second(rule, second, listed_only=listed_only)
                if found:
                    parts = (rest, *found.parts)
                    return Compound(particles, parts, f"{key} {found.key}", rule.name, following=second.written)
        return None

    def _joined_second(self, rule: Rule, second: str, readings: Sequence[Reading]) -> _Second | None:
        """Return `second` if a rule takes it within one word."""
        listed = self._seconds[rule.seconds].get(second) if rule.seconds else None
        if listed:
            return _Second((second,), listed)
        unread = bool(readings) and (
            readings[0].source in {"fallback", "counts"} or readings[0].rule == "foreign letters"
        )
        inner = self.joined(second, second, ()) if rule.nests and unread else None
        if inner and not inner.particles and not inner.stop:
            return _Second(inner.parts, inner.key)
        taken = (_has_article(rule, second) and (unread or (rule.sure and bool(readings)))) or (
            unread
            and len(second) >= _SHORTEST_UNLISTED
            and rule.joined is not Taken.LISTED
            and self._is(rule.joined, second, second, sources=_ARABIC)
        )
        return _Second((second,), second) if taken else None

    def _split_second(self, rule: Rule, second: Word, *, listed_only: bool) -> _Second | None:
        """Return `second` if a rule takes it as the next word."""
        listed = self._seconds[rule.seconds].get(second.surface) if rule.seconds else None
        if listed:
            return _Second((second.surface,), listed)
        if second.stop or listed_only:
            return None
        if second.compound:
            parts = tuple(second.compound.split(" "))
            return _Second(parts, key_of(second)) if rule.nests and len(parts) < MOST_PARTS else None
        taken = _has_article(rule, second.surface) or (
            rule.split is not Taken.LISTED
            and len(second.surface) >= _SHORTEST
            and folding.is_plain(second.written)
            and (rule.split is Taken.WORD or self._is(rule.split, second.surface, second.written, sources=_LISTS))
        )
        return _Second((second.surface,), second.surface) if taken else None

    def _is(self, taken: Taken, surface: str, written: str, *, sources: frozenset[str]) -> bool:
        """Return whether one of `sources` has a word, for `NAME` as a name."""
        return any(
            reading.pos == "name" or taken is Taken.WORD
            for reading in self._reader.read(surface, folding.base(written), written)
            if reading.source in sources and reading.rule != "foreign letters"
        )


def key_of(word: Word) -> str:
    """Return the key of a word that is a compound."""
    return next(term.text for term in word.terms if term.field is TokenField.SPELLING and " " in term.text)


def _of_listed(particles: str, listed: _Listed) -> Compound:
    return Compound(particles, tuple(listed.writing.split(" ")), listed.key, listed.rule, listed.stop)


def _listed(lists: CompoundLists) -> Iterator[tuple[str, _Listed]]:
    for writing, key in lists.names.items():
        yield writing, _Listed(writing, key, "listed name", stop=False)
    for writing, key in lists.foreign.items():
        yield writing, _Listed(writing, key, "foreign name", stop=False)
    for writing in sorted(lists.stop, key=lambda writing: (writing.count(" "), writing)):
        yield writing, _Listed(writing, writing, "function word", stop=True)


def _allows(rule: Rule, cut: _Cut) -> bool:
    """Return whether the particles that were cut may stand before a compound of a rule."""
    return (rule.definite or not cut.definite) and (rule.preposition or cut.particles in ("", *CONJUNCTIONS))


def _has_article(rule: Rule, second: str) -> bool:
    return bool(rule.article) and second.startswith(ARTICLE) and len(second) >= len(ARTICLE) + rule.article


def _has_madda(written: str, particles: str) -> bool:
    return written.startswith(ALEF_MADDA, len(particles))


@functools.lru_cache(maxsize=256)  # the pipeline asks twice for each word
def _cuts(surface: str) -> tuple[_Cut, ...]:
    """Return a word without a cut, then with each cut of particles that may stand before a name."""
    fronts = _fronts().get(surface[0], ())
    return (
        _Cut("", surface, definite=False),
        *[
            _Cut(front, surface[len(front) :], definite)
            for front, definite in fronts
            if surface.startswith(front) and len(surface) >= len(front) + _SHORTEST
        ],
    )


@functools.cache
def _fronts() -> Mapping[str, tuple[tuple[str, bool], ...]]:
    """Return by first letter the particles that may stand before a name, the shortest first."""
    fronts: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for conjunction in ("", *CONJUNCTIONS):
        for preposition in ("", *PREPOSITIONS):
            for front, definite in ((preposition, False), (with_article(preposition), True)):
                if conjunction + front:
                    fronts[(conjunction + front)[0]].append((conjunction + front, definite))
    return {letter: tuple(sorted(found, key=lambda front: len(front[0]))) for letter, found in fronts.items()}
