"""OpenSearch nodes on this machine that can be started, killed and paused one by one, and their cluster."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scripts.cluster.errors import ClusterError
from scripts.cluster.program import class_path

HOST = "127.0.0.1"
TRANSPORT = 100
"""Offset of a node's transport port from its HTTP port."""

SETTINGS = {
    "cluster.name": "judhur",
    "network.host": HOST,
    "node.roles": "cluster_manager,data",
    "node.processors": "2",  # sizes the thread pools; three nodes share a small machine
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # else a disk that is 95 % full blocks all writes
    # A dead process closes its connections and is noticed at once; these settings detect one that hangs. It takes 7
    # seconds: three checks in a row must fail, so that a busy machine loses no node.
    "cluster.fault_detection.leader_check.interval": "500ms",
    "cluster.fault_detection.leader_check.timeout": "2s",
    "cluster.fault_detection.follower_check.interval": "500ms",
    "cluster.fault_detection.follower_check.timeout": "2s",
    # The kernel accepts connections for a process that hangs, but they get no answer.
    "discovery.probe.connect_timeout": "2s",
    "discovery.probe.handshake_timeout": "2s",
    # A newly elected manager publishes its first cluster state to the hanging node too, and waits for it.
    "cluster.publish.timeout": "5s",
    "cluster.follower_lag.timeout": "5s",
}

STARTS_QUICKLY = ("-XX:TieredStopAtLevel=1",)
"""Halves the start time of a node and makes its code slower later: good for tests."""

LOGGING = ("-Dlog4j2.level=info", "-Dlog4j.shutdownHookEnabled=false")  # the second: keep logging during shutdown

START_TIMEOUT = 120.0
"""Timeout in seconds for the start of all nodes; on two idle cores it takes 10."""
STOP_TIMEOUT = 20.0
"""Timeout in seconds for a node to end after SIGTERM."""


