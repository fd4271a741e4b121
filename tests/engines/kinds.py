"""Empty engines of every kind."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
from collections.abc import Iterator
from pathlib import Path

from index.engines import open_writer
from index.engines.opensearch.connection import Cluster, ClusterAddress
from index.engines.opensearch.control import Control
from index.engines.opensearch.mapping import control_name, names
from index.engines.opensearch.writer import OpenSearchWriter
from index.writer import new_generation
from search.engine import Engine
from search.engines.embedded.engine import EmbeddedEngine
from search.engines.opensearch.engine import OpenSearchEngine
from tests.engines.articles import ZONE
from tests.engines.reference import ReferenceEngine


def embedded_engine(folder: Path) -> EmbeddedEngine:
    """Return an engine over a new, empty index in `folder`."""
    with open_writer(str(folder), create=ZONE.key):
        pass
    return EmbeddedEngine(folder)


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
            with OpenSearchWriter(address, create=ZONE.key):
                pass
        engine = OpenSearchEngine(_location(address))
        try:
            yield engine
        finally:
            engine.close()
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
