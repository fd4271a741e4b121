"""Compares nDCG@10 of both engines on the collections of `bench.quality.ranking`."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.collection import Collection
from bench.quality.ranking.measures import DEPTH, measured, randomisation_p
from index.analysis.analyzer import Analyzer
from index.document import AnalyzedDocument, Document
from index.engines import store_of
from index.jobs import analyze_document
from search.engines import open_engine
from search.request import MAX_QUERY_LENGTH, SearchRequest
from search.service import SearchService

_ZONE = ZoneInfo("Asia/Riyadh")


class Quality(NamedTuple):
    """The result on one collection."""

    name: str
    queries: int
    embedded: float
    """nDCG@10 of the test half, as `cluster`."""
    cluster: float
    p: float
    """Two-sided p of the difference (`randomisation_p`)."""


def compare(collection: Collection, location: str, analyzer: Analyzer) -> Quality:
    """Index a collection on both engines and search its test queries; `location` is a new index on the cluster."""
    documents = [
        analyze_document(Document(id=f"{number:06}", text=text, title=title), analyzer, _ZONE)
        for number, (title, text) in enumerate(zip(collection.titles, collection.texts, strict=True))
    ]
    queries = [query for query in collection.queries if not query.tune]
    relevant = [query.relevant for query in queries]
    texts = [query.text[:MAX_QUERY_LENGTH] for query in queries]
    with tempfile.TemporaryDirectory() as folder:
        embedded_rankings = _ranked(str(Path(folder, "index")), documents, texts, analyzer)
    cluster_rankings = _ranked(location, documents, texts, analyzer)
    embedded, cluster = measured(embedded_rankings, relevant), measured(cluster_rankings, relevant)
    return Quality(
        collection.name,
        len(queries),
        float(embedded.ndcg.mean()),
        float(cluster.ndcg.mean()),
        randomisation_p(cluster.ndcg, embedded.ndcg),
    )


def _ranked(
    location: str, documents: Sequence[AnalyzedDocument], texts: Sequence[str], analyzer: Analyzer
) -> list[npt.NDArray[np.int64]]:
    """Return for each query the numbers of the found documents, best first (int64)."""
    with store_of(location).writer(create=_ZONE.key) as writer:
        for begin in range(0, len(documents), 2_000):
            writer.add(documents[begin : begin + 2_000])
            writer.commit()
    with contextlib.closing(open_engine(location)) as engine:
        service = SearchService(engine, analyzer, zone=_ZONE)
        requests = (SearchRequest(text=text, per_page=DEPTH, second_try=False) for text in texts)
        return [
            np.array([int(hit.document.id) for hit in service.search(request).hits], np.int64) for request in requests
        ]
