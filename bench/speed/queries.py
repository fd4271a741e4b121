"""The queries: words of titles, in kinds that every engine supports (drawing.py draws them)."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Sequence
from pathlib import Path


class Kind(enum.StrEnum):
    """How a query combines its words."""

    WORD = "word"
    AND = "and"
    """Two to four words of one title; an article must have all of them."""
    OR = "or"
    """Two to four words of one title; an article must have at least one of them."""
    PHRASE = "phrase"
    """Two or three consecutive words of a title."""
    FILTER = "filter"
    """One word in the articles of one source."""


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """One query."""

    kind: Kind
    terms: tuple[str, ...]
    """Distinct surfaces, in the order of the title."""
    typed: str
    """The query as a reader types it; empty for OR, which readers do not type."""
    source: str | None = None
    """The source that a FILTER query is restricted to."""


def write(queries: Sequence[Query], path: Path) -> None:
    """Write the queries to a file for the worker processes."""
    path.write_text(json.dumps([dataclasses.asdict(query) for query in queries], ensure_ascii=False), "utf-8")


def read(path: Path) -> list[Query]:
    """Return the queries that `write` wrote."""
    rows = json.loads(path.read_text("utf-8"))
    return [Query(Kind(row["kind"]), tuple(row["terms"]), row["typed"], row["source"]) for row in rows]
