"""The vocabulary: the numbers of words. A word keeps the number that an earlier segment gave it, or gets the next one.

A word is its written letters together with its terms. The same letters can be two words, if harakat led to different
readings.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Sequence
from itertools import chain, filterfalse

import numpy as np
import numpy.typing as npt

from index.analysis.tokens import Word
from index.engines.embedded.arrays import ArrayFileWriter, narrowed, put_strings
from index.engines.embedded.checked import Array
from index.engines.embedded.segment import FIELD_CODES, Segment, word_key

MAX_REMEMBERED = 1_000_000
"""Words whose numbers a writer caches, about 200 bytes each; the others are looked up in the segment files."""
MAX_OBJECTS = 250_000
"""`Word` objects that a writer keeps from one segment to the next; most of them are in the analyzer's cache too."""


class Vocabulary:
    """The words of an index while a writer is open."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        """Continue the numbering of `segments`, which are all segments of the index, in order."""
        self.fresh: list[Word] = []
        """Words that are in no segment yet, in the order of their numbers."""
        self._next = 0
        self._numbers: dict[tuple[str, int], int] = {}
        """By written letters and hash of the terms; a collision for the same letters is improbable and ignored."""
        self._remembered_from = 0
        """The first word number that `_numbers` is complete from."""
        self._searched: list[Segment] = []
        """Segments with words that `_numbers` may lack, those with the most words first."""
        self._objects: dict[int, int] = {}
        """Numbers by `id` of the `Word`, which is fast: analysis returns the same object for all occurrences."""
        self._alive: list[Word] = []
        """References to these objects, so that no other object gets the same `id`."""
        self._stop_words: set[int] = set()
        """Numbers of the stop words in `_objects`."""
        self.reset(segments)

    @property
    def fresh_from(self) -> int:
        """Number of the first word of `fresh`."""
        return self._next - len(self.fresh)

    def stop_words(self) -> npt.NDArray[np.uint32]:
        """Return the numbers of the stop words, at least of those passed to `numbers` since `settle`."""
        return np.fromiter(self._stop_words, np.uint32, len(self._stop_words))

    def numbers(self, words: Sequence[Word]) -> array[int]:
        """Return the numbers of words (type code `I`); new words get new numbers."""
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
        """Register that the fresh words are in a segment now; `segments` are all segments of the index."""
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
        """Drop all words that are not in `segments`."""
        self._numbers = {}
        self._remembered_from = sum(segment.words for segment in segments)
        self._forget_objects()
        self.settle(segments)

    def _forget_objects(self) -> None:
        self._objects = {}
        self._alive = []
        self._stop_words = set()

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
        if word.stop:
            self._stop_words.add(number)
        return number

    def _stored(self, word: Word) -> int | None:
        for segment in self._searched:
            number = segment.find_word(word)
            if number is not None:
                return number
        return None


_FIELD_LETTERS = {id(field): code.decode() for field, code in FIELD_CODES.items()}
"""By `id`: the hash of an enum is slow."""


def put_words(file: ArrayFileWriter, first: int, words: Sequence[Word]) -> None:
    """Write the words that a segment adds, numbered from `first`, and the dictionary of their terms."""
    letters = [word.written for word in words]
    put_strings(file, "written", map(word_key, letters))
    # UTF-8 has the sort order of code points
    file.put("written_order", narrowed(np.array(sorted(range(len(letters)), key=letters.__getitem__), np.int64)))
    counts = [len(word.terms) for word in words]
    fields, texts, weights = (
        zip(*chain.from_iterable(word.terms for word in words), strict=True) if any(counts) else ((), (), ())
    )
    # keys as by `term_key`, but as str; `map` runs in C, since there are millions
    keys = list(map(operator.add, map(_FIELD_LETTERS.__getitem__, map(id, fields)), texts))
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    put_terms(
        file,
        first,
        list(map(word_key, numbers)),
        np.fromiter(map(numbers.__getitem__, keys), np.int64, len(keys)),
        np.array(weights, np.float64),
        np.array(counts, np.int64),
    )


def put_terms(
    file: ArrayFileWriter, first: int, terms: list[bytes], numbers: Array, weights: Array, counts: Array
) -> None:
    """Write a dictionary of terms and the mappings from words to terms and from terms to words.

    `terms` are distinct keys in any order. `numbers` (int64, indices into `terms`) and `weights` (float64) have one
    entry for each term of each word, word after word; `counts` (int64) has the number of terms of each word. The first
    word has the number `first`.
    """
    order = sorted(range(len(terms)), key=terms.__getitem__)
    ranks = np.empty(len(terms), np.int64)
    ranks[order] = np.arange(len(terms))
    put_strings(file, "terms", (terms[number] for number in order))
    numbers = ranks[numbers]
    values, weights = np.unique(weights, return_inverse=True)  # at most a hundred: weights have two decimals
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
