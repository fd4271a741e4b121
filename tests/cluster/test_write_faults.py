"""A writer whose cluster loses nodes, hangs, has full disks or dies: no acknowledged article is lost or duplicated."""

from __future__ import annotations

import functools
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from index.engines.opensearch import bulk, control, writer
from index.engines.opensearch.connection import ClusterError
from index.engines.opensearch.mapping import names
from index.errors import IndexingError
from scripts.cluster.nodes import Cluster, Node, ask
from search.engines import open_engine
from tests.cluster.archives import Archive, Batch, articles, manager
from tests.cluster.running import reason_to_skip

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

LONGEST = control.LEASE + 120.0
"""Seconds for which a user retries a command: a writer that lost its cluster holds the lock until its lease ends."""


def victims(cluster: Cluster) -> Iterator[Node]:
    """Yield nodes to kill: the cluster manager, then the others in turn, then the current cluster manager."""
    for first in itertools.cycle(range(len(cluster.nodes))):
        chosen = manager(cluster)
        yield chosen
        others = [node for node in cluster.nodes if node is not chosen]
        yield others[first % 2]
        yield others[(first + 1) % 2]


def commit(archive: Archive, batch: Batch) -> int:
    """Write a batch, with retries until it is acknowledged; return the number of failures."""
    end = time.monotonic() + LONGEST
    for failures in itertools.count():
        try:
            with archive.writer() as writing:
                batch.write(writing)
        except IndexingError as error:
            if time.monotonic() > end:
                pytest.fail(f"not acknowledged in {LONGEST:.0f} s; the last reason: {error}")
            time.sleep(1)
        else:
            archive.acknowledge(batch)
            return failures
    raise AssertionError  # unreachable


def die_and_return(cluster: Cluster, node: Node, delay: float) -> None:
    """Kill a node after `delay` seconds, and return when it is running again and has its copies."""
    time.sleep(delay)
    node.kill()
    node.start()
    cluster.wait_for("green", timeout=180)


def survive(archive: Archive, *, kills: int, count: int, size: int, seed: int) -> str:
    """Write `count` articles in commits of `size` while nodes are killed; return a summary."""
    chance = random.Random(seed)  # noqa: S311 - reproducible
    cluster, numbers, failures, inside = archive.cluster, itertools.count(), 0, 0
    took = 0.5
    to_kill = victims(cluster)
    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        for _ in range(kills):
            death: Future[None] = pool.submit(die_and_return, cluster, next(to_kill), chance.uniform(0, took))
            for _ in range(max(1, count // size // kills)):
                batch = planned(archive, chance, list(itertools.islice(numbers, size)))
                started = time.monotonic()
                failures += commit(archive, batch)
                took = min(took, time.monotonic() - started) if inside else time.monotonic() - started
                inside += 1
            death.result()
    return (
        f"{kills} kills, {inside} commits, {failures} run again, {len(archive.acknowledged):,} articles in "
        f"{time.monotonic() - began:.0f} s"
    )


def planned(archive: Archive, chance: random.Random, fresh: list[int]) -> Batch:
    """Return a batch with new articles, some changed ones, and some deletions."""
    old = chance.sample(sorted(archive.acknowledged), min(len(archive.acknowledged), len(fresh) // 10))
    half = len(old) // 2
    changed = articles((int(known[1:]) for known in old[:half]), version=fresh[0])
    return Batch([*articles(fresh), *changed], old[half:])


def hold(archive: Archive) -> None:
    """Check that every acknowledged article is there exactly once."""
    engine = open_engine(archive.location())
    faults = archive.faults(engine)
    engine.close()
    assert not faults, f"{len(faults)} faults, the first: " + "; ".join(faults[:10])


def test_killed_nodes_lose_nothing_acknowledged(archive: Callable[..., Archive], measured: dict[str, str]) -> None:
    filled = archive(200)
    measured["writing while nodes are killed"] = survive(filled, kills=2, count=3_000, size=250, seed=1)
    hold(filled)


PATIENCE = 3.0
"""Seconds, instead of minutes."""


def give_up(archive: Archive, first: int, *, after: Callable[[], None]) -> tuple[IndexingError, float]:
    """Return the error of a commit whose cluster fails before it, and its duration in seconds, closing included.

    The commit has short time-outs, and all its threads have to end.
    """
    threads = threading.active_count()
    with pytest.MonkeyPatch.context() as hurried:
        hurried.setattr(writer, "send", functools.partial(bulk.send, patience=PATIENCE))
        hurried.setattr(bulk, "REQUEST_SECONDS", 1.0)
        with archive.writer(timeout=PATIENCE) as writing:
            writing.add(articles(range(first, first + 2_500)))
            after()
            began = time.monotonic()
            with pytest.raises(IndexingError) as caught:
                writing.commit()
    took = time.monotonic() - began
    end = time.monotonic() + 30
    while threading.active_count() > threads and time.monotonic() < end:
        time.sleep(0.05)
    assert threading.active_count() <= threads
    return caught.value, took


@pytest.mark.parametrize("strike", ["hangs", pytest.param("dies", marks=pytest.mark.torture)])
def test_a_writer_gives_up_on_a_cluster_that(
    strike: str, archive: Callable[..., Archive], measured: dict[str, str]
) -> None:
    filled = archive(300)
    nodes = filled.cluster.nodes

    def struck() -> None:
        for node in nodes:
            node.pause() if strike == "hangs" else node.kill()

    error, took = give_up(filled, 1_000, after=struck)
    measured[f"a writer gives up on a cluster that {strike}"] = f"{took:.1f} s with a patience of {PATIENCE:.0f} s"
    assert "\n" not in str(error)
    assert any(remedy in str(error) for remedy in ("run the command again", "start the cluster", "did not answer"))
    assert took < 60
    for node in nodes:
        node.resume()
        node.start()
    filled.cluster.wait_for("green")
    commit(filled, Batch(articles(range(1_000, 3_500))))  # some of them may be there already
    hold(filled)


@pytest.mark.parametrize("block", ["read_only_allow_delete", pytest.param("write", marks=pytest.mark.torture)])
def test_a_full_disk_is_reported_and_loses_nothing(block: str, archive: Callable[..., Archive]) -> None:
    filled = archive(300)
    url = filled.cluster.urls[0]
    settings = f"/{names(filled.name, 1).articles}/_settings"

    def struck() -> None:
        assert ask(url, settings, "PUT", {f"index.blocks.{block}": True})["acknowledged"]

    error, took = give_up(filled, 1_000, after=struck)
    assert took < 30
    assert isinstance(error, ClusterError)
    assert "refuses writes now" in str(error)
    hold(filled)
    assert ask(url, settings, "PUT", {f"index.blocks.{block}": None})["acknowledged"]
    assert commit(filled, Batch(articles(range(1_000, 1_300)), ["a1"])) == 0
    hold(filled)


@pytest.mark.torture
def test_many_killed_nodes_lose_nothing_acknowledged(archive: Callable[..., Archive], measured: dict[str, str]) -> None:
    filled = archive(200)
    measured["writing while many nodes are killed"] = survive(filled, kills=20, count=56_000, size=700, seed=2)
    hold(filled)
