"""A cache of words: a word is analyzed at its first occurrence, and all occurrences share it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from index.analysis.tokens import Word
from index.memory import share_of_memory

WORD_BYTES = 1_000
"""Size of a word in the cache, about."""
LEAST, MOST = 100_000, 1_000_000
"""Bounds of `usual_limit`. 10,000 articles have 187,000 spellings, 30,000 have 320,000. With room for all of them, a
new collection is analyzed in three quarters of the time that 300,000 take, where words leave and come back."""
MEMORY_SHARE = 24
"""Divisor of the machine's memory. Each process has a cache; that of a server fills with words that readers type."""


def usual_limit() -> int:
    """Return the default number of words in a cache: as many as fit in that share of the machine's memory."""
    return share_of_memory(MEMORY_SHARE, least=LEAST * WORD_BYTES, most=MOST * WORD_BYTES) // WORD_BYTES


class WordCache:
    """Words by their spelling; the least recently used are evicted. Thread-safe.

    It has two generations. A full one becomes the older, whose words move to the new one when they occur again.
    """

    def __init__(self, compute: Callable[[str], Word], forget: Callable[[], None], limit: int) -> None:
        """Take the function that analyzes a spelling, and one that is called when words are evicted."""
        self._compute = compute
        self._forget = forget
        self._limit = limit
        self._recent = _Generation(self.word)
        self._older: dict[str, Word] = {}

    def __len__(self) -> int:
        """Return the number of cached words."""
        return len(self._recent) + len(self._older)

    def words(self, spellings: Sequence[str]) -> tuple[Word, ...]:
        """Return the words of spellings, in their order."""
        return tuple(map(self._recent.__getitem__, spellings))

    def word(self, spelled: str) -> Word:
        """Return the word of a spelling: the same object as long as it is in the cache."""
        word = self._recent.get(spelled) or self._older.get(spelled) or self._compute(spelled)
        self._make_room(1)
        self._recent[spelled] = word
        return word

    def unknown(self, spellings: Iterable[str]) -> set[str]:
        """Return the spellings that are not in the cache."""
        missing = itertools.filterfalse(self._recent.__contains__, spellings)
        return set(itertools.filterfalse(self._older.__contains__, missing))

    def learn(self, spellings: Iterable[str], words: Iterable[Word]) -> None:
        """Add words by their spellings. Raises ValueError if the two differ in length."""
        learned = dict(zip(spellings, words, strict=True))
        self._make_room(len(learned))
        self._recent.update(learned)

    def _make_room(self, words: int) -> None:
        if len(self._recent) + words > self._limit // 2:
            self._older, self._recent = self._recent, _Generation(self.word)
            self._forget()


class _Generation(dict[str, Word]):
    """Words by their spelling; `[]` computes a missing one."""

    def __init__(self, missing: Callable[[str], Word]) -> None:
        super().__init__()
        self._missing = missing

    def __missing__(self, spelled: str) -> Word:
        return self._missing(spelled)
