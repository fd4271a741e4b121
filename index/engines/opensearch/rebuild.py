"""Another version of an archive takes the place of the one that answers, which goes on answering, and being written to.

A rebuild makes version N+1 of the articles of version N. Going back gives the place to the version before again. Both
are the same steps:

1. *Copy* (a rebuild: all articles; going back: what came after the swap), each article under the number of its change
   as its version, and copy again what has come since, in rounds, until a round is small.
2. *Take the lock* of the writer, waiting for it in further rounds, and begin an epoch.
3. *Level*: compare all numbers of changes in the one version with those in the other, copy what is missing, delete
   what is too many.
4. *Swap*: write the state that names the other version, then point the aliases, which are for other programs.

Why nothing that was acknowledged is lost. A commit is acknowledged when it has changed the state, and can change it
only as long as no other epoch has begun. So what was acknowledged before step 2 was visible in N by then, and step 3
copies it or has it already; after step 2 nobody acknowledges anything until step 4, and then the state names N+1: a
writer that has N open finds another version there, and fails.

Why nothing comes back that was deleted. Step 3 does not follow what was noted down, it compares. The number of a change
belongs to one article in one state, so versions with the same numbers have the same articles; what was changed or
deleted in N, by whomever and however that ended, is a number that N has no longer. Nobody can write meanwhile.

Levelled articles get new numbers: when going back, the cluster may have seen a higher one for an article in the former
version, of a writer that lost its right, and would not take a lower one.

Why a rebuild that died is harmless. One at a time has the right to rebuild, a lock that runs out; numbers of versions
are given once, so that late requests of a dead one meet nobody else's index; a swap whose answer was lost is undone or
found done before anything is removed, since every change of the state makes it fail that has not arrived by then. The
next rebuild removes all versions but the one that answers and the one before it.

Searches read the state before they open a moment, and the version that they may have read it for stays until the next
swap but one begins to remove.
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

from index.analysis.pipeline import ANALYZER_VERSION, load_analyzer
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
from index.engines.opensearch.writer import EPOCH, SentWords, cluster_id, next_epoch, send_words
from index.errors import IndexingError, IndexLockedError, IndexMismatchError
from index.intake import batched
from index.writer import Analyzing, Progress, new_generation

READ_AT_ONCE = 200
"""Articles in one answer of the cluster."""
SENT_AT_ONCE, CHARACTERS_AT_ONCE = 1_000, 5_000_000
"""Articles, and code points of them, that are in memory while their words are sent."""
COMPARED_AT_ONCE = 10_000
"""Numbers of changes in one answer of the cluster, which is what it gives at most."""
SMALL_ROUND = 1_000
"""Articles that are as well copied while nobody can write."""
LOCK_SECONDS, ROUND_PAUSE = 900.0, 1.0
"""How long a writer is waited for, and how long between two rounds meanwhile."""
COPIES_SECONDS = 600.0
"""How long the copies of the shards are waited for; a cluster with too few nodes for them stops trying much earlier."""

_Numbers = npt.NDArray[np.int64]
_Item = TypeVar("_Item")


def rebuild(cluster: Cluster, analyzed: Analyzing, progress: Progress | None = None) -> int:
    """Build the next version of an archive and let it answer; return the number of its articles.

    Raises:
        IndexMissingError: there is no archive.
        IndexLockedError: somebody else rebuilds it, or wrote to it all the time; the former version answers.
        IndexingError: what asking `analyzed` raises, or the cluster refused; the former version answers.
    """
    control = Control(cluster)
    control.state()
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
        older = {there for there in versions_there(cluster).values() if there < version}
        remove_versions(cluster, older - {state.version})
    return count_articles(cluster, new)


def roll_back(cluster: Cluster, analyzed: Analyzing, progress: Progress | None = None) -> int:
    """Let the version before answer again, with what was written since; return the number of its articles.

    Raises:
        IndexMissingError: there is no archive.
        IndexMismatchError: another analyzer or format built that version: only its Judhur can go back to it.
        IndexLockedError: as `rebuild`.
        IndexingError: there is no version before; or as `rebuild`.
    """
    control = Control(cluster)
    control.state()
    with control.take_lock(REBUILDING) as lock:
        state = control.state()
        where = cluster.address.redacted
        if not state.previous:
            raise IndexingError(f"the index at {where} has no version before this one to go back to")
        _check_former(cluster, state.previous)
        former = names(cluster.address.name, state.previous)
        map_facets(cluster, former)
        copying = _Copying(cluster, state, former, analyzed, lock, progress, seen=state.swapped)
        copying.catch_up()
        _swap(control, copying, state.previous)
    return count_articles(cluster, former)


class _Copied(NamedTuple):
    """An article on its way."""

    document: Document
    change: int


class _Ready(NamedTuple):
    """An article as the other version gets it."""

    id: str
    change: int
    encoded: Encoded


class _Copying:
    """Copies the articles of the version that answers into another one."""

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
        """Of the source."""
        self.source = names(cluster.address.name, state.version)
        self.target = target
        self.lock = lock
        """The right to rebuild."""
        self._analyzed = analyzed
        self._progress = progress
        self._encoder = Encoder(ZoneInfo(state.zone))
        self._sent_words = SentWords()
        self._seen = seen
        self._done = 0
        self._total = 0
        self._share = 0.0

    def catch_up(self) -> None:
        """Copy what has a higher number than all that was copied, until nearly nothing comes any more."""
        while self._round() > SMALL_ROUND:
            pass

    def reconcile(self, change: int) -> int:
        """Make the target what the source is, while nobody can write to either; return the number of the last change.

        `change` is the highest number that was given.
        """
        refresh(self.cluster, [self.source.articles])  # whatever became of its vocabulary
        refresh(self.cluster, self.target)
        here, there = self._numbers(self.source), self._numbers(self.target)
        missing, extra = (np.setdiff1d(*pair, assume_unique=True) for pair in ((here, there), (there, here)))
        for some in _portions(missing):
            found = [_Copied(item.document, change + place) for place, item in enumerate(self._found(some), start=1)]
            self._put(found)
            change += len(found)
        for some in _portions(extra):
            # under their own numbers: an article that has just got a new one stays
            self._send(
                Action("delete", self.target.articles, hit["_id"], hit["sort"][0], b"")
                for hits in self._hits(self.target, some, _source=False)
                for hit in hits
            )
        refresh(self.cluster, self.target)
        if (copied := count_articles(self.cluster, self.target)) != len(here):
            raise ClusterError(
                f"{self.cluster.address.redacted}: {self.target.articles} has {copied:,} articles and "
                f"{self.source.articles} {len(here):,}; run the command again"
            )
        return change

    def _round(self) -> int:
        """Copy what is new since the last round and return how much that was."""
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
                    # more may come while it lasts, which makes no share smaller again
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
                f"{self.cluster.address.redacted} refused {len(outcome.refused)} articles that it had taken before, "
                f"the "
                f"first {first.action.id}: {first.reason}"
            )

    def _numbers(self, version: Names) -> _Numbers:
        """Return the numbers of the changes of all articles of a version, each once; 8 bytes an article."""
        every: dict[str, Any] = {"match_all": {}}
        portions = scan(
            self.cluster,
            version.articles,
            every,
            sort="change",
            size=COMPARED_AT_ONCE,
            _source=False,
            stored_fields="_none_",
        )
        found = [np.array([hit["sort"][0] for hit in hits], np.int64) for hits in portions]
        return np.concatenate([np.empty(0, np.int64), *found])

    def _found(self, changes: _Numbers) -> Iterator[_Copied]:
        for hits in self._hits(self.source, changes, _source=ROW):
            for hit in hits:
                yield _Copied(article_of(hit["_source"]), hit["sort"][0])

    def _hits(self, version: Names, changes: _Numbers, **wanted: object) -> Iterator[Sequence[Mapping[str, Any]]]:
        query = {"terms": {"change": changes.tolist()}}
        return scan(self.cluster, version.articles, query, sort="change", size=READ_AT_ONCE, **wanted)


def _swap(control: Control, copying: _Copying, version: int) -> None:
    """Let the target of `copying`, which is this version, answer."""
    cluster = copying.cluster
    with _waited_for(control, copying) as writing:
        state = next_epoch(control)
        if state.version != copying.version:
            raise lost(f"version {state.version} answers by now")
        change = copying.reconcile(max(state.change, state.epoch * EPOCH))
        writing.check()
        copying.lock.check()
        swapped = dataclasses.replace(
            state,
            version=version,
            previous=state.version,
            generation=new_generation(),
            change=change,
            swapped=change,
            sending=0,
        )
        try:
            control.change_state(state, swapped)
        except ChangedMeanwhileError as error:
            raise lost("another process took it") from error
        # after the state: if this process ends here, they name a version that is still there
        point_aliases(cluster, copying.target)


def _waited_for(control: Control, copying: _Copying) -> Lock:
    """Return the lock of the writer, after copying what the one who has it commits meanwhile."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        copying.lock.check()
        copying.catch_up()
        try:
            return control.take_lock(WRITING)
        except IndexLockedError as error:
            if time.monotonic() > deadline:
                raise IndexLockedError(
                    f"version {copying.version} answers still, for after {LOCK_SECONDS / 60:.0f} minutes {error}"
                ) from error
        time.sleep(ROUND_PAUSE)


