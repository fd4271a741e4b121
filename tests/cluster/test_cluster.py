"""The cluster of the tests: it starts, loses nodes, and gets them back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.cluster.errors import ClusterError
from scripts.cluster.nodes import TRANSPORT, Cluster, Node, ask
from tests.cluster.running import free_port, reason_to_skip

pytestmark = pytest.mark.opensearch
# Here and not in the fixtures alone, so that the report gives the reason once.
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

INDEX = "/harness"


@pytest.fixture
def document(cluster: Cluster) -> Iterator[str]:
    """Store one document with one replica, and yield its path."""
    url = cluster.urls[0]
    ask(url, INDEX, "PUT", {"settings": {"number_of_shards": 3, "number_of_replicas": 1}})
    assert ask(url, f"{INDEX}/_doc/1", "PUT", {"title": "كتاب"})["result"] == "created"
    cluster.wait_for("green")
    yield f"{INDEX}/_doc/1"
    ask(next(node.url for node in cluster.nodes if node.running), INDEX, "DELETE")


def manager(cluster: Cluster) -> Node:
    """Return the cluster manager node."""
    state = ask(cluster.urls[0], "/_cluster/state/cluster_manager_node,nodes")
    name = state["nodes"][state["cluster_manager_node"]]["name"]
    return next(node for node in cluster.nodes if node.name == name)


def test_three_nodes_come_up_green(cluster: Cluster) -> None:
    cluster.wait_for("green", nodes=3, timeout=5)

    assert {ask(url, "/")["cluster_name"] for url in cluster.urls} == {"judhur"}
    assert len({node.pid for node in cluster.nodes}) == 3


def test_the_urls_belong_to_one_cluster(cluster_urls: tuple[str, ...]) -> None:
    assert all(ask(url, "/")["version"]["number"] for url in cluster_urls)


def test_a_killed_node_leaves_its_documents_to_the_others_and_comes_back(cluster: Cluster, document: str) -> None:
    killed = manager(cluster)  # the worst to lose: the others elect another
    killed.kill()
    with pytest.raises(ClusterError, match="3 nodes are needed, but 1 of 3 ended"):
        cluster.wait_for("green", timeout=600)
    left = [node for node in cluster.nodes if node is not killed]

    cluster.wait_for("yellow", nodes=2, timeout=20)
    assert not killed.running
    assert [ask(node.url, document)["_source"] for node in left] == [{"title": "كتاب"}] * 2

    killed.start()
    cluster.wait_for("green", nodes=3)
    assert ask(killed.url, document)["found"]


def test_a_paused_node_is_left_out_until_it_goes_on(cluster: Cluster, document: str) -> None:
    paused = next(node for node in cluster.nodes if node is not manager(cluster))
    paused.pause()

    with pytest.raises(TimeoutError):
        ask(paused.url, "/", seconds=0.5)
    cluster.wait_for("yellow", nodes=2, timeout=30)
    assert paused.running

    paused.resume()
    cluster.wait_for("green", nodes=3)
    assert ask(paused.url, document)["found"]


def test_a_taken_port_is_named(cluster: Cluster, tmp_path: Path) -> None:
    taken = cluster.nodes[0].ports[0]

    with pytest.raises(ClusterError, match=f"another program uses port {taken}"):
        Cluster(tmp_path, nodes=1, port=taken).start()


PAUSES_AND_WAITS = """
import sys
from pathlib import Path
from scripts.cluster.nodes import Cluster

cluster = Cluster(Path(sys.argv[1]), nodes=2, port=int(sys.argv[2]))
for node in cluster.nodes:
    node.start()
cluster.nodes[1].pause()
print("started", flush=True)
sys.stdin.read()
"""


@pytest.mark.usefixtures("own_nodes")
def test_nodes_end_with_a_killed_process_even_paused_ones(tmp_path: Path) -> None:
    port = free_port(2, TRANSPORT)
    nodes = Cluster(tmp_path, nodes=2, port=port).nodes
    command = [sys.executable, "-c", PAUSES_AND_WAITS, str(tmp_path), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"started\n"
        assert all(node.running for node in nodes)
        os.kill(starter.pid, signal.SIGKILL)

    assert all(node.ended(20) for node in nodes)
