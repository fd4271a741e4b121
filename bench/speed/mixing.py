"""Synthetic articles, mixed from the sentences of real ones, with a vocabulary that grows as in real text.

A mixed article takes runs of whole sentences from three to five real articles, drawn at random, until it is about as
long as the first of them; title, source and day come from the first. Sentences alone would only repeat existing words,
so rare words are replaced as in the Pitman-Yor process, whose vocabulary follows Heaps' law (Pitman & Yor 1997; Teh
2006, "A hierarchical Bayesian language model based on Pitman-Yor processes"):

- A word that occurs c times in the real articles is replaced with probability β/c, where β is the exponent of the law
  fitted on the real articles. In one article either all its occurrences are replaced, by the same word, or none.
  (Words of more than `RARE` occurrences are not replaced; the others take over their share of the mass.)
- Article number i introduces exactly as many words as the law grows by from the corpus before it to the corpus with
  it. They are pseudowords (`heaps.pseudoword`) that no earlier article has.
- All other replacements are pseudowords of earlier articles: one that was introduced when the corpus had n tokens is
  drawn with a weight of 1/n, its share in such a process. So pseudowords recur, old ones more often.

The seed and the article's number determine the article: article i is the same in every run, independent of the others.
"""

from __future__ import annotations

import bisect
import dataclasses
import random
import re
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from bench.speed import heaps
from bench.speed.tokens import SurfaceAnalyzer
from index.document import Document

RARE = 20
"""Most occurrences in the real articles of a word that may be replaced."""
FEWEST_DONORS, MOST_DONORS = 3, 5
_SENTENCE = re.compile(r"[^.!?؟\n]+[.!?؟\n]*")


class _Text(NamedTuple):
    """A text of a real article with its sentences and rare words; all offsets are in code points."""

    text: str
    sentences: array[int]
    """Start of each sentence, and the length of the text as the last entry."""
    starts: array[int]
    ends: array[int]
    shares: array[float]
    """Probability that rare word i, which is `text[starts[i]:ends[i]]`, is replaced."""


class _Donor(NamedTuple):
    document: Document
    title: _Text
    body: _Text


class _Piece(NamedTuple):
    """Part of a text, from `start` to `end`."""

    source: _Text
    start: int
    end: int
    first: int
    """Index of its first rare word in `source.starts`."""
    words: list[str]
    """Its rare words in order."""

    def with_words_replaced(self, replacements: dict[str, str]) -> str:
        """Return the text with each word of `replacements` replaced by its value."""
        text, starts, ends = self.source.text, self.source.starts, self.source.ends
        parts, done = [], self.start
        for number, word in enumerate(self.words, self.first):
            replacement = replacements.get(word)
            if replacement is not None:
                parts += [text[done : starts[number]], replacement]
                done = ends[number]
        parts.append(text[done : self.end])
        return "".join(parts)


