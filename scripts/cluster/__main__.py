"""Start and stop a cluster that outlives the shell: `make cluster`, `make cluster-stop`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

from scripts.cluster.errors import ClusterError
from scripts.cluster.nodes import Cluster

FOLDER = Path(__file__).parents[2] / "var" / "cluster"


def main() -> None:
    """Run the command line. On failure, print the reason and exit with code 1."""
    parser = argparse.ArgumentParser(prog="python -m scripts.cluster", description="Start and stop a cluster.")
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder of data and logs (default: var/cluster)")
    parser.add_argument("--port", type=int, default=9201, help="HTTP port of the first node (default: 9201)")
    parser.add_argument("--heap", type=int, default=512, help="MB of Java heap for each node (default: 512)")
    options = parser.parse_args()
    cluster = Cluster(options.folder, port=options.port, heap=options.heap, lasting=True)
    try:
        message = start(cluster) if options.action == "start" else stop(cluster)
    except ClusterError as error:
        sys.exit(f"judhur: {error}")
    print(message)  # noqa: T201 - the output of the script


def start(cluster: Cluster) -> str:
    """Start the cluster and return a message on how to use it."""
    state = "running already" if cluster.running else "started"
    cluster.start()
    hosts = ",".join(urlsplit(url).netloc for url in cluster.urls)
    return f"""\
{state}: {" ".join(cluster.urls)}
use it:  judhur index add seeds --index opensearch+http://{hosts}/articles
         judhur serve --index opensearch+http://{hosts}/articles
one URL is enough to begin with: --index opensearch+{cluster.urls[0]}/articles
data and logs: {cluster.folder}; stop it, and keep them: make cluster-stop"""


def stop(cluster: Cluster) -> str:
    """Stop the cluster and return a message that says whether it ran."""
    if not any(node.running for node in cluster.nodes):
        return "no node is running"
    cluster.stop()
    return f"stopped; the data stay in {cluster.folder}"


if __name__ == "__main__":
    main()
