"""Draws the queries from words of titles, with a fixed seed."""

from __future__ import annotations

import itertools
import random

from bench.speed.corpus import SEED, Corpus
from bench.speed.preparation import source_of
from bench.speed.queries import Kind, Query
from bench.speed.tokens import SurfaceAnalyzer
from index.document import Document

TITLES = 10_000
"""Number of first articles that queries are drawn from, so that a larger corpus has the same queries."""


def draw(corpus: Corpus, count: int) -> list[Query]:
    """Return `count` queries from titles of the first articles of the corpus, equally many of each kind."""
    chance = random.Random(SEED)  # noqa: S311 - a draw of queries, not of secrets
    analyzer = SurfaceAnalyzer()
    documents = [document for document in itertools.islice(corpus.documents(), TITLES) if document.title]
    kinds = list(Kind)
    drawn: list[Query] = []
    while len(drawn) < count:
        query = _query(kinds[len(drawn) % len(kinds)], chance.choice(documents), analyzer, chance)
        if query is not None:
            drawn.append(query)
    chance.shuffle(drawn)
    return drawn


def _query(kind: Kind, document: Document, analyzer: SurfaceAnalyzer, chance: random.Random) -> Query | None:
    """Return a query of this kind from the title of a document, or None if the title does not give one."""
    title = analyzer.analyze(document.title)
    words = list(dict.fromkeys(title.surfaces))
    if kind in (Kind.WORD, Kind.FILTER):
        if not words:
            return None
        position = chance.randrange(len(title.surfaces))
        typed = document.title[title.starts[position] : title.ends[position]]
        source = source_of(document) if kind is Kind.FILTER else None
        return Query(kind, (title.surfaces[position],), typed, source)
    length = chance.randint(2, 3 if kind is Kind.PHRASE else 4)
    if len(words) < length:
        return None
    if kind is Kind.PHRASE:
        begin = chance.randrange(len(title.surfaces) - length + 1)
        positions = list(range(begin, begin + length))
        typed = f'"{document.title[title.starts[begin] : title.ends[positions[-1]]]}"'
    else:
        positions = sorted(chance.sample([title.surfaces.index(word) for word in words], length))
        typed = " ".join(document.title[title.starts[position] : title.ends[position]] for position in positions)
    terms = tuple(title.surfaces[position] for position in positions)
    if len(set(terms)) < length or (kind is Kind.PHRASE and '"' in typed[1:-1]):
        return None
    return Query(kind, terms, "" if kind is Kind.OR else typed)
