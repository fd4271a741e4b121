"""The vocabulary: the distinct analyzed words of texts, and which of them match a word of a query, how well.

It does in memory what an index does with its term dictionary. Word 0 stands for every stop word.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.formula import (
    Evidence,
    Ints,
    Longs,
    QueryWord,
    Rung,
    SectionPostings,
    Singles,
    evidence,
    places,
)
from index.analysis.pipeline import Analyzer
from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField

LEAST_SIMILAR = 0.45
"""Dice coefficient from which two words are softly alike."""
MOST_NEIGHBOURS = 40
"""Clitic forms that are taken for softly alike to one."""
_EDGE = "_"
_RUNGS = {
    TokenField.SURFACE: Rung.EXACT,
    TokenField.CLITIC: Rung.CLITIC,
    TokenField.LEMMA: Rung.LEMMA,
    TokenField.FAMILY: Rung.FAMILY,
    TokenField.ROOT: Rung.ROOT,
    TokenField.SPELLING: Rung.SPELLING,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Matches:
    """Words that match a word, on each rung, before it is known which of them an index has."""

    words: Longs
    rungs: Longs
    strengths: Singles
    soft_keys: Longs
    """Clitic forms that are softly alike, the most similar first."""
    similarities: Singles


class Vocabulary:
    """Numbers the analyzed words of texts; equal terms are one word, however it was written."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._numbers: dict[tuple[str, tuple[FieldTerm, ...]], int] = {}
        self._of_object: dict[int, int] = {}
        self._seen: list[Word] = []
        """Keeps the objects alive whose identities are keys."""
        self.words: list[Word | None] = [None]

    def __len__(self) -> int:
        """Return the number of words, the stop word included."""
        return len(self.words)

    def numbered(self, text: str) -> Ints:
        """Return the word of each token of a text (int32), 0 for stop words."""
        known = self._of_object
        found = [
            known[id(word)] if id(word) in known else self._add(word) for word in self._analyzer.analyze(text).words
        ]
        return np.array(found, dtype=np.int32)

    def _add(self, word: Word) -> int:
        self._seen.append(word)
        number = 0
        if not word.stop:
            key = word.surface, tuple(term for term in word.terms if term.field in _RUNGS)
            number = self._numbers.setdefault(key, len(self.words))
            if number == len(self.words):
                self.words.append(word)
        self._of_object[id(word)] = number
        return number


class Matcher:
    """Finds the words of a finished vocabulary that match one of them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary.words
        self._by_term = {field: _Grouped() for field in _RUNGS}
        keys: dict[str, int] = {}
        self.keys = np.zeros(len(vocabulary), dtype=np.int64)
        """The number of each word's clitic form."""
        for number, word in enumerate(self._words):
            for term in word.terms if word else ():
                if term.field in _RUNGS:
                    self._by_term[term.field].add(term.text, number, term.weight)
            self.keys[number] = keys.setdefault(_clitic_form(word), len(keys))
        for grouped in self._by_term.values():
            grouped.close()
        self._key_words = _Grouped()
        for number, key in enumerate(self.keys.tolist()):
            if number:
                self._key_words.add(key, number, 1.0)
        self._key_words.close()
        self._sizes, self._by_gram = _grams_of(keys)
        self._memo: dict[int, Matches] = {}

    def matches(self, number: int) -> Matches:
        """Return what matches a word; remembered."""
        if number not in self._memo:
            self._memo[number] = self._find(number)
        return self._memo[number]

    def words_of_key(self, key: int) -> Longs:
        """Return the words that have a clitic form."""
        return self._key_words.of(key)[0]

    def _find(self, number: int) -> Matches:
        word = self._words[number]
        words: list[Longs] = []
        strengths: list[Singles] = []
        rungs: list[int] = []
        for field, rung in _RUNGS.items():
            terms = [term for term in word.terms if term.field is field] if word else []
            groups = [(self._by_term[field].of(term.text), term.weight) for term in terms]
            if groups:
                held = np.concatenate([group[0] for group, _ in groups])
                shares = np.concatenate([np.minimum(group[1], weight) for group, weight in groups])
                unique, at = np.unique(held, return_inverse=True)
                words.append(unique)
                strengths.append(np.minimum(np.bincount(at, shares), 1.0).astype(np.float32))
                rungs += [rung] * len(unique)
        soft_keys, similarities = self._alike(_clitic_form(word))
        return Matches(
            np.concatenate([np.empty(0, np.int64), *words]),
            np.array(rungs, dtype=np.int64),
            np.concatenate([np.empty(0, np.float32), *strengths]),
            soft_keys,
            similarities,
        )

    def _alike(self, form: str) -> tuple[Longs, Singles]:
        own = _grams(form)
        held = [self._by_gram.of(gram)[0] for gram in own]
        counts = np.bincount(np.concatenate([np.empty(0, np.int64), *held]), minlength=len(self._sizes))
        similar = 2.0 * counts / (self._sizes + len(own))
        keys = np.flatnonzero(similar >= LEAST_SIMILAR)
        keys = keys[np.argsort(-similar[keys], kind="stable")]
        return keys, similar[keys].astype(np.float32)


