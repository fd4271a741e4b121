"""The `Store` of an index on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from zoneinfo import ZoneInfo

from index.document import Document
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster, ClusterError, scan
from index.engines.opensearch.control import Control
from index.engines.opensearch.copying import READ_AT_ONCE
from index.engines.opensearch.mapping import control_name, names
from index.engines.opensearch.rebuild import rebuild, roll_back
from index.engines.opensearch.stored import ROW, article_of
from index.engines.opensearch.verify import problems_of
from index.engines.opensearch.versions import (
    aliased,
    check_version,
    count_articles,
    meta_of,
    point_aliases,
    versions_there,
)
from index.engines.opensearch.writer import OpenSearchWriter
from index.errors import IndexMismatchError
from index.location import redacted
from index.status import Status
from index.store import Analyzing, Progress


class OpenSearchStore:
    """A `Store`: the index at one address of a cluster."""

    def __init__(self, location: str) -> None:
        """Parse the location; nothing is connected yet.

        Raises:
            SourceError: the location is invalid.
        """
        self.location = location
        self._address = ClusterAddress.of(location)

    def writer(self, *, create: str | None = None) -> OpenSearchWriter:
        """See `Store.writer`."""
        return OpenSearchWriter.open(self._address, create=create)

    def zone(self) -> ZoneInfo:
        """See `Store.zone`."""
        with self._opened() as cluster:
            return ZoneInfo(Control(cluster).state().zone)

    def documents(self) -> Iterator[Document]:
        """See `Store.documents`.

        If the cluster loses the point in time because a node dies, the rest is read at a later one: every article that
        existed all the time is yielded once.
        """
        with self._opened() as cluster:
            articles = names(self._address.name, Control(cluster).state().version).articles
            match_all: dict[str, Any] = {"match_all": {}}
            for hits in scan(cluster, articles, match_all, sort="id", size=READ_AT_ONCE, _source=ROW):
                for hit in hits:
                    yield article_of(hit["_source"])

    def count(self) -> int:
        """See `Store.count`."""
        with self._opened() as cluster:
            return count_articles(cluster, names(self._address.name, Control(cluster).state().version))

    def catch_up(self) -> int:
        """See `Maintenance.catch_up`; also points the aliases at the active version."""
        with self.writer() as writer, self._opened() as cluster:
            target = names(self._address.name, Control(cluster).state().version)
            if any(indices != [target.articles] for indices in aliased(cluster).values()):
                point_aliases(cluster, target)
            return writer.settled

    def behind(self) -> int:
        """See `Maintenance.behind`: what a failed commit was sending; 0 while a writer is open."""
        with self._opened() as cluster:
            return _behind(Control(cluster))

    def status(self) -> Status:
        """See `Maintenance.status`; the size includes all versions and all replicas."""
        with self._opened() as cluster:
            control = Control(cluster)
            state = control.state()
            built = meta_of(cluster, state.version)
            try:
                check_version(cluster, state.version)
                up_to_date = True
            except IndexMismatchError:
                up_to_date = False
            indices = [*versions_there(cluster), control_name(self._address.name)]
            stats = cluster.call("GET", f"/{','.join(indices)}/_stats/store", timeout=60)
            return Status(
                location=redacted(self.location),
                documents=count_articles(cluster, names(self._address.name, state.version)),
                generation=state.generation,
                analyzer=built["analyzer"],
                fingerprint=built["fingerprint"],
                format=built["format"],
                zone=state.zone,
                up_to_date=up_to_date,
                behind=_behind(control),
                change=state.change,
                size_bytes=stats["_all"]["total"]["store"]["size_in_bytes"],
            )

    def verify(self) -> tuple[str, ...]:
        """See `Maintenance.verify`."""
        with self._opened() as cluster:
            control = Control(cluster)
            version = control.state().version
            problems = problems_of(cluster)
            with suppress(ClusterError):  # a user who may only read verifies too, and tells nobody else
                control.keep_verification(version, len(problems))
            return problems

    def rebuild(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """See `Rebuilding.rebuild`; the index can be written to meanwhile."""
        with self._opened() as cluster:
            return rebuild(cluster, analyzed, progress)

    def roll_back(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        """See `Rebuilding.roll_back`."""
        with self._opened() as cluster:
            return roll_back(cluster, analyzed, progress)

    @contextmanager
    def _opened(self) -> Iterator[Cluster]:
        cluster = Cluster(self._address)
        try:
            yield cluster
        finally:
            cluster.close()


def _behind(control: Control) -> int:
    sending = control.state().sending
    return 0 if sending and control.holder() else sending
