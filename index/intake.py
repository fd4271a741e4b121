"""From files, or another index, to the writer: articles are read, compared with what is known, and analyzed.

Everything happens in this process but the reading of words that were not met before, where there are worker processes:
they read the words of the next articles while this one stores those before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol, TypeVar, cast

from index.analysis.pipeline import Analyzer, TokenizedText, load_analyzer
from index.document import AnalyzedDocument, Document, Notice, Refusal
from index.jobs import ReadingWords, analyze_document
from index.parallel import WorkerPool
from index.schema import Section
from index.sources import ArticleReader
from index.sources.articles import id_fault
from index.sources.reader import RawArticle
from index.transfer import PackedWords, unpacked
from index.writer import Existing

_PORTION_DOCUMENTS = 32
_PORTION_CHARACTERS = 100_000
"""Bounds of what is looked up, and sent, at once; the text of one article alone may be longer."""

_Item = TypeVar("_Item")


class ExistingArticles(Protocol):
    """Whoever can tell what is there already: the writer of an index."""

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """See `ArticleWriter.existing`."""


class Arrival(NamedTuple):
    """An article that was read."""

    document: Document
    existing: Existing | None
    """What the index has under its id."""
    analyzed: AnalyzedDocument | None
    """None when the index has just this article."""


_Resolved = Arrival | Refusal | Notice


@contextmanager
def read_articles(
    reader: ArticleReader, index: ExistingArticles, zone: dt.tzinfo, *, jobs: int
) -> Iterator[Iterator[_Resolved]]:
    """Give the articles of a reader, and what is said of the others, in the order of their files.

    More than one of `jobs` are as many processes, this one among them; the others end with the context. Asking for the
    next article raises IndexingError when one of them failed.
    """
    portions = (list(_resolved(items, reader, index)) for items in batched(reader.read(), _characters))
    with _analyzed(portions, zone, jobs) as arrivals:
        yield arrivals


@contextmanager
def compare_articles(
    documents: Iterable[Document], index: ExistingArticles, zone: dt.tzinfo, *, jobs: int
) -> Iterator[Iterator[Arrival]]:
    """Give documents compared with what is known, new ones analyzed, in their order; `jobs` as in `read_articles`."""
    portions = (list(_compared_batch(some, index)) for some in batched(documents, _length))
    with _analyzed(portions, zone, jobs) as done:
        yield (item for item in done if isinstance(item, Arrival))


@contextmanager
def analyze_articles(
    documents: Iterable[Document], zone: dt.tzinfo, *, jobs: int
) -> Iterator[Iterator[AnalyzedDocument]]:
    """Give documents analyzed, in their order; `jobs` as in `read_articles`."""
    with compare_articles(documents, _Nothing(), zone, jobs=jobs) as arrivals:
        yield (arrival.analyzed for arrival in arrivals if arrival.analyzed is not None)


def batched(
    items: Iterable[_Item],
    size: Callable[[_Item], int],
    *,
    at_most: int = _PORTION_DOCUMENTS,
    size_at_most: int = _PORTION_CHARACTERS,
) -> Iterator[list[_Item]]:
    """Yield items in lists: a list ends with the item that fills it in number or in size; none is empty."""
    portion: list[_Item] = []
    total = 0
    for item in items:
        portion.append(item)
        total += size(item)
        if len(portion) >= at_most or total >= size_at_most:
            yield portion
            portion, total = [], 0
    if portion:
        yield portion


def _resolved(
    items: list[RawArticle | Refusal | Notice], reader: ArticleReader, index: ExistingArticles
) -> Iterator[_Resolved]:
    """Yield what became of some articles; new ones are not analyzed yet."""
    ids = [item.fields.id.strip() for item in items if isinstance(item, RawArticle)]
    existing = index.existing([identity for identity in ids if not id_fault(identity)])
    for item in items:
        if not isinstance(item, RawArticle):
            yield item
            continue
        reading = reader.assembler.assemble(item.fields, origin=item.origin, place=item.place)
        for resolved in reader.resolved(item, reading):
            yield Arrival(resolved, existing.get(resolved.id), None) if isinstance(resolved, Document) else resolved


def _compared_batch(documents: list[Document], index: ExistingArticles) -> Iterator[_Resolved]:
    """Yield documents with what is known of each; new ones are not analyzed yet."""
    existing = index.existing([document.id for document in documents])
    return (Arrival(document, existing.get(document.id), None) for document in documents)


class _Nothing:
    """Knows no article."""

    def existing(self, _: Sequence[str]) -> dict[str, Existing]:
        return {}


def _length(document: Document) -> int:
    return len(document.text)


def _characters(item: RawArticle | Refusal | Notice) -> int:
    return len(item.fields.text) if isinstance(item, RawArticle) else 0


@contextmanager
def _analyzed(portions: Iterator[list[_Resolved]], zone: dt.tzinfo, jobs: int) -> Iterator[Iterator[_Resolved]]:
    """Give the items of the portions, new articles analyzed."""
    analyzer = load_analyzer()
    if jobs == 1:
        yield (_with_words(item, analyzer, zone) for portion in portions for item in portion)
        return
    with WorkerPool(jobs - 1, ReadingWords(analyzer.fingerprint())) as pool:
        yield _with_workers(pool, portions, analyzer, zone)


def _with_words(item: _Resolved, analyzer: Analyzer, zone: dt.tzinfo) -> _Resolved:
    if not isinstance(item, Arrival) or _is_known(item):
        return item
    return item._replace(analyzed=analyze_document(item.document, analyzer, zone))


def _with_workers(
    pool: WorkerPool, portions: Iterator[list[_Resolved]], analyzer: Analyzer, zone: dt.tzinfo
) -> Iterator[_Resolved]:
    asked: set[str] = set()
    """Words that are being read: they will be known before the portions behind theirs are wanted."""

    def tasks() -> Iterator[_Portion]:
        for items in portions:
            portion = _Portion.of(items, analyzer, asked)
            asked.update(portion.message)
            yield portion

    for portion, words in pool.map(tasks()):
        analyzer.learn(portion.message, unpacked(cast("PackedWords", words)))
        asked.difference_update(portion.message)
        yield from portion.analyzed(analyzer, zone)


class _Tokenized(NamedTuple):
    """The texts of a document, by their tokens."""

    title: TokenizedText
    body: TokenizedText


class _Portion(NamedTuple):
    """Some articles that go one way together; a `Task`."""

    items: list[_Resolved]
    tokenized: list[_Tokenized | None]
    """Of each item; None where nothing is to be analyzed."""
    message: list[str]
    """Words that are not known."""
    size: int
    """Code points."""
    name: str

    @classmethod
    def of(cls, items: list[_Resolved], analyzer: Analyzer, asked: set[str]) -> _Portion:
        """Return the portion; its message has no word that was `asked` for."""
        tokenized: list[_Tokenized | None] = []
        unknown: set[str] = set()
        size, name = 0, ""
        for item in items:
            if not isinstance(item, Arrival) or _is_known(item):
                tokenized.append(None)
                continue
            document = item.document
            texts = _Tokenized(analyzer.tokenize(document.title), analyzer.tokenize(document.text))
            tokenized.append(texts)
            unknown |= analyzer.unknown(texts.title.spellings) | analyzer.unknown(texts.body.spellings)
            size += len(document.text)
            name = name or document.id
        return cls(items, tokenized, list(unknown - asked), size, name)

    def analyzed(self, analyzer: Analyzer, zone: dt.tzinfo) -> Iterator[_Resolved]:
        """Yield the items, analyzed."""
        for item, texts in zip(self.items, self.tokenized, strict=True):
            if texts is None or not isinstance(item, Arrival):
                yield item
                continue
            document = item.document
            sections = {Section.TITLE: analyzer.read(texts.title), Section.BODY: analyzer.read(texts.body)}
            yield item._replace(analyzed=AnalyzedDocument(document, sections, document.published_day(zone)))


def _is_known(arrival: Arrival) -> bool:
    return arrival.existing is not None and arrival.existing.hash == arrival.document.content_hash()
