"""One fixture for every engine: each contract test runs on all of them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.engines import open_writer
from index.engines.opensearch.connection import Place
from index.engines.opensearch.writer import OpenSearchWriter
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


_NUMBERS = itertools.count(1)


def opensearch_engine(_: Path) -> OpenSearchEngine:
    """Return an engine over a new, empty index on the cluster of the tests."""
    location = f"opensearch+http://127.0.0.1:9201/t{os.getpid()}-{next(_NUMBERS)}?shards=2&replicas=0"
    with OpenSearchWriter(Place.of(location), create=ZONE.key):
        pass
    return OpenSearchEngine(location)


ENGINES: dict[str, Callable[[Path], Engine]] = {"reference": reference_engine, "whoosh": whoosh_engine, "opensearch": opensearch_engine}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return an empty engine of each kind in turn."""
    made = ENGINES[request.param](tmp_path / "index")
    yield made
    made.close()
