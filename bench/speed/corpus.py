"""The corpus of a run in its work folder, from which the worker processes read (preparation.py writes it).

The folder has `articles.jsonl` (what the product reads), `tokens.tsv` (the same articles as every engine gets them: id,
source, day, surfaces), and `extra/`, articles that are added later in small commits.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from index.document import Document

SEED = 20261121
"""Seed of all draws, so that every run has the same articles and queries."""
ZONE = ZoneInfo("Asia/Riyadh")
ARTICLES, TOKENS, FACTS = "articles.jsonl", "tokens.tsv", "corpus.json"
"""Files of a work folder."""


class Article(NamedTuple):
    """An article as every engine gets it."""

    id: str
    source: str
    day: int
    """Proleptic ordinal; 0 is unknown."""
    tokens: str
    """Surfaces of title and text, separated by spaces."""


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """How a corpus was made."""

    data: tuple[str, ...]
    """Names of the files."""
    size: int
    """Bytes of the files."""
    available: int
    """Number of articles in the files."""
    articles: int
    """Number of articles in the corpus."""
    real: int
    """How many of `articles` are real; the others are mixed from them."""
    extra: int
    """Number of articles that are added later."""
    analyzer: str
    """First 12 characters of the fingerprint of the analyzer that made the tokens."""
    tokens: int
    types: int
    exponent: float | None
    """β of Heaps' law; None if no articles were mixed."""
    constant: float | None
    """K of Heaps' law; None if no articles were mixed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Corpus:
    """Articles of a work folder: `count` of them, from number `first` on."""

    folder: Path
    count: int
    first: int = 0

    @property
    def token_file(self) -> Path:
        """The articles of the folder as `Article`s, one per line, in order."""
        return self.folder / TOKENS

    @property
    def extra(self) -> Corpus:
        """The articles that are added later."""
        return Corpus(self.folder / "extra", read_facts(self.folder).extra)

    @property
    def article_file(self) -> Path:
        """The articles of the folder as `judhur index add` reads them, one per line, in the same order."""
        return self.folder / ARTICLES

    def part(self, begin: int, end: int) -> Corpus:
        """Return the articles from `begin` up to `end`."""
        return Corpus(self.folder, end - begin, self.first + begin)

    def articles(self) -> Iterator[Article]:
        """Yield the articles as engines get them."""
        with self.token_file.open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, self.first, self.first + self.count):
                name, source, day, tokens = line.rstrip("\n").split("\t")
                yield Article(name, source, int(day), tokens)

    def documents(self) -> Iterator[Document]:
        """Yield the articles as documents."""
        with self.article_file.open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, self.first, self.first + self.count):
                yield _document(json.loads(line))


def read_facts(folder: Path) -> Facts:
    """Return how the corpus in `folder` was made.

    Raises:
        FileNotFoundError: there is no complete corpus in the folder.
        TypeError: an older version of the bench wrote it.
    """
    values = json.loads((folder / FACTS).read_text("utf-8"))
    return Facts(**(values | {"data": tuple(values["data"])}))


def whole_text(document: Document) -> str:
    """Return title and text as one field, on which the engines are compared."""
    return f"{document.title}\n\n{document.text}" if document.title else document.text


def batched(documents: Iterator[Document], size: int) -> Iterator[list[Document]]:
    """Yield the documents in lists of `size`; the last one may be shorter."""
    while batch := list(itertools.islice(documents, size)):
        yield batch


def _document(row: dict[str, str]) -> Document:
    date = row.get("date")
    published: dt.datetime | dt.date | None = None
    if date is not None:
        published = dt.datetime.fromisoformat(date) if "T" in date else dt.date.fromisoformat(date)
    return Document(
        id=row["id"],
        text=row.get("text", ""),
        title=row.get("title", ""),
        source=row.get("source"),
        published=published,
        author=row.get("author"),
        section=row.get("section"),
        url=row.get("url"),
    )
