"""The articles of one bench: read once, analysed once, and laid down for the processes that measure.

A work folder holds `articles.jsonl` (what the product reads), `tokens.tsv` (the same articles as every engine is
handed them: id, source, day, surfaces), and `extra/`, the articles that come in later, one commit at a time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bench.speed.mixing import Mixer
from bench.speed.tokens import SurfaceAnalyzer
from index.document import Document
from index.schema import UNKNOWN_VALUE
from index.sources import ArticleReader

SEED = 20261121
"""Of every draw: the same articles and queries on every run."""
ZONE = ZoneInfo("Asia/Riyadh")
EXTRA = 600
"""Articles that come in after the index is built: thirty commits of twenty."""

_JSONL, _TSV, _FACTS = "articles.jsonl", "tokens.tsv", "corpus.json"


class Article(NamedTuple):
    """An article as every engine is handed it."""

    id: str
    source: str
    day: int
    """Proleptic ordinal; 0 where it is unknown."""
    tokens: str
    """Surfaces of title and text, a space between two."""


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """What a corpus was made of."""

    data: tuple[str, ...]
    """Names of the files."""
    size: int
    """Bytes of the files."""
    articles: int
    real: int
    """How many of `articles` are real; the others are mixed from them."""
    tokens: int
    types: int
    exponent: float | None
    """β of Heaps' law, where articles were mixed."""
    constant: float | None
    """K of Heaps' law."""


@dataclasses.dataclass(frozen=True, slots=True)
class Corpus:
    """Articles of a work folder: `count` of them, from number `first` on."""

    folder: Path
    count: int
    first: int = 0

    @property
    def token_file(self) -> Path:
        """The articles of the folder as `Article`s, a line each, in order."""
        return self.folder / _TSV

    @property
    def extra(self) -> Corpus:
        """The articles that come in later."""
        return Corpus(self.folder / "extra", EXTRA)

    def part(self, begin: int, end: int) -> Corpus:
        """Return the articles from `begin` up to `end`."""
        return Corpus(self.folder, end - begin, self.first + begin)

    def articles(self) -> Iterator[Article]:
        """Yield the articles as engines are handed them."""
        with self.token_file.open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, self.first, self.first + self.count):
                name, source, day, tokens = line.rstrip("\n").split("\t")
                yield Article(name, source, int(day), tokens)

    def documents(self) -> Iterator[Document]:
        """Yield the articles whole."""
        with (self.folder / _JSONL).open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, self.first, self.first + self.count):
                yield _document(json.loads(line))

    def file(self) -> Path:
        """Return a file of exactly these articles, the first ones, as `judhur add` reads it."""
        whole = self.folder / _JSONL
        if self.count == read_facts(self.folder).articles:
            return whole
        part = self.folder / f"first-{self.count}.jsonl"
        if not part.exists():
            draft = part.with_suffix(".new")
            with whole.open(encoding="utf-8") as lines, draft.open("w", encoding="utf-8") as out:
                out.writelines(itertools.islice(lines, self.count))
            draft.replace(part)
        return part


def prepare(data: Sequence[Path], folder: Path, count: int | None) -> Corpus:
    """Lay down `count` articles in `folder` (all that there are by default) and return them.

    Real ones come first, in random order; where they do not suffice, the rest is mixed from them. A folder that holds
    the same already is left alone.

    Raises:
        SourceError: a path of `data` is missing or of an unknown kind.
        ValueError: the data hold no article.
    """
    size = sum(path.stat().st_size for path in data if path.is_file())
    names = tuple(path.name for path in data)
    if (folder / _FACTS).exists():
        known = read_facts(folder)
        if (known.data, known.size) == (names, size) and known.articles == (count or known.articles):
            return Corpus(folder, known.articles)
    real = _read(data)
    wanted = count or len(real)
    analyzer = SurfaceAnalyzer()
    mixer = Mixer(real, analyzer, seed=SEED) if wanted + EXTRA > len(real) else None
    documents = _enlarged(real, mixer)
    tokens, types = _write(folder, itertools.islice(documents, wanted), analyzer)
    _write(folder / "extra", itertools.islice(documents, EXTRA), analyzer)
    law = None if mixer is None else mixer.law
    facts = Facts(
        data=names,
        size=size,
        articles=wanted,
        real=min(wanted, len(real)),
        tokens=tokens,
        types=types,
        exponent=None if law is None else round(law.exponent, 4),
        constant=None if law is None else round(law.constant, 3),
    )
    (folder / _FACTS).write_text(json.dumps(dataclasses.asdict(facts), ensure_ascii=False), "utf-8")
    return Corpus(folder, wanted)


def read_facts(folder: Path) -> Facts:
    """Return what the corpus in `folder` was made of."""
    values = json.loads((folder / _FACTS).read_text("utf-8"))
    return Facts(**(values | {"data": tuple(values["data"])}))


def whole_text(document: Document) -> str:
    """Return title and text as the one field that the engines are compared on."""
    return f"{document.title}\n\n{document.text}" if document.title else document.text


def batched(documents: Iterator[Document], size: int) -> Iterator[list[Document]]:
    """Yield the documents in lists of `size`, the last one shorter."""
    while batch := list(itertools.islice(documents, size)):
        yield batch


def _read(data: Sequence[Path]) -> list[Document]:
    found = [item for item in ArticleReader(data, zone=ZONE) if isinstance(item, Document) and item.text]
    if not found:
        raise ValueError(f"no articles in {', '.join(map(str, data))}; give files that `judhur add` can read")
    random.Random(SEED).shuffle(found)  # noqa: S311 - an order of articles, not a secret
    return found


def _enlarged(real: Sequence[Document], mixer: Mixer | None) -> Iterator[Document]:
    yield from real
    if mixer is not None:
        yield from map(mixer.article, itertools.count())


def _write(folder: Path, documents: Iterator[Document], analyzer: SurfaceAnalyzer) -> tuple[int, int]:
    """Write documents and their tokens; return the numbers of tokens and of distinct ones."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens, types = 0, set[str]()
    with (folder / _JSONL).open("w", encoding="utf-8") as whole, (folder / _TSV).open("w", encoding="utf-8") as cut:
        for document in documents:
            surfaces = analyzer.analyze(whole_text(document)).surfaces
            tokens += len(surfaces)
            types.update(surfaces)
            whole.write(json.dumps(_row(document), ensure_ascii=False) + "\n")
            source = " ".join((document.source or UNKNOWN_VALUE).split())
            day = document.published_day(ZONE)
            cut.write(f"{document.id}\t{source}\t{day.toordinal() if day else 0}\t{' '.join(surfaces)}\n")
    return tokens, len(types)


def _row(document: Document) -> dict[str, str]:
    values = {name: getattr(document, name) for name in ("id", "title", "text", "source", "author", "section", "url")}
    if document.published is not None:
        values["date"] = document.published.isoformat()
    return {name: value for name, value in values.items() if value}


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
