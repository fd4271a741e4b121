"""The queries: words of titles, drawn with a fixed seed, in kinds that every engine knows."""

from __future__ import annotations

import dataclasses
import enum
import json
import random
from collections.abc import Sequence
from pathlib import Path

from bench.speed.corpus import SEED, Corpus
from bench.speed.tokens import SurfaceAnalyzer
from index.document import Document
from index.schema import UNKNOWN_VALUE


class Kind(enum.StrEnum):
    """What a query asks for."""

    WORD = "word"
    AND = "and"
    """Two to four words of one title, all of which an article must have."""
    OR = "or"
    """Two to four words of one title, any of them."""
    PHRASE = "phrase"
    """Two or three words of a title in a row."""
    FILTER = "filter"
    """One word among the articles of one source."""


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """One query."""

    kind: Kind
    terms: tuple[str, ...]
    """Surfaces, in the order of the title; no two are equal."""
    typed: str
    """The same as a reader types it; empty for kinds that cannot be typed."""
    source: str | None = None
    """The source that a filter allows."""


def draw(corpus: Corpus, count: int) -> list[Query]:
    """Return `count` queries, as many of each kind, from titles of the corpus."""
    chance = random.Random(SEED)  # noqa: S311 - a draw of queries, not of secrets
    analyzer = SurfaceAnalyzer()
    documents = [document for document in corpus.documents() if document.title]
    kinds = list(Kind)
    drawn: list[Query] = []
    while len(drawn) < count:
        query = _query(kinds[len(drawn) % len(kinds)], chance.choice(documents), analyzer, chance)
        if query is not None:
            drawn.append(query)
    chance.shuffle(drawn)
    return drawn


def write(queries: Sequence[Query], path: Path) -> None:
    """Lay the queries down for the processes that ask them."""
    path.write_text(json.dumps([dataclasses.asdict(query) for query in queries], ensure_ascii=False), "utf-8")


def read(path: Path) -> list[Query]:
    """Return the queries that `write` laid down."""
    rows = json.loads(path.read_text("utf-8"))
    return [Query(Kind(row["kind"]), tuple(row["terms"]), row["typed"], row["source"]) for row in rows]


def _query(kind: Kind, document: Document, analyzer: SurfaceAnalyzer, chance: random.Random) -> Query | None:
    """Return a query of this kind from a title, or None when it has too few words."""
    title = analyzer.analyze(document.title)
    words = list(dict.fromkeys(title.surfaces))
    if kind in (Kind.WORD, Kind.FILTER):
        if not words:
            return None
        place = chance.randrange(len(title.surfaces))
        typed = document.title[title.starts[place] : title.ends[place]]
        source = " ".join((document.source or UNKNOWN_VALUE).split()) if kind is Kind.FILTER else None
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
