"""tantivy (Rust) through its Python package, one indexing thread."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import FACET_VALUES, HITS, Answer, Mode, NotInstalledError, Stopwatch
from bench.speed.queries import Kind, Query

try:
    import tantivy
except ImportError as error:
    raise NotInstalledError("tantivy: pip install tantivy") from error

MEMORY_BYTES = 256_000_000
"""Memory of the writer before it writes a segment."""
FACETS = {
    "source": {"terms": {"field": "source", "size": FACET_VALUES}},
    "day": {"terms": {"field": "day", "size": 65_000}},
}


class Tantivy:
    """See `Peer`."""

    def __init__(self, folder: Path) -> None:
        self.version = version("tantivy")
        self.process = os.getpid()
        self._folder = folder
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("body", stored=True, tokenizer_name="spaces", index_option="position")
        builder.add_text_field("source", fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("day", indexed=True, fast=True)
        self._schema = builder.build()
        self._index: Any = None
        self._searcher: Any = None

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`; the articles are added one by one, so that they are never all in memory."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self.add(corpus)

    def open(self) -> None:
        """See `Peer.open`."""
        if self._index is None:
            self._index = self._handle()
        self._index.reload()
        self._searcher = self._index.searcher()

    def ask(self, query: Query, mode: Mode) -> Answer | None:
        """See `Peer.ask`; it makes no snippets for a prefix."""
        if query.kind is Kind.PREFIX and mode is Mode.PAGE:
            return None
        tree = self._tree(query)
        searcher = self._searcher
        if mode is Mode.HITS:
            return Answer(scores=tuple(score for score, _ in searcher.search(tree, HITS, count=False).hits))
        result = searcher.search(tree, HITS, count=True)
        facets = searcher.aggregate(tree, FACETS)
        snippets: list[str] = []
        if mode is Mode.PAGE:
            generator = tantivy.SnippetGenerator.create(searcher, tree, self._schema, "body")
            snippets = [generator.snippet_from_doc(searcher.doc(address)).to_html() for _, address in result.hits]
        return Answer(
            total=result.count,
            sources={item["key"]: int(item["doc_count"]) for item in facets["source"]["buckets"]},
            days={int(item["key"]): int(item["doc_count"]) for item in facets["day"]["buckets"]},
            scores=tuple(score for score, _ in result.hits),
            snippets=tuple(snippets),
        )

    def add(self, corpus: Corpus) -> float:
        """See `Peer.add`."""
        watch = Stopwatch()
        with watch:
            writer = self._handle().writer(MEMORY_BYTES, num_threads=1)
        for article in corpus.articles():
            with watch:
                writer.add_document(
                    tantivy.Document(id=article.id, body=article.tokens, source=article.source, day=article.day)
                )
        with watch:
            writer.commit()
            writer.wait_merging_threads()
        return watch.seconds

    def close(self) -> None:
        """See `Peer.close`."""
        self._index = self._searcher = None

    def _handle(self) -> Any:  # noqa: ANN401 - the package's types name no class of its compiled part
        index = tantivy.Index(self._schema, path=str(self._folder))
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("spaces", spaces)
        return index

    def _tree(self, query: Query) -> Any:  # noqa: ANN401 - as above
        terms = [tantivy.Query.term_query(self._schema, "body", term, "freq") for term in query.terms]
        match query.kind:
            case Kind.OR:
                return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
            case Kind.PHRASE:
                return tantivy.Query.phrase_query(self._schema, "body", list(query.terms))
            case Kind.PREFIX:
                return tantivy.Query.regex_query(self._schema, "body", f"{query.terms[0]}.*")
            case Kind.FILTER:
                source = tantivy.Query.term_query(self._schema, "source", query.source, "basic")
                allowed = tantivy.Query.const_score_query(source, 0.0)
                return tantivy.Query.boolean_query([(tantivy.Occur.Must, terms[0]), (tantivy.Occur.Must, allowed)])
            case _:
                musts = [(tantivy.Occur.Must, term) for term in terms]
                return tantivy.Query.boolean_query(musts) if len(musts) > 1 else terms[0]


def make(folder: Path) -> Tantivy:
    """Return the engine with its index in `folder`."""
    return Tantivy(folder)
