"""The writer of an index on a cluster: articles wait in a file until a commit sends them, and then becomes visible.

A commit (1) says in the state how much it is about to send, (2) sends the words that are new to the vocabulary, (3)
sends the articles and deletions, each with the number of its change as its version, so that sending twice is harmless
and an old writer's late request changes nothing, (4) makes them visible (refresh), (5) writes the state, with a new
generation: that moment is the commit. What the cluster has acknowledged is in the translogs of all copies of its shard.

A commit may go on in a thread while its caller analyzes the next articles (`begin_commit`); there is one at a time.

What a commit that failed half way has sent stays: `existing` sees it at once, searches when the next writer opens,
which finds in the state that something was being sent. Both writes of the state fail when another writer has opened
since, or another version answers: a writer that has lost its right acknowledges nothing.
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

from index.analysis.pipeline import load_analyzer
from index.analysis.tokens import Word
from index.document import AnalyzedDocument, Refusal
from index.engines.opensearch.bulk import Action, Refused, send
from index.engines.opensearch.connection import Cluster, ClusterAddress, ClusterError, scan
from index.engines.opensearch.control import ChangedMeanwhileError, Control, State, lost
from index.engines.opensearch.encoding import Encoder, vocabulary_documents
from index.engines.opensearch.mapping import Names, names
from index.engines.opensearch.stored import article_of
from index.engines.opensearch.versions import check_version, make_archive, map_facets, newest_change, refresh
from index.jobs import analyze_document
from index.writer import Existing, new_generation

MEMORY_BYTES = 32_000_000
"""What waits for a commit is kept in memory up to here, and in a temporary file beyond."""
KNOWN_WORDS = 1_000_000
"""Words that are remembered to be in the vocabulary: they are not sent again (about 100 MB)."""
IDS_AT_ONCE = 1_000
LONGEST_ID = 400
"""Bytes of an article's id that is a document's own; of a longer one a digest is (OpenSearch takes 512)."""
EPOCH = 1 << 32
"""Changes of one writer at most; the next one's numbers begin above them."""


def cluster_id(document_id: str) -> str:
    """Return the id under which the cluster keeps an article."""
    data = document_id.encode("utf-8", "surrogatepass")
    if len(data) <= LONGEST_ID and document_id.isprintable() and not document_id.startswith("#"):
        return document_id
    return "#" + hashlib.blake2b(data, digest_size=24).hexdigest()


class _Waiting(NamedTuple):
    """What is to become of an article."""

    change: int
    existing: Existing | None
    """None where it is deleted."""


class _Commit(NamedTuple):
    """A commit that is under way."""

    outbox: Outbox
    refused: Future[tuple[Refused, ...]]


