"""Archives on a cluster of the tests' own, and the table of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from scripts.cluster.nodes import Cluster
from tests.cluster.archives import Archive

FIGURES: dict[str, str] = {}
"""What the tests of this run have measured."""


@pytest.fixture
def measured() -> dict[str, str]:
    """Return the table that the report ends with."""
    return FIGURES


@pytest.fixture
def archive(cluster: Cluster) -> Iterator[Callable[..., Archive]]:
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
