"""Articles for indexes on a cluster, and the contents of these indexes."""

from __future__ import annotations

import json
from pathlib import Path

from index.document import Document
from index.engines import store_of
from index.engines.opensearch.connection import Cluster
from index.engines.opensearch.control import Control, State
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.query import MatchAll
from tests.index.test_build import SEEDS, outcome, write

__all__ = ["SEEDS", "articles", "found_ids", "news", "outcome", "state", "write"]


def news(path: Path, count: int, *, text: str = "نص المقال", first: int = 0) -> Path:
    """Write a file of articles with the ids n00000, n00001 and so on; return its path."""
    lines = (
        json.dumps({"id": f"n{number:05}", "title": f"عنوان {number}", "text": f"{text} رقم {number}"}) + "\n"
        for number in range(first, first + count)
    )
    path.write_text("".join(lines), "utf-8")
    return path


def articles(location: str) -> dict[str, Document]:
    """Return all articles of an index by id, and check that no id occurs twice."""
    documents = list(store_of(location).documents())
    by_id = {document.id: document for document in documents}
    assert len(by_id) == len(documents)
    return by_id


def found_ids(location: str) -> set[str]:
    """Return the ids of all articles that a search finds, a hundred at most."""
    engine = open_engine(location)
    try:
        with engine.searcher() as searcher:
            return {hit.id for hit in searcher.search(EngineRequest(Listing(MatchAll()), limit=100)).hits}
    finally:
        engine.close()


def state(cluster: Cluster) -> State:
    """Return the state document of an archive."""
    return Control(cluster).state()