class OpenSearchWriter:
    """The one writer of an index on a cluster: an `ArticleWriter`. Holds the lock until `close`."""

    def __init__(self, address: ClusterAddress, *, create: str | None = None) -> None:
        """Open the index for writing; `create` makes one where none is, with days in that time zone.

        Raises:
            IndexMissingError: there is none and `create` is None.
            IndexLockedError: somebody else is writing.
            IndexMismatchError: another analyzer or format built it; only a rebuild can write it.
            ClusterError: the cluster cannot be reached, or refused.
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
            map_facets(self._cluster, self._names)
            self._state = next_epoch(self._control)
            self.settled = self._settle()
            """Changes that a commit before was sending when it failed."""
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
        there = self.existing(wanted)
        for document_id in there:
            self._outbox.delete(document_id)
        return len(there)

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        """See `ArticleWriter.existing`."""
        found: dict[str, Existing] = {}
        asked = []
        for document_id in ids:
            waiting = self._find(document_id)
            if waiting is None:
                asked.append(document_id)
            elif waiting.existing is not None:
                found[document_id] = waiting.existing
        for begin in range(0, len(asked), IDS_AT_ONCE):
            some = asked[begin : begin + IDS_AT_ONCE]
            answer = self._cluster.call(
                "POST",
                f"/{self._names.articles}/_mget",
                {"ids": [cluster_id(document_id) for document_id in some]},
                timeout=60,
                _source_includes="hash,origin",
            )
            for document_id, item in zip(some, answer["docs"], strict=True):
                if "error" in item:
                    raise ClusterError(f"{self._cluster.address.redacted}: {item['error'].get('reason')}")
                if item["found"]:
                    found[document_id] = Existing(item["_source"]["hash"], item["_source"]["origin"])
        return found

    def move(self, document_id: str, origin: str) -> None:
        """See `ArticleWriter.move`: an article is written whole."""
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
        for document_id, waiting in self._outbox.all():
            origins.pop(document_id, None)
            if waiting.existing is not None:
                origins[document_id] = waiting.existing.origin
        return sorted(document_id for document_id, origin in origins.items() if chosen(origin))

    def refusals(self) -> tuple[Refusal, ...]:
        """See `ArticleWriter.refusals`."""
        refused = tuple(self._refused)
        self._refused.clear()
        return refused

    def commit(self) -> None:
        """See `IndexWriter.commit`.

        Raises:
            ClusterError: the cluster could not be reached for minutes, or takes no writes. Some of the articles may be
                there; adding them again is harmless.
            IndexLockedError: the right to write was lost.
        """
        self.begin_commit()
        self.finish_commit()

    def begin_commit(self) -> None:
        """See `ArticleWriter.begin_commit`; first waits for the commit before."""
        self.finish_commit()
        self._lock.check()
        if not len(self._outbox) and not self._state.sending:
            return
        outbox = self._outbox
        self._outbox = Outbox(self._names, self._encoder, outbox.change)
        self._commit = _Commit(outbox, self._committing.submit(self._send, outbox))

    def finish_commit(self) -> None:
        """See `ArticleWriter.finish_commit`; when it failed, what was added after it began is forgotten with it."""
        if self._commit is None:
            return
        outbox, refused = self._commit
        try:
            self._refused += [self._refusal(one) for one in refused.result()]
        except BaseException:
            self.rollback()
            raise
        finally:
            if refused.done():  # else it was this waiting that was interrupted
                outbox.close()
                self._commit = None

    def rollback(self) -> None:
        """See `IndexWriter.rollback`."""
        self._outbox.clear()

    def close(self) -> None:
        """See `ArticleWriter.close`; a commit that is under way is waited for, so that whoever comes next finds it."""
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

    def _find(self, document_id: str) -> _Waiting | None:
        """Return what waits for an article or is being sent, or None."""
        waiting = self._outbox.find(document_id)
        return waiting if waiting is not None or self._commit is None else self._commit.outbox.find(document_id)

    def _send(self, outbox: Outbox) -> tuple[Refused, ...]:
        """Commit what is in the outbox; return what the cluster would not take."""
        self._change_state(sending=self._state.sending + len(outbox))
        send_words(self._cluster, self._names, outbox.words, self._sent_words)
        self._lock.check()
        outcome = send(self._cluster, outbox.actions())
        if outcome.superseded:
            raise ClusterError(
                f"{outcome.superseded} articles at {self._cluster.address.redacted} were written by someone else "
                f"meanwhile; "
                "run the command again"
            )
        refresh(self._cluster, self._names)
        self._lock.check()
        self._change_state(sending=0, change=outbox.change, generation=new_generation())
        return outcome.refused

    def _settle(self) -> int:
        """Make visible what a commit that failed half way has sent; return how many changes it was sending."""
        sending = self._state.sending
        if sending:
            refresh(self._cluster, self._names)
            change = max(self._state.change, newest_change(self._cluster, self._names))
            self._change_state(sending=0, change=change, generation=new_generation())
        return sending

    def _change_state(self, **values: Any) -> None:  # noqa: ANN401 - values of a state
        """Change the state, which a rebuild that begins may change at the same time.

        Raises:
            IndexLockedError: another writer has opened since, or another version answers.
        """
        while True:
            try:
                self._state = self._control.change_state(self._state, dataclasses.replace(self._state, **values))
            except ChangedMeanwhileError as error:
                seen = self._control.state()
                if (seen.epoch, seen.version) != (self._state.epoch, self._state.version):
                    raise lost("another process took it") from error
                self._state = seen
            else:
                return

    def _refusal(self, refused: Refused) -> Refusal:
        document = article_of(json.loads(refused.action.source))
        return Refusal(document.id, refused.reason, document.origin, document)


class Outbox:
    """What waits for a commit, in the order of its changes; the last of several changes to one article counts."""

    def __init__(self, target: Names, encoder: Encoder, change: int) -> None:
        self._names = target
        self._encoder = encoder
        self.change = change
        """Number of the last change."""
        self.words: dict[int, Word] = {}
        """The words of all articles, by their keys."""
        self._waiting: dict[str, _Waiting] = {}
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES, prefix="judhur-")  # noqa: SIM115 - closed below
        self._places: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, analyzed: AnalyzedDocument) -> None:
        """Take an article."""
        document = analyzed.document
        encoded = self._encoder.encode(analyzed, self.change + 1)
        begin = self._file.seek(0, 2)
        self._file.write(encoded.source)
        self.change += 1
        self.words |= encoded.words
        self._places[document.id] = (begin, len(encoded.source))
        self._waiting[document.id] = _Waiting(self.change, Existing(document.content_hash(), document.origin))

    def delete(self, document_id: str) -> None:
        """Take a deletion."""
        self.change += 1
        self._waiting[document_id] = _Waiting(self.change, None)

    def find(self, document_id: str) -> _Waiting | None:
        """Return what waits for an article, or None."""
        return self._waiting.get(document_id)

    def all(self) -> Iterable[tuple[str, _Waiting]]:
        """Return everything that waits, by the ids of the articles."""
        return self._waiting.items()

    def source(self, document_id: str) -> Any:  # noqa: ANN401 - JSON
        """Return the cluster's document of an article that waits; None where a deletion does."""
        return None if self._waiting[document_id].existing is None else json.loads(self._read(document_id))

    def actions(self) -> Iterator[Action]:
        """Yield what the cluster is to do."""
        for document_id, waiting in self._waiting.items():
            if waiting.existing is None:
                yield Action("delete", self._names.articles, cluster_id(document_id), waiting.change, b"")
                continue
            source = self._read(document_id)
            yield Action("index", self._names.articles, cluster_id(document_id), waiting.change, source)

    def clear(self) -> None:
        """Forget everything; the numbers of changes go on, for some may have been sent."""
        self._waiting.clear()
        self._places.clear()
        self.words.clear()
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _read(self, document_id: str) -> bytes:
        begin, length = self._places[document_id]
        self._file.seek(begin)
        return self._file.read(length)


