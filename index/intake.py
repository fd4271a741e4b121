"""Prepares articles of files, or of another index, for the writer: compares them with the index and analyzes new ones.

This process does everything except the morphological analysis of new words, if there are worker processes: they
analyze the words of the next articles while this process stores the previous ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol, TypeVar, cast

from index.analysis.analyzer import Analyzer, ParallelAnalyzer
from index.analysis.tokens import TokenizedText
from index.document import AnalyzedDocument, Document, Notice, Refusal
from index.jobs import ReadingWords, analyze_document
from index.parallel import WorkerPool
from index.schema import Section
from index.transfer import PackedWords, unpacked
from index.writer import Existing

_PORTION_DOCUMENTS = 32
_PORTION_CHARACTERS = 100_000
"""Bounds of one portion, the unit of look-ups and of messages to workers; a single article may exceed them."""

_Item = TypeVar("_Item")


class ExistingArticles(Protocol):
    """Looks up existing articles: the writer of an index."""

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """See `ArticleLookup.existing`."""


class Arrival(NamedTuple):
    """An article that was read and compared with the index."""

    document: Document
    existing: Existing | None
    """Hash and origin of the indexed article with the same id; None if there is none."""
    analyzed: AnalyzedDocument | None
    """None if the index has this article with the same content."""


_Read = Document | Refusal | Notice
_Compared = Arrival | Refusal | Notice


@contextmanager
def compare_articles(
    items: Iterable[_Read], index: ExistingArticles, zone: dt.tzinfo, *, analyzer: ParallelAnalyzer, jobs: int
) -> Iterator[Iterator[_Compared]]:
    """Yield an iterator over the articles compared with the index, the new ones analyzed, in order.

    Refusals and notices are passed on in their places. `jobs` is the number of processes, this one included; the others
    end with the context. The iterator raises IndexingError if a worker process failed.
    """
    portions = (_compare(portion, index) for portion in batched(items, _characters, counts=_is_article))
    with _analyzed(portions, analyzer, zone, jobs) as arrivals:
        yield arrivals


@contextmanager
def analyze_articles(
    documents: Iterable[Document], zone: dt.tzinfo, *, analyzer: ParallelAnalyzer, jobs: int
) -> Iterator[Iterator[AnalyzedDocument]]:
    """Yield an iterator over the analyzed documents, in order; `jobs` as in `compare_articles`."""
    with compare_articles(documents, _EmptyIndex(), zone, analyzer=analyzer, jobs=jobs) as arrivals:
        yield (item.analyzed for item in arrivals if isinstance(item, Arrival) and item.analyzed is not None)


def batched(
    items: Iterable[_Item],
    size: Callable[[_Item], int],
    *,
    counts: Callable[[_Item], bool] = lambda _: True,
    at_most: int = _PORTION_DOCUMENTS,
    size_at_most: int = _PORTION_CHARACTERS,
) -> Iterator[list[_Item]]:
    """Yield items in lists, none of them empty.

    A list ends when it has `at_most` items that count, or `size_at_most` in size.
    """
    portion: list[_Item] = []
    number = total = 0
    for item in items:
        portion.append(item)
        number += counts(item)
        total += size(item)
        if number >= at_most or total >= size_at_most:
            yield portion
            portion, number, total = [], 0, 0
    if portion:
        yield portion


def _compare(items: list[_Read], index: ExistingArticles) -> list[_Compared]:
    """Return the items with the existing article of each document; new ones are not analyzed yet."""
    existing = index.existing([item.id for item in items if isinstance(item, Document)])
    return [Arrival(item, existing.get(item.id), None) if isinstance(item, Document) else item for item in items]


class _EmptyIndex:
    """An index without articles."""

    def existing(self, _: Sequence[str]) -> dict[str, Existing]:
        return {}


def _characters(item: _Read) -> int:
    return len(item.text) if isinstance(item, Document) else 0


def _is_article(item: _Read) -> bool:
    """Return whether the item is an article, taken or refused: its notices must not make portions smaller."""
    return not isinstance(item, Notice)


@contextmanager
def _analyzed(
    portions: Iterator[list[_Compared]], analyzer: ParallelAnalyzer, zone: dt.tzinfo, jobs: int
) -> Iterator[Iterator[_Compared]]:
    """Yield an iterator over the items of the portions, new articles analyzed."""
    if jobs == 1:
        yield (_analyzed_item(item, analyzer, zone) for portion in portions for item in portion)
        return
    with WorkerPool(jobs - 1, ReadingWords(analyzer.version.fingerprint)) as pool:
        yield _with_workers(pool, portions, analyzer, zone)


def _analyzed_item(item: _Compared, analyzer: Analyzer, zone: dt.tzinfo) -> _Compared:
    if not isinstance(item, Arrival) or _is_unchanged(item):
        return item
    return item._replace(analyzed=analyze_document(item.document, analyzer, zone))


def _with_workers(
    pool: WorkerPool, portions: Iterator[list[_Compared]], analyzer: ParallelAnalyzer, zone: dt.tzinfo
) -> Iterator[_Compared]:
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

    items: list[_Compared]
    tokenized: list[_Tokenized | None]
    """For each item; None if the item needs no analysis."""
    message: list[str]
    """Words without a reading so far."""
    size: int
    """Code points."""
    name: str
    """Id of the first article to be analyzed, for error messages; empty if there is none."""

    @classmethod
    def of(cls, items: list[_Compared], analyzer: ParallelAnalyzer, requested: set[str]) -> _Portion:
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

    def analyzed(self, analyzer: ParallelAnalyzer, zone: dt.tzinfo) -> Iterator[_Compared]:
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
