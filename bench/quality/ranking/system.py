"""Our ranking over a collection in memory: what the product does with its index, on the same analyzer."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.collection import Collection
from bench.quality.ranking.formula import (
    RERANKED,
    WEIGHTS,
    Floats,
    Forward,
    Ints,
    Longs,
    Parts,
    QueryWord,
    Rung,
    SectionPostings,
    Weights,
    first_stage,
    places,
    second_stage,
)
from bench.quality.ranking.postings import best, invert
from bench.quality.ranking.vocabulary import Holdings, Matcher, Vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """One section of all documents, both ways round."""

    postings: SectionPostings
    words: Ints
    starts: Longs

    def of(self, documents: Longs) -> Forward:
        """Return the forward index of some documents."""
        held, counts = places(self.starts, documents)
        starts = np.concatenate([[0], np.cumsum(counts)])
        return Forward(self.words[held], starts, self.postings.lengths[documents], self.postings.average)


class System:
    """A collection, analyzed and inverted."""

    def __init__(
        self, collection: Collection, numbered: dict[str, Ints], vocabulary: Vocabulary, matcher: Matcher
    ) -> None:
        self._vocabulary = vocabulary
        self.size = len(collection.texts)
        self._body = _section([numbered[text] for text in collection.texts], len(vocabulary))
        titled = any(collection.titles)
        self._title = _section([numbered[title] for title in collection.titles], len(vocabulary)) if titled else None
        self._sections = [section.postings for section in (self._body, self._title) if section is not None]
        self._holdings = Holdings(matcher, self._sections)
        self._queries = [numbered[query.text] for query in collection.queries]
        self._words: dict[int, QueryWord] = {}

    def query(self, number: int) -> list[QueryWord]:
        """Return the content words of a query, in order."""
        words = []
        for word, count in Counter(self._queries[number].tolist()).items():
            if word:
                known = self._words.get(word) or self._known(word)
                words.append(dataclasses.replace(known, count=float(count)))
        return words

    def first(self, words: list[QueryWord], weights: Weights = WEIGHTS) -> Floats:
        """Return the scores of stage 1."""
        return first_stage(words, self._body.postings, self._title.postings if self._title else None, weights)

    def second(self, words: list[QueryWord], documents: Longs, weights: Weights = WEIGHTS) -> Parts:
        """Return the parts of stage 2."""
        title = self._title.of(documents) if self._title else None
        return second_stage(
            words,
            self._body.of(documents),
            title,
            documents=self.size,
            vocabulary=len(self._vocabulary),
            weights=weights,
        )

    def ranked(
        self, words: list[QueryWord], weights: Weights = WEIGHTS, *, again: int = RERANKED, limit: int = RERANKED
    ) -> Longs:
        """Return the documents, best first: those that stage 2 saw, then the rest by stage 1."""
        if not words:
            return np.empty(0, np.int64)
        listed = best(self.first(words, weights), max(limit, again))
        head = listed[:again]
        if len(head):
            order = np.argsort(-self.second(words, head, weights).score(), kind="stable")
            listed = np.concatenate([head[order], listed[again:]])
        return listed

    def touched(self, words: list[QueryWord], weights: Weights = WEIGHTS) -> int:
        """Return the postings that stage 1 reads."""
        grades = np.array(weights.listed) > 0
        return sum(
            int(self._holdings.holders[word.words[(word.strengths[:, grades] > 0).any(axis=1)]].sum()) for word in words
        )

    def tokens(self, documents: Longs) -> int:
        """Return the tokens that stage 2 reads."""
        return int((self._body.starts[documents + 1] - self._body.starts[documents]).sum())

    def carried(self, words: list[QueryWord]) -> npt.NDArray[np.bool_]:
        """Return which words of the query each document has at any level of the ladder: shape (documents, words)."""
        has = np.zeros((self.size, len(words)), dtype=bool)
        for number, word in enumerate(words):
            laddered = word.words[(word.strengths[:, : Rung.SOFT] > 0).any(axis=1)]
            for section in self._sections:
                has[section.documents[places(section.starts, laddered)[0]], number] = True
        return has

    def _known(self, word: int) -> QueryWord:
        known = self._holdings.query_word(word)
        self._words[word] = known
        return known


def _section(documents: list[Ints], words: int) -> Section:
    starts = np.concatenate([[0], np.cumsum([len(one) for one in documents])])
    inverted = invert([one[one > 0] for one in documents], words)
    postings = SectionPostings(
        inverted.starts, inverted.documents, inverted.frequencies, inverted.lengths, inverted.average
    )
    return Section(postings, np.concatenate(documents), starts)