@contextlib.contextmanager
def _removed_on_failure(cluster: Cluster, control: Control, version: int) -> Iterator[None]:
    """Remove a version when what is done within fails, unless it answers by then."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(IndexingError):
            # a change of the state: if the swap is still under way to the cluster, it fails from here on
            if control.update_state(lambda state: state).version != version:
                remove_versions(cluster, {version})
        raise


def _make_copies(cluster: Cluster, target: Names) -> None:
    """Give every shard of a version as many copies as the place says, as far as the cluster has nodes for them."""
    where = ",".join(target)
    settings = {"index": {"number_of_replicas": cluster.address.replicas}}
    cluster.call("PUT", f"/{where}/_settings", settings, timeout=60)
    deadline = time.monotonic() + COPIES_SECONDS
    idle = 0
    while time.monotonic() < deadline and idle < 3:  # noqa: PLR2004 - one look may come between two copies
        health = cluster.call("GET", f"/_cluster/health/{where}", timeout=60)
        if health["status"] == "green":
            return
        idle = 0 if health["initializing_shards"] else idle + 1
        time.sleep(1)


def _check_former(cluster: Cluster, version: int) -> None:
    built = meta_of(cluster, version)
    fingerprint = load_analyzer().fingerprint()
    if (built["format"], built["fingerprint"]) != (CLUSTER_FORMAT, fingerprint):
        raise IndexMismatchError(
            f"the version before at {cluster.address.redacted} was built by analyzer {built['analyzer']} "
            f"({built['fingerprint'][:12]}) in format {built['format']}, this Judhur has {ANALYZER_VERSION} "
            f"({fingerprint[:12]}) and format {CLUSTER_FORMAT}; go back with the Judhur that built it"
        )


def _with_next_version(state: State) -> State:
    return dataclasses.replace(state, begun=max(state.version, state.begun) + 1)


def _one_ahead(items: Iterable[_Item], work: Callable[[_Item], None]) -> Iterator[_Item]:
    """Do the work of each item in a thread, while the next item is made; yield them as they are done."""
    with ThreadPoolExecutor(1, thread_name_prefix="copying") as thread:
        before: tuple[_Item, Future[None]] | None = None
        for item in items:
            following = item, thread.submit(work, item)
            if before is not None:
                before[1].result()
                yield before[0]
            before = following
        if before is not None:
            before[1].result()
            yield before[0]


def _length(item: tuple[AnalyzedDocument, int]) -> int:
    return len(item[0].document.text)


def _portions(numbers: _Numbers) -> Iterator[_Numbers]:
    for begin in range(0, len(numbers), SENT_AT_ONCE):
        yield numbers[begin : begin + SENT_AT_ONCE]
