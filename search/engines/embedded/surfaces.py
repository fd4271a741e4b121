"""Numbers of forms (the folded letters of words), so that several words with the same form can be counted together."""

from __future__ import annotations

import threading

import numpy as np

from index.engines.embedded.checked import Array
from index.engines.embedded.generation import Generation
from index.engines.embedded.segment import FIELD_CODES, Segment
from index.schema import TokenField
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Numbers

_CODE = FIELD_CODES[TokenField.SURFACE]


class Surfaces:
    """Assigns numbers to the forms of a generation on first use. Safe to share among threads."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        last = generation.segments[-1] if generation.segments else None
        self._numbers = np.full(last.first_word + last.words if last else 0, -1, np.int32)
        """Number of the form of each word of the index; -1 if none is assigned yet."""
        self._numbers_by_key: dict[bytes, int] = {}
        """Numbers of forms by the keys of their terms."""
        self._texts: list[str] = []
        """Folded letters of each form, by its number."""
        self._written: dict[int, str] = {}
        """Letters as written, by word number."""
        self._lock = threading.Lock()

    def numbers(self, words: Array) -> Numbers:
        """Return the number of the form of each word, int64 of the same shape; each of `words` must have terms."""
        numbers = self._numbers[words]
        if len(numbers) and numbers.min() < 0:
            with self._lock:
                self._assign(words[numbers < 0])
            numbers = self._numbers[words]
        return numbers.astype(np.int64)

    def text(self, number: int) -> str:
        """Return the folded letters of a form."""
        return self._texts[number]

    def written(self, word: int) -> str:
        """Return the letters of a word as written."""
        written = self._written.get(word)
        if written is None:
            owner, number = self._generation.word_owner(word)
            written = self._written[word] = owner.written_form(number)
        return written

    def _assign(self, words: Array) -> None:
        for segment in self._generation.segments:
            own = words[(words >= segment.first_word) & (words < segment.first_word + segment.words)]
            if not len(own):
                continue
            by_key, texts = self._numbers_by_key, self._texts
            numbers = []
            for key in segment.terms.select(_surface_terms(segment, own.astype(np.int64) - segment.first_word)):
                number = by_key.get(key)
                if number is None:
                    number = by_key[key] = len(texts)
                    texts.append(key[len(_CODE) :].decode("utf-8", "surrogatepass"))
                numbers.append(number)
            self._numbers[own] = numbers


def _surface_terms(segment: Segment, words: Numbers) -> Numbers:
    """Return the number of the surface term of each word; words and terms are numbered within the segment.

    The word of a compound has two, that of its first part and, after it, that of the whole, which is its form.
    """
    rows, lengths = runs(segment.word_term_starts, words)
    terms = segment.word_terms[rows]
    first, last = segment.terms_of_field(TokenField.SURFACE)
    kept = np.flatnonzero((terms >= first) & (terms < last))
    owners = np.repeat(np.arange(len(words)), lengths)[kept]
    last_of_word = np.append(owners[1:] != owners[:-1], True)
    numbers: Numbers = terms[kept[last_of_word]].astype(np.int64)
    return numbers
