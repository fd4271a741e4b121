"""One fixture for every engine: each contract test runs on all of them."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.engines import open_writer
from index.engines.opensearch.connection import Cluster, Place
from index.engines.opensearch.control import Control
from index.engines.opensearch.mapping import control_name, names
from index.engines.opensearch.writer import OpenSearchWriter
from index.writer import new_generation
from search.engine import Engine
from search.engines.opensearch.engine import OpenSearchEngine
from search.engines.whoosh.engine import WhooshEngine
from tests.engines.articles import ZONE
from tests.engines.reference import ReferenceEngine


def whoosh_engine(folder: Path) -> WhooshEngine:
    """Return an engine over a new, empty index in `folder`."""
    with open_writer(str(folder), create=ZONE.key):
        pass
    return WhooshEngine(folder)


def reference_engine(_: Path) -> ReferenceEngine:
    """Return a new, empty reference engine."""
    return ReferenceEngine(ZONE)


_SPARE: list[str] = []
"""Archives on the cluster that a test has left: making one takes a second or two, emptying it a tenth of that."""


def opensearch_engine(_: Path) -> OpenSearchEngine:
    """Return an engine over an empty index on the cluster of the tests."""
    if _SPARE:
        location = _SPARE.pop()
        _emptied(Place.of(location))
    else:
        location = f"opensearch+http://127.0.0.1:9201/t{secrets.token_hex(4)}?shards=2&replicas=0"
        with OpenSearchWriter(Place.of(location), create=ZONE.key):
            pass
    engine = OpenSearchEngine(location)
    close = engine.close

    def closing() -> None:
        close()
        _SPARE.append(location)

    engine.close = closing  # type: ignore[method-assign]
    return engine


def _emptied(place: Place) -> None:
    cluster = Cluster(place)
    for index in names(place.name, 1):
        cluster.call(
            "POST", f"/{index}/_delete_by_query", {"query": {"match_all": {}}}, timeout=60, conflicts="proceed"
        )
        cluster.call("POST", f"/{index}/_refresh", timeout=60)
    cluster.call("DELETE", f"/{control_name(place.name)}/_doc/lock", missing=True)
    Control(cluster).update_state(lambda state: dataclasses.replace(state, generation=new_generation()))
    cluster.close()


ENGINES: dict[str, Callable[[Path], Engine]] = {
    "reference": reference_engine,
    "whoosh": whoosh_engine,
    "opensearch": opensearch_engine,
}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return an empty engine of each kind in turn."""
    made = ENGINES[request.param](tmp_path / "index")
    yield made
    made.close()
