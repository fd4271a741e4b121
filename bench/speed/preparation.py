"""Prepares the corpus: reads the articles, mixes further ones, analyses them and writes them to the work folder."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.speed.corpus import ARTICLES, FACTS, SEED, TOKENS, ZONE, Corpus, Facts, read_facts, whole_text
from bench.speed.mixing import Mixer
from bench.speed.tokens import SurfaceAnalyzer
from index.analysis.installed import load_analyzer
from index.document import Document
from index.schema import UNKNOWN_VALUE
from index.sources import ArticleReader


def prepare(data: Sequence[Path], folder: Path, count: int | None, *, extra: int = 0) -> Corpus:
    """Write `count` articles to `folder` (None: all real ones), and `extra` more that are committed later.

    Real articles come first, in random order; if there are not enough, the rest is mixed from them. A folder that has
    the same corpus already is not written.

    Raises:
        SourceError: a path of `data` is missing or of an unknown kind.
        ValueError: the data have no article.
    """
    size = sum(path.stat().st_size for path in data if path.is_file())
    names = tuple(path.name for path in data)
    fingerprint = load_analyzer().version.fingerprint[:12]
    existing = _existing_facts(folder)
    if existing is not None:
        made_of = (existing.data, existing.size, existing.extra, existing.analyzer)
        if made_of == (names, size, extra, fingerprint) and existing.articles == (count or existing.available):
            return Corpus(folder, existing.articles)
    (folder / FACTS).unlink(missing_ok=True)  # written last: a folder without it is incomplete
    real = _read(data)
    wanted = count or len(real)
    analyzer = SurfaceAnalyzer()
    mixer = Mixer(real, analyzer, seed=SEED) if wanted + extra > len(real) else None
    documents = _enlarged(real, mixer)
    tokens, types = _write(folder, itertools.islice(documents, wanted), analyzer)
    _write(folder / "extra", itertools.islice(documents, extra), analyzer)
    law = None if mixer is None else mixer.law
    facts = Facts(
        data=names,
        size=size,
        available=len(real),
        articles=wanted,
        real=min(wanted, len(real)),
        extra=extra,
        analyzer=fingerprint,
        tokens=tokens,
        types=types,
        exponent=None if law is None else round(law.exponent, 4),
        constant=None if law is None else round(law.constant, 3),
    )
    (folder / FACTS).write_text(json.dumps(dataclasses.asdict(facts), ensure_ascii=False), "utf-8")
    return Corpus(folder, wanted)


def source_of(document: Document) -> str:
    """Return a document's source without tabs and line breaks, for a line of the token file."""
    return " ".join((document.source or UNKNOWN_VALUE).split())


def _existing_facts(folder: Path) -> Facts | None:
    """Return the facts of the corpus in a folder; None if there is no corpus, or an older bench wrote it."""
    try:
        return read_facts(folder)
    except (FileNotFoundError, TypeError):
        return None


def _read(data: Sequence[Path]) -> list[Document]:
    documents = [item for item in ArticleReader(data, zone=ZONE).read() if isinstance(item, Document) and item.text]
    if not documents:
        raise ValueError(f"no articles in {', '.join(map(str, data))}; give files that `judhur index add` can read")
    random.Random(SEED).shuffle(documents)  # noqa: S311 - an order of articles, not a secret
    return documents


def _enlarged(real: Sequence[Document], mixer: Mixer | None) -> Iterator[Document]:
    yield from real
    if mixer is not None:
        yield from map(mixer.article, itertools.count())


def _write(folder: Path, documents: Iterator[Document], analyzer: SurfaceAnalyzer) -> tuple[int, int]:
    """Write documents and their tokens; return the number of tokens and of distinct tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens, types = 0, set[str]()
    articles_path, tokens_path = folder / ARTICLES, folder / TOKENS
    with articles_path.open("w", encoding="utf-8") as articles, tokens_path.open("w", encoding="utf-8") as token_lines:
        for document in documents:
            surfaces = analyzer.analyze(whole_text(document)).surfaces
            tokens += len(surfaces)
            types.update(surfaces)
            articles.write(json.dumps(_row(document), ensure_ascii=False) + "\n")
            source = source_of(document)
            day = document.published_day(ZONE)
            token_lines.write(f"{document.id}\t{source}\t{day.toordinal() if day else 0}\t{' '.join(surfaces)}\n")
    return tokens, len(types)


def _row(document: Document) -> dict[str, str]:
    values = {name: getattr(document, name) for name in ("id", "title", "text", "source", "author", "section", "url")}
    if document.published is not None:
        values["date"] = document.published.isoformat()
    return {name: value for name, value in values.items() if value}
