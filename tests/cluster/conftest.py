"""Archives on the cluster of the tests, and the table of what was measured."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator

import pytest

from index.engines.opensearch.connection import Cluster, ClusterAddress
from scripts.cluster.nodes import Cluster as Nodes
from tests.cluster.archives import Archive

OPTIONS = "?shards=2&replicas=0"
"""Of most tests: copies of shards cost time and tell nothing more."""


@pytest.fixture
def location_of(cluster_urls: tuple[str, ...]) -> Iterator[Callable[[str], str]]:
    """Give locations of indexes that are not there yet, each with the options that it is asked for with."""
    made: list[str] = []

    def new(options: str = OPTIONS) -> str:
        hosts = ",".join(url.partition("://")[2] for url in cluster_urls)
        made.append(f"opensearch+http://{hosts}/s-{secrets.token_hex(5)}{options}")
        return made[-1]

    yield new
    for location in made:
        place = ClusterAddress.of(location)
        with contextlib.closing(Cluster(place)) as cluster:
            cluster.call("DELETE", f"/{place.name}-*", timeout=60)


@pytest.fixture
def location(location_of: Callable[[str], str]) -> str:
    """Return the location of an index that is not there yet."""
    return location_of(OPTIONS)


@pytest.fixture
def asking() -> Iterator[Callable[[str], Cluster]]:
    """Give the cluster of a location, to look at what the product does not show, and to damage it."""
    with contextlib.ExitStack() as opened:
        yield lambda location: opened.enter_context(contextlib.closing(Cluster(ClusterAddress.of(location))))


FIGURES: dict[str, str] = {}
"""What the tests of this run have measured."""


@pytest.fixture
def measured() -> dict[str, str]:
    """Return the table that the report ends with."""
    return FIGURES


@pytest.fixture
def archive(cluster: Nodes) -> Iterator[Callable[..., Archive]]:
    """Make archives; their nodes are all there again when they are dropped."""
    made: list[Archive] = []

    def making(count: int, **options: int) -> Archive:
        fresh = Archive(cluster, **options)
        made.append(fresh)
        if count:
            fresh.fill(count)
        return fresh

    yield making
    for node in cluster.nodes:
        node.resume()
        node.start()
    cluster.wait_for("yellow")
    for each in made:
        each.drop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("what the cluster went through")
        for name, figure in FIGURES.items():
            terminalreporter.write_line(f"{name:<75} {figure}")
