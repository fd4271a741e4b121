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
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, NamedTuple, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.analysis.tokens import Word
from index.document import AnalyzedDocument, Refusal
from index.engines.opensearch.bulk import Action, Refused, send
from index.engines.opensearch.connection import Cluster, ClusterAddress, ClusterError, scan
from index.engines.opensearch.control import ChangedMeanwhileError, Control, State, lost
from index.engines.opensearch.encoding import Encoder, vocabulary_documents
from index.engines.opensearch.mapping import Names, names
from index.engines.opensearch.pairing import EPOCH, check_pair, note_change
from index.engines.opensearch.stored import article_of
from index.engines.opensearch.versions import check_version, make_archive, map_facets, newest_change, refresh
from index.jobs import analyze_document
from index.writer import Existing, new_generation

MEMORY_BYTES = 32_000_000
"""Size up to which the buffer of a commit is in memory; a larger one is in a temporary file."""
KNOWN_WORDS = 1_000_000
"""Size of the cache of words that the vocabulary has, which are not sent again (about 100 MB)."""
IDS_AT_ONCE = 1_000
LONGEST_ID = 400
"""Bytes up to which an article's id is its document's `_id`; for a longer id it is a digest (OpenSearch allows 512)."""


def cluster_id(document_id: str) -> str:
    """Return the `_id` of an article's document on the cluster."""
    data = document_id.encode("utf-8", "surrogatepass")
    if len(data) <= LONGEST_ID and document_id.isprintable() and not document_id.startswith("#"):
        return document_id
    return "#" + hashlib.blake2b(data, digest_size=24).hexdigest()


class _Pending(NamedTuple):
    """A buffered change of an article."""

    change: int
    existing: Existing | None
    """Hash and origin of the article after the change; None for a deletion."""


class _Commit(NamedTuple):
    """A commit in progress."""

    outbox: Outbox
    refused: Future[tuple[Refused, ...]]


class OpenSearchWriter:
    """The one writer of an index on a cluster: an `ArticleWriter`. Holds the lock until `close`."""

    def __init__(self, address: ClusterAddress, *, create: str | None = None) -> None:
        """Open the index for writing; `create` is a time zone: an index with it is created if there is none.

        Raises:
            IndexMissingError: there is no index and `create` is None.
            IndexLockedError: another writer is open.
            IndexMismatchError: another analyzer or format built the index; it has to be rebuilt first.
            IndexInconsistentError: state and articles are of different days (`index.engines.opensearch.pairing`).
            ClusterError: the cluster cannot be reached, or refused a request.
        """
        self._cluster = Cluster(address)
        self._control = Control(self._cluster)
        with ExitStack() as opened:
            opened.callback(self._cluster.close)
            if create is not None:
                self._control.make()
            else:
                self._control.state()
            self._lock = self._control.take_lock()
            opened.callback(self._lock.release)
            if create is not None:
                make_archive(self._cluster, self._control, ZoneInfo(create))
            state = self._control.state()
            check_version(self._cluster, state.version)
            self._names = names(address.name, state.version)
            check_pair(self._cluster, self._control, state)
            map_facets(self._cluster, self._names)
            self._state = next_epoch(self._control)
            self.settled = self._settle()
            """Number of changes that an earlier commit was sending when it failed."""
            opened.pop_all()
        self._zone = ZoneInfo(self._state.zone)
        self._encoder = Encoder(self._zone)
        self._outbox = Outbox(self._names, self._encoder, self._state.epoch * EPOCH)
        self._commit: _Commit | None = None
        self._committing = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._sent_words = SentWords()
        self._refused: list[Refusal] = []

    @property
    def zone(self) -> ZoneInfo:
        """See `ArticleWriter.zone`."""
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
        """See `ArticleWriter.existing`."""
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
            self.finish_commit()
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
        """See `ArticleWriter.ids_by_origin`."""
        self.finish_commit()
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

    def refusals(self) -> tuple[Refusal, ...]:
        """See `ArticleWriter.refusals`."""
        refused = tuple(self._refused)
        self._refused.clear()
        return refused

    def commit(self) -> None:
        """See `IndexWriter.commit`.

        Raises:
            ClusterError: the cluster could not be reached for minutes, or refuses writes. Some of the articles may be
                indexed; adding them again is safe.
            IndexLockedError: the write lock was lost.
        """
        self.begin_commit()
        self.finish_commit()

    def begin_commit(self) -> None:
        """See `ArticleWriter.begin_commit`; first waits for the previous commit."""
        self.finish_commit()
        self._lock.check()
        if not len(self._outbox) and not self._state.sending:
            return
        outbox = self._outbox
        self._outbox = Outbox(self._names, self._encoder, outbox.change)
        self._commit = _Commit(outbox, self._committing.submit(self._send, outbox))

    def finish_commit(self) -> None:
        """See `ArticleWriter.finish_commit`; if the commit failed, later additions are discarded too."""
        if self._commit is None:
            return
        outbox, refused = self._commit
        try:
            self._refused += [self._refusal(refusal) for refusal in refused.result()]
        except BaseException:
            self.rollback()
            raise
        finally:
            if refused.done():  # otherwise only the wait was interrupted, and the commit continues
                outbox.close()
                self._commit = None

    def rollback(self) -> None:
        """See `IndexWriter.rollback`."""
        self._outbox.clear()

    def close(self) -> None:
        """See `ArticleWriter.close`; waits for a commit in progress, so that the next writer sees its result."""
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

    def _find(self, document_id: str) -> _Pending | None:
        """Return the change of an article that is buffered or being sent, or None."""
        pending = self._outbox.find(document_id)
        return pending if pending is not None or self._commit is None else self._commit.outbox.find(document_id)

    def _send(self, outbox: Outbox) -> tuple[Refused, ...]:
        """Commit the changes in the outbox; return those that the cluster refused."""
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
        return outcome.refused

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

    def _refusal(self, refused: Refused) -> Refusal:
        document = article_of(json.loads(refused.action.source))
        return Refusal(document.id, refused.reason, document.origin, document)


