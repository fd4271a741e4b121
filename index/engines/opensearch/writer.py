"""The writer of an index on a cluster: articles are buffered in a file until a commit sends them.

A commit (1) writes the number of changes that it will send to the state, (2) sends the words that are new to the
vocabulary, (3) sends the articles and deletions, each with its change number as external version, so that sending twice
is idempotent and a late request of an old writer has no effect, (4) makes them visible (refresh), (5) writes the state
with a new generation, which completes the commit. Acknowledged writes are in the translogs of all copies of the shard.

A commit may run in a thread while its caller analyzes the next articles (`begin_commit`); there is one at a time.

If a commit fails halfway, the documents it has sent stay: `existing` returns them at once, and searches find them after
the next writer has opened, which sees the interrupted commit in the state. Both writes of the state fail if another
writer has opened since, or another version is active: a writer that has lost its lock acknowledges nothing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument, Refusal
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.bulk import Refused, send
from index.engines.opensearch.connection import Cluster, ClusterError, scan
from index.engines.opensearch.control import ChangedMeanwhileError, Control, Lock, State, lost
from index.engines.opensearch.encoding import Encoder
from index.engines.opensearch.mapping import names
from index.engines.opensearch.outbox import Outbox, Pending, cluster_id
from index.engines.opensearch.pairing import EPOCH, check_pair, note_change
from index.engines.opensearch.stored import article_of
from index.engines.opensearch.versions import check_version, make_archive, map_facets, newest_change, refresh
from index.engines.opensearch.words import SentWords, send_words
from index.jobs import analyze_document
from index.writer import Commit, Committed, Existing, new_generation

IDS_AT_ONCE = 1_000


class _Commit(NamedTuple):
    """A `Commit` in progress."""

    outbox: Outbox
    refusals: Future[tuple[Refusal, ...]]
    finish: Callable[[_Commit], None]

    def wait(self) -> tuple[Refusal, ...]:
        """See `Commit.wait`."""
        self.finish(self)
        return self.refusals.result()


class OpenSearchWriter:
    """The one writer of an index on a cluster: an `ArticleWriter`. Holds the lock until `close`."""

    def __init__(self, cluster: Cluster, control: Control, lock: Lock, state: State) -> None:
        """Take a client and the write lock, which `close` closes, and the state at the beginning of its own epoch."""
        self.settled = 0
        """Number of changes that an earlier commit was sending when it failed."""
        self._cluster = cluster
        self._control = control
        self._lock = lock
        self._state = state
        self._zone = ZoneInfo(state.zone)
        self._names = names(cluster.address.name, state.version)
        self._encoder = Encoder(self._zone)
        self._outbox = Outbox(self._names, self._encoder, state.epoch * EPOCH)
        self._commit: _Commit | None = None
        self._committing = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._sent_words = SentWords()

    @classmethod
    def open(cls, address: ClusterAddress, *, create: str | None = None) -> Self:
        """Return the writer of the index at `address`; `create` is a time zone: an index with it is created if needed.

        Raises:
            IndexMissingError: there is no index and `create` is None.
            IndexLockedError: another writer is open.
            IndexMismatchError: another analyzer or format built the index; it has to be rebuilt first.
            IndexInconsistentError: state and articles are of different days (`index.engines.opensearch.pairing`).
            ClusterError: the cluster cannot be reached, or refused a request.
        """
        cluster = Cluster(address)
        control = Control(cluster)
        with ExitStack() as opened:
            opened.callback(cluster.close)
            if create is not None:
                control.make()
            else:
                control.state()
            lock = control.take_lock()
            opened.callback(lock.release)
            if create is not None:
                make_archive(cluster, control, ZoneInfo(create))
            state = control.state()
            check_version(cluster, state.version)
            check_pair(cluster, control, state)
            map_facets(cluster, names(address.name, state.version))
            writer = cls(cluster, control, lock, control.begin_epoch())
            writer.settled = writer._settle()
            opened.pop_all()
        return writer

    @property
    def zone(self) -> ZoneInfo:
        """See `ArticleLookup.zone`."""
        return self._zone

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        """See `IndexWriter.add`."""
        try:
            for document in documents:
                self._outbox.put(document)
        except BaseException:
            self.rollback()
            raise

    def delete(self, ids: Iterable[str]) -> int:
        """See `IndexWriter.delete`."""
        wanted = list(dict.fromkeys(ids))
        existing = self.existing(wanted)
        for document_id in existing:
            self._outbox.delete(document_id)
        return len(existing)

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """See `ArticleLookup.existing`."""
        existing: dict[str, Existing] = {}
        not_pending = []
        for document_id in ids:
            pending = self._find(document_id)
            if pending is None:
                not_pending.append(document_id)
            elif pending.existing is not None:
                existing[document_id] = pending.existing
        for begin in range(0, len(not_pending), IDS_AT_ONCE):
            batch = not_pending[begin : begin + IDS_AT_ONCE]
            answer = self._cluster.call(
                "POST",
                f"/{self._names.articles}/_mget",
                {"ids": [cluster_id(document_id) for document_id in batch]},
                timeout=60,
                _source_includes="hash,origin",
            )
            for document_id, item in zip(batch, answer["docs"], strict=True):
                if "error" in item:
                    raise ClusterError(f"{self._cluster.address.redacted}: {item['error'].get('reason')}")
                if item["found"]:
                    existing[document_id] = Existing(item["_source"]["hash"], item["_source"]["origin"])
        return existing

    def move(self, document_id: str, origin: str) -> None:
        """See `ArticleWriter.move`; rewrites the whole article."""
        if self._outbox.find(document_id) is None and self._find(document_id) is not None:
            self._finish_commit()
        if self._outbox.find(document_id) is not None:
            source = self._outbox.source(document_id)
        else:
            source = self._cluster.call(
                "GET",
                f"/{self._names.articles}/_source/{_quoted(document_id)}",
                missing=True,
                timeout=60,
                _source_includes="article",
            )
        if source is not None:
            moved = dataclasses.replace(article_of(source), origin=origin)
            self.add([analyze_document(moved, load_analyzer(), self._zone)])

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        """See `ArticleLookup.ids_by_origin`."""
        self._finish_commit()
        origins = {}
        portions = scan(
            self._cluster,
            self._names.articles,
            {"match_all": {}},
            sort="id",
            size=5_000,
            _source=False,
            docvalue_fields=["origin"],
        )
        for hits in portions:
            for hit in hits:
                origins[hit["sort"][0]] = hit["fields"]["origin"][0]
        for document_id, pending in self._outbox.all():
            origins.pop(document_id, None)
            if pending.existing is not None:
                origins[document_id] = pending.existing.origin
        return sorted(document_id for document_id, origin in origins.items() if chosen(origin))

    def commit(self) -> tuple[Refusal, ...]:
        """See `IndexWriter.commit`.

        Raises:
            ClusterError: the cluster could not be reached for minutes, or refuses writes. Some of the articles may be
                indexed; adding them again is safe.
            IndexLockedError: the write lock was lost.
        """
        return self.begin_commit().wait()

    def begin_commit(self) -> Commit:
        """See `ArticleWriter.begin_commit`."""
        self._finish_commit()
        self._lock.check()
        if not len(self._outbox) and not self._state.sending:
            return Committed(())
        outbox = self._outbox
        self._outbox = Outbox(self._names, self._encoder, outbox.change)
        self._commit = _Commit(outbox, self._committing.submit(self._send, outbox), self._finish)
        return self._commit

    def rollback(self) -> None:
        """See `IndexWriter.rollback`."""
        self._outbox.clear()

    def close(self) -> None:
        """See `ArticleWriter.close`; the next writer sees the result of the commit that was in progress."""
        self._committing.shutdown()
        if self._commit is not None:
            self._commit.outbox.close()
        self._outbox.close()
        self._lock.release()
        self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _find(self, document_id: str) -> Pending | None:
        """Return the change of an article that is buffered or being sent, or None."""
        pending = self._outbox.find(document_id)
        return pending if pending is not None or self._commit is None else self._commit.outbox.find(document_id)

    def _finish_commit(self) -> None:
        """Wait for the commit in progress, if any."""
        if self._commit is not None:
            self._finish(self._commit)

    def _finish(self, commit: _Commit) -> None:
        """Wait for a commit, if it is in progress; if it fails, discard later changes."""
        if commit is not self._commit:
            return
        try:
            commit.refusals.result()
        except BaseException:
            self.rollback()
            raise
        finally:
            if commit.refusals.done():  # otherwise only the wait was interrupted, and the commit continues
                commit.outbox.close()
                self._commit = None

    def _send(self, outbox: Outbox) -> tuple[Refusal, ...]:
        """Commit the changes in the outbox; return the articles that the cluster refused."""
        self._change_state(sending=self._state.sending + len(outbox))
        send_words(self._cluster, self._names, outbox.words, self._sent_words)
        self._lock.check()
        outcome = send(self._cluster, outbox.actions())
        if outcome.superseded:
            raise ClusterError(
                f"{outcome.superseded} articles at {self._cluster.address.redacted} were written by another process "
                "meanwhile; run the command again"
            )
        refresh(self._cluster, self._names)
        self._lock.check()
        self._name_generation(outbox.change)
        return tuple(map(_refusal, outcome.refused))

    def _settle(self) -> int:
        """Make the changes that a failed commit has sent visible; return how many it was sending."""
        sending = self._state.sending
        if sending:
            refresh(self._cluster, self._names)
            change = max(self._state.change, newest_change(self._cluster, self._names))
            self._name_generation(change)
        return sending

    def _name_generation(self, change: int) -> None:
        """Complete a commit, whose articles are visible, up to this change."""
        generation = new_generation()
        note_change(self._cluster, self._control, self._state, generation)
        self._change_state(sending=0, change=change, generation=generation)

    def _change_state(self, **values: Any) -> None:  # noqa: ANN401 - values of a state
        """Change the state; retry if a starting rebuild changed it at the same time.

        Raises:
            IndexLockedError: another writer has opened since, or another version is active.
        """
        while True:
            try:
                self._state = self._control.change_state(self._state, dataclasses.replace(self._state, **values))
            except ChangedMeanwhileError as error:
                current = self._control.state()
                if (current.epoch, current.version) != (self._state.epoch, self._state.version):
                    raise lost("another process took it") from error
                self._state = current
            else:
                return


def _refusal(refused: Refused) -> Refusal:
    document = article_of(json.loads(refused.action.source))
    return Refusal(document.id, refused.reason, document.origin, document)


def _quoted(document_id: str) -> str:
    return quote(cluster_id(document_id), safe="")
