"""One moment of an index on a cluster: a point in time over its articles, its vocabulary, and what holds for all of it.

The cluster keeps a point in time on certain copies of the shards. When one of these is gone, with its node or because
nobody asked for long, or does not answer, a new one is opened over what stands there then.
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
from search.engines.cache import Cache
from search.engines.opensearch.compiler import ALL, Query
from search.engines.opensearch.vocabulary import Vocabulary
from search.query import Prefix
from search.ranking import inverse_document_frequency, last_day

IDLE = "1m"
"""How long the cluster keeps a point in time that nobody asks for: a node that comes back to its cluster cannot open a
shard again while one holds it."""
PATIENCE = 1.0
"""Seconds within which a search is tried again: a cluster needs a moment to see that a node is gone."""
FIRST_PAUSE = 0.05
"""Seconds before the third attempt; the second, over a new point in time, follows at once. Pauses double."""
_FINAL = frozenset({400, 401, 403, 429})
"""Refusals that trying again does not change, or makes worse."""
_GATEWAY_TIMEOUT = 504
_NO_INDEX = "index_not_found_exception"
_TOO_LONG = re.compile("Time exceeded|cancell?ed", re.IGNORECASE)
"""What shards say that ended a search because its time was up."""

_Answer = TypeVar("_Answer")


@dataclasses.dataclass(frozen=True, slots=True)
class Totals:
    """What holds for the whole index."""

    documents: int
    averages: Mapping[Section, float]
    """Mean length of the sections, of the articles that have them."""
    newest: int
    """The last day on which something was published that is not in the future; 0 when there is none."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return 200


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """How many articles a query matches."""

    value: int
    nbytes: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class DocFrequencies:
    """How many articles have each of some terms."""

    terms: tuple[tuple[str, int], ...]

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return 120 * len(self.terms)


class PointInTime:
    """A point in time over a version of an index, shared by searchers until the next commit. Safe to share."""

    def __init__(self, cluster: Cluster, state: State, indices: Names, analyzer: str, cache_bytes: int) -> None:
        """Open it.

        Raises:
            ClusterError: the cluster cannot answer.
        """
        self._cluster = cluster
        self._indices = indices
        self.state = state
        self.analyzer = analyzer
        self.cache = Cache(cache_bytes)
        """Of what is worked out for this moment only."""
        self.vocabulary = Vocabulary(cluster, indices.words, self.cache)
        self.users = 0
        self.retired = False
        self._guard = threading.Lock()
        self._pit = ""
        self._left: list[str] = []
        """Points in time that a hanging node may hold, to be closed when the cluster answers."""
        self._repeated(lambda _: None)

    def close(self) -> None:
        """Let the cluster forget it."""
        with self._guard:
            pits = [pit for pit in (self._pit, *self._left) if pit]
            self._pit, self._left = "", []
        if pits:
            close_point_in_time(self._cluster, *pits)

    def ask(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to one search.

        Raises:
            ClusterError: the cluster cannot answer, or only in part.
        """
        return self.ask_all([body])[0]

    def ask_all(self, bodies: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the answers to several searches at once, as `ask`."""
        return self._repeated(lambda pit: self._ask(bodies, pit))

    def _repeated(self, ask: Callable[[str], _Answer]) -> _Answer:
        """Ask over the point in time, and again over new ones when the cluster has lost it."""
        deadline, pause = time.monotonic() + PATIENCE, 0.0
        while True:
            pit = self._pit
            try:
                pit = pit or self._opened()
                return ask(pit)
            except ClusterTimeoutError as error:
                if not error.status:
                    self._leave(pit)  # a copy hangs, perhaps: the cluster chooses anew when another one is opened
                raise
            except ClusterError as error:
                if error.status in _FINAL:
                    raise
                self._lose(pit)
                if error.kind == _NO_INDEX or time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)
            pause = max(FIRST_PAUSE, 2 * pause)

    def _opened(self) -> str:
        """Return a point in time; of several threads that open one the first gives it to the others."""
        fresh = open_point_in_time(self._cluster, self._indices.articles, keep_alive=IDLE)
        with self._guard:
            if self._pit:
                unused, fresh = [fresh], self._pit
            else:
                unused, self._left = self._left, []
                self._pit = fresh
        if unused:
            close_point_in_time(self._cluster, *unused)
        return fresh

    def _leave(self, pit: str) -> None:
        with self._guard:
            if pit and self._pit == pit:
                self._pit = ""
                self._left.append(pit)

    def _lose(self, pit: str) -> None:
        """Close what is left of a point in time at once: a shard that it holds could not be opened again."""
        with self._guard:
            lost = pit and self._pit == pit
            if lost:
                self._pit = ""
        if lost:
            close_point_in_time(self._cluster, pit)

    @property
    def totals(self) -> Totals:
        """What holds for the whole index."""
        day = last_day().toordinal()
        return self.cache.get(("totals", day), Totals, lambda: self._totals(day))

    def idf(self, doc_frequency: int) -> float:
        """Return how rare a word is that so many articles have."""
        return inverse_document_frequency(self.totals.documents, doc_frequency)

    def counts(self, queries: Mapping[object, Query]) -> dict[object, int]:
        """Return how many articles each query matches, by its key; asks for what is not known, all at once."""
        known = {key: self.cache.find(("count", key), Count) for key in queries}
        unknown = [key for key, count in known.items() if count is None]
        if unknown:
            answers = self.ask_all([_counted(queries[key]) for key in unknown])
            for key, answer in zip(unknown, answers, strict=True):
                count = known[key] = Count(answer["hits"]["total"]["value"])
                self.cache.keep(("count", key), count)
        return {key: 0 if count is None else count.value for key, count in known.items()}

    def doc_frequencies(self, prefix: Prefix, matching: Query, most: int) -> Sequence[tuple[str, int]]:
        """Return the commonest words of a prefix: the terms of their letters, and how many articles have each."""
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

    def _ask(self, bodies: Sequence[Mapping[str, Any]], pit: str) -> list[Any]:
        limit = f"{math.ceil(self._cluster.address.timeout * 900)}ms"
        common = {"pit": {"id": pit, "keep_alive": IDLE}, "timeout": limit}
        answers = self._cluster.search_all((_head(body), common | dict(body)) for body in bodies)
        for answer in answers:
            _check(self._cluster, answer)
        return answers

    def _totals(self, day: int) -> Totals:
        lengths = {section: f"{section.value}_length" for section in Section}
        answer = self.ask(
            _counted(ALL)
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
        found = answer["aggregations"]
        return Totals(
            answer["hits"]["total"]["value"],
            {section: found[section.value]["mean"]["value"] or 0.0 for section in Section},
            int(found["past"]["newest"]["value"] or 0),
        )


def _head(body: Mapping[str, Any]) -> dict[str, str]:
    """Return how a search is to be done: where scores order the hits, with the statistics of all shards."""
    scored = {"_score": "desc"} in body.get("sort", ())
    return {"search_type": "dfs_query_then_fetch"} if scored else {}


def _counted(query: Query) -> dict[str, Any]:
    return {"size": 0, "track_total_hits": True, "query": {"constant_score": {"filter": query}}}


def _check(cluster: Cluster, answer: Mapping[str, Any]) -> None:
    """Make sure that an answer is whole."""
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
        f"{where} did not search all articles in time; the query costs much, or the cluster is overloaded",
        _GATEWAY_TIMEOUT,
    )
