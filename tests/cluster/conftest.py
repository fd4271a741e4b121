"""Archives on the cluster of the tests, and the table of measurements."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator

import pytest

from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster
from scripts.cluster.nodes import Cluster as Nodes
from tests.cluster.archives import Archive

OPTIONS = "?shards=2&replicas=0"
"""Options of most tests: replicas cost time and test nothing more."""


@pytest.fixture
def location_of(cluster_urls: tuple[str, ...]) -> Iterator[Callable[[str], str]]:
    """Yield a function that returns the location of an index that does not exist yet, with the given options."""
    locations: list[str] = []

    def new(options: str = OPTIONS) -> str:
        hosts = ",".join(url.partition("://")[2] for url in cluster_urls)
        locations.append(f"opensearch+http://{hosts}/s-{secrets.token_hex(5)}{options}")
        return locations[-1]

    yield new
    for location in locations:
        address = ClusterAddress.of(location)
        with contextlib.closing(Cluster(address)) as cluster:
            cluster.call("DELETE", f"/{address.name}-*", timeout=60)


@pytest.fixture
def location(location_of: Callable[[str], str]) -> str:
    """Return the location of an index that does not exist yet."""
    return location_of(OPTIONS)


@pytest.fixture
def client_of() -> Iterator[Callable[[str], Cluster]]:
    """Yield a function that returns a client of a location's cluster, to inspect internals and to damage them."""
    with contextlib.ExitStack() as opened:
        yield lambda location: opened.enter_context(contextlib.closing(Cluster(ClusterAddress.of(location))))


FIGURES: dict[str, str] = {}
"""The measurements of this test run."""


@pytest.fixture
def measured() -> dict[str, str]:
    """Return the table at the end of the report."""
    return FIGURES


@pytest.fixture
def archive(cluster: Nodes) -> Iterator[Callable[..., Archive]]:
    """Yield a function that creates archives; all nodes are running again when they are deleted."""
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
