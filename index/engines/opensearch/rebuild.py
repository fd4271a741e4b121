"""Replaces the active version of an archive with another one, while searches and writes continue.

A rebuild creates version N+1 from the articles of version N. A rollback makes the previous version active again. Both
have the same steps:

1. *Copy* (a rebuild: all articles; a rollback: those changed after the swap), with the change number of each article as
   its external version. Then copy the changes made meanwhile, in rounds, until a round is small.
2. *Take the write lock*, with further rounds while waiting for it, and begin an epoch.
3. *Reconcile*: compare the change numbers of all articles in both versions, copy missing articles, delete extra ones.
4. *Swap*: write the state that names the other version, then point the aliases, which are for other programs.

Why no acknowledged write is lost: a commit is acknowledged when it has changed the state, which fails once another
epoch has begun. So everything acknowledged before step 2 was visible in N by then, and step 3 copies it if it is not
copied yet. Between steps 2 and 4 no commit can be acknowledged, and after step 4 the state names N+1: a writer that
has N open finds another version in the state, and fails.

Why no deleted article reappears: step 3 uses no log of changes, it compares the versions. A change number belongs to
one article with one content, so versions with the same numbers have the same articles. An article that was changed or
deleted in N, by any writer and with any outcome, had a number that N no longer has. No writer can write during step 3.

Reconciled articles get new change numbers: in a rollback, the target may have a higher external version of an article,
from a writer that had lost its lock, and the cluster would refuse a lower one.

Why a rebuild that died does no harm: only one rebuild runs at a time, under a lock that expires. Version numbers are
never reused, so late requests of a dead rebuild cannot reach the index of another one. If the response to a swap was
lost, the state is changed once more before anything is removed: after that the swap has either been applied, which the
state shows, or fails when it arrives. The next rebuild removes all versions but the active and the previous one.

Searches read the state before they open a point in time. The version that they read stays until the second next swap.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument, Document
from index.engines.opensearch.bulk import Action, send
from index.engines.opensearch.connection import Cluster, ClusterError, scan
from index.engines.opensearch.control import (
    REBUILDING,
    WRITING,
    ChangedMeanwhileError,
    Control,
    Lock,
    State,
    lost,
)
from index.engines.opensearch.encoding import Encoded, Encoder
from index.engines.opensearch.mapping import CLUSTER_FORMAT, Names, names
from index.engines.opensearch.pairing import EPOCH, check_pair, note_change
from index.engines.opensearch.stored import ROW, article_of
from index.engines.opensearch.versions import (
    count_articles,
    make_indices,
    map_facets,
    meta_of,
    point_aliases,
    refresh,
    remove_versions,
    versions_there,
)
from index.engines.opensearch.writer import SentWords, cluster_id, next_epoch, send_words
from index.errors import IndexingError, IndexLockedError, IndexMismatchError
from index.intake import batched
from index.writer import Analyzing, Progress, new_generation

READ_AT_ONCE = 200
"""Articles in one response of the cluster."""
SENT_AT_ONCE, CHARACTERS_AT_ONCE = 1_000, 5_000_000
"""Articles, and code points of them, that are in memory while their words are sent."""
COMPARED_AT_ONCE = 10_000
"""Change numbers in one response of the cluster, which is its maximum."""
SMALL_ROUND = 1_000
"""Articles; when a round is not larger, the rest is copied under the write lock."""
LOCK_SECONDS, ROUND_PAUSE = 900.0, 1.0
"""Seconds to wait for the write lock, and between two rounds while waiting."""
COPIES_SECONDS = 600.0
"""Seconds to wait for the replicas of the shards; waiting ends earlier if the cluster has too few nodes for them."""

_Numbers = npt.NDArray[np.int64]
_Item = TypeVar("_Item")


def rebuild(cluster: Cluster, analyzed: Analyzing, progress: Progress | None = None) -> int:
    """Build the next version of an archive and make it active; return the number of its articles.

    Raises:
        IndexMissingError: there is no archive.
        IndexInconsistentError: state and articles are of different days.
        IndexLockedError: another process rebuilds it, or held the write lock too long; the old version stays active.
        IndexingError: iterating over `analyzed` or a request failed; the old version stays active.
    """
    control = Control(cluster)
    check_pair(cluster, control, control.state())
    with control.take_lock(REBUILDING) as lock:
        state = control.update_state(_with_next_version)
        version = state.begun
        remove_versions(cluster, set(versions_there(cluster).values()) - {state.version, state.previous})
        with _removed_on_failure(cluster, control, version):
            new = names(cluster.address.name, version)
            make_indices(cluster, new, ZoneInfo(state.zone), replicas=0)
            copying = _Copying(cluster, state, new, analyzed, lock, progress)
            copying.catch_up()
            _make_copies(cluster, new)
            _swap(control, copying, version)
        older = {existing for existing in versions_there(cluster).values() if existing < version}
        remove_versions(cluster, older - {state.version})
    return count_articles(cluster, new)


def roll_back(cluster: Cluster, analyzed: Analyzing, progress: Progress | None = None) -> int:
    """Make the previous version active again, with later changes applied; return the number of its articles.

    Raises:
        IndexMissingError: there is no archive.
        IndexMismatchError: another analyzer or format built that version: only the Judhur that built it can return to
            it.
        IndexInconsistentError, IndexLockedError: as `rebuild`.
        IndexingError: there is no previous version; or as `rebuild`.
    """
    control = Control(cluster)
    check_pair(cluster, control, control.state())
    with control.take_lock(REBUILDING) as lock:
        state = control.state()
        where = cluster.address.redacted
        if not state.previous:
            raise IndexingError(f"the index at {where} has no version before this one to return to")
        _check_former(cluster, state.previous)
        former = names(cluster.address.name, state.previous)
        map_facets(cluster, former)
        copying = _Copying(cluster, state, former, analyzed, lock, progress, seen=state.swapped)
        copying.catch_up()
        _swap(control, copying, state.previous)
    return count_articles(cluster, former)


class _Copied(NamedTuple):
    """An article to copy, with its change number."""

    document: Document
    change: int


class _Ready(NamedTuple):
    """An encoded article for the target version."""

    id: str
    change: int
    encoded: Encoded


class _Copying:
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


def _swap(control: Control, copying: _Copying, version: int) -> None:
    """Make the target of `copying`, which has this version number, the active version."""
    cluster = copying.cluster
    with _write_lock(control, copying) as writing:
        state = next_epoch(control)
        if state.version != copying.version:
            raise lost(f"version {state.version} is active now")
        change = copying.reconcile(max(state.change, state.epoch * EPOCH))
        writing.check()
        copying.lock.check()
        generation = new_generation()
        note_change(cluster, control, dataclasses.replace(state, version=version), generation)
        swapped = dataclasses.replace(
            state,
            version=version,
            previous=state.version,
            generation=generation,
            change=change,
            swapped=change,
            sending=0,
        )
        try:
            control.change_state(state, swapped)
        except ChangedMeanwhileError as error:
            raise lost("another process took it") from error
        # after the state: if this process ends here, the aliases name a version that still exists
        point_aliases(cluster, copying.target)


def _write_lock(control: Control, copying: _Copying) -> Lock:
    """Wait for the write lock and return it; copy the commits of its holder while waiting."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        copying.lock.check()
        copying.catch_up()
        try:
            return control.take_lock(WRITING)
        except IndexLockedError as error:
            if time.monotonic() > deadline:
                raise IndexLockedError(
                    f"version {copying.version} is still active: after {LOCK_SECONDS / 60:.0f} minutes {error}"
                ) from error
        time.sleep(ROUND_PAUSE)


