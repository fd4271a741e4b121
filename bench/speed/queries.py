"""The queries: words and beginnings of words of titles, in the kinds that readers ask (drawing.py draws them)."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode


class Kind(enum.StrEnum):
    """How a query combines its words."""

    WORD = "word"
    TWO = "two"
    """Two words of one title; an article must have both."""
    THREE = "three"
    """Three words of one title; an article must have all of them."""
    PHRASE = "phrase"
    """Two or three consecutive words of a title."""
    PREFIX = "prefix"
    """The first letters of a word, with a star; the term is these letters."""
    ROOT = "root"
    """A word whose root many articles have, for engines that match roots."""
    TITLE = "title"
    """A whole title; an article that has all its words is a match."""
    OR = "or"
    """Two to four words of one title; an article must have at least one of them."""
    FILTER = "filter"
    """One word in the articles of one source."""


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """One query."""

    kind: Kind
    terms: tuple[str, ...]
    """Distinct surfaces, in the order of the title; of a prefix its letters."""
    typed: str
    """The query as a reader types it; empty for OR, which readers do not type."""
    source: str | None = None
    """The source that a FILTER query is restricted to."""

    @property
    def name(self) -> str:
        """The query in messages about its answers."""
        return f"{self.kind} {' '.join(self.terms)}" + (f" in {self.source}" if self.source else "")

    @property
    def parameters(self) -> str:
        """The query string of its address on the server."""
        return urlencode({"q": self.typed} | ({} if self.source is None else {"source": self.source}))


def write(queries: Sequence[Query], path: Path) -> None:
    """Write the queries to a file for the worker processes."""
    path.write_text(json.dumps([dataclasses.asdict(query) for query in queries], ensure_ascii=False), "utf-8")


def read(path: Path) -> list[Query]:
    """Return the queries that `write` wrote."""
    rows = json.loads(path.read_text("utf-8"))
    return [Query(Kind(row["kind"]), tuple(row["terms"]), row["typed"], row["source"]) for row in rows]
