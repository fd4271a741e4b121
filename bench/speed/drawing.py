"""The choice of queries: words of titles, drawn with a fixed seed."""

from __future__ import annotations

import itertools
import random

from bench.speed.corpus import SEED, Corpus
from bench.speed.preparation import source_of
from bench.speed.queries import Kind, Query
from bench.speed.tokens import SurfaceAnalyzer
from index.document import Document

TITLES = 10_000
"""Articles that queries are drawn from: a larger corpus that begins with the same ones gets the same queries."""


def draw(corpus: Corpus, count: int) -> list[Query]:
    """Return `count` queries, as many of each kind, from titles of the first articles of the corpus."""
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
    """Return a query of this kind from a title, or None when it has too few words."""
    title = analyzer.analyze(document.title)
    words = list(dict.fromkeys(title.surfaces))
    if kind in (Kind.WORD, Kind.FILTER):
        if not words:
            return None
        place = chance.randrange(len(title.surfaces))
        typed = document.title[title.starts[place] : title.ends[place]]
        source = source_of(document) if kind is Kind.FILTER else None
        return Query(kind, (title.surfaces[place],), typed, source)
    length = chance.randint(2, 3 if kind is Kind.PHRASE else 4)
    if len(words) < length:
        return None
    if kind is Kind.PHRASE:
        begin = chance.randrange(len(title.surfaces) - length + 1)
        places = list(range(begin, begin + length))
        typed = f'"{document.title[title.starts[begin] : title.ends[places[-1]]]}"'
    else:
        places = sorted(chance.sample([title.surfaces.index(word) for word in words], length))
        typed = " ".join(document.title[title.starts[place] : title.ends[place]] for place in places)
    terms = tuple(title.surfaces[place] for place in places)
    if len(set(terms)) < length or (kind is Kind.PHRASE and '"' in typed[1:-1]):
        return None
    return Query(kind, terms, "" if kind is Kind.OR else typed)
