"""Draws the queries from words of titles, with a fixed seed. No query occurs twice."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from bench.speed.corpus import SEED, Corpus
from bench.speed.preparation import source_of
from bench.speed.queries import Kind, Query
from bench.speed.tokens import SurfaceAnalyzer, SurfaceText
from index.analysis.analyzer import Analyzer
from index.analysis.installed import load_analyzer
from index.document import Document
from index.schema import TokenField

TITLES = 10_000
"""Number of first articles that queries are drawn from, so that a larger corpus has the same queries."""
WARM_UP = 2 * len(Kind)
"""Number of queries that are asked before the measured ones."""
ATTEMPTS = 300
"""Titles that are tried for a query of one kind that was not drawn before; then the kind has no more."""
SAMPLE = 500
"""Number of first articles whose roots are counted."""
FREQUENT = 0.2
"""Share of the sampled articles that have a frequent root."""
_BEGINNING = re.compile("(?![وفبك]*ال|[وف]?لل)[ء-ي]{3}(?=[ء-ي]{2})")
"""The first three letters of an Arabic word of at least five, without the article."""


class Drawn(NamedTuple):
    """The queries of a run."""

    warm_up: list[Query]
    """Asked in every process before the measured ones, so that code is loaded."""
    asked: list[Query]
    """Measured, in this order."""


def draw(corpus: Corpus, count: int) -> Drawn:
    """Return `count` queries to measure, of all kinds in turns; fewer if the titles do not give as many."""
    drawing = _Drawing(corpus)
    drawn: list[Query] = []
    kinds = list(Kind)
    while kinds and len(drawn) < WARM_UP + count:
        for kind in tuple(kinds):
            query = drawing.query(kind)
            if query is None:
                kinds.remove(kind)
            else:
                drawn.append(query)
    return Drawn(drawn[:WARM_UP], drawn[WARM_UP : WARM_UP + count])


class _Drawing:
    """The titles, and what was drawn from them."""

    def __init__(self, corpus: Corpus) -> None:
        self._chance = random.Random(SEED)  # noqa: S311 - a draw of queries, not of secrets
        self._surfaces = SurfaceAnalyzer()
        self._analyzer = load_analyzer()
        self._documents = [document for document in itertools.islice(corpus.documents(), TITLES) if document.title]
        self._frequent = _frequent_roots(self._analyzer, list(itertools.islice(corpus.documents(), SAMPLE)))
        self._drawn: set[tuple[Kind | None, frozenset[str], str | None]] = set()

    def query(self, kind: Kind) -> Query | None:
        """Return a query of this kind that was not drawn before, or None if there seems to be none."""
        for _ in range(ATTEMPTS):
            document = self._chance.choice(self._documents)
            query = self._query(kind, document, self._surfaces.analyze(document.title))
            if query is None:
                continue
            # The kinds that need all words find the same articles with the same words.
            shape = kind if kind in (Kind.OR, Kind.PHRASE, Kind.PREFIX) else None
            key = shape, frozenset(query.terms), query.source
            if key not in self._drawn:
                self._drawn.add(key)
                return query
        return None

    def _query(self, kind: Kind, document: Document, title: SurfaceText) -> Query | None:
        """Return a query of this kind from the title of a document, or None if the title does not give one."""
        words = list(dict.fromkeys(title.surfaces))
        if not words:
            return None
        match kind:
            case Kind.WORD | Kind.ROOT | Kind.FILTER | Kind.PREFIX:
                return self._of_one_word(kind, document, title)
            case Kind.PHRASE:
                return self._phrase(document, title)
            case Kind.TITLE:
                return Query(kind, tuple(words), document.title) if len(words) > 3 else None
            case Kind.TWO | Kind.THREE | Kind.OR:
                length = {Kind.TWO: 2, Kind.THREE: 3}.get(kind) or self._chance.randint(2, 4)
                if len(words) < length:
                    return None
                positions = sorted(map(title.surfaces.index, self._chance.sample(words, length)))
                typed = " ".join(document.title[title.starts[at] : title.ends[at]] for at in positions)
                terms = tuple(title.surfaces[at] for at in positions)
                return Query(kind, terms, "" if kind is Kind.OR else typed)

    def _of_one_word(self, kind: Kind, document: Document, title: SurfaceText) -> Query | None:
        position = self._chance.randrange(len(title.surfaces))
        surface = title.surfaces[position]
        typed = document.title[title.starts[position] : title.ends[position]]
        if kind is Kind.PREFIX:
            beginning = _BEGINNING.match(surface)
            return Query(kind, (beginning[0],), f"{beginning[0]}*") if beginning else None
        if kind is Kind.ROOT and not _roots(self._analyzer, typed) & self._frequent:
            return None
        return Query(kind, (surface,), typed, source_of(document) if kind is Kind.FILTER else None)

    def _phrase(self, document: Document, title: SurfaceText) -> Query | None:
        length = self._chance.randint(2, 3)
        if len(title.surfaces) < length:
            return None
        begin = self._chance.randrange(len(title.surfaces) - length + 1)
        terms = tuple(title.surfaces[begin : begin + length])
        typed = document.title[title.starts[begin] : title.ends[begin + length - 1]]
        if len(set(terms)) < length or '"' in typed:
            return None
        return Query(Kind.PHRASE, terms, f'"{typed}"')


def _frequent_roots(analyzer: Analyzer, sample: Sequence[Document]) -> set[str]:
    counts = Counter(itertools.chain.from_iterable(_roots(analyzer, document.text) for document in sample))
    return {root for root, count in counts.items() if count >= FREQUENT * len(sample)}


def _roots(analyzer: Analyzer, text: str) -> set[str]:
    words = set(analyzer.analyze(text).words)
    return {term.text for word in words for term in word.terms if term.field is TokenField.ROOT}