def ask(url: str, path: str, method: str = "GET", body: object = None, seconds: float = 10.0) -> dict[str, Any]:
    """Return the JSON object of a node's response, for any HTTP status.

    Raises:
        OSError, http.client.HTTPException, ValueError: no response, or one that is not JSON.
    """
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=seconds)  # ignores proxies
    try:
        payload = None if body is None else json.dumps(body)
        connection.request(method, path, payload, {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


class Node:
    """One node: its process, folder and URL. A later program finds the process by the pid file in the folder."""

    def __init__(
        self, home: Path, port: int, flags: tuple[str, ...], settings: dict[str, str], *, lasting: bool
    ) -> None:
        self.name = home.name
        self.home = home
        self.url = f"http://{HOST}:{port}"
        self.ports = (port, port + TRANSPORT)
        self._flags = (*flags, f"-Djava.io.tmpdir={home}", f"-Djna.tmpdir={home}", *LOGGING)
        own = {"path.home": str(home), "node.name": self.name, "http.port": port, "transport.port": port + TRANSPORT}
        self._settings = {**own, **settings}
        self._lasting = lasting
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id; None if the node does not run."""
        if self._process and self._process.poll() is None:
            return self._process.pid  # without the check below: the command line is empty at first
        try:
            pid = int((self.home / "pid").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None
        # The id may have been reused by another program.
        return pid if f" path.home={self.home} " in _command(pid) else None

    @property
    def running(self) -> bool:
        """Whether the process exists, paused or not."""
        return self.pid is not None

    def start(self) -> None:
        """Start the process on its existing data, unless it runs; return before it responds to requests.

        Raises:
            ClusterError: Java or the class path is missing, or the node runs at another port.
        """
        if pid := self.pid:
            if f" http.port={self.ports[0]} " not in _command(pid):
                raise ClusterError(f"node {self.name} runs already, on another port; stop it first: make cluster-stop")
            return
        self.ended(0)  # reaps a process that died by itself
        environment = {**os.environ, "CLASSPATH": class_path()}
        self.home.mkdir(parents=True, exist_ok=True)
        arguments = [] if self._lasting else ["--until-stdin-ends"]
        arguments += [f"{name}={value}" for name, value in self._settings.items()]
        with self.log.open("ab") as log:
            # A lasting node gets a session of its own, so that it survives the shell. Any other ends when its standard
            # input is closed, which happens when this process ends. If it is paused then, its process group becomes
            # orphaned, and the kernel sends SIGHUP and SIGCONT, which end it.
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                ["java", *self._flags, "LocalNode", *arguments],  # noqa: S607 - the Java that the user chose
                env=environment,
                stdin=subprocess.DEVNULL if self._lasting else subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=self._lasting,
                process_group=None if self._lasting else 0,
            )
        (self.home / "pid").write_text(str(self._process.pid), "ascii")

    @property
    def log(self) -> Path:
        """The file with the output of the node."""
        return self.home / "log"

    def stop(self) -> None:
        """End the process with SIGTERM, after 20 seconds with SIGKILL; return when it has ended."""
        self.resume()
        self._signal(signal.SIGTERM)
        if not self.ended(STOP_TIMEOUT):
            self.kill()

    def kill(self) -> None:
        """End the process like a crash, with SIGKILL; return when it has ended.

        Raises:
            ClusterError: the process does not end.
        """
        self._signal(signal.SIGKILL)
        if not self.ended(STOP_TIMEOUT):
            raise ClusterError(f"node {self.name} cannot be killed")

    def pause(self) -> None:
        """Make the process hang (SIGSTOP): it keeps its connections and does not respond. Return when it is stopped."""
        self._signal(signal.SIGSTOP)
        if self._process and self.running:
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)  # the signal takes effect a little later

    def resume(self) -> None:
        """Continue a paused process (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def ended(self, seconds: float) -> bool:
        """Return whether the process has ended; waits for it for at most `seconds`."""
        end = time.monotonic() + seconds
        while self.running:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        if self._process:
            self._process.communicate()  # closes its standard input and reaps it
        return True

    def last_words(self) -> str:
        """Return the path of the node's log and its last lines, for an error message."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return "\n".join([f"the end of {self.log}:", *lines[-10:]])

    def _signal(self, number: signal.Signals) -> None:
        if pid := self.pid:
            os.kill(pid, number)


class Cluster:
    """Nodes on this machine that form one cluster: `port` is the HTTP port of the first, `heap` the Java heap in MB.

    The data are in `folder` and stay there when the nodes stop. Nodes end with this process, even if it is killed, and
    start quickly; `lasting` nodes outlive it and run faster.
    """

    def __init__(
        self, folder: Path, *, nodes: int = 3, port: int = 9201, heap: int = 512, lasting: bool = False
    ) -> None:
        self.folder = folder.resolve()
        self.snapshots = self.folder / "snapshots"
        """The folder in which a repository of snapshots may lie; every node has it as `path.repo`."""
        names = [f"n{number}" for number in range(1, nodes + 1)]
        flags = (
            f"-Xmx{heap}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            *(() if lasting else STARTS_QUICKLY),
        )
        settings = {
            **SETTINGS,
            "path.repo": str(self.snapshots),
            "discovery.seed_hosts": ",".join(f"{HOST}:{port + index + TRANSPORT}" for index in range(nodes)),
            "cluster.initial_cluster_manager_nodes": ",".join(names),  # used only until the cluster has formed once
        }
        self.nodes = tuple(
            Node(self.folder / name, port + index, flags, settings, lasting=lasting) for index, name in enumerate(names)
        )

    @property
    def urls(self) -> tuple[str, ...]:
        """The URL of each node, running or not."""
        return tuple(node.url for node in self.nodes)

    @property
    def running(self) -> bool:
        """Whether the processes of all nodes exist."""
        return all(node.running for node in self.nodes)

    def start(self) -> None:
        """Start the nodes that do not run; return when they have formed a cluster and all shards are allocated.

        Raises:
            ClusterError: Java or the class path is missing, a port is taken, or the nodes do not come up.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # a concurrent call waits, and finds the nodes running
            for node in self.nodes:
                if not node.running:
                    _check_free(node.ports)  # for all nodes before the first starts
            for node in self.nodes:
                node.start()
        self.wait_for(timeout=START_TIMEOUT)

    def stop(self) -> None:
        """End all nodes; return when they have ended. Their data stay."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(Node.stop, self.nodes))

    def wait_for(self, status: str = "green", nodes: int | None = None, timeout: float = 60.0) -> None:
        """Return when `nodes` nodes (default: all) report `status` or better and a cluster of that many nodes.

        Raises:
            ClusterError: `timeout` seconds have passed, or fewer than `nodes` processes are left.
        """
        wanted = len(self.nodes) if nodes is None else nodes
        end = time.monotonic() + timeout
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            while True:
                ended = [node for node in self.nodes if not node.running]
                if len(self.nodes) - len(ended) < wanted:
                    problem = f"{wanted} nodes are needed, but {len(ended)} of {len(self.nodes)} ended"
                    raise ClusterError("\n".join([problem, *map(Node.last_words, ended)]))
                # Every node is asked: one that was paused may report a cluster that has removed it meanwhile.
                answers = list(pool.map(lambda node: _health(node, status, wanted), self.nodes))
                if sum(not answer.get("timed_out", True) for answer in answers) >= wanted:
                    return
                if time.monotonic() > end:
                    seen = [f"{answer.get('status')}, {answer.get('number_of_nodes')} nodes" for answer in answers]
                    problem = f"not {status} with {wanted} nodes after {timeout:.0f} s, but: {'; '.join(seen)}"
                    raise ClusterError("\n".join([problem, *map(Node.last_words, self.nodes)]))
                time.sleep(0.1)


def _health(node: Node, status: str, nodes: int) -> dict[str, Any]:
    """Return the cluster health in the node's own state, once it is as wished or after 1 s; empty if no response."""
    path = f"/_cluster/health?local=true&wait_for_status={status}&wait_for_nodes={nodes}&timeout=1s"
    try:
        return ask(node.url, path, seconds=2.0)
    except (OSError, http.client.HTTPException, ValueError):
        return {}


def _command(pid: int) -> str:
    """Return the command line of a process with a space after each argument; empty if there is no such process."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
        except OSError:
            return ""
    listing = subprocess.run(  # noqa: S603 - our own arguments
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - the ps of the system
        check=False,
        capture_output=True,
        text=True,
    )
    return listing.stdout.strip() + " "


def _check_free(ports: tuple[int, ...]) -> None:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise ClusterError(f"another program uses port {port}; end it, or choose another first port") from None
