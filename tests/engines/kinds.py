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
    """Archives on a cluster that tests use one after the other: to make one takes longer than to empty it."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        hosts = ",".join(url.partition("://")[2] for url in urls)
        self._location = f"opensearch+http://{hosts}/test-{secrets.token_hex(4)}-{{}}?shards=2&replicas=0"
        self._made = 0
        self._spare: list[ClusterAddress] = []

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """Give an engine over an empty archive."""
        if self._spare:
            place = self._spare.pop()
            _empty(place)
        else:
            self._made += 1
            place = ClusterAddress.of(self._location.format(self._made))
            with OpenSearchWriter(place, create=ZONE.key):
                pass
        engine = OpenSearchEngine(_location(place))
        try:
            yield engine
        finally:
            engine.close()
            self._spare.append(place)

    def remove(self) -> None:
        """Remove all of them."""
        for place in self._spare:
            with contextlib.closing(Cluster(place)) as cluster:
                cluster.call("DELETE", f"/{place.name}*", timeout=60)


def _location(place: ClusterAddress) -> str:
    return f"{place.redacted}?shards={place.shards}&replicas={place.replicas}"


def _empty(place: ClusterAddress) -> None:
    with contextlib.closing(Cluster(place)) as cluster:
        for index in names(place.name, 1):
            every: dict[str, object] = {"query": {"match_all": {}}}
            cluster.call("POST", f"/{index}/_delete_by_query", every, timeout=60, conflicts="proceed", refresh=True)
        cluster.call("DELETE", f"/{control_name(place.name)}/_doc/lock", missing=True)
        Control(cluster).update_state(lambda state: dataclasses.replace(state, generation=new_generation()))
