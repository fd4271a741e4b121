"""Judhur's embedded engine with one field, comparable to the peers: one section, one term (the surface) per token."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from bench.speed.corpus import ZONE, Corpus, batched, whole_text
from bench.speed.engines.peer import FACET_VALUES, HITS, Answer, Mode, Stopwatch
from bench.speed.queries import Kind, Query
from bench.speed.tokens import SurfaceAnalyzer
from index.analysis.installed import load_analyzer
from index.analysis.tokens import AnalyzedText, FieldTerm, Word
from index.document import AnalyzedDocument, Document
from index.engines import store_of
from index.schema import FORMAT_VERSION, FacetField, Level, Section, TokenField
from search.engine import CountRequest, Engine, EngineRequest, EngineResult, FacetRequest, Listing, Searcher
from search.engines import open_engine
from search.query import Alternative, And, FacetFilter, Node, Or, Phrase, Prefix, Term
from search.snippet import passages

BATCH = 2_000
"""Articles in one commit, as in `judhur index add`."""


class OneField:
    """See `Peer`."""

    def __init__(self, folder: Path) -> None:
        self.process = os.getpid()
        self._location = str(folder)
        self._opened = ExitStack()
        self._engine: Engine | None = None
        self._searcher: Searcher | None = None
        self._words: dict[str, Word] = {}
        load_analyzer()  # loaded here, since `open` needs its fingerprint and loading is not part of opening

    @property
    def version(self) -> str:
        """See `Peer.version`."""
        return f"format {FORMAT_VERSION}, analyzer {load_analyzer().version.number}"

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`."""
        watch = Stopwatch()
        with ExitStack() as opened:
            with watch:
                writer = opened.enter_context(store_of(self._location).writer(create=ZONE.key))
            for batch in batched(corpus.documents(), BATCH):
                analyzed = self._analyzed(batch)
                with watch:
                    writer.add(analyzed)
                    writer.commit()
            with watch:
                opened.close()
        return watch.seconds

    def open(self) -> None:
        """See `Peer.open`."""
        if self._engine is None:
            self._engine = open_engine(self._location)
        self._opened.close()
        self._searcher = self._opened.enter_context(self._engine.searcher())

    def ask(self, query: Query, mode: Mode) -> Answer:
        """See `Peer.ask`."""
        assert self._searcher is not None, "open comes before ask"
        counted = mode is not Mode.HITS
        result = self._searcher.search(
            EngineRequest(
                # without the second stage, which the peers and the oracle do not have
                Listing(tree(query), reranked=0),
                CountRequest((FacetRequest(FacetField.SOURCE, FACET_VALUES),) if counted else (), histogram=counted),
                limit=HITS,
            )
        )
        snippets = _snippets(self._searcher, result) if mode is Mode.PAGE else ()
        return Answer(
            total=result.total,
            sources={item.value: item.count for item in result.facets[0].values} if counted else None,
            days=_days(result),
            ids=tuple(hit.id for hit in result.hits),
            scores=tuple(hit.score for hit in result.hits),
            snippets=snippets,
        )

    def add(self, corpus: Corpus) -> float:
        """See `Peer.add`."""
        analyzed = self._analyzed(corpus.documents())
        with Stopwatch() as watch, store_of(self._location).writer() as writer:
            writer.add(analyzed)
            writer.commit()
        return watch.seconds

    def close(self) -> None:
        """See `Peer.close`."""
        self._opened.close()
        if self._engine is not None:
            self._engine.close()
        self._engine = self._searcher = None

    def _analyzed(self, documents: Iterable[Document]) -> list[AnalyzedDocument]:
        self._words.clear()  # shared within one batch only, since the words of a million articles do not fit in memory
        return [one_field(document, self._surfaces, self._words) for document in documents]

    @cached_property
    def _surfaces(self) -> SurfaceAnalyzer:
        return SurfaceAnalyzer()


def make(folder: Path) -> OneField:
    """Return the engine with its index in `folder`."""
    return OneField(folder)


def one_field(document: Document, analyzer: SurfaceAnalyzer, words: dict[str, Word]) -> AnalyzedDocument:
    """Return a document with all its surfaces in one section; `words` is a cache from surfaces to words."""
    text = whole_text(document)
    analyzed = analyzer.analyze(text)
    tokens = []
    for surface in analyzed.surfaces:
        word = words.get(surface)
        if word is None:
            word = words[surface] = Word(surface, surface, (), (FieldTerm(TokenField.SURFACE, surface),))
        tokens.append(word)
    plain = Document(id=document.id, text=text, source=document.source, published=document.published)
    return AnalyzedDocument(
        plain,
        {
            Section.TITLE: AnalyzedText("", (), array("I"), array("I")),
            Section.BODY: AnalyzedText(text, tuple(tokens), analyzed.starts, analyzed.ends),
        },
        plain.published_day(ZONE),
    )


def tree(query: Query) -> Node:
    """Return the query tree of a query."""
    terms = tuple(
        Term(term, number, (Alternative(Level.EXACT, TokenField.SURFACE, term, 1.0),), (Section.BODY,))
        for number, term in enumerate(query.terms)
    )
    match query.kind:
        case Kind.OR:
            return Or(terms)
        case Kind.PHRASE:
            return Phrase(terms, tuple(range(len(terms))))
        case Kind.PREFIX:
            return Prefix(query.terms[0], 0, (Section.BODY,))
        case Kind.FILTER:
            return And((terms[0], FacetFilter(FacetField.SOURCE, (query.source or "",))))
        case _:
            return And(terms) if len(terms) > 1 else terms[0]


def _days(result: EngineResult) -> dict[int, int] | None:
    """Return the counts of a histogram by the first day of each bucket, as proleptic ordinals; 0 is unknown."""
    if result.histogram is None:
        return None
    days = {bucket.first.toordinal(): bucket.count for bucket in result.histogram.buckets if bucket.count}
    return days | ({0: result.histogram.unknown} if result.histogram.unknown else {})


def _snippets(searcher: Searcher, result: EngineResult) -> tuple[str, ...]:
    articles = searcher.get_many([hit.id for hit in result.hits])
    return tuple(
        " … ".join(snippet.text for snippet in passages(stored, hit.matches).snippets)
        for hit, stored in zip(result.hits, articles, strict=True)
        if stored is not None
    )
