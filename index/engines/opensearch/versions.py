"""The versions of an archive: creating, checking, refreshing, aliasing and removing their indices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.engines.opensearch.connection import Cluster, ClusterError
from index.engines.opensearch.control import Control, State
from index.engines.opensearch.mapping import (
    CLUSTER_FORMAT,
    FACET_PROPERTIES,
    Names,
    articles_body,
    names,
    words_body,
)
from index.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, command
from index.writer import new_generation

REFRESH_SECONDS = 300.0
_VERSION = re.compile(r"-v(\d+)(-words)?")
"""What follows the name of an archive in the name of an index."""


def make_archive(cluster: Cluster, control: Control, zone: ZoneInfo) -> None:
    """Create the first version of an archive if there is none; the caller holds the write lock.

    Raises:
        IndexDamagedError: there are articles, but no state.
    """
    address = cluster.address
    try:
        control.state()
    except IndexMissingError:
        pass
    else:
        return
    for version in sorted(set(versions_there(cluster).values())):
        if articles := count_articles(cluster, names(address.name, version)):
            raise IndexDamagedError(
                f"{names(address.name, version).articles} at {address.redacted} has {articles:,} articles, but "
                f"{control.index}, which describes them, is missing; restore it from a snapshot, or remove "
                f"{address.name}-* and add the articles again"
            )
    target = names(address.name, 1)
    make_indices(cluster, target, zone, replicas=address.replicas)
    point_aliases(cluster, target)
    control.change_state(None, State(1, new_generation(), 0, 0, zone.key))


def make_indices(cluster: Cluster, target: Names, zone: ZoneInfo, *, replicas: int) -> None:
    """Create the indices of a version, after removing any that an earlier attempt left under their names."""
    address = cluster.address
    for name, body in (
        (target.articles, articles_body(zone, address.shards, replicas)),
        (target.words, words_body(zone, address.shards, replicas)),
    ):
        cluster.call("DELETE", f"/{name}", missing=True, timeout=60)
        cluster.call("PUT", f"/{name}", body, timeout=120)


def point_aliases(cluster: Cluster, target: Names) -> None:
    """Point the aliases of an archive at a version, atomically."""
    name = cluster.address.name
    actions: list[dict[str, Any]] = [
        {"remove": {"index": f"{name}-v*", "alias": alias, "must_exist": False}} for alias in (name, f"{name}-write")
    ]
    actions += [
        {"add": {"index": target.articles, "alias": name}},
        {"add": {"index": target.articles, "alias": f"{name}-write", "is_write_index": True}},
    ]
    cluster.call("POST", "/_aliases", {"actions": actions}, timeout=60)


def check_version(cluster: Cluster, version: int) -> str:
    """Check that this code's analyzer and format built a version; return the analyzer's version.

    Raises:
        IndexMismatchError: another analyzer or format built it.
        IndexDamagedError: the index is missing.
    """
    where = cluster.address.redacted
    built = meta_of(cluster, version)
    if built["format"] != CLUSTER_FORMAT:
        raise IndexMismatchError(
            f"the index at {where} has format {built['format']}, this Judhur reads format {CLUSTER_FORMAT}; "
            f"run {command('rebuild', where)}"
        )
    ours = load_analyzer().version
    if built["fingerprint"] != ours.fingerprint:
        raise IndexMismatchError(
            f"the index at {where} was built by analyzer {built['analyzer']} ({built['fingerprint'][:12]}), this "
            f"Judhur has {ours.number} ({ours.fingerprint[:12]}); run {command('rebuild', where)}"
        )
    return str(built["analyzer"])


def map_facets(cluster: Cluster, target: Names) -> None:
    """Add the mappings of facets that are newer than a version; existing articles get their values at a rebuild."""
    answer = cluster.call("GET", f"/{target.articles}/_mapping")
    mapped = answer[target.articles]["mappings"]["properties"]
    if missing := {name: mapping for name, mapping in FACET_PROPERTIES.items() if name not in mapped}:
        cluster.call("PUT", f"/{target.articles}/_mapping", {"properties": missing}, timeout=60)


def meta_of(cluster: Cluster, version: int) -> dict[str, Any]:
    """Return the `_meta` of the indices of a version; see `index.engines.opensearch.mapping.meta`.

    Raises:
        IndexDamagedError: one of them is missing, or their `_meta` differ.
    """
    target = names(cluster.address.name, version)
    where = cluster.address.redacted
    built = {}
    for index in target:
        answer = cluster.call("GET", f"/{index}/_mapping", missing=True) or {}
        built[index] = answer.get(index, {}).get("mappings", {}).get("_meta")
    if not built[target.articles]:
        raise IndexDamagedError(
            f"the index {target.articles} at {where} is missing or not Judhur's; restore it from a snapshot"
        )
    if built[target.words] != built[target.articles]:
        raise IndexDamagedError(
            f"the index {target.words} at {where} is missing or does not match {target.articles}; "
            f"run {command('rebuild', where)}"
        )
    return dict(built[target.articles])


def refresh(cluster: Cluster, indices: Sequence[str]) -> None:
    """Make all changes of indices, such as the `Names` of a version, visible.

    Raises:
        ClusterError: a shard did not answer.
    """
    answer = cluster.call("POST", f"/{','.join(indices)}/_refresh", timeout=REFRESH_SECONDS)
    if answer["_shards"]["failed"]:
        raise ClusterError(
            f"{cluster.address.redacted}: {answer['_shards']['failed']} shards could not be refreshed", 503
        )


def newest_change(cluster: Cluster, target: Names) -> int:
    """Return the highest change number among the visible articles of a version; 0 if there are none."""
    answer = cluster.call(
        "POST",
        f"/{target.articles}/_search",
        {"size": 0, "track_total_hits": False, "aggs": {"newest": {"max": {"field": "change"}}}},
        timeout=60,
        allow_partial_search_results=False,
    )
    return int(answer["aggregations"]["newest"]["value"] or 0)


def count_articles(cluster: Cluster, target: Names) -> int:
    """Return the number of the visible articles of a version.

    Raises:
        IndexDamagedError: the index is missing.
        ClusterError: a shard did not answer.
    """
    answer = cluster.call("GET", f"/{target.articles}/_count", missing=True, timeout=60)
    if answer is None:
        raise IndexDamagedError(
            f"the index {target.articles} at {cluster.address.redacted} is missing; restore it from a snapshot"
        )
    if answer["_shards"]["failed"]:
        raise ClusterError(f"{cluster.address.redacted}: {answer['_shards']['failed']} shards did not answer", 503)
    return int(answer["count"])


def versions_there(cluster: Cluster) -> dict[str, int]:
    """Return the existing indices of an archive with their version numbers, including incomplete versions."""
    name = cluster.address.name
    indices = cluster.call("GET", f"/{name}-v*/_alias", missing=True) or {}
    suffixes = {index: index.removeprefix(name) for index in sorted(indices) if index.startswith(name)}
    return {index: int(match[1]) for index, suffix in suffixes.items() if (match := _VERSION.fullmatch(suffix))}


def remove_versions(cluster: Cluster, versions: set[int]) -> None:
    """Remove the indices of versions; missing ones are not an error."""
    for index, version in versions_there(cluster).items():
        if version in versions:
            cluster.call("DELETE", f"/{index}", missing=True, timeout=60)


def aliased(cluster: Cluster) -> dict[str, list[str]]:
    """Return the indices of each alias of an archive."""
    name = cluster.address.name
    return {
        alias: sorted(cluster.call("GET", f"/_alias/{alias}", missing=True) or {}) for alias in (name, f"{name}-write")
    }
