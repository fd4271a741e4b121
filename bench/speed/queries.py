"""The queries: words of titles, in kinds that every engine knows (drawing.py draws them)."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Sequence
from pathlib import Path


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


def write(queries: Sequence[Query], path: Path) -> None:
    """Lay the queries down for the processes that ask them."""
    path.write_text(json.dumps([dataclasses.asdict(query) for query in queries], ensure_ascii=False), "utf-8")


def read(path: Path) -> list[Query]:
    """Return the queries that `write` laid down."""
    rows = json.loads(path.read_text("utf-8"))
    return [Query(Kind(row["kind"]), tuple(row["terms"]), row["typed"], row["source"]) for row in rows]
