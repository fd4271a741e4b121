"""The engines that are measured: Judhur, and those of its peers that are installed."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import cast

from bench.speed.engines.peer import Factory, Peer
from bench.speed.queries import Kind

_ONE_FIELD = frozenset(Kind) - {Kind.ROOT}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One engine of the bench."""

    title: str
    """Its name in the tables."""
    module: str
    factory: str = "make"
    """The function of the module that returns it."""
    shares: str | None = None
    """The engine whose index it reads, if it builds none of its own."""
    product: bool = False
    """Whether it is the whole product with queries as readers type them, not an engine with one field."""
    kinds: frozenset[Kind] = _ONE_FIELD
    """The kinds of queries that it answers."""
    warm_rounds: int = 1
    """How many times the queries of the warm-up are asked."""


def _product(title: str, factory: str, shares: str | None = None) -> Entry:
    return Entry(title, "product", factory, shares, product=True, kinds=frozenset(Kind) - {Kind.OR})


ENGINES = {
    "judhur": Entry("Judhur, one field", "judhur"),
    "whoosh": Entry("stock Whoosh", "whoosh"),
    "tantivy": Entry("tantivy", "tantivy"),
    "fts5": Entry("SQLite FTS5", "fts5"),
    "bm25s": Entry("bm25s (numba)", "bm25s", kinds=frozenset({Kind.WORD, Kind.OR})),
    "xapian": Entry("Xapian", "xapian", kinds=_ONE_FIELD - {Kind.PREFIX}),
    "lucene": Entry("Lucene 9", "lucene", warm_rounds=200),
    "judhur-full": _product("Judhur, full search", "make"),
    "judhur-json": _product("Judhur, JSON endpoint", "make_json", "judhur-full"),
    "judhur-page": _product("Judhur, HTML page", "make_page", "judhur-full"),
    "judhur-jobs": _product("Judhur, two jobs", "make_parallel"),
}
"""By name, in the order of the tables."""


def make(name: str, folder: Path) -> Peer:
    """Return the engine `name` with its index in `folder`.

    Raises:
        NotInstalledError: the engine is not installed; the text says what to install.
    """
    module = importlib.import_module(f"bench.speed.engines.{ENGINES[name].module}")
    return cast("Factory", getattr(module, ENGINES[name].factory))(folder)
