"""Xapian through Debian's python3-xapian; pip has no package of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import HITS, Answer, Mode, NotInstalledError, Stopwatch
from bench.speed.queries import Kind, Query

try:
    import xapian
except ImportError as error:
    raise NotInstalledError("Xapian: install Debian's python3-xapian, for the Python that runs the bench") from error

SOURCE, DAY = 0, 1
"""Value slots."""
SNIPPET_BYTES = 400


class Xapian:
    """See `Peer`."""

    def __init__(self, folder: Path) -> None:
        self.version = str(xapian.version_string())
        self.process = os.getpid()
        self._folder = str(folder)
        self._database: Any = None

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`."""
        return self.add(corpus)

    def open(self) -> None:
        """See `Peer.open`."""
        if self._database is None:
            self._database = xapian.Database(self._folder)
        else:
            self._database.reopen()

    def ask(self, query: Query, mode: Mode) -> Answer:
        """See `Peer.ask`."""
        enquire = xapian.Enquire(self._database)
        enquire.set_query(_tree(query))
        if mode is Mode.HITS:
            return Answer(scores=tuple(match.weight for match in enquire.get_mset(0, HITS)))
        sources, days = xapian.ValueCountMatchSpy(SOURCE), xapian.ValueCountMatchSpy(DAY)
        enquire.add_matchspy(sources)
        enquire.add_matchspy(days)
        matches = enquire.get_mset(0, HITS, self._database.get_doccount())
        snippets: list[str] = []
        if mode is Mode.PAGE:
            snippets = [
                matches.snippet(match.document.get_data(), SNIPPET_BYTES).decode("utf-8", "replace")
                for match in matches
            ]
        return Answer(
            total=sources.get_total(),
            sources={item.term.decode("utf-8"): item.termfreq for item in sources.values()},
            days={int(item.term): item.termfreq for item in days.values()},
            scores=tuple(match.weight for match in matches),
            snippets=tuple(snippets),
        )

    def add(self, corpus: Corpus) -> float:
        """See `Peer.add`."""
        watch = Stopwatch()
        with watch:
            database = xapian.WritableDatabase(self._folder, xapian.DB_CREATE_OR_OPEN)
        for article in corpus.articles():
            with watch:
                document = xapian.Document()
                document.set_data(article.tokens)
                document.add_value(SOURCE, article.source)
                document.add_value(DAY, str(article.day))
                document.add_boolean_term(f"XS{article.source}")
                for position, token in enumerate(article.tokens.split()):
                    document.add_posting(token, position)
                database.add_document(document)
        with watch:
            database.commit()
            database.close()
        return watch.seconds

    def close(self) -> None:
        """See `Peer.close`."""
        if self._database is not None:
            self._database.close()
        self._database = None


def make(folder: Path) -> Xapian:
    """Return the engine with its index in `folder`."""
    return Xapian(folder)


def _tree(query: Query) -> Any:  # noqa: ANN401 - Xapian has no types
    terms = list(query.terms)
    match query.kind:
        case Kind.OR:
            return xapian.Query(xapian.Query.OP_OR, terms)
        case Kind.PHRASE:
            return xapian.Query(xapian.Query.OP_PHRASE, terms, len(terms))
        case Kind.FILTER:
            return xapian.Query(xapian.Query.OP_FILTER, xapian.Query(terms[0]), xapian.Query(f"XS{query.source}"))
        case _:
            return xapian.Query(xapian.Query.OP_AND, terms)