class Outbox:
    """The buffered changes for a commit, in order; a later change of an article replaces an earlier one."""

    def __init__(self, target: Names, encoder: Encoder, change: int) -> None:
        self._names = target
        self._encoder = encoder
        self.change = change
        """Number of the last change."""
        self.words: dict[int, Word] = {}
        """The words of all articles, by their keys."""
        self._pending: dict[str, _Pending] = {}
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES, prefix="judhur-")  # noqa: SIM115 - closed below
        self._ranges: dict[str, tuple[int, int]] = {}
        """Offset and length of the document of each article in the file, in bytes."""

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, analyzed: AnalyzedDocument) -> None:
        """Buffer an article."""
        document = analyzed.document
        encoded = self._encoder.encode(analyzed, self.change + 1)
        begin = self._file.seek(0, 2)
        self._file.write(encoded.source)
        self.change += 1
        self.words |= encoded.words
        self._ranges[document.id] = (begin, len(encoded.source))
        self._pending[document.id] = _Pending(self.change, Existing(document.content_hash(), document.origin))

    def delete(self, document_id: str) -> None:
        """Buffer a deletion."""
        self.change += 1
        self._pending[document_id] = _Pending(self.change, None)

    def find(self, document_id: str) -> _Pending | None:
        """Return the buffered change of an article, or None."""
        return self._pending.get(document_id)

    def all(self) -> Iterable[tuple[str, _Pending]]:
        """Return all buffered changes with the ids of their articles."""
        return self._pending.items()

    def source(self, document_id: str) -> Any:  # noqa: ANN401 - JSON
        """Return the document of a buffered article, decoded from JSON; None for a deletion."""
        return None if self._pending[document_id].existing is None else json.loads(self._read(document_id))

    def actions(self) -> Iterator[Action]:
        """Yield the buffered changes as bulk actions."""
        for document_id, pending in self._pending.items():
            if pending.existing is None:
                yield Action("delete", self._names.articles, cluster_id(document_id), pending.change, b"")
                continue
            source = self._read(document_id)
            yield Action("index", self._names.articles, cluster_id(document_id), pending.change, source)

    def clear(self) -> None:
        """Discard all changes; change numbers are not reused, since some may have been sent."""
        self._pending.clear()
        self._ranges.clear()
        self.words.clear()
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _read(self, document_id: str) -> bytes:
        begin, length = self._ranges[document_id]
        self._file.seek(begin)
        return self._file.read(length)


def next_epoch(control: Control) -> State:
    """Begin an epoch and return the new state: its change numbers are higher, and earlier writers cannot commit."""
    return control.update_state(lambda state: dataclasses.replace(state, epoch=state.epoch + 1))


class SentWords:
    """A cache of the keys of words that a vocabulary has; it keeps the most recently used ones."""

    def __init__(self, at_most: int = KNOWN_WORDS) -> None:
        self._half = at_most // 2
        self._newer: set[int] = set()
        self._older: set[int] = set()

    def add(self, keys: Iterable[int]) -> None:
        """Add keys of words that were sent or used again."""
        self._newer.update(keys)
        if len(self._newer) > self._half:
            self._newer, self._older = set(), self._newer

    def __contains__(self, key: int) -> bool:
        return key in self._newer or key in self._older


def send_words(cluster: Cluster, target: Names, words: dict[int, Word], sent: SentWords) -> None:
    """Add the words that are not in `sent` to a vocabulary, and then all words to `sent`.

    Raises:
        ClusterError: as `send`, or the cluster refused a word.
    """
    new = {key: word for key, word in words.items() if key not in sent}
    actions = (Action("create", target.words, name, 0, source) for name, source in vocabulary_documents(new))
    outcome = send(cluster, actions)
    if outcome.refused:
        raise ClusterError(f"{cluster.address.redacted} refused a word: {outcome.refused[0].reason}")
    sent.add(words)


def _quoted(document_id: str) -> str:
    return quote(cluster_id(document_id), safe="")
