"""Checks that the indices of an archive are undamaged and consistent with each other and with their articles.

Every article is read: its row is compared with its hash, its tokens with their lengths and with its listed words, and
all words of all articles are looked up in the vocabulary. That costs two or three milliseconds per article. Analyzing
an article again doubles the cost and finds only faults that a rebuild removes anyway, so only about `SAMPLE` articles
are analyzed, selected by their hashes.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from index.analysis.analyzer import Analyzer
from index.analysis.installed import load_analyzer
from index.archive.rows import RowDamagedError
from index.engines.opensearch.connection import Cluster, scan
from index.engines.opensearch.control import REBUILDING, WRITING, Control, State
from index.engines.opensearch.encoding import Encoder, content_keys, key_name, unpacked_forward
from index.engines.opensearch.mapping import Names, names, words_field
from index.engines.opensearch.pairing import pair_fault
from index.engines.opensearch.stored import article_of, has_hash_of, offsets_of
from index.engines.opensearch.versions import aliased, check_version, count_articles, newest_change, versions_there
from index.errors import IndexDamagedError, command
from index.jobs import analyze_document
from index.schema import Section

SAMPLE = 1_000
"""Approximate number of articles that are analyzed again."""
READ_AT_ONCE = 100
LOOKED_UP_AT_ONCE = 10_000
"""Words in one query of the vocabulary."""
TOLD = 20
"""Maximum number of lines about single articles or words; further problems are only counted."""
PAUSE = 2.0
"""Seconds until shard copies that differ are compared again: one may have been refreshed before the other."""

_LISTED = "words_in.*"
_FETCHED = {
    "_source": ["id", "hash", "article"],
    "docvalue_fields": ["forward", _LISTED, "title_length", "body_length"],
}


def problems_of(cluster: Cluster) -> tuple[str, ...]:
    """Return the problems of an archive, one line each with its remedy; empty if it is sound.

    Raises:
        IndexMissingError: there is no archive.
        IndexMismatchError: another analyzer or format built it.
        ClusterError: the cluster did not answer.
    """
    control = Control(cluster)
    state = control.state()
    target = names(cluster.address.name, state.version)
    try:
        check_version(cluster, state.version)
    except IndexDamagedError as error:
        return (str(error),)
    if missing := list(_missing_shards(cluster, target)):
        return tuple(missing)  # problems of the remaining articles would only be noise
    problems = [*_state_problems(cluster, control, state, target), *_copy_problems(cluster, target)]
    articles = _Articles(cluster, target, ZoneInfo(state.zone))
    details = [*articles.problems(), *articles.missing_words()]
    rest = [f"{len(details) - TOLD:,} more problems of this kind"] if len(details) > TOLD else []
    return (*problems, *details[:TOLD], *rest)


def _missing_shards(cluster: Cluster, target: Names) -> Iterator[str]:
    health = cluster.call("GET", f"/_cluster/health/{','.join(target)}", level="indices")
    for index, values in sorted(health["indices"].items()):
        if values["status"] == "red":
            missing = values["number_of_shards"] - values["active_primary_shards"]
            yield (
                f"{index}: {missing} of {values['number_of_shards']} shards are missing; start the nodes that have "
                "them, or restore the index from a snapshot"
            )


def _state_problems(cluster: Cluster, control: Control, state: State, target: Names) -> Iterator[str]:
    where = cluster.address.redacted
    writing = control.holder(WRITING)
    newest = newest_change(cluster, target)
    if not writing and (fault := pair_fault(cluster, control, state)):
        yield fault
    elif not writing and (state.sending or newest > state.change):
        yield (
            f"a commit failed halfway: only some of its {state.sending} changes are in the index; add the articles "
            "again"
        )
    for alias, indices in aliased(cluster).items():
        if indices != [target.articles]:
            yield (
                f"the alias {alias} names {', '.join(indices) or 'no index'} and not {target.articles}, the active "
                f"version; run {command('rebuild', where)}"
            )
    if not control.holder(REBUILDING):
        kept = {state.version, state.previous}
        left = [index for index, version in versions_there(cluster).items() if version not in kept]
        if left:
            yield (
                f"{', '.join(left)} {'is' if len(left) == 1 else 'are'} left over from an interrupted rebuild; "
                f"the next {command('rebuild', where)} removes {'it' if len(left) == 1 else 'them'}"
            )


def _copy_problems(cluster: Cluster, target: Names) -> Iterator[str]:
    counts = _copies(cluster, target)
    if any(len(set(copies.values())) > 1 for copies in counts.values()):
        time.sleep(PAUSE)
        counts = _copies(cluster, target)
    for (index, shard), copies in sorted(counts.items()):
        if len(set(copies.values())) > 1:
            counted = ", ".join(f"{count:,} on {node}" for node, count in sorted(copies.items()))
            yield (
                f"{index}: the copies of shard {shard} differ ({counted}); set number_of_replicas of the index to 0 "
                "and back, so that the cluster copies it again"
            )


def _copies(cluster: Cluster, target: Names) -> dict[tuple[str, str], dict[str, int]]:
    """Return the number of documents that each node has of each shard."""
    stats = cluster.call("GET", f"/{','.join(target)}/_stats/docs", level="shards", timeout=60)
    return {
        (index, shard): {copy["routing"]["node"]: copy["docs"]["count"] for copy in copies}
        for index, values in stats["indices"].items()
        for shard, copies in values["shards"].items()
    }


class _Articles:
    """Checks all articles of a version, and collects the keys of their words."""

    def __init__(self, cluster: Cluster, target: Names, zone: ZoneInfo) -> None:
        self._cluster = cluster
        self._target = target
        self._zone = zone
        self._encoder = Encoder(zone)
        self._keys: set[int] = set()
        self._rebuild = f"run {command('rebuild', cluster.address.redacted)}"

    def problems(self) -> list[str]:
        """Return the problems of single articles."""
        analyzer = load_analyzer()
        every = max(1, count_articles(self._cluster, self._target) // SAMPLE)
        portions = scan(
            self._cluster, self._target.articles, {"match_all": {}}, sort="id", size=READ_AT_ONCE, **_FETCHED
        )
        return [
            f"article {hit['sort'][0]}: {problem}"
            for hits in portions
            for hit in hits
            if (problem := next(self._faults(hit, analyzer, every), ""))
        ]

    def missing_words(self) -> Iterator[str]:
        """Yield the words of articles that the vocabulary lacks; `problems` must have run before."""
        keys = sorted(self._keys)
        for begin in range(0, len(keys), LOOKED_UP_AT_ONCE):
            wanted = [key_name(key) for key in keys[begin : begin + LOOKED_UP_AT_ONCE]]
            answer = self._cluster.call(
                "POST",
                f"/{self._target.words}/_search",
                {"size": len(wanted), "query": {"ids": {"values": wanted}}, "_source": False},
                timeout=60,
                allow_partial_search_results=False,
            )
            existing = {hit["_id"] for hit in answer["hits"]["hits"]}
            for name in wanted:
                if name not in existing:
                    yield f"the word {name} is in articles and not in {self._target.words}; {self._rebuild}"

    def _faults(self, hit: Mapping[str, Any], analyzer: Analyzer, every: int) -> Iterator[str]:
        """Yield the problems of an article; the first is usually the cause of the others."""
        source, columns = hit["_source"], hit["fields"]
        try:
            document, offsets = article_of(source), offsets_of(source)
        except (RowDamagedError, ValueError, TypeError, KeyError, zlib.error) as error:
            reason = error.reason if isinstance(error, RowDamagedError) else error
            yield f"its row cannot be read ({reason}); delete it and add it again"
            return
        if not has_hash_of(source, document):
            yield "its text does not match its hash; delete it and add it again"
        if "forward" not in columns:
            yield f"its tokens are missing; {self._rebuild}"
            return
        forward = unpacked_forward(columns["forward"][0])
        keys = set(forward.keys.tolist())
        self._keys |= keys
        for section, text, tokens in (
            (Section.TITLE, document.title, forward.word_numbers[: forward.title]),
            (Section.BODY, document.text, forward.word_numbers[forward.title :]),
        ):
            ends = offsets[section].ends
            words = content_keys(forward.keys[tokens.astype(np.int64) - 1])
            if columns[f"{section.value}_length"] != [len(words)] or len(tokens) != len(ends):
                yield f"the tokens of its {section} do not match its length; {self._rebuild}"
            if len(ends) and int(ends[-1]) > len(text):
                yield f"its {section} ends before its last token; {self._rebuild}"
        listed = {field: set(names) for field, names in columns.items() if fnmatchcase(field, _LISTED)}
        if set().union(*listed.values()) != {key_name(key) for key in content_keys(forward.keys).tolist()}:
            yield f"its words are not those of its tokens; {self._rebuild}"
        if int(source["hash"][:8], 16) % every == 0:
            again = self._encoder.encode(analyze_document(document, analyzer, self._zone), 0)
            fields = {
                words_field(int(name)): set(names) for name, names in json.loads(again.source)["words_in"].items()
            }
            if set(again.words) != keys or fields != listed:
                yield f"its words differ from those of a new analysis; {self._rebuild}"
