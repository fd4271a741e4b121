"""Articles beyond the real ones: mixed from their sentences, with a vocabulary that grows as theirs does.

A mixed article takes runs of whole sentences from three to five real articles, drawn at random, until it is about as
long as the first of them; title, source and day come from the first. Sentences alone would repeat the words that are
known, so rare words make way for others, as the Pitman-Yor process does it, whose vocabulary follows Heaps' law (Pitman
& Yor 1997; Teh 2006, "A hierarchical Bayesian language model based on Pitman-Yor processes"):

- A word that stands c times in the real articles is replaced with probability β/c, β being the exponent of the law
  fitted on the real articles. In one article either all its occurrences are replaced, by the same word, or none.
  (Words of more than `RARE` occurrences are left alone; the others take over their share of the mass.)
- Article number i brings exactly the words that the law grows by between the corpus before and after it, each made up
  (`heaps.coined`) and never seen before.
- All other replacements are made-up words of earlier articles: one that was made up when the corpus had n tokens is
  drawn with a weight of 1/n, its share in such a process. So made-up words recur, old ones more often.

Everything follows from the seed and the article's number: article i is the same in every run, whatever was made before.
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
"""Occurrences among the real articles up to which a word may be replaced."""
FEWEST_DONORS, MOST_DONORS = 3, 5
_SENTENCE = re.compile(r"[^.!?؟\n]+[.!?؟\n]*")


class _Text(NamedTuple):
    """A text of a real article: its sentences, and the rare words in it."""

    text: str
    sentences: array[int]
    """Where each sentence begins, and the length of the text as the last entry."""
    starts: array[int]
    ends: array[int]
    shares: array[float]
    """Probability that rare word i, which is `text[starts[i]:ends[i]]`, is replaced."""


class _Donor(NamedTuple):
    document: Document
    title: _Text
    body: _Text


class _Piece(NamedTuple):
    """Part of a text."""

    source: _Text
    start: int
    end: int
    first: int
    """Number of its first rare word."""
    words: list[str]
    """Its rare words in order."""

    def written(self, replaced: dict[str, str]) -> str:
        """Return the text with the replaced words in place of those that they replace."""
        text, starts, ends = self.source.text, self.source.starts, self.source.ends
        parts, done = [], self.start
        for number, word in enumerate(self.words, self.first):
            other = replaced.get(word)
            if other is not None:
                parts += [text[done : starts[number]], other]
                done = ends[number]
        parts.append(text[done : self.end])
        return "".join(parts)


class Mixer:
    """Makes mixed articles from real ones."""

    def __init__(self, documents: Sequence[Document], analyzer: SurfaceAnalyzer, *, seed: int) -> None:
        """Read the real articles; they must come in random order, and at least one must have text."""
        surfaces = [analyzer.analyze(f"{document.title}\n{document.text}").surfaces for document in documents]
        self.law = heaps.fit(surfaces)
        self.mean_tokens = self.law.tokens / len(documents)
        counts = Counter(word for words in surfaces for word in words)
        rare = sum(1 for count in counts.values() if count <= RARE)
        discount = self.law.exponent * self.law.types / max(rare, 1)
        chances = {word: min(1.0, discount / count) for word, count in counts.items() if count <= RARE}
        self._donors = [
            _Donor(document, _read(document.title, analyzer, chances), _read(document.text, analyzer, chances))
            for document in documents
            if document.text
        ]
        self._seed = seed

    def article(self, number: int) -> Document:
        """Return mixed article `number`, from 0."""
        chance = random.Random(self._seed * 1_000_003 + number)  # noqa: S311 - a draw of sentences, not of secrets
        donors = [chance.choice(self._donors) for _ in range(chance.randint(FEWEST_DONORS, MOST_DONORS))]
        share = len(donors[0].body.text) // len(donors) + 1
        title = donors[0].title
        pieces = [_piece(title, 0, len(title.text))]
        pieces += [_run(donor.body, share, chance) for donor in donors]
        replaced = self._replaced(pieces, number, chance)
        return dataclasses.replace(
            donors[0].document,
            id=f"mixed-{number:07d}",
            title=pieces[0].written(replaced),
            text="\n".join(piece.written(replaced).strip() for piece in pieces[1:]),
            url=None,
            agencies=(),
            teasers=(),
            evidence=(),
            origin="",
        )

    def _replaced(self, pieces: Sequence[_Piece], number: int, chance: random.Random) -> dict[str, str]:
        """Return the made-up word for each rare word that is replaced in the article of these pieces."""
        picked: dict[str, None] = {}
        kept: dict[str, None] = {}
        for piece in pieces:
            shares = piece.source.shares[piece.first : piece.first + len(piece.words)]
            for word, share in zip(piece.words, shares, strict=True):
                if word not in picked and word not in kept:
                    (picked if chance.random() < share else kept)[word] = None
        known, grown = self._types_before(number), self._types_before(number + 1)
        words = list(picked)
        chance.shuffle(words)
        due = grown - known
        if len(words) < due:
            others = list(kept)
            words += chance.sample(others, min(len(others), due - len(words)))
        made = {word: heaps.coined(known + place) for place, word in enumerate(words[:due])}
        return made | {word: heaps.coined(self._earlier(known, chance)) for word in words[due:]}

    def _types_before(self, number: int) -> int:
        """Return how many words were made up before article `number`."""
        return int(self.law.types_at(self.law.tokens + number * self.mean_tokens)) - self.law.types

    def _earlier(self, known: int, chance: random.Random) -> int:
        """Return one of the `known` words by its share: word r of the law was new at (r/K)^(1/β) tokens."""
        power = 1.0 - 1.0 / self.law.exponent
        first, last = self.law.types**power, (self.law.types + known) ** power
        rank = (first + chance.random() * (last - first)) ** (1.0 / power)
        return min(max(int(rank) - self.law.types, 0), max(known - 1, 0))


def _read(text: str, analyzer: SurfaceAnalyzer, chances: dict[str, float]) -> _Text:
    read = analyzer.analyze(text)
    sentences = array("I", (match.start() for match in _SENTENCE.finditer(text)))
    sentences.append(len(text))
    rare = [(place, chances[word]) for place, word in enumerate(read.surfaces) if word in chances]
    return _Text(
        text,
        sentences,
        array("I", (read.starts[place] for place, _ in rare)),
        array("I", (read.ends[place] for place, _ in rare)),
        array("d", (share for _, share in rare)),
    )


def _run(text: _Text, length: int, chance: random.Random) -> _Piece:
    """Return whole sentences in a row, from a random one on, of about `length` code points in all."""
    last = len(text.sentences) - 1
    begin = chance.randrange(max(last, 1))
    start = text.sentences[begin]
    end = text.sentences[min(last, bisect.bisect_left(text.sentences, start + length, begin + 1))]
    return _piece(text, start, end)


def _piece(text: _Text, start: int, end: int) -> _Piece:
    first, last = bisect.bisect_left(text.starts, start), bisect.bisect_left(text.starts, end)
    words = [text.text[text.starts[number] : text.ends[number]] for number in range(first, last)]
    return _Piece(text, start, end, first, words)
