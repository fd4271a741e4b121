"""Prepares articles of files, or of another index, for the writer: compares them with the index and analyzes new ones.

This process does everything except the morphological analysis of new words, if there are worker processes: they
analyze the words of the next articles while this process stores the previous ones.
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
"""Bounds of one portion, the unit of look-ups and of messages to workers; a single article may exceed them."""

_Item = TypeVar("_Item")


class ExistingArticles(Protocol):
    """Looks up existing articles: the writer of an index."""

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """See `ArticleWriter.existing`."""


class Arrival(NamedTuple):
    """An article that was read."""

    document: Document
    existing: Existing | None
    """Hash and origin of the indexed article with the same id; None if there is none."""
    analyzed: AnalyzedDocument | None
    """None if the index has this article with the same content."""


_Resolved = Arrival | Refusal | Notice


@contextmanager
def read_articles(
    reader: ArticleReader, index: ExistingArticles, zone: dt.tzinfo, *, jobs: int
) -> Iterator[Iterator[_Resolved]]:
    """Yield an iterator over the articles of a reader, with its refusals and notices, in the order of the files.

    `jobs` is the number of processes, this one included; the others end with the context. The iterator raises
    IndexingError if a worker process failed.
    """
    portions = (list(_resolved(items, reader, index)) for items in batched(reader.read(), _characters))
    with _analyzed(portions, zone, jobs) as arrivals:
        yield arrivals


@contextmanager
def compare_articles(
    documents: Iterable[Document], index: ExistingArticles, zone: dt.tzinfo, *, jobs: int
) -> Iterator[Iterator[Arrival]]:
    """Yield an iterator over documents compared with the index, the new ones analyzed, in order.

    `jobs` as in `read_articles`.
    """
    portions = (list(_compared(batch, index)) for batch in batched(documents, _length))
    with _analyzed(portions, zone, jobs) as items:
        yield (item for item in items if isinstance(item, Arrival))


@contextmanager
def analyze_articles(
    documents: Iterable[Document], zone: dt.tzinfo, *, jobs: int
) -> Iterator[Iterator[AnalyzedDocument]]:
    """Yield an iterator over the analyzed documents, in order; `jobs` as in `read_articles`."""
    with compare_articles(documents, _EmptyIndex(), zone, jobs=jobs) as arrivals:
        yield (arrival.analyzed for arrival in arrivals if arrival.analyzed is not None)


def batched(
    items: Iterable[_Item],
    size: Callable[[_Item], int],
    *,
    at_most: int = _PORTION_DOCUMENTS,
    size_at_most: int = _PORTION_CHARACTERS,
) -> Iterator[list[_Item]]:
    """Yield items in lists, none of them empty: a list ends when it has `at_most` items or `size_at_most` in size."""
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
    """Yield the arrivals, refusals and notices of a batch, in order; new articles are not analyzed yet."""
    ids = [item.fields.id.strip() for item in items if isinstance(item, RawArticle)]
    existing = index.existing([identity for identity in ids if not id_fault(identity)])
    for item in items:
        if not isinstance(item, RawArticle):
            yield item
            continue
        assembled = reader.assembler.assemble(item.fields, origin=item.origin, location=item.location)
        for resolved in reader.resolved(item, assembled):
            yield Arrival(resolved, existing.get(resolved.id), None) if isinstance(resolved, Document) else resolved


def _compared(documents: list[Document], index: ExistingArticles) -> Iterator[_Resolved]:
    """Yield documents with the existing article of each; new ones are not analyzed yet."""
    existing = index.existing([document.id for document in documents])
    return (Arrival(document, existing.get(document.id), None) for document in documents)


class _EmptyIndex:
    """An index without articles."""

    def existing(self, _: Sequence[str]) -> dict[str, Existing]:
        return {}


def _length(document: Document) -> int:
    return len(document.text)


def _characters(item: RawArticle | Refusal | Notice) -> int:
    return len(item.fields.text) if isinstance(item, RawArticle) else 0


@contextmanager
def _analyzed(portions: Iterator[list[_Resolved]], zone: dt.tzinfo, jobs: int) -> Iterator[Iterator[_Resolved]]:
    """Yield an iterator over the items of the portions, new articles analyzed."""
    analyzer = load_analyzer()
    if jobs == 1:
        yield (_analyzed_item(item, analyzer, zone) for portion in portions for item in portion)
        return
    with WorkerPool(jobs - 1, ReadingWords(analyzer.fingerprint())) as pool:
        yield _with_workers(pool, portions, analyzer, zone)


def _analyzed_item(item: _Resolved, analyzer: Analyzer, zone: dt.tzinfo) -> _Resolved:
    if not isinstance(item, Arrival) or _is_unchanged(item):
        return item
    return item._replace(analyzed=analyze_document(item.document, analyzer, zone))


def _with_workers(
    pool: WorkerPool, portions: Iterator[list[_Resolved]], analyzer: Analyzer, zone: dt.tzinfo
) -> Iterator[_Resolved]:
    requested: set[str] = set()
    """Words that workers are analyzing: their readings arrive before later portions need them."""

    def tasks() -> Iterator[_Portion]:
        for items in portions:
            portion = _Portion.of(items, analyzer, requested)
            requested.update(portion.message)
            yield portion

    for portion, words in pool.map(tasks()):
        analyzer.learn(portion.message, unpacked(cast("PackedWords", words)))
        requested.difference_update(portion.message)
        yield from portion.analyzed(analyzer, zone)


class _Tokenized(NamedTuple):
    """The tokenized title and body of a document."""

    title: TokenizedText
    body: TokenizedText


class _Portion(NamedTuple):
    """A batch of articles that is sent to a worker as one `Task`."""

    items: list[_Resolved]
    tokenized: list[_Tokenized | None]
    """For each item; None if the item needs no analysis."""
    message: list[str]
    """Words without a reading so far."""
    size: int
    """Code points."""
    name: str
    """Id of the first article to be analyzed, for error messages; empty if there is none."""

    @classmethod
    def of(cls, items: list[_Resolved], analyzer: Analyzer, requested: set[str]) -> _Portion:
        """Return the portion; its message omits the words in `requested`, which another message has."""
        tokenized: list[_Tokenized | None] = []
        unknown: set[str] = set()
        size, name = 0, ""
        for item in items:
            if not isinstance(item, Arrival) or _is_unchanged(item):
                tokenized.append(None)
                continue
            document = item.document
            texts = _Tokenized(analyzer.tokenize(document.title), analyzer.tokenize(document.text))
            tokenized.append(texts)
            unknown |= analyzer.unknown(texts.title.spellings) | analyzer.unknown(texts.body.spellings)
            size += len(document.text)
            name = name or document.id
        return cls(items, tokenized, list(unknown - requested), size, name)

    def analyzed(self, analyzer: Analyzer, zone: dt.tzinfo) -> Iterator[_Resolved]:
        """Yield the items, with the new articles analyzed."""
        for item, texts in zip(self.items, self.tokenized, strict=True):
            if texts is None or not isinstance(item, Arrival):
                yield item
                continue
            document = item.document
            sections = {Section.TITLE: analyzer.read(texts.title), Section.BODY: analyzer.read(texts.body)}
            yield item._replace(analyzed=AnalyzedDocument(document, sections, document.published_day(zone)))


def _is_unchanged(arrival: Arrival) -> bool:
    return arrival.existing is not None and arrival.existing.hash == arrival.document.content_hash()
