"""From the reader to the writer: articles are read, compared with what is known, and analyzed.

Files are read one after the other in this process. What is done with each article alone (finding its date, publisher
and agencies, analyzing its words) is a job for worker processes where there are any; what comes out is the same, in the
same order.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar, cast

from index.analysis.pipeline import load_analyzer
from index.archive import Archive, Known
from index.document import AnalyzedDocument, Document, Notice, Refusal
from index.jobs import Adding, Analyzing, Assembled, Job, Made, Order, Remote, ToAdd
from index.parallel import WorkerPool
from index.sources import ArticleReader
from index.sources.articles import id_fault
from index.sources.reader import RawArticle
from index.transfer import SharedWords, Unpacker, Vocabulary

_PORTION_DOCUMENTS = 32
_PORTION_CHARACTERS = 100_000
"""Bounds of what is looked up, and sent, at once; the text of one article alone may be longer."""

_Read = RawArticle | Refusal | Notice
_Item = TypeVar("_Item")


class Arrival(NamedTuple):
    """An article that was read."""

    document: Document
    known: Known | None
    """What the archive has under its id."""
    analyzed: AnalyzedDocument | None
    """None when the archive has just this article."""


@contextmanager
def arriving(
    reader: ArticleReader, archive: Archive, zone: dt.tzinfo, *, jobs: int
) -> Iterator[Iterator[Arrival | Refusal | Notice]]:
    """Give the articles of a reader, and what is said of the others, in the order of their files.

    More than one of `jobs` are that many worker processes, which end with the context. Asking for the next article
    raises IndexingError when one of them failed.
    """
    portions = (_compared(items, archive) for items in portioned(reader.read(), _characters))
    with _done(portions, Adding(reader.assembler, zone), jobs) as done:
        yield _arrivals(reader, done)


@contextmanager
def analyzing(documents: Iterable[Document], zone: dt.tzinfo, *, jobs: int) -> Iterator[Iterator[AnalyzedDocument]]:
    """Give documents analyzed, in their order; `jobs` as in `arriving`."""
    portions = (_Portion(some, _size(some), some[0].id) for some in portioned(documents, lambda one: len(one.text)))
    with _done(portions, Analyzing(zone), jobs) as done:
        yield (analyzed for _, made in done for analyzed in made)


def portioned(
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


@dataclasses.dataclass(frozen=True, slots=True)
class _Portion(Generic[Order]):
    """Some articles that go one way together; a `Task`."""

    message: list[Order]
    size: int
    """Code points."""
    name: str
    items: list[_Read] = dataclasses.field(default_factory=list)
    """What the reader said, in its order; the articles among it are those of the orders."""
    known: Mapping[str, Known] = dataclasses.field(default_factory=dict)


_Done = Iterator[tuple[_Portion[Order], list[Made]]]


@contextmanager
def _done(portions: Iterator[_Portion[Order]], job: Job[Order, Made], jobs: int) -> Iterator[_Done[Order, Made]]:
    """Give the portions with what was made of their orders."""
    analyzer = load_analyzer()
    if jobs == 1:
        yield ((portion, [job.make(order, analyzer) for order in portion.message]) for portion in portions)
        return
    words = SharedWords()
    with WorkerPool(jobs, Remote(cast("Job[object, object]", job), analyzer.fingerprint())) as pool:
        yield _received(pool, portions, job, [Unpacker(words) for _ in range(jobs)])


def _received(
    pool: WorkerPool, portions: Iterator[_Portion[Order]], job: Job[Order, Made], unpackers: list[Unpacker]
) -> _Done[Order, Made]:
    for portion, worker, answer in pool.map(portions):
        vocabulary, packed = cast("tuple[Vocabulary, list[object]]", answer)
        unpacker = unpackers[worker]
        unpacker.learn(vocabulary)
        yield portion, [job.unpack(*pair, unpacker) for pair in zip(portion.message, packed, strict=True)]


def _compared(items: list[_Read], archive: Archive) -> _Portion[ToAdd]:
    """Give the orders for some articles, with what is known of them."""
    articles = [item for item in items if isinstance(item, RawArticle)]
    ids = [article.fields.id.strip() for article in articles]
    known = archive.known([identity for identity in ids if not id_fault(identity)])
    hashes = {identity: found.hash for identity, found in known.items()}
    orders = [
        ToAdd(article.fields, article.origin, article.place, hashes.get(identity))
        for identity, article in zip(ids, articles, strict=True)
    ]
    name = articles[0].place if articles else ""
    return _Portion(orders, sum(map(_characters, items)), name, items, known)


def _characters(item: _Read) -> int:
    return len(item.fields.text) if isinstance(item, RawArticle) else 0


def _size(documents: list[Document]) -> int:
    return sum(len(document.text) for document in documents)


def _arrivals(reader: ArticleReader, done: _Done[ToAdd, Assembled]) -> Iterator[Arrival | Refusal | Notice]:
    for portion, made in done:
        assembled = iter(made)
        for item in portion.items:
            if not isinstance(item, RawArticle):
                yield item
                continue
            reading, analyzed = next(assembled)
            for settled in reader.settled(item, reading):
                if isinstance(settled, Document):
                    yield Arrival(settled, portion.known.get(settled.id), analyzed)
                else:
                    yield settled
