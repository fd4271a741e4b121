"""Documents of version 1 in an index on a cluster: read, shown, checked, moved and rebuilt as any other."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from index import build
from index.analysis.installed import load_analyzer
from index.archive.migrations import newest_version
from index.engines import store_of
from index.engines.opensearch.connection import Cluster
from index.engines.opensearch.encoding import Encoder
from index.engines.opensearch.mapping import names
from index.engines.opensearch.outbox import cluster_id
from index.engines.opensearch.pairing import EPOCH
from index.errors import IndexDamagedError, IndexNewerError
from index.jobs import analyze_document
from search.engines import open_engine
from search.errors import EngineUnavailableError
from tests.cluster.articles import articles, found_ids, outcome, state
from tests.cluster.running import reason_to_skip
from tests.index import version_1
from tests.index.archive.test_upgrade import LATER, NEW_URL

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

ClientOf = Callable[[str], Cluster]

ZONE = ZoneInfo("Asia/Riyadh")
OLD = {source["id"]: source for source in version_1.cluster_documents()}
"""Documents of version 1, by the ids of their articles."""
DOCUMENTS = {name: version_1.documents()[name] for name in OLD}


@pytest.fixture
def cluster(location: str, client_of: ClientOf) -> Cluster:
    """Return the cluster with an index of these articles, all but one in the rows of version 1."""
    with store_of(location).writer(create=ZONE.key) as writing:
        writing.add(analyze_document(document, load_analyzer(), writing.zone) for document in DOCUMENTS.values())
        writing.commit()
    cluster = client_of(location)
    for document_id, old in list(OLD.items())[1:]:
        put(cluster, document_id, {"row": old["article"]["row"], "version": None})
    return cluster


def put(cluster: Cluster, document_id: str, change: Mapping[str, Any], *, later: int = 0) -> None:
    """Put a document again, whole but for what its article changes; None takes a part of it away.

    It keeps the number of its change, or gets one that is `later` by so much.
    """
    target = names(cluster.address.name, state(cluster).version)
    path = f"/{target.articles}/_doc/{quote(cluster_id(document_id), safe='')}"
    stored = cluster.call("GET", path)
    analyzed = analyze_document(DOCUMENTS[document_id], load_analyzer(), ZONE)
    source = json.loads(Encoder(ZONE).encode(analyzed, stored["_source"]["change"] + later).source)
    article = {name: value for name, value in (source["article"] | change).items() if value is not None}
    fresh = source | {"article": article}
    version: dict[str, Any] = {"version": stored["_version"] + later, "version_type": "external_gte"}
    cluster.call("PUT", path, fresh, refresh="true", timeout=60, **version)


def kept(cluster: Cluster) -> dict[str, Any]:
    """Return what the cluster keeps of each article, by its id."""
    target = names(cluster.address.name, state(cluster).version).articles
    answer = cluster.call("POST", f"/{target}/_search", {"size": 100, "query": {"match_all": {}}})
    return {hit["_source"]["id"]: hit["_source"] for hit in answer["hits"]["hits"]}


def versions(cluster: Cluster) -> set[int]:
    return {source["article"].get("version", 1) for source in kept(cluster).values()}


def test_they_are_read_shown_and_sound(location: str, cluster: Cluster) -> None:
    assert versions(cluster) == {1, newest_version()}
    assert articles(location) == DOCUMENTS
    assert found_ids(location) == set(DOCUMENTS)
    engine = open_engine(location)
    with contextlib.closing(engine), engine.searcher() as searcher:
        shown = searcher.get_many(list(DOCUMENTS))
    assert [stored and stored.document for stored in shown] == list(DOCUMENTS.values())
    assert build.verify(location) == ()
    assert build.status(location).up_to_date


def test_their_hashes_are_those_of_version_1(cluster: Cluster) -> None:
    assert {name: source["hash"] for name, source in kept(cluster).items()} == {
        name: old["hash"] for name, old in OLD.items()
    }


def test_adding_them_again_changes_nothing_but_where_they_come_from(location: str, cluster: Cluster) -> None:
    report = build.add_articles(location, [version_1.DATA / "articles.jsonl"])
    assert outcome(report) == {"unchanged": 3, "added": 11}
    assert articles(location)["letters-1"].origin == str(version_1.DATA / "articles.jsonl")
    assert kept(cluster)["letters-1"]["article"]["version"] == newest_version()
    assert build.verify(location) == ()


def test_a_rebuild_writes_them_in_the_newest_version_and_the_way_back_leads_to_them(
    location: str, cluster: Cluster
) -> None:
    assert build.rebuild(location).added == len(DOCUMENTS)
    assert versions(cluster) == {newest_version()}
    assert articles(location) == DOCUMENTS
    assert build.verify(location) == ()

    build.roll_back(location)

    assert versions(cluster) == {1, newest_version()}
    assert articles(location) == DOCUMENTS
    assert build.verify(location) == ()


def test_they_take_the_steps_of_a_later_release(
    location: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.archive.migrations.STEPS", LATER)
    expected = DOCUMENTS | {"letters-1": dataclasses.replace(DOCUMENTS["letters-1"], url=NEW_URL)}
    assert articles(location) == expected
    assert build.verify(location) == ()
    build.rebuild(location)
    assert versions(cluster) == {len(LATER) + 1}
    assert articles(location) == expected
    assert build.verify(location) == ()


def test_an_article_of_a_newer_judhur_is_refused_as_that_and_stays(location: str, cluster: Cluster) -> None:
    put(cluster, "letters-1", {"version": newest_version() + 1})
    before = kept(cluster)
    for reading in (articles, build.verify, build.rebuild):
        with pytest.raises(IndexNewerError, match="a newer Judhur wrote an article"):
            reading(location)
    engine = open_engine(location)
    with (
        contextlib.closing(engine),
        pytest.raises(EngineUnavailableError, match="newer"),
        engine.searcher() as searcher,
    ):
        searcher.get_many(["letters-1"])[0]
    assert kept(cluster) == before


def test_there_is_no_way_back_over_what_a_newer_judhur_has_written(location: str, cluster: Cluster) -> None:
    build.rebuild(location)
    put(cluster, "letters-1", {"version": newest_version() + 1}, later=EPOCH)
    with pytest.raises(IndexNewerError, match="a newer Judhur wrote an article"):
        build.roll_back(location)
    assert state(cluster).version == 2


def test_a_damaged_article_is_named_with_its_remedy(location: str, cluster: Cluster) -> None:
    put(cluster, "letters-1", {"row": [*OLD["letters-1"]["article"]["row"][:9]], "version": None})
    (problem,) = build.verify(location)
    assert problem.startswith("article letters-1: its row cannot be read")
    assert problem.endswith("delete it and add it again")
    for reading in (articles, build.rebuild):
        with pytest.raises(IndexDamagedError, match=r"cannot be read .* delete it and add it again"):
            reading(location)
    engine = open_engine(location)
    with (
        contextlib.closing(engine),
        pytest.raises(EngineUnavailableError, match="be read"),
        engine.searcher() as searcher,
    ):
        searcher.get_many(["letters-1"])[0]
    build.delete_articles(location, ["letters-1"])
    assert build.verify(location) == ()
    assert found_ids(location) == set(DOCUMENTS) - {"letters-1"}
