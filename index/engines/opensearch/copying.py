"""The copying of the articles of one version into another one, while writes continue (`rebuild.py` says why)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from index.document import AnalyzedDocument, Document
from index.engines.opensearch.bulk import Action, send
from index.engines.opensearch.connection import Cluster, ClusterError, scan
from index.engines.opensearch.control import Lock, State
from index.engines.opensearch.encoding import Encoded, Encoder
from index.engines.opensearch.mapping import Names, names
from index.engines.opensearch.outbox import cluster_id
from index.engines.opensearch.stored import ROW, article_of
from index.engines.opensearch.versions import count_articles, refresh
from index.engines.opensearch.words import SentWords, send_words
from index.intake import batched
from index.store import Analyzing, Progress

READ_AT_ONCE = 200
"""Articles in one response of the cluster."""
SENT_AT_ONCE, CHARACTERS_AT_ONCE = 1_000, 5_000_000
"""Articles, and code points of them, that are in memory while their words are sent."""
COMPARED_AT_ONCE = 10_000
"""Change numbers in one response of the cluster, which is its maximum."""
SMALL_ROUND = 1_000
"""Articles; when a round is not larger, the rest is copied under the write lock."""

_Numbers = npt.NDArray[np.int64]
_Item = TypeVar("_Item")


class _Copied(NamedTuple):
    """An article to copy, with its change number."""

    document: Document
    change: int


class _Ready(NamedTuple):
    """An encoded article for the target version."""

    id: str
    change: int
    encoded: Encoded


class Copying:
    """Copies the articles of the active version into another one."""

    def __init__(
        self,
        cluster: Cluster,
        state: State,
        target: Names,
        analyzed: Analyzing,
        lock: Lock,
        progress: Progress | None,
        *,
        seen: int = -1,
    ) -> None:
        self.cluster = cluster
        self.version = state.version
        """Version of the source."""
        self.source = names(cluster.address.name, state.version)
        self.target = target
        self.lock = lock
        """The lock for rebuilding."""
        self._analyzed = analyzed
        self._progress = progress
        self._encoder = Encoder(ZoneInfo(state.zone))
        self._sent_words = SentWords()
        self._seen = seen
        self._done = 0
        self._total = 0
        self._share = 0.0

    def catch_up(self) -> None:
        """Copy articles with higher change numbers than all copied ones, in rounds, until a round is small."""
        while self._round() > SMALL_ROUND:
            pass

    def reconcile(self, change: int) -> int:
        """Make the articles of the target those of the source; return the number of the last change.

        The caller holds the write lock. `change` is the highest number given so far.
        """
        refresh(self.cluster, [self.source.articles])  # its vocabulary may be damaged, and is not needed
        refresh(self.cluster, self.target)
        source, target = self._numbers(self.source), self._numbers(self.target)
        missing = np.setdiff1d(source, target, assume_unique=True)
        extra = np.setdiff1d(target, source, assume_unique=True)
        for batch in _batches(missing):
            articles = [
                _Copied(article.document, number)
                for number, article in enumerate(self._articles(batch), start=change + 1)
            ]
            self._put(articles)
            change += len(articles)
        for batch in _batches(extra):
            # deleted with their old numbers as versions, so that articles that have just got new numbers stay
            self._send(
                Action("delete", self.target.articles, hit["_id"], hit["sort"][0], b"")
                for hits in self._hits(self.target, batch, _source=False)
                for hit in hits
            )
        refresh(self.cluster, self.target)
        if (copied := count_articles(self.cluster, self.target)) != len(source):
            raise ClusterError(
                f"{self.cluster.address.redacted}: {self.target.articles} has {copied:,} articles and "
                f"{self.source.articles} {len(source):,}; run the command again"
            )
        return change

    def _round(self) -> int:
        """Copy the articles that are new since the last round and return their number."""
        self._total = max(count_articles(self.cluster, self.source), self._done)
        before = self._done
        newer = {"range": {"change": {"gt": self._seen}}}
        articles = scan(self.cluster, self.source.articles, newer, sort="change", size=READ_AT_ONCE, _source=ROW)
        self._put(_Copied(article_of(hit["_source"]), hit["sort"][0]) for hits in articles for hit in hits)
        return self._done - before

    def _put(self, articles: Iterable[_Copied]) -> None:
        changes: deque[int] = deque()

        def documents() -> Iterator[Document]:
            for article in articles:
                changes.append(article.change)
                yield article.document

        with self._analyzed(documents()) as analyzed:
            numbered = ((document, changes.popleft()) for document in analyzed)
            portions = batched(numbered, _length, at_most=SENT_AT_ONCE, size_at_most=CHARACTERS_AT_ONCE)
            for sent in _one_ahead(map(self._encoded, portions), self._send_portion):
                self._seen = max(self._seen, sent[-1].change)
                self._done += len(sent)
                if self._progress is not None:
                    # articles may be added meanwhile; the fraction must not decrease
                    self._share = max(self._share, min(self._done / max(self._total, 1), 1.0))
                    self._progress(self._done, self._share)

    def _encoded(self, portion: Iterable[tuple[AnalyzedDocument, int]]) -> list[_Ready]:
        return [_Ready(item.document.id, change, self._encoder.encode(item, change)) for item, change in portion]

    def _send_portion(self, portion: Sequence[_Ready]) -> None:
        self.lock.check()
        words = {key: word for _, _, article in portion for key, word in article.words.items()}
        send_words(self.cluster, self.target, words, self._sent_words)
        self._send(
            Action("index", self.target.articles, cluster_id(document_id), change, article.source)
            for document_id, change, article in portion
        )

    def _send(self, actions: Iterable[Action]) -> None:
        outcome = send(self.cluster, actions)
        if outcome.refused:
            first = outcome.refused[0]
            raise ClusterError(
                f"{self.cluster.address.redacted} refused {len(outcome.refused)} articles that it had accepted before; "
                f"the first is {first.action.id}: {first.reason}"
            )

    def _numbers(self, version: Names) -> _Numbers:
        """Return the change numbers of all articles of a version, shape (articles,), each once."""
        match_all: dict[str, Any] = {"match_all": {}}
        portions = scan(
            self.cluster,
            version.articles,
            match_all,
            sort="change",
            size=COMPARED_AT_ONCE,
            _source=False,
            stored_fields="_none_",
        )
        numbers = [np.array([hit["sort"][0] for hit in hits], np.int64) for hits in portions]
        return np.concatenate([np.empty(0, np.int64), *numbers])

    def _articles(self, changes: _Numbers) -> Iterator[_Copied]:
        for hits in self._hits(self.source, changes, _source=ROW):
            for hit in hits:
                yield _Copied(article_of(hit["_source"]), hit["sort"][0])

    def _hits(self, version: Names, changes: _Numbers, **wanted: object) -> Iterator[Sequence[Mapping[str, Any]]]:
        query = {"terms": {"change": changes.tolist()}}
        return scan(self.cluster, version.articles, query, sort="change", size=READ_AT_ONCE, **wanted)


def _one_ahead(items: Iterable[_Item], work: Callable[[_Item], None]) -> Iterator[_Item]:
    """Do the work of each item in a thread while the next item is computed; yield each item when its work is done."""
    with ThreadPoolExecutor(1, thread_name_prefix="copying") as thread:
        previous: tuple[_Item, Future[None]] | None = None
        for item in items:
            current = item, thread.submit(work, item)
            if previous is not None:
                previous[1].result()
                yield previous[0]
            previous = current
        if previous is not None:
            previous[1].result()
            yield previous[0]


def _length(item: tuple[AnalyzedDocument, int]) -> int:
    return len(item[0].document.text)


def _batches(numbers: _Numbers) -> Iterator[_Numbers]:
    for begin in range(0, len(numbers), SENT_AT_ONCE):
        yield numbers[begin : begin + SENT_AT_ONCE]