@contextlib.contextmanager
def _removed_on_failure(cluster: Cluster, control: Control, version: int) -> Iterator[None]:
    """Remove a version if the block fails, unless the version is active by then."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(IndexingError):
            # this changes the state: if the request of the swap has not reached the cluster yet, it will fail
            if control.update_state(lambda state: state).version != version:
                remove_versions(cluster, {version})
        raise


def _make_copies(cluster: Cluster, target: Names) -> None:
    """Give every shard of a version the replicas of the address, as far as the cluster has nodes for them."""
    indices = ",".join(target)
    settings = {"index": {"number_of_replicas": cluster.address.replicas}}
    cluster.call("PUT", f"/{indices}/_settings", settings, timeout=60)
    deadline = time.monotonic() + COPIES_SECONDS
    idle = 0
    while time.monotonic() < deadline and idle < 3:  # noqa: PLR2004 - one check may fall between two replicas
        health = cluster.call("GET", f"/_cluster/health/{indices}", timeout=60)
        if health["status"] == "green":
            return
        idle = 0 if health["initializing_shards"] else idle + 1
        time.sleep(1)


def _check_former(cluster: Cluster, version: int) -> None:
    built = meta_of(cluster, version)
    ours = load_analyzer().version
    if (built["format"], built["fingerprint"]) != (CLUSTER_FORMAT, ours.fingerprint):
        raise IndexMismatchError(
            f"the previous version at {cluster.address.redacted} was built by analyzer {built['analyzer']} "
            f"({built['fingerprint'][:12]}) in format {built['format']}, this Judhur has {ours.number} "
            f"({ours.fingerprint[:12]}) and format {CLUSTER_FORMAT}; roll back with the Judhur that built it"
        )


def _with_next_version(state: State) -> State:
    return dataclasses.replace(state, begun=max(state.version, state.begun) + 1)


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
