"""SQLite's full-text search FTS5, with the metadata of each article in an ordinary table."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections import Counter
from pathlib import Path

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import HITS, Answer, Mode, NotInstalledError, Stopwatch
from bench.speed.queries import Kind, Query

_PUNCTUATION = "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"
"""ASCII characters that may be part of a token; the `ascii` tokenizer treats all non-ASCII characters as letters."""

_SCHEMA = f"""
CREATE VIRTUAL TABLE articles USING fts5(body, tokenize = "ascii tokenchars '{_PUNCTUATION}'");
CREATE TABLE facts (number INTEGER PRIMARY KEY, id TEXT, source TEXT, day INTEGER);
"""
_BEST = """
SELECT articles.rowid, rank{snippet} FROM articles{join} WHERE articles MATCH ?{source_clause} ORDER BY rank LIMIT ?
"""
_COUNTS = """
SELECT source, day, count(*) FROM articles JOIN facts ON number = articles.rowid
WHERE articles MATCH ?{source_clause} GROUP BY source, day
"""
_JOIN = " JOIN facts ON number = articles.rowid"
_SOURCE_CLAUSE = " AND source = ?"
_SNIPPET = ", snippet(articles, 0, '<b>', '</b>', '…', 30)"
BATCH = 1_000


class Fts5:
    """See `Peer`."""

    def __init__(self, folder: Path) -> None:
        self.version = f"SQLite {sqlite3.sqlite_version}"
        self.process = os.getpid()
        self._folder = folder
        self._connection: sqlite3.Connection | None = None
        with sqlite3.connect(":memory:") as trial:
            if not trial.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
                raise NotInstalledError("SQLite FTS5: this Python's SQLite was built without it; use another Python")
        trial.close()

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = self._connect()
        connection.executescript(_SCHEMA)
        connection.close()
        return self.add(corpus)

    def open(self) -> None:
        """See `Peer.open`; an open connection sees each commit without a refresh."""
        if self._connection is None:
            self._connection = self._connect()
            self._connection.execute("SELECT rowid FROM articles LIMIT 1").fetchone()

    def ask(self, query: Query, mode: Mode) -> Answer:
        """See `Peer.ask`."""
        assert self._connection is not None, "open comes before ask"
        filtered = query.source is not None
        arguments = (_match(query), *((query.source,) if filtered else ()))
        source_clause = _SOURCE_CLAUSE if filtered else ""
        snippet, join = _SNIPPET if mode is Mode.PAGE else "", _JOIN if filtered else ""
        best = _BEST.format(snippet=snippet, join=join, source_clause=source_clause)
        rows = self._connection.execute(best, (*arguments, HITS)).fetchall()
        scores = tuple(-row[1] for row in rows)
        if mode is Mode.HITS:
            return Answer(scores=scores)
        sources: Counter[str] = Counter()
        days: Counter[int] = Counter()
        for source, day, count in self._connection.execute(_COUNTS.format(source_clause=source_clause), arguments):
            sources[source] += count
            days[day] += count
        snippets = tuple(row[2] for row in rows) if mode is Mode.PAGE else ()
        return Answer(sources.total(), dict(sources), dict(days), scores=scores, snippets=snippets)

    def add(self, corpus: Corpus) -> float:
        """See `Peer.add`."""
        connection = self._connect()
        watch = Stopwatch()
        with watch:
            connection.execute("BEGIN")
            number = connection.execute("SELECT coalesce(max(number), 0) FROM facts").fetchone()[0]
        articles = enumerate(corpus.articles(), number + 1)
        while batch := list(itertools.islice(articles, BATCH)):
            with watch:
                connection.executemany(
                    "INSERT INTO articles (rowid, body) VALUES (?, ?)",
                    [(number, article.tokens) for number, article in batch],
                )
                connection.executemany(
                    "INSERT INTO facts VALUES (?, ?, ?, ?)",
                    [(number, article.id, article.source, article.day) for number, article in batch],
                )
        with watch:
            connection.execute("COMMIT")
        connection.close()
        return watch.seconds

    def close(self) -> None:
        """See `Peer.close`."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._folder / "articles.sqlite3", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection


def make(folder: Path) -> Fts5:
    """Return the engine with its index in `folder`."""
    return Fts5(folder)


def _match(query: Query) -> str:
    terms = ['"' + term.replace('"', '""') + '"' for term in query.terms]
    if query.kind is Kind.PHRASE:
        return '"' + " ".join(term.replace('"', '""') for term in query.terms) + '"'
    if query.kind is Kind.PREFIX:
        return f"{terms[0]}*"
    return (" OR " if query.kind is Kind.OR else " AND ").join(terms)
