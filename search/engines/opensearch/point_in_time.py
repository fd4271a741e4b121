"""A point in time over an index on a cluster, with its vocabulary and the totals of the whole index.

The cluster keeps a point in time on certain copies of the shards. When it is lost, because a node failed or it was not
used for `IDLE`, or when a copy does not answer, a new point in time is opened over the current articles.
"""

from __future__ import annotations

import dataclasses
import math
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from index.engines.opensearch.connection import (
    Cluster,
    ClusterError,
    ClusterTimeoutError,
    close_point_in_time,
    open_point_in_time,
    reason_of,
)
from index.engines.opensearch.control import State
from index.engines.opensearch.encoding import key_name, term_of
from index.engines.opensearch.mapping import Names, words_field
from index.schema import Section, TokenField
from search import deadline
from search.engines.cache import Cache
from search.engines.opensearch.compiler import ALL, Query
from search.engines.opensearch.vocabulary import Vocabulary
from search.query import Prefix
from search.ranking import inverse_document_frequency, last_day

IDLE = "1m"
"""How long the cluster keeps a point in time that is not used. It has to be short: a node that rejoins its cluster
cannot reopen a shard while a point in time holds it."""
PATIENCE = 1.0
"""Seconds during which a search is retried: a cluster takes a while to notice that a node is gone."""
FIRST_PAUSE = 0.05
"""Seconds before the third attempt; the second one, over a new point in time, has no pause. Each pause doubles."""
_FINAL = frozenset({400, 401, 403, 429})
"""Status codes that a retry does not change, or makes worse."""
_GATEWAY_TIMEOUT = 504
_NO_INDEX = "index_not_found_exception"
_TOO_LONG = re.compile("Time exceeded|cancell?ed", re.IGNORECASE)
"""Error reasons of shards that stopped a search because of its time-out."""

_Answer = TypeVar("_Answer")


@dataclasses.dataclass(frozen=True, slots=True)
class Totals:
    """Statistics of the whole index."""

    documents: int
    averages: Mapping[Section, float]
    """Mean length of each section, in words with terms, over the articles that have the section."""
    newest: int
    """Ordinal of the last day of publication that is not in the future; 0 when there is none."""

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes."""
        return 200


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """Number of articles that match a query."""

    value: int
    nbytes: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class DocFrequencies:
    """Document frequencies of some terms."""

    terms: tuple[tuple[str, int], ...]
    """Name and document frequency of each term."""

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes."""
        return 120 * len(self.terms)


