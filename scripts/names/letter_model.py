"""The letter model: the log odds of a foreign name against an Arabic word, by spelling.

It is two interpolated trigram models, one of foreign place names and one of Arabic words in the news. The data file has
the log of their ratio for every trigram, in tenths of a nat, so that the score of a word is a sum.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from index.analysis.arabic.names import LETTERS, WORD_END, WORD_START, without_particles

_BACKING = 3.0
"""Weight of the shorter context, in occurrences."""


class _Model:
    def __init__(self, words: Iterable[str]) -> None:
        self._trigrams: Counter[str] = Counter()
        self._bigrams: Counter[str] = Counter()
        self._letters: Counter[str] = Counter()
        for word in words:
            framed = WORD_START * 2 + word + WORD_END
            self._trigrams.update(framed[i : i + 3] for i in range(len(framed) - 2))
            self._bigrams.update(framed[i : i + 2] for i in range(1, len(framed) - 1))
            self._letters.update(framed[2:])
        self._contexts: Counter[str] = Counter()
        for trigram, times in self._trigrams.items():
            self._contexts[trigram[:2]] += times
        self._first: Counter[str] = Counter()
        for bigram, times in self._bigrams.items():
            self._first[bigram[0]] += times

    def probability(self, trigram: str) -> float:
        letter = (self._letters[trigram[2]] + 0.5) / (self._letters.total() + len(LETTERS) / 2)
        short = (self._bigrams[trigram[1:]] + _BACKING * letter) / (self._first[trigram[1]] + _BACKING)
        return (self._trigrams[trigram] + _BACKING * short) / (self._contexts[trigram[:2]] + _BACKING)


def odds_table(foreign: Iterable[str], arabic: Iterable[str]) -> list[str]:
    """Return the lines of the data file: two letters of context, then a number for each of `LETTERS` and the end."""
    of_foreign, of_arabic = _Model(sorted(foreign)), _Model(sorted(map(without_particles, arabic)))
    lines = []
    for first in WORD_START + LETTERS:
        for second in WORD_START + LETTERS:
            if second == WORD_START and first != WORD_START:
                continue
            trigrams = (first + second + third for third in LETTERS + WORD_END)
            odds = (10 * math.log(of_foreign.probability(t) / of_arabic.probability(t)) for t in trigrams)
            lines.append(f"{first}{second}\t{' '.join(str(round(value)) for value in odds)}\n")
    return lines
