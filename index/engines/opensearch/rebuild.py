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
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.engines.opensearch.connection import Cluster
from index.engines.opensearch.control import REBUILDING, WRITING, ChangedMeanwhileError, Control, Lock, State, lost
from index.engines.opensearch.copying import Copying
from index.engines.opensearch.mapping import CLUSTER_FORMAT, Names, names
from index.engines.opensearch.pairing import EPOCH, check_pair, note_change
from index.engines.opensearch.versions import (
    count_articles,
    make_indices,
    map_facets,
    meta_of,
    point_aliases,
    remove_versions,
    versions_there,
)
from index.errors import IndexingError, IndexLockedError, IndexMismatchError
from index.store import Analyzing, Progress
from index.writer import new_generation

LOCK_SECONDS, ROUND_PAUSE = 900.0, 1.0
"""Seconds to wait for the write lock, and between two rounds while waiting."""
COPIES_SECONDS = 600.0
"""Seconds to wait for the replicas of the shards; waiting ends earlier if the cluster has too few nodes for them."""


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
            copying = Copying(cluster, state, new, analyzed, lock, progress)
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
        copying = Copying(cluster, state, former, analyzed, lock, progress, seen=state.swapped)
        copying.catch_up()
        _swap(control, copying, state.previous)
    return count_articles(cluster, former)


def _swap(control: Control, copying: Copying, version: int) -> None:
    """Make the target of `copying`, which has this version number, the active version."""
    cluster = copying.cluster
    with _write_lock(control, copying) as writing:
        state = control.begin_epoch()
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


def _write_lock(control: Control, copying: Copying) -> Lock:
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
