"""The engines that are measured: Judhur, and those of its peers that are installed."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import cast

from bench.speed.engines.peer import Factory, Peer


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
    warm_rounds: int = 0
    """Unmeasured rounds before the first measured one."""


ENGINES = {
    "judhur": Entry("Judhur, one field", "judhur"),
    "whoosh": Entry("stock Whoosh", "whoosh"),
    "tantivy": Entry("tantivy", "tantivy"),
    "fts5": Entry("SQLite FTS5", "fts5"),
    "bm25s": Entry("bm25s (numba)", "bm25s", warm_rounds=1),
    "xapian": Entry("Xapian", "xapian"),
    "lucene": Entry("Lucene 9", "lucene", warm_rounds=10),
    "judhur-full": Entry("Judhur, full search", "product", product=True),
    "judhur-json": Entry("Judhur, JSON endpoint", "product", "make_json", "judhur-full", product=True),
    "judhur-page": Entry("Judhur, HTML page", "product", "make_page", "judhur-full", product=True),
    "judhur-jobs": Entry("Judhur, two jobs", "product", "make_parallel", product=True),
}
"""By name, in the order of the tables."""


def make(name: str, folder: Path) -> Peer:
    """Return the engine `name` with its index in `folder`.

    Raises:
        NotInstalledError: the engine is not installed; the text says what to install.
    """
    module = importlib.import_module(f"bench.speed.engines.{ENGINES[name].module}")
    return cast("Factory", getattr(module, ENGINES[name].factory))(folder)
