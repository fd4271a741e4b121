"""Archives for the fault tests: how they are made, what should stand in them, and what does."""

from __future__ import annotations

import dataclasses
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from index.analysis.pipeline import load_analyzer
from index.document import AnalyzedDocument
from index.engines.opensearch.connection import Cluster as Client
from index.engines.opensearch.connection import ClusterAddress, scan
from index.engines.opensearch.mapping import control_name, names
from index.engines.opensearch.writer import OpenSearchWriter
from index.schema import FacetField
from scripts.cluster.nodes import Cluster, Node, ask
from search.engine import Engine
from search.request import SearchRequest
from search.service import SearchService
from tests.engines.articles import ZONE, article

WORD = "river"
"""Stands in every article."""

SOURCES = 7


def articles(numbers: Iterable[int], version: int = 0) -> list[AnalyzedDocument]:
    """Return small articles with these numbers; another version has another text."""
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
    """What one commit is to do."""

    written: Sequence[AnalyzedDocument]
    deleted: Sequence[str] = ()

    def write(self, writer: OpenSearchWriter) -> None:
        """Do it; return when it is acknowledged."""
        writer.add(self.written)
        writer.delete(self.deleted)
        writer.commit()


class Archive:
    """An archive on a cluster, and what should stand in it."""

    def __init__(self, cluster: Cluster, *, shards: int = 3, replicas: int = 1) -> None:
        self.cluster = cluster
        self.name = f"f{secrets.token_hex(4)}"
        self._options = f"shards={shards}&replicas={replicas}"
        self.acknowledged: dict[str, AnalyzedDocument] = {}

    def location(self, first: Node | None = None, *, others: Sequence[str] = (), only: bool = False) -> str:
        """Return the location; `first` names a node that comes first (or alone), `others` further hosts before all."""
        nodes = sorted(self.cluster.nodes, key=lambda node: node is not first)
        hosts = [*others, *(urlsplit(node.url).netloc for node in (nodes[:1] if only else nodes))]
        return f"opensearch+http://{','.join(hosts)}/{self.name}?{self._options}"

    def writer(self) -> OpenSearchWriter:
        """Return a writer, of a new archive where there is none."""
        return OpenSearchWriter(ClusterAddress.of(self.location()), create=ZONE.key)

    def acknowledge(self, batch: Batch) -> None:
        """Note down what a commit that returned has done."""
        self.acknowledged |= {analyzed.document.id: analyzed for analyzed in batch.written}
        for document_id in batch.deleted:
            self.acknowledged.pop(document_id, None)

    def fill(self, count: int) -> None:
        """Write articles."""
        batch = Batch(articles(range(count)))
        with self.writer() as writer:
            batch.write(writer)
        self.acknowledge(batch)
        self.cluster.wait_for("green")

    def drop(self) -> None:
        """Remove it from the cluster."""
        url = next(node.url for node in self.cluster.nodes if node.running)
        for index in (*names(self.name, 1), control_name(self.name)):
            ask(url, f"/{index}", "DELETE", seconds=30)

    def faults(self, engine: Engine) -> list[str]:
        """Return how what stands in the archive differs from what was acknowledged: documents, copies, facets."""
        wanted = {known: analyzed.document.content_hash() for known, analyzed in self.acknowledged.items()}
        rows = self._rows()
        found = dict(rows)
        faults = [
            f"{known} is there {times} times" for known, times in Counter(row[0] for row in rows).items() if times > 1
        ]
        faults += [f"{known} is lost" for known in wanted.keys() - found.keys()]
        faults += [f"{known} was deleted and is there" for known in found.keys() - wanted.keys()]
        faults += [
            f"{known} has another content" for known in wanted.keys() & found.keys() if wanted[known] != found[known]
        ]
        faults += self._faults_of_copies(len(wanted))
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

    def _faults_of_copies(self, documents: int) -> list[str]:
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
    """Return the node that manages a cluster."""
    url = next(node.url for node in cluster.nodes if node.running)
    state = ask(url, "/_cluster/state/cluster_manager_node,nodes")
    name = state["nodes"][state["cluster_manager_node"]]["name"]
    return next(node for node in cluster.nodes if node.name == name)
