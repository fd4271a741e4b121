"""The indices of one archive on a cluster, and the fields of their documents.

- `NAME-vN`: the articles in version N of the index. A rebuild creates the next version.
- `NAME-vN-words`: the vocabulary of that version: the words of each term. Words are never changed or removed.
- `NAME-control`: the active version, its last change, and the locks for writing and rebuilding.

`NAME` and `NAME-write` are aliases of the active version for other programs; Judhur itself reads the control index.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.schema import BM25_B, BM25_K1, FacetField

CLUSTER_FORMAT = 2
"""Increased whenever newer code cannot read what older code wrote to a cluster."""

MAX_WORDS = 100_000
"""Words that one search of a vocabulary may return."""
MAX_SLOT = 1_000_000
"""Code points of one slot; the tokenizer would split a longer one, which shifts all later positions."""

PARTITIONS = 32
"""Number of fields that the words of an article are partitioned into. Counting the forms of a word reads all values of
the fields that may contain them, for each match: forms share their root, so one or two of 32 fields suffice (measured).
"""

COUNTED = 10
"""Frequency in `words` of one occurrence in a body, so that shares of readings can be whole numbers."""
TITLE_K1 = BM25_K1 / 2
"""BM25 only selects candidates, `search/ranking.py` ranks them. An occurrence in a title counts twice, which halves k1.
"""
WORDS_K1 = BM25_K1 * COUNTED
"""The same for `words`."""


FACET_PROPERTIES = {facet.value: {"type": "keyword"} for facet in FacetField}
"""Mapping of each facet."""


class Names(NamedTuple):
    """The indices of one version."""

    articles: str
    words: str


def names(archive: str, version: int) -> Names:
    """Return the indices of a version of an archive."""
    return Names(f"{archive}-v{version}", f"{archive}-v{version}-words")


def partition_name(partition: int) -> str:
    """Return the name of a partition within `words_in`."""
    return f"{partition:02}"


def words_field(partition: int) -> str:
    """Return the field that lists an article's words of a partition."""
    return f"words_in.{partition_name(partition)}"


def control_name(archive: str) -> str:
    """Return the name of the control index of an archive."""
    return f"{archive}-control"


def articles_body(zone: ZoneInfo, shards: int, replicas: int) -> dict[str, Any]:
    """Return settings and mappings of an index of articles."""
    slots = {"type": "text", "analyzer": "slots"}
    keyword = {"type": "keyword"}
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            # changes become visible only by the refresh of a commit
            "refresh_interval": "-1",
            "translog.durability": "request",
            "similarity": {
                "words": {"type": "BM25", "k1": WORDS_K1, "b": BM25_B},
                # count all terms of a slot in the length of a section, as the average length does
                "title": {"type": "BM25", "k1": TITLE_K1, "b": BM25_B, "discount_overlaps": False},
                "body": {"type": "BM25", "k1": BM25_K1, "b": BM25_B, "discount_overlaps": False},
            },
            "analysis": {
                "tokenizer": {"slots": {"type": "whitespace", "max_token_length": MAX_SLOT}},
                "filter": {
                    "terms": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
                    "counts": {"type": "delimited_term_freq", "delimiter": "|"},
                },
                "analyzer": {
                    "slots": {"type": "custom", "tokenizer": "slots", "filter": ["terms"]},
                    "counted": {"type": "custom", "tokenizer": "slots", "filter": ["counts"]},
                },
            },
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"excludes": ["title", "body", "words", "*words_in", "forward"]},
            "_meta": meta(zone),
            "properties": {
                "id": keyword,
                "hash": {"type": "keyword", "index": False, "doc_values": False},
                "origin": {"type": "keyword", "index": False},
                "change": {"type": "long"},
                # positions, for phrases and for words that are restricted to a part of the article
                "title": slots | {"similarity": "title"},
                "body": slots | {"similarity": "body"},
                # each term of the article once, with its weighted frequency: most queries match and score this field
                "words": {"type": "text", "analyzer": "counted", "index_options": "freqs", "similarity": "words"},
                # the keys of its distinct words: of the whole article by partition, of its title, of its lead
                "words_in": {"properties": {partition_name(number): keyword for number in range(PARTITIONS)}},
                "title_words_in": keyword,
                "lead_words_in": keyword,
                "forward": {"type": "binary", "doc_values": True},
                "title_length": {"type": "integer"},
                "body_length": {"type": "integer"},
                "day": {"type": "integer"},
                "moment": {"type": "long"},
                **FACET_PROPERTIES,
                "article": {"type": "object", "enabled": False},
            },
        },
    }


def words_body(zone: ZoneInfo, shards: int, replicas: int) -> dict[str, Any]:
    """Return settings and mappings of a vocabulary: documents of words, and of stems for fuzzy matching."""
    found_by = {"type": "keyword", "doc_values": False}
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",
            "max_result_window": MAX_WORDS,
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"enabled": False},
            "_meta": meta(zone),
            "properties": {
                "key": {"type": "keyword", "index": False},
                "terms": found_by,
                "surface": found_by,
                "entry": {"type": "binary", "doc_values": True},
                "stem": {"type": "keyword", "index": False},
                "runs": found_by,
                "size": {"type": "integer"},
            },
        },
    }


def control_body() -> dict[str, Any]:
    """Return settings and mappings of a control index."""
    return {
        "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-2", "refresh_interval": "-1"},
        "mappings": {"dynamic": "strict", "properties": {"value": {"type": "object", "enabled": False}}},
    }


def meta(zone: ZoneInfo) -> dict[str, Any]:
    """Return the `_meta` of an index that this code creates: format, analyzer, fingerprint and time zone."""
    analyzer = load_analyzer().version
    return {
        "format": CLUSTER_FORMAT,
        "analyzer": analyzer.number,
        "fingerprint": analyzer.fingerprint,
        "zone": zone.key,
    }
