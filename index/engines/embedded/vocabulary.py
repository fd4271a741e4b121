"""Which number a word has: the one that an earlier segment gave it, or the next free one.

A word is its written letters together with its terms. The same letters can be two words, where harakat told readings
apart.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Sequence
from itertools import chain, filterfalse

import numpy as np
import numpy.typing as npt

from index.analysis.tokens import Word
from index.engines.embedded.arrays import Array, ArrayFileWriter, narrowed, put_strings
from index.engines.embedded.segment import FIELD_CODES, Segment, word_key

MAX_REMEMBERED = 1_000_000
"""Words whose numbers a writer keeps in memory, about 200 bytes each; what is forgotten is looked up in the files."""
MAX_OBJECTS = 250_000
"""Words that a writer keeps as objects from one segment to the next; most of them the analyzer remembers too."""


class Vocabulary:
    """The words of an index while a writer is open."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        """Number on from the words of `segments`, which are all that the index has, in order."""
        self.fresh: list[Word] = []
        """Words that no segment has yet, in the order of their numbers."""
        self._next = 0
        self._numbers: dict[tuple[str, int], int] = {}
        """By letters and the hash of the terms: a clash of two such hashes of the same letters is left to chance."""
        self._remembered_from = 0
        """The first number that `_numbers` has not forgotten."""
        self._searched: list[Segment] = []
        """Segments with words that `_numbers` may lack, those with the most first."""
        self._objects: dict[int, int] = {}
        """By identity, which is quick to ask: analysis gives all occurrences the same object."""
        self._alive: list[Word] = []
        """Keeps those objects, so that no other gets the identity of one."""
        self._bare: set[int] = set()
        """Numbers of those words that have no terms."""
        self.reset(segments)

    @property
    def fresh_from(self) -> int:
        """Number of the first word of `fresh`."""
        return self._next - len(self.fresh)

    def without_terms(self) -> npt.NDArray[np.uint32]:
        """Return the numbers of words that have no terms, of all asked for since `settle` at least."""
        return np.fromiter(self._bare, np.uint32, len(self._bare))

    def numbers(self, words: Sequence[Word]) -> array[int]:
        """Return the numbers of words (type code `I`), giving new ones to new words."""
        keys = list(map(id, words))
        objects = self._objects
        missing = dict.fromkeys(filterfalse(objects.__contains__, keys))
        if missing:
            by_key = dict(zip(keys, words, strict=True))
            for key in missing:
                objects[key] = self._number(by_key[key])
                self._alive.append(by_key[key])
        return array("I", map(objects.__getitem__, keys))

    def settle(self, segments: Sequence[Segment]) -> None:
        """Take note that the fresh words are in a segment now; `segments` are all that the index has."""
        self._next = sum(segment.words for segment in segments)
        if len(self._numbers) > MAX_REMEMBERED:
            self._numbers = {}
            self._remembered_from = self._next
        searched = (segment for segment in segments if segment.first_word < self._remembered_from)
        self._searched = sorted(searched, key=lambda segment: -segment.words)
        self.fresh = []
        if len(self._alive) > MAX_OBJECTS:
            self._forget_objects()

    def reset(self, segments: Sequence[Segment]) -> None:
        """Forget everything that is not in `segments`."""
        self._numbers = {}
        self._remembered_from = sum(segment.words for segment in segments)
        self._forget_objects()
        self.settle(segments)

    def _forget_objects(self) -> None:
        self._objects = {}
        self._alive = []
        self._bare = set()

    def _number(self, word: Word) -> int:
        key = (word.written, hash(word.terms))
        number = self._numbers.get(key)
        if number is None:
            number = self._stored(word)
            if number is None:
                number = self._next
                self._next += 1
                self.fresh.append(word)
            self._numbers[key] = number
        if not word.terms:
            self._bare.add(number)
        return number

    def _stored(self, word: Word) -> int | None:
        for segment in self._searched:
            number = segment.find_word(word)
            if number is not None:
                return number
        return None


_FIELD_LETTERS = {id(field): code.decode() for field, code in FIELD_CODES.items()}
"""By identity: the hash of an enum is slow."""


def put_words(file: ArrayFileWriter, first: int, words: Sequence[Word]) -> None:
    """Write the words that a segment adds, numbered on from `first`, and the dictionary of their terms."""
    letters = [word.written for word in words]
    put_strings(file, "written", map(word_key, letters))
    # UTF-8 sorts as code points do
    file.put("written_order", narrowed(np.array(sorted(range(len(letters)), key=letters.__getitem__), np.int64)))
    counts = [len(word.terms) for word in words]
    fields, texts, weights = (
        zip(*chain.from_iterable(word.terms for word in words), strict=True) if any(counts) else ((), (), ())
    )
    # a key as `term_key` makes it, but of letters: joined by C, since there are millions
    keys = list(map(operator.add, map(_FIELD_LETTERS.__getitem__, map(id, fields)), texts))
    made = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    put_terms(
        file,
        first,
        list(map(word_key, made)),
        np.fromiter(map(made.__getitem__, keys), np.int64, len(keys)),
        np.array(weights, np.float64),
        np.array(counts, np.int64),
    )


def put_terms(
    file: ArrayFileWriter, first: int, terms: list[bytes], numbers: Array, weights: Array, counts: Array
) -> None:
    """Write a dictionary of terms and the way from words to terms and back.

    `numbers` and `weights` are the terms of all words end to end, numbered as in `terms`; `counts` how many each has.
    """
    order = sorted(range(len(terms)), key=terms.__getitem__)
    ranks = np.empty(len(terms), np.int64)
    ranks[order] = np.arange(len(terms))
    put_strings(file, "terms", (terms[number] for number in order))
    numbers = ranks[numbers]
    values, weights = np.unique(weights, return_inverse=True)  # a hundred at most: readings have two decimals
    file.put("weights", values.astype("<f8"))
    file.put("word_terms", narrowed(numbers))
    file.put("word_term_weights", narrowed(weights))
    file.put("word_term_starts", narrowed(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)))
    words = np.repeat(np.arange(first, first + len(counts)), counts)
    by_term = np.argsort(numbers, kind="stable")
    file.put("term_words", words[by_term].astype(np.uint32))
    file.put("term_word_weights", narrowed(weights[by_term]))
    sizes = np.bincount(numbers, minlength=len(terms))
    file.put("term_word_starts", narrowed(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)))
