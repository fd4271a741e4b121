"""Stock Whoosh: its own codec, matchers, facets and highlighter."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import whoosh.index
import whoosh.query
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.sorting import Count, Facets

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import HITS, Answer, Mode, Stopwatch
from bench.speed.queries import Kind, Query

MEMORY_MB = 256
"""Memory of the writer before it spills to disk; the default of 128 MB makes it slower."""


class Whoosh:
    """See `Peer`."""

    def __init__(self, folder: Path) -> None:
        self.version = version("whoosh3")
        self.process = os.getpid()
        self._folder = folder
        self._index: Any = None
        self._searcher: Any = None

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        schema = Schema(
            id=ID(stored=True),
            body=TEXT(analyzer=SpaceSeparatedTokenizer(), stored=True, phrase=True),
            source=ID(sortable=True),
            day=ID(sortable=True),
        )
        whoosh.index.create_in(self._folder, schema).close()
        return self.add(corpus)

    def open(self) -> None:
        """See `Peer.open`."""
        if self._index is None:
            self._index = whoosh.index.open_dir(self._folder)
            self._searcher = self._index.searcher()
        else:
            self._searcher = self._searcher.refresh()

    def ask(self, query: Query, mode: Mode) -> Answer:
        """See `Peer.ask`."""
        tree = _tree(query)
        source_filter = None if query.source is None else whoosh.query.Term("source", query.source)
        if mode is Mode.HITS:
            results = self._searcher.search(tree, limit=HITS, filter=source_filter)
            return Answer(scores=tuple(hit.score for hit in results))
        facets = Facets()
        facets.add_field("source", maptype=Count)
        facets.add_field("day", maptype=Count)
        results = self._searcher.search(tree, limit=HITS, filter=source_filter, groupedby=facets)
        sources = {str(name): int(count) for name, count in results.groups("source").items()}
        days = {int(day): int(count) for day, count in results.groups("day").items()}
        best = results[:HITS]  # with `groupedby` Whoosh ignores the limit and returns every match
        snippets: tuple[str, ...] = ()
        if mode is Mode.PAGE:
            snippets = tuple(hit.highlights("body", top=1) for hit in best)
        return Answer(
            total=sum(sources.values()),
            sources=sources,
            days=days,
            scores=tuple(hit.score for hit in best),
            snippets=snippets,
        )

    def add(self, corpus: Corpus) -> float:
        """See `Peer.add`."""
        articles = list(corpus.articles())
        with Stopwatch() as watch:
            index = whoosh.index.open_dir(self._folder)
            writer = index.writer(limitmb=MEMORY_MB)
            for article in articles:
                writer.add_document(id=article.id, body=article.tokens, source=article.source, day=str(article.day))
            writer.commit()
            index.close()
        return watch.seconds

    def close(self) -> None:
        """See `Peer.close`."""
        if self._index is not None:
            self._searcher.close()
            self._index.close()
        self._index = self._searcher = None


def make(folder: Path) -> Whoosh:
    """Return the engine with its index in `folder`."""
    return Whoosh(folder)


def _tree(query: Query) -> Any:  # noqa: ANN401 - Whoosh has no types
    terms = [whoosh.query.Term("body", term) for term in query.terms]
    match query.kind:
        case Kind.OR:
            return whoosh.query.Or(terms)
        case Kind.PHRASE:
            return whoosh.query.Phrase("body", list(query.terms))
        case Kind.PREFIX:
            return whoosh.query.Prefix("body", query.terms[0])
        case _:
            return whoosh.query.And(terms) if len(terms) > 1 else terms[0]