class Mixer:
    """Generates mixed articles from real ones."""

    def __init__(self, documents: Sequence[Document], analyzer: SurfaceAnalyzer, *, seed: int) -> None:
        """Analyze the real articles, which must be in random order; at least one must have text."""
        surfaces = [analyzer.analyze(f"{document.title}\n{document.text}").surfaces for document in documents]
        self.law = heaps.fit(surfaces)
        self.mean_tokens = self.law.tokens / len(documents)
        counts = Counter(word for words in surfaces for word in words)
        rare = sum(1 for count in counts.values() if count <= RARE)
        discount = self.law.exponent * self.law.types / max(rare, 1)
        probabilities = {word: min(1.0, discount / count) for word, count in counts.items() if count <= RARE}
        self._donors = [
            _Donor(
                document, _read(document.title, analyzer, probabilities), _read(document.text, analyzer, probabilities)
            )
            for document in documents
            if document.text
        ]
        self._seed = seed

    def article(self, number: int) -> Document:
        """Return mixed article `number`, counted from 0."""
        chance = random.Random(self._seed * 1_000_003 + number)  # noqa: S311 - a draw of sentences, not of secrets
        donors = [chance.choice(self._donors) for _ in range(chance.randint(FEWEST_DONORS, MOST_DONORS))]
        share = len(donors[0].body.text) // len(donors) + 1
        title = donors[0].title
        pieces = [_piece(title, 0, len(title.text))]
        pieces += [_run(donor.body, share, chance) for donor in donors]
        replacements = self._replacements(pieces, number, chance)
        return dataclasses.replace(
            donors[0].document,
            id=f"mixed-{number:07d}",
            title=pieces[0].with_words_replaced(replacements),
            text="\n".join(piece.with_words_replaced(replacements).strip() for piece in pieces[1:]),
            url=None,
            agencies=(),
            teasers=(),
            evidence=(),
            origin="",
        )

    def _replacements(self, pieces: Sequence[_Piece], number: int, chance: random.Random) -> dict[str, str]:
        """Return the pseudoword for each rare word that is replaced in article `number`, made of these pieces."""
        picked: dict[str, None] = {}
        kept: dict[str, None] = {}
        for piece in pieces:
            shares = piece.source.shares[piece.first : piece.first + len(piece.words)]
            for word, share in zip(piece.words, shares, strict=True):
                if word not in picked and word not in kept:
                    (picked if chance.random() < share else kept)[word] = None
        before, after = self._types_before(number), self._types_before(number + 1)
        words = list(picked)
        chance.shuffle(words)
        new = after - before
        if len(words) < new:
            others = list(kept)
            words += chance.sample(others, min(len(others), new - len(words)))
        introduced = {word: heaps.pseudoword(before + index) for index, word in enumerate(words[:new])}
        return introduced | {word: heaps.pseudoword(self._earlier_ordinal(before, chance)) for word in words[new:]}

    def _types_before(self, number: int) -> int:
        """Return how many pseudowords the articles before article `number` introduced."""
        return int(self.law.types_at(self.law.tokens + number * self.mean_tokens)) - self.law.types

    def _earlier_ordinal(self, count: int, chance: random.Random) -> int:
        """Return the ordinal of one of the first `count` pseudowords, drawn with a weight of 1/n.

        Word r of the law is new at n = (r/K)^(1/β) tokens.
        """
        power = 1.0 - 1.0 / self.law.exponent
        first, last = self.law.types**power, (self.law.types + count) ** power
        rank = (first + chance.random() * (last - first)) ** (1.0 / power)
        return min(max(int(rank) - self.law.types, 0), max(count - 1, 0))


def _read(text: str, analyzer: SurfaceAnalyzer, probabilities: dict[str, float]) -> _Text:
    analyzed = analyzer.analyze(text)
    sentences = array("I", (match.start() for match in _SENTENCE.finditer(text)))
    sentences.append(len(text))
    rare = [(index, probabilities[word]) for index, word in enumerate(analyzed.surfaces) if word in probabilities]
    return _Text(
        text,
        sentences,
        array("I", (analyzed.starts[index] for index, _ in rare)),
        array("I", (analyzed.ends[index] for index, _ in rare)),
        array("d", (share for _, share in rare)),
    )


def _run(text: _Text, length: int, chance: random.Random) -> _Piece:
    """Return consecutive whole sentences from a random one on, about `length` code points in all."""
    last = len(text.sentences) - 1
    begin = chance.randrange(max(last, 1))
    start = text.sentences[begin]
    end = text.sentences[min(last, bisect.bisect_left(text.sentences, start + length, begin + 1))]
    return _piece(text, start, end)


def _piece(text: _Text, start: int, end: int) -> _Piece:
    first, last = bisect.bisect_left(text.starts, start), bisect.bisect_left(text.starts, end)
    words = [text.text[text.starts[number] : text.ends[number]] for number in range(first, last)]
    return _Piece(text, start, end, first, words)
