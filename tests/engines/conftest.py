"""One fixture for every engine: each contract test runs on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.kinds import Archives, Engine, embedded_engine, reference_engine

ENGINES: dict[str, Callable[[Path], Engine]] = {"reference": reference_engine, "embedded": embedded_engine}
ON_A_CLUSTER = pytest.param("opensearch", marks=pytest.mark.opensearch)


@pytest.fixture(scope="session")
def archives(cluster_urls: tuple[str, ...]) -> Iterator[Archives]:
    """Yield empty archives on the cluster of the tests."""
    archives = Archives(cluster_urls)
    yield archives
    archives.remove()


@pytest.fixture(params=[*sorted(ENGINES), ON_A_CLUSTER])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Yield an empty engine, of each kind in turn."""
    if request.param == "opensearch":
        archives: Archives = request.getfixturevalue("archives")
        with archives.engine() as made:
            yield made
        return
    made = ENGINES[request.param](tmp_path / "index")
    yield made
    made.close()
