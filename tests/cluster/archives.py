"""Archives for the fault tests, with their expected contents."""

from __future__ import annotations

import dataclasses
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster as Client
from index.engines.opensearch.connection import scan
from index.engines.opensearch.mapping import control_name, names
from index.engines.opensearch.writer import OpenSearchWriter
from index.schema import FacetField
from scripts.cluster.nodes import Cluster, Node, ask
from search.engine import Engine
from search.request import SearchRequest
from search.service import SearchService
from tests.engines.articles import ZONE, article

WORD = "river"
"""A word that every article has."""

SOURCES = 7


def articles(numbers: Iterable[int], version: int = 0) -> list[AnalyzedDocument]:
    """Return small articles with these numbers; the text depends on the version."""
    return [
        article(
            f"a{number}",
            f"{WORD} w{number % 977} v{version} x{number % 31} y{number % 101} z{number}",
            title=f"{WORD} t{number % 53}",
            source=f"s{number % SOURCES}",
        )
        for number in numbers
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """The changes of one commit."""

    written: Sequence[AnalyzedDocument]
    deleted: Sequence[str] = ()

    def write(self, writer: OpenSearchWriter) -> None:
        """Commit the changes; return when they are acknowledged."""
        writer.add(self.written)
        writer.delete(self.deleted)
        writer.commit()


class Archive:
    """An archive on a cluster, and its expected contents."""

    def __init__(self, cluster: Cluster, *, shards: int = 3, replicas: int = 1) -> None:
        self.cluster = cluster
        self.name = f"f{secrets.token_hex(4)}"
        self._options = f"shards={shards}&replicas={replicas}"
        self.acknowledged: dict[str, AnalyzedDocument] = {}

    def location(self, first: Node | None = None, *, others: Sequence[str] = (), only: bool = False) -> str:
        """Return the location; `first` is the first node in it (or the only one), `others` are hosts before it."""
        nodes = sorted(self.cluster.nodes, key=lambda node: node is not first)
        hosts = [*others, *(urlsplit(node.url).netloc for node in (nodes[:1] if only else nodes))]
        return f"opensearch+http://{','.join(hosts)}/{self.name}?{self._options}"

    def writer(self, *, timeout: float = 10.0) -> OpenSearchWriter:
        """Return a writer; create the archive if there is none."""
        address = dataclasses.replace(ClusterAddress.of(self.location()), timeout=timeout)
        return OpenSearchWriter.open(address, create=ZONE.key)

    def acknowledge(self, batch: Batch) -> None:
        """Record the changes of a commit that has returned."""
        self.acknowledged |= {analyzed.document.id: analyzed for analyzed in batch.written}
        for document_id in batch.deleted:
            self.acknowledged.pop(document_id, None)

    def fill(self, count: int) -> None:
        """Write `count` articles in one commit."""
        batch = Batch(articles(range(count)))
        with self.writer() as writer:
            batch.write(writer)
        self.acknowledge(batch)
        self.cluster.wait_for("green")

    def drop(self) -> None:
        """Delete the archive from the cluster."""
        url = next(node.url for node in self.cluster.nodes if node.running)
        for index in (*names(self.name, 1), control_name(self.name)):
            ask(url, f"/{index}", "DELETE", seconds=30)

    def faults(self, engine: Engine) -> list[str]:
        """Return the differences between the archive and the acknowledged commits: documents, copies, facets."""
        wanted = {name: analyzed.document.content_hash() for name, analyzed in self.acknowledged.items()}
        rows = self._rows()
        found = dict(rows)
        faults = [
            f"{name} is there {times} times" for name, times in Counter(row[0] for row in rows).items() if times > 1
        ]
        faults += [f"{name} is lost" for name in wanted.keys() - found.keys()]
        faults += [f"{name} was deleted but is there" for name in found.keys() - wanted.keys()]
        faults += [f"{name} has other content" for name in wanted.keys() & found.keys() if wanted[name] != found[name]]
        faults += self._differences_of_copies(len(wanted))
        result = search_service(engine).search(SearchRequest(text=WORD))
        counted = {
            value.value: value.count
            for facet in result.facets
            if facet.field is FacetField.SOURCE
            for value in facet.values
        }
        sources = Counter(str(analyzed.document.source) for analyzed in self.acknowledged.values())
        if (result.total, counted) != (len(wanted), dict(sources)):
            faults.append(
                f"{result.total} articles are found, by source {counted}; {len(wanted)} were written: {sources}"
            )
        return faults

    def _rows(self) -> list[tuple[str, str]]:
        client = Client(ClusterAddress.of(self.location()))
        portions = scan(
            client, names(self.name, 1).articles, {"match_all": {}}, sort="id", size=5_000, _source=["hash"]
        )
        rows = [(hit["sort"][0], hit["_source"]["hash"]) for hits in portions for hit in hits]
        client.close()
        return rows

    def _differences_of_copies(self, documents: int) -> list[str]:
        index = names(self.name, 1).articles
        stats = ask(self.cluster.urls[0], f"/{index}/_stats/docs?level=shards")
        copies = {
            shard: [(copy["docs"]["count"], copy["routing"]["primary"]) for copy in shards]
            for shard, shards in stats["indices"][index]["shards"].items()
        }
        faults = [
            f"copies of shard {shard} differ: {found}"
            for shard, found in copies.items()
            if len({count for count, _ in found}) > 1
        ]
        held = sum(count for found in copies.values() for count, primary in found if primary)
        if held != documents:
            faults.append(f"the shards have {held} documents of {documents}")
        return faults


def search_service(engine: Engine) -> SearchService:
    """Return the service over an engine."""
    return SearchService(engine, load_analyzer(), zone=ZONE)


def manager(cluster: Cluster) -> Node:
    """Return the cluster manager node."""
    url = next(node.url for node in cluster.nodes if node.running)
    state = ask(url, "/_cluster/state/cluster_manager_node,nodes")
    name = state["nodes"][state["cluster_manager_node"]]["name"]
    return next(node for node in cluster.nodes if node.name == name)
