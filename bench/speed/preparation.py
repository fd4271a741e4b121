"""The articles of a bench are read once, enlarged, analysed once, and laid down for the processes that measure."""

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
from index.analysis.pipeline import load_analyzer
from index.document import Document
from index.schema import UNKNOWN_VALUE
from index.sources import ArticleReader


def prepare(data: Sequence[Path], folder: Path, count: int | None, *, extra: int = 0) -> Corpus:
    """Lay down `count` articles in `folder` (all that there are if None), and `extra` more that come in later.

    Real ones come first, in random order; where they do not suffice, the rest is mixed from them. A folder that holds
    the same already is left alone.

    Raises:
        SourceError: a path of `data` is missing or of an unknown kind.
        ValueError: the data hold no article.
    """
    size = sum(path.stat().st_size for path in data if path.is_file())
    names = tuple(path.name for path in data)
    fingerprint = load_analyzer().fingerprint()[:12]
    known = _known(folder)
    if known is not None:
        made_of = (known.data, known.size, known.extra, known.analyzer)
        if made_of == (names, size, extra, fingerprint) and known.articles == (count or known.available):
            return Corpus(folder, known.articles)
    (folder / FACTS).unlink(missing_ok=True)  # written last: a folder without it was not finished
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
    """Return a document's source as a line of the token file may hold it."""
    return " ".join((document.source or UNKNOWN_VALUE).split())


def _known(folder: Path) -> Facts | None:
    """Return what stands in the folder; None if it is nothing, or something that an older bench laid down."""
    try:
        return read_facts(folder)
    except (FileNotFoundError, TypeError):
        return None


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
    with (folder / ARTICLES).open("w", encoding="utf-8") as whole, (folder / TOKENS).open("w", encoding="utf-8") as cut:
        for document in documents:
            surfaces = analyzer.analyze(whole_text(document)).surfaces
            tokens += len(surfaces)
            types.update(surfaces)
            whole.write(json.dumps(_row(document), ensure_ascii=False) + "\n")
            source = source_of(document)
            day = document.published_day(ZONE)
            cut.write(f"{document.id}\t{source}\t{day.toordinal() if day else 0}\t{' '.join(surfaces)}\n")
    return tokens, len(types)


def _row(document: Document) -> dict[str, str]:
    values = {name: getattr(document, name) for name in ("id", "title", "text", "source", "author", "section", "url")}
    if document.published is not None:
        values["date"] = document.published.isoformat()
    return {name: value for name, value in values.items() if value}