def next_epoch(control: Control) -> State:
    """Begin an epoch, whose changes have higher numbers than all before it; whoever wrote until now no longer can."""
    return control.update_state(lambda state: dataclasses.replace(state, epoch=state.epoch + 1))


class SentWords:
    """Keys of the words that a vocabulary is known to have: of the many, those that were met lately."""

    def __init__(self, at_most: int = KNOWN_WORDS) -> None:
        self._half = at_most // 2
        self._newer: set[int] = set()
        self._older: set[int] = set()

    def add(self, keys: Iterable[int]) -> None:
        """Note that the vocabulary has these, which were met again or sent."""
        self._newer.update(keys)
        if len(self._newer) > self._half:
            self._newer, self._older = set(), self._newer

    def __contains__(self, key: int) -> bool:
        return key in self._newer or key in self._older


def send_words(cluster: Cluster, target: Names, words: dict[int, Word], sent: SentWords) -> None:
    """Put words into a vocabulary, but for those in `sent`, which then has them all.

    Raises:
        ClusterError: as `send`, or the cluster refused one.
    """
    fresh = {key: word for key, word in words.items() if key not in sent}
    actions = (Action("create", target.words, name, 0, source) for name, source in vocabulary_documents(fresh))
    outcome = send(cluster, actions)
    if outcome.refused:
        raise ClusterError(f"{cluster.address.redacted} refused a word: {outcome.refused[0].reason}")
    sent.add(words)


def _quoted(document_id: str) -> str:
    return quote(cluster_id(document_id), safe="")
