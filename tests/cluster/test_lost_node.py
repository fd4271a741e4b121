"""Reading, adding and rebuilding continue when a node of the cluster is killed."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import build
from index.engines import store_of
from scripts.cluster.nodes import Cluster, ask
from tests.cluster.articles import articles, news, outcome
from tests.cluster.running import reason_to_skip

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)


@pytest.fixture
def location(cluster: Cluster) -> Iterator[str]:
    """Yield the location of an index that does not exist yet, with one replica of each shard."""
    name = f"s-{secrets.token_hex(5)}"
    yield f"opensearch+http://{','.join(url.partition('://')[2] for url in cluster.urls)}/{name}?shards=3&replicas=1"
    node = next(node for node in cluster.nodes if node.running)
    ask(node.url, f"/{name}-*", "DELETE", seconds=60)


def once(what: Callable[[], object]) -> Callable[[int, float], None]:
    """Return a progress callback that calls `what` once, at its first call."""
    waiting = [what]

    def called(_: int, __: float) -> None:
        if waiting:
            waiting.pop()()

    return called


def test_every_article_is_read_once_whatever_node_dies(
    cluster: Cluster, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.engines.opensearch.store.READ_AT_ONCE", 10)
    build.add_articles(location, [news(tmp_path / "n.jsonl", 60)])
    cluster.wait_for("green")
    reading = store_of(location).documents()
    seen = [next(reading).id for _ in range(20)]

    cluster.nodes[1].kill()
    seen += [document.id for document in reading]

    assert seen == [f"n{number:05}" for number in range(60)]


def test_adding_goes_on_without_a_node(
    cluster: Cluster, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BATCH_DOCUMENTS", 20)
    build.add_articles(location, [news(tmp_path / "first.jsonl", 10)])
    cluster.wait_for("green")

    added = build.add_articles(location, [news(tmp_path / "n.jsonl", 60)], progress=once(cluster.nodes[2].kill))

    assert outcome(added) == {"added": 50, "unchanged": 10}
    assert len(articles(location)) == 60


def test_a_rebuild_waits_for_the_node_that_has_what_it_built(
    cluster: Cluster, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.engines.opensearch.copying.SENT_AT_ONCE", 10)
    build.add_articles(location, [news(tmp_path / "n.jsonl", 60)])
    cluster.wait_for("green")
    before = articles(location)
    node = cluster.nodes[0]

    def dying() -> None:
        node.kill()
        threading.Timer(3, node.start).start()

    # the new version has no replicas yet
    build.rebuild(location, progress=once(dying))

    cluster.wait_for("green")
    assert articles(location) == before
    assert build.verify(location) == ()
