"""Fixtures and hooks of all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

import index.archive.rows  # noqa: F401 - a field without an entry that it needs ends the run here, with one sentence
import web.labels  # noqa: F401 - as above
from scripts.cluster.errors import ClusterError
from scripts.cluster.nodes import TRANSPORT, Cluster
from scripts.cluster.program import class_path, missing
from tests.cluster.running import GIVEN, free_port, given, unavailable

# How long an example takes says how busy the machine is: speed is measured in bench/, never in a test.
settings.register_profile("judhur", deadline=None)
settings.load_profile("judhur")


@pytest.fixture(scope="session")
def own_nodes() -> None:
    """Whatever it takes to start a node; the reason why that is not possible, else."""
    if reason := missing():
        unavailable(reason)
    try:
        class_path()
    except ClusterError as error:
        unavailable(str(error))


@pytest.fixture(scope="session")
def own_cluster(own_nodes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:  # noqa: ARG001
    """Three nodes of this run, for `cluster` and `cluster_urls`."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), port=free_port(3, TRANSPORT))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def cluster_urls(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Return the URLs of a cluster that runs; tests clean up after themselves, for all share it."""
    cluster: Cluster | None = None if given() else request.getfixturevalue("own_cluster")
    return cluster.urls if cluster else given()


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Three nodes that a test may kill and pause; whatever it left, the next test finds all of them."""
    if given():
        pytest.skip(f"nodes are killed in clusters of our own only, and {GIVEN} names another")
    cluster: Cluster = request.getfixturevalue("own_cluster")
    yield cluster
    for node in cluster.nodes:
        node.resume()
        node.start()
    cluster.wait_for("yellow")