class PointInTime:
    """A point in time over a version of an index, shared by searchers until the next commit; safe among threads."""

    def __init__(
        self,
        cluster: Cluster,
        state: State,
        indices: Names,
        analyzer: str,
        cache_bytes: int,
        check: Callable[[Callable[[], int]], None],
    ) -> None:
        """Open a point in time over `indices`, with a cache of `cache_bytes`.

        Whenever one is opened, `check` is called with a function that returns the highest change number in it, and
        raises an error to refuse it.

        Raises:
            IndexingError: `check` refuses it.
            ClusterError: the cluster cannot answer.
        """
        self._cluster = cluster
        self._indices = indices
        self._check = check
        self.state = state
        self.analyzer = analyzer
        self.cache = Cache(cache_bytes)
        """Results that are valid for this point in time only."""
        self.vocabulary = Vocabulary(cluster, indices.words, self.cache)
        self.users = 0
        """Number of searchers that use it."""
        self.retired = False
        """Whether a newer one has replaced it: it is closed when its last user has finished."""
        self._guard = threading.Lock()
        self._pit = ""
        self._abandoned: list[str] = []
        """Ids of points in time that a hanging node may hold; they are closed when the cluster answers again."""
        self._retrying(lambda _: None)

    def close(self) -> None:
        """Close it on the cluster."""
        with self._guard:
            pits = [pit for pit in (self._pit, *self._abandoned) if pit]
            self._pit, self._abandoned = "", []
        if pits:
            close_point_in_time(self._cluster, *pits)

    def ask(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to one search.

        Raises:
            ClusterError: the cluster cannot answer, or some shards cannot.
        """
        return self.ask_all([body])[0]

    def ask_all(self, bodies: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the answers to several searches, sent in one request; see `ask`."""
        return self._retrying(lambda pit: self._search(bodies, pit))

    def _retrying(self, ask: Callable[[str], _Answer]) -> _Answer:
        """Return what `ask` returns for the point in time; retry with a new one if the cluster has lost it."""
        ends, pause = time.monotonic() + PATIENCE, 0.0
        while True:
            deadline.check()
            pit = self._pit
            try:
                pit = pit or self._open()
                return ask(pit)
            except ClusterTimeoutError as error:
                if not error.status:
                    self._abandon(pit)  # perhaps a copy hangs: for a new point in time the cluster may choose others
                raise
            except ClusterError as error:
                if error.status in _FINAL:
                    raise
                self._discard(pit)
                if error.kind == _NO_INDEX or time.monotonic() + pause > ends:
                    raise
            time.sleep(pause)
            pause = max(FIRST_PAUSE, 2 * pause)

    def _open(self) -> str:
        """Return a new point in time; if several threads open one at the same time, all use the first.

        Raises:
            IndexingError: the check refuses it.
        """
        fresh = open_point_in_time(self._cluster, self._indices.articles, keep_alive=IDLE)
        try:
            self._check(lambda: self._newest_change(fresh))
        except BaseException:
            close_point_in_time(self._cluster, fresh)
            raise
        with self._guard:
            if self._pit:
                unused, fresh = [fresh], self._pit
            else:
                unused, self._abandoned = self._abandoned, []
                self._pit = fresh
        if unused:
            close_point_in_time(self._cluster, *unused)
        return fresh

    def _abandon(self, pit: str) -> None:
        """Stop using a point in time, and close it later: the cluster does not answer now."""
        with self._guard:
            if pit and self._pit == pit:
                self._pit = ""
                self._abandoned.append(pit)

    def _discard(self, pit: str) -> None:
        """Stop using a point in time and close it: a shard that it still holds could not be reopened."""
        with self._guard:
            current = pit and self._pit == pit
            if current:
                self._pit = ""
        if current:
            close_point_in_time(self._cluster, pit)

    @property
    def totals(self) -> Totals:
        """Statistics of the whole index.

        Raises:
            ClusterError: the cluster cannot answer.
        """
        day = last_day().toordinal()
        return self.cache.get(("totals", day), Totals, lambda: self._totals(day))

    def idf(self, doc_frequency: int) -> float:
        """Return the inverse document frequency of a word that `doc_frequency` articles have."""
        return inverse_document_frequency(self.totals.documents, doc_frequency)

    def counts(self, queries: Mapping[object, Query]) -> dict[object, int]:
        """Return the number of articles that match each query, by its key; the missing ones are counted together.

        Raises:
            ClusterError: the cluster cannot answer.
        """
        counts = {key: self.cache.find(("count", key), Count) for key in queries}
        missing = [key for key, count in counts.items() if count is None]
        if missing:
            answers = self.ask_all([_count_body(queries[key]) for key in missing])
            for key, answer in zip(missing, answers, strict=True):
                count = counts[key] = Count(answer["hits"]["total"]["value"])
                self.cache.keep(("count", key), count)
        return {key: 0 if count is None else count.value for key, count in counts.items()}

    def doc_frequencies(self, prefix: Prefix, matching: Query, most: int) -> Sequence[tuple[str, int]]:
        """Return the `most` frequent words of a prefix: surface term and document frequency, the highest first.

        `matching` is the query for the articles of the prefix.

        Raises:
            TooManyFormsError: the prefix matches too many words.
            ClusterError: the cluster cannot answer.
        """
        return self.cache.get(
            ("doc frequencies", prefix, most), DocFrequencies, lambda: self._doc_frequencies(prefix, matching, most)
        ).terms

    def _doc_frequencies(self, prefix: Prefix, matching: Query, most: int) -> DocFrequencies:
        words = self.vocabulary.words(prefix)
        surfaces = dict(zip(map(key_name, words.keys.tolist()), words.surfaces, strict=True))
        if not surfaces:
            return DocFrequencies(())
        listed: dict[str, list[str]] = {}
        for name, partition in zip(surfaces, words.partitions, strict=True):
            listed.setdefault(words_field(partition), []).append(name)
        counted = {
            field: {"terms": {"field": field, "size": most, "shard_size": 2 * most, "include": names}}
            for field, names in listed.items()
        }
        answer = self.ask({"size": 0, "query": {"constant_score": {"filter": matching}}, "aggs": counted})
        buckets = [bucket for field in listed for bucket in answer["aggregations"][field]["buckets"]]
        buckets.sort(key=lambda bucket: (-bucket["doc_count"], bucket["key"]))
        terms: dict[str, int] = {}
        for bucket in buckets[:most]:
            name = term_of(TokenField.SURFACE, surfaces[bucket["key"]])
            terms[name] = terms.get(name, 0) + bucket["doc_count"]
        return DocFrequencies(tuple(terms.items()))

    def _newest_change(self, pit: str) -> int:
        body = {"size": 0, "track_total_hits": False, "aggs": {"newest": {"max": {"field": "change"}}}}
        return int(self._search([body], pit)[0]["aggregations"]["newest"]["value"] or 0)

    def _search(self, bodies: Sequence[Mapping[str, Any]], pit: str) -> list[Any]:
        seconds = self._cluster.address.timeout * 0.9
        remaining = deadline.remaining()
        if remaining is not None:
            seconds = min(seconds, max(remaining, 0.001))
        common = {"pit": {"id": pit, "keep_alive": IDLE}, "timeout": f"{math.ceil(seconds * 1000)}ms"}
        answers = self._cluster.search_all((_search_header(body), common | dict(body)) for body in bodies)
        for answer in answers:
            _check_complete(self._cluster, answer)
        return answers

    def _totals(self, day: int) -> Totals:
        lengths = {section: f"{section.value}_length" for section in Section}
        answer = self.ask(
            _count_body(ALL)
            | {
                "aggs": {
                    **{
                        section.value: {
                            "filter": {"range": {field: {"gt": 0}}},
                            "aggs": {"mean": {"avg": {"field": field}}},
                        }
                        for section, field in lengths.items()
                    },
                    "past": {
                        "filter": {"range": {"day": {"lte": day}}},
                        "aggs": {"newest": {"max": {"field": "day"}}},
                    },
                }
            }
        )
        aggregations = answer["aggregations"]
        return Totals(
            answer["hits"]["total"]["value"],
            {section: aggregations[section.value]["mean"]["value"] or 0.0 for section in Section},
            int(aggregations["past"]["newest"]["value"] or 0),
        )


def _search_header(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the header of a search: hits sorted by score need the term statistics of all shards."""
    scored = {"_score": "desc"} in body.get("sort", ())
    return {"search_type": "dfs_query_then_fetch"} if scored else {}


def _count_body(query: Query) -> dict[str, Any]:
    return {"size": 0, "track_total_hits": True, "query": {"constant_score": {"filter": query}}}


def _check_complete(cluster: Cluster, answer: Mapping[str, Any]) -> None:
    """Check that all shards have answered completely.

    Raises:
        ClusterError: a shard failed, or the time-out ended the search.
    """
    where = cluster.address.redacted
    if "error" in answer:
        kind, reason = reason_of(answer)
        if _TOO_LONG.search(reason):
            raise _too_long(where)
        raise ClusterError(f"{where}: {kind}: {reason}", answer.get("status", 0), kind)
    if answer["timed_out"]:
        raise _too_long(where)
    if answer["_shards"]["failed"]:
        raise ClusterError(f"{where}: {answer['_shards']['failed']} shards did not answer", 503)


def _too_long(where: str) -> ClusterTimeoutError:
    return ClusterTimeoutError(
        f"{where} did not search all articles in time; the query is expensive, or the cluster is overloaded",
        _GATEWAY_TIMEOUT,
    )
