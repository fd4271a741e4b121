"""Empty engines of every kind."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from index.engines import store_of
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster
from index.engines.opensearch.control import Control
from index.engines.opensearch.mapping import control_name, names
from index.engines.opensearch.writer import OpenSearchWriter
from index.writer import IndexWriter, new_generation
from search import engine
from search.engines.embedded.engine import EmbeddedEngine
from search.engines.opensearch.engine import OpenSearchEngine
from tests.engines.articles import ZONE
from tests.engines.reference import ReferenceEngine


class Engine(engine.Engine, Protocol):
    """An engine, with the writer of its index."""

    def writer(self) -> AbstractContextManager[IndexWriter]:
        """Return the writer of the index."""


class WritableEmbeddedEngine(EmbeddedEngine):
    """An embedded engine that is such an `Engine`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.writer = store_of(str(folder)).writer


class WritableOpenSearchEngine(OpenSearchEngine):
    """An engine on a cluster that is such an `Engine`."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.writer = store_of(location).writer


def embedded_engine(folder: Path) -> WritableEmbeddedEngine:
    """Return an engine over a new, empty index in `folder`."""
    store_of(str(folder)).writer(create=ZONE.key).close()
    return WritableEmbeddedEngine(folder)


def reference_engine(_: Path) -> ReferenceEngine:
    """Return a new, empty reference engine."""
    return ReferenceEngine(ZONE)


class Archives:
    """Archives on a cluster that are reused between tests: creating one takes longer than emptying it."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        hosts = ",".join(url.partition("://")[2] for url in urls)
        self._location = f"opensearch+http://{hosts}/test-{secrets.token_hex(4)}-{{}}?shards=2&replicas=0"
        self._made = 0
        self._spare: list[ClusterAddress] = []

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """Yield an engine over an empty archive."""
        if self._spare:
            address = self._spare.pop()
            _empty(address)
        else:
            self._made += 1
            address = ClusterAddress.of(self._location.format(self._made))
            with OpenSearchWriter.open(address, create=ZONE.key):
                pass
        made = WritableOpenSearchEngine(_location(address))
        try:
            yield made
        finally:
            made.close()
            self._spare.append(address)

    def remove(self) -> None:
        """Delete all archives."""
        for address in self._spare:
            with contextlib.closing(Cluster(address)) as cluster:
                cluster.call("DELETE", f"/{address.name}*", timeout=60)


def _location(address: ClusterAddress) -> str:
    return f"{address.redacted}?shards={address.shards}&replicas={address.replicas}"


def _empty(address: ClusterAddress) -> None:
    with contextlib.closing(Cluster(address)) as cluster:
        for index in names(address.name, 1):
            every: dict[str, object] = {"query": {"match_all": {}}}
            cluster.call("POST", f"/{index}/_delete_by_query", every, timeout=60, conflicts="proceed", refresh=True)
        cluster.call("DELETE", f"/{control_name(address.name)}/_doc/lock", missing=True)
        Control(cluster).update_state(lambda state: dataclasses.replace(state, generation=new_generation()))
