"""The oracle: the right answer to each query, computed from the tokens with plain loops and numpy.

It uses no code of an engine; only the parameters of BM25 are the product's.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.speed.corpus import Corpus
from bench.speed.queries import Kind, Query
from index.schema import BM25_B, BM25_K1

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Postings = dict[int, list[int]]
"""Number of a document → positions in it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Truth:
    """The right answer to one query."""

    total: int
    sources: dict[str, int]
    """Matches by source, without zero counts."""
    days: dict[int, int]
    """Matches by day as proleptic ordinals; 0 is unknown."""
    scores: dict[str, float]
    """Id of each match → its score."""

    def lowest(self, length: int) -> float:
        """Return the lowest score on a right first page of `length` hits; 0 if nothing matches."""
        return sorted(self.scores.values(), reverse=True)[:length][-1] if self.scores else 0.0


class Oracle:
    """The positions of the words of some queries in a corpus, and the answers that follow from them."""

    def __init__(self, corpus: Corpus, queries: Sequence[Query]) -> None:
        """Read the corpus once and keep the positions of the words of `queries`, and of words with their prefixes."""
        self._words: dict[str, Postings] = {}
        self._prefixes: dict[str, Postings] = {}
        for query in queries:
            self._table(query).update((term, {}) for term in query.terms)
        lengths_of_prefixes = {len(prefix) for prefix in self._prefixes}
        self._ids: list[str] = []
        self._sources: list[str] = []
        self._days: list[int] = []
        lengths = []
        for number, article in enumerate(corpus.articles()):
            tokens = article.tokens.split()
            self._ids.append(article.id)
            self._sources.append(article.source)
            self._days.append(article.day)
            lengths.append(len(tokens))
            for position, token in enumerate(tokens):
                if token in self._words:
                    self._words[token].setdefault(number, []).append(position)
                for beginning in {token[:length] for length in lengths_of_prefixes} & self._prefixes.keys():
                    self._prefixes[beginning].setdefault(number, []).append(position)
        self._lengths = np.array(lengths, np.float64)
        self._average = self._lengths[self._lengths > 0].mean()

    def answer(self, query: Query) -> Truth:
        """Return the right answer to one of the queries."""
        words = [self._table(query)[term] for term in query.terms]
        phrases = _phrases(words) if query.kind is Kind.PHRASE else None
        sets = [set(postings) for postings in (words if phrases is None else [phrases])]
        found = set.union(*sets) if query.kind is Kind.OR else set.intersection(*sets)
        matches = np.array(sorted(found), np.int64)
        if query.source is not None:
            matches = matches[[self._sources[number] == query.source for number in matches.tolist()]]
        scores = np.zeros(len(self._lengths))
        for postings in words:
            scores += self._scores(postings, phrases)
        numbers = matches.tolist()
        return Truth(
            total=len(numbers),
            sources=dict(Counter(self._sources[number] for number in numbers)),
            days=dict(Counter(self._days[number] for number in numbers)),
            scores={self._ids[number]: float(scores[number]) for number in numbers},
        )

    def _table(self, query: Query) -> dict[str, Postings]:
        return self._prefixes if query.kind is Kind.PREFIX else self._words

    def _scores(self, postings: Postings, phrases: dict[int, int] | None) -> Scores:
        """Return BM25 of one word, shape (documents,); with `phrases` only its occurrences in the phrase count."""
        frequencies = np.zeros(len(self._lengths))
        for number, positions in postings.items():
            frequencies[number] = len(positions) if phrases is None else min(len(positions), phrases.get(number, 0))
        idf = np.log(1.0 + (len(self._lengths) - len(postings) + 0.5) / (len(postings) + 0.5))
        normalization = BM25_K1 * (1.0 - BM25_B + BM25_B * self._lengths / self._average)
        scores: Scores = idf * frequencies * (BM25_K1 + 1.0) / (frequencies + normalization)
        return scores


def _phrases(words: Sequence[Postings]) -> dict[int, int]:
    """Return the number of occurrences of a phrase by document, without documents that have none."""
    counts = {}
    for number, first in words[0].items():
        following = [set(postings.get(number, ())) for postings in words]
        times = sum(all(begin + step in following[step] for step in range(len(following))) for begin in first)
        if times:
            counts[number] = times
    return counts