class Holdings:
    """Which words an index has, in how many of its documents."""

    def __init__(self, matcher: Matcher, sections: Sequence[SectionPostings]) -> None:
        """Look at the postings of its sections."""
        self._matcher, self._sections = matcher, sections
        self.holders = np.sum([np.diff(section.starts) for section in sections], axis=0)
        """Documents of each word, counted once for each section (int64)."""
        self._keys = np.bincount(matcher.keys, self.holders > 0) > 0

    def query_word(self, number: int) -> QueryWord:
        """Return a word of a query as this index knows it."""
        matches = self._matcher.matches(number)
        kept = np.flatnonzero(self._keys[matches.soft_keys])[:MOST_NEIGHBOURS]
        soft = [self._matcher.words_of_key(key) for key in matches.soft_keys[kept].tolist()]
        words = np.concatenate([matches.words, *soft])
        rungs = np.concatenate([matches.rungs, np.full(len(words) - len(matches.words), Rung.SOFT)])
        alike = np.repeat(matches.similarities[kept], [len(group) for group in soft])
        strengths = np.concatenate([matches.strengths, alike])
        here = self.holders[words] > 0
        unique, at = np.unique(words[here], return_inverse=True)
        table = np.zeros((len(unique), len(Rung)), dtype=np.float32)
        np.maximum.at(table, (at, rungs[here]), strengths[here])
        shown = evidence(table) > 0
        held = np.array([self._documents(unique[shown[:, column]]) for column in Evidence])
        return QueryWord(unique.astype(np.int32), table, held)

    def _documents(self, words: Longs) -> int:
        """Return the number of documents that have any of the words."""
        held = np.zeros(len(self._sections[0].lengths), dtype=bool)
        for section in self._sections:
            held[section.documents[places(section.starts, words)[0]]] = True
        return int(np.count_nonzero(held))


class _Grouped:
    """Numbers with weights by key, first gathered and then closed into flat arrays."""

    def __init__(self) -> None:
        self._keys: dict[object, int] = {}
        self._of: list[int] = []
        self._numbers: list[int] = []
        self._weights: list[float] = []

    def add(self, key: object, number: int, weight: float) -> None:
        self._of.append(self._keys.setdefault(key, len(self._keys)))
        self._numbers.append(number)
        self._weights.append(weight)

    def close(self) -> None:
        of = np.array(self._of, dtype=np.int64)
        order = np.argsort(of, kind="stable")
        self._starts = np.searchsorted(of[order], np.arange(len(self._keys) + 1))
        self._sorted = np.array(self._numbers, dtype=np.int64)[order]
        self._shares = np.array(self._weights, dtype=np.float32)[order]
        self._of, self._numbers, self._weights = [], [], []

    def of(self, key: object) -> tuple[Longs, Singles]:
        group = self._keys.get(key)
        place = slice(0, 0) if group is None else slice(self._starts[group], self._starts[group + 1])
        return self._sorted[place], self._shares[place]


def _clitic_form(word: Word | None) -> str:
    """Return the word without clitics by its likeliest reading."""
    terms = [term for term in word.terms if term.field is TokenField.CLITIC] if word else []
    return max(terms, key=lambda term: term.weight).text if terms else ""


def _grams(form: str) -> set[str]:
    """Return the runs of two and three letters of a word between its edges."""
    edged = f"{_EDGE}{form}{_EDGE}"
    return {edged[start : start + size] for size in (2, 3) for start in range(len(edged) - size + 1)}


def _grams_of(keys: Iterable[str]) -> tuple[npt.NDArray[np.int64], _Grouped]:
    """Return the number of runs of each key, and the keys that have each run."""
    grouped = _Grouped()
    sizes = []
    for number, key in enumerate(keys):
        own = _grams(key)
        sizes.append(len(own))
        for gram in own:
            grouped.add(gram, number, 1.0)
    grouped.close()
    return np.array(sizes, dtype=np.int64), grouped
