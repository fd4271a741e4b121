"""Nodes that can be started, killed and paused one by one, and the cluster that they are."""

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
"""What the port between nodes is above the one for HTTP."""

SETTINGS = {
    "cluster.name": "judhur",
    "network.host": HOST,
    "node.roles": "cluster_manager,data",
    "node.processors": "2",  # sizes the thread pools; three nodes share a small machine
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # or a disk that is 95 % full refuses every write
    # A process that died closes its connections and is noticed at once; one that hangs is noticed by these. 7 seconds:
    # three checks in a row, so that a busy machine loses no node.
    "cluster.fault_detection.leader_check.interval": "500ms",
    "cluster.fault_detection.leader_check.timeout": "2s",
    "cluster.fault_detection.follower_check.interval": "500ms",
    "cluster.fault_detection.follower_check.timeout": "2s",
    # The system accepts connections for a process that hangs, and nobody answers them.
    "discovery.probe.connect_timeout": "2s",
    "discovery.probe.handshake_timeout": "2s",
    # A manager that was just elected tells its first news to the one that hangs, too, and waits for it.
    "cluster.publish.timeout": "5s",
    "cluster.follower_lag.timeout": "5s",
}

STARTS_QUICKLY = ("-XX:TieredStopAtLevel=1",)
"""Half the time until a node is up, for code that is slower later: right for tests."""

LOGGING = ("-Dlog4j2.level=info", "-Dlog4j.shutdownHookEnabled=false")  # the second: logging until the very end

START = 120.0
"""Seconds until all nodes have to be up; on two idle cores it takes 10."""
GENTLE = 20.0
"""Seconds that a node has to end by itself."""


def ask(url: str, path: str, method: str = "GET", body: object = None, seconds: float = 10.0) -> dict[str, Any]:
    """Return the JSON object that a node answers, whatever its HTTP status.

    Raises:
        OSError, http.client.HTTPException, ValueError: no answer, or none in JSON.
    """
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=seconds)  # past every proxy
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


class Node:
    """One node: its process, its folder, its URL. The process is found again by another program, through its folder."""

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
        """The process; None when the node does not run."""
        if self._process and self._process.poll() is None:
            return self._process.pid  # its command line is empty for a moment, while the Java launcher starts
        try:
            pid = int((self.home / "pid").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None
        # The number may have gone to another program since.
        return pid if f" path.home={self.home} " in _command(pid) else None

    @property
    def running(self) -> bool:
        """Whether the process is there, paused or not."""
        return self.pid is not None

    def start(self) -> None:
        """Start the process, if it does not run, on the data that it had; return before it answers.

        Raises:
            ClusterError: Java or the class path is missing, or the node runs at another port.
        """
        if pid := self.pid:
            if f" http.port={self.ports[0]} " not in _command(pid):
                raise ClusterError(f"node {self.name} runs already, at another port; stop it first: make cluster-stop")
            return
        self.ended(0)  # takes leave of a process that died by itself
        environment = {**os.environ, "CLASSPATH": class_path()}
        self.home.mkdir(parents=True, exist_ok=True)
        arguments = [] if self._lasting else ["--until-stdin-ends"]
        arguments += [f"{name}={value}" for name, value in self._settings.items()]
        with self.log.open("ab") as log:
            # Lasting: out of reach of the shell that started it. Else: its standard input ends with us; and if it is
            # paused then, its process group has lost its parent, which makes the system wake it up and end it.
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
        """The file that takes what the node says."""
        return self.home / "log"

    def stop(self) -> None:
        """End the process in its own time, up to 20 seconds; return when it is gone."""
        self.resume()
        self._signal(signal.SIGTERM)
        if not self.ended(GENTLE):
            self.kill()

    def kill(self) -> None:
        """End the process as a crash would (SIGKILL); return when it is gone."""
        self._signal(signal.SIGKILL)
        if not self.ended(GENTLE):
            raise ClusterError(f"node {self.name} cannot be killed")

    def pause(self) -> None:
        """Let the process hang (SIGSTOP): it keeps its connections and answers nothing. Return when it does."""
        self._signal(signal.SIGSTOP)
        if self._process and self.running:
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)  # the signal alone comes a little later

    def resume(self) -> None:
        """Let a paused process go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def ended(self, seconds: float) -> bool:
        """Return whether the process is gone, after at most `seconds`."""
        end = time.monotonic() + seconds
        while self.running:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        if self._process:
            self._process.communicate()  # closes its standard input, takes its exit code
        return True

    def last_words(self) -> str:
        """Return where the log of the node lies, and its last lines."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return "\n".join([f"the end of {self.log}:", *lines[-10:]])

    def _signal(self, number: signal.Signals) -> None:
        if pid := self.pid:
            os.kill(pid, number)


class Cluster:
    """Nodes on this machine that form one cluster: `port` is the first one's for HTTP, `heap` MB of Java heap in each.

    The data lie in `folder` and stay there when the nodes stop. Nodes end with this process, even a killed one, and are
    quick to start; `lasting` ones go on without it and are quick to work.
    """

    def __init__(
        self, folder: Path, *, nodes: int = 3, port: int = 9201, heap: int = 512, lasting: bool = False
    ) -> None:
        self.folder = folder.resolve()
        names = [f"n{number}" for number in range(1, nodes + 1)]
        flags = (
            f"-Xmx{heap}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            *(() if lasting else STARTS_QUICKLY),
        )
        settings = {
            **SETTINGS,
            "discovery.seed_hosts": ",".join(f"{HOST}:{port + place + TRANSPORT}" for place in range(nodes)),
            "cluster.initial_cluster_manager_nodes": ",".join(names),  # counts until the nodes have met once
        }
        self.nodes = tuple(
            Node(self.folder / name, port + place, flags, settings, lasting=lasting) for place, name in enumerate(names)
        )

    @property
    def urls(self) -> tuple[str, ...]:
        """The URL of each node, running or not."""
        return tuple(node.url for node in self.nodes)

    @property
    def running(self) -> bool:
        """Whether every node has its process."""
        return all(node.running for node in self.nodes)

    def start(self) -> None:
        """Start the nodes that do not run, and return when all have met and every shard has its copies.

        Raises:
            ClusterError: Java or the class path is missing, a port is taken, or the nodes do not come up.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second finds the nodes of the first
            for node in self.nodes:
                if not node.running:
                    _check_free(node.ports)  # of all before the first starts
            for node in self.nodes:
                node.start()
        self.wait_for(timeout=START)

    def stop(self) -> None:
        """End every node; return when all are gone. Their data stay."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(Node.stop, self.nodes))

    def wait_for(self, status: str = "green", nodes: int | None = None, timeout: float = 60.0) -> None:
        """Return when the cluster has `status` or better and `nodes` nodes, by itself all, and each of these says so.

        Raises:
            ClusterError: `timeout` seconds have passed, or fewer nodes run than are waited for.
        """
        wanted = len(self.nodes) if nodes is None else nodes
        end = time.monotonic() + timeout
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            while True:
                ended = [node for node in self.nodes if not node.running]
                if len(self.nodes) - len(ended) < wanted:
                    found = f"{wanted} nodes are waited for, and {len(ended)} of {len(self.nodes)} ended"
                    raise ClusterError("\n".join([found, *map(Node.last_words, ended)]))
                # One that was paused may take itself for part of a cluster that has long gone on without it.
                answers = list(pool.map(lambda node: _health(node, status, wanted), self.nodes))
                if sum(not answer.get("timed_out", True) for answer in answers) >= wanted:
                    return
                if time.monotonic() > end:
                    seen = [f"{answer.get('status')}, {answer.get('number_of_nodes')} nodes" for answer in answers]
                    found = f"not {status} with {wanted} nodes after {timeout:.0f} s, but: {'; '.join(seen)}"
                    raise ClusterError("\n".join([found, *map(Node.last_words, self.nodes)]))
                time.sleep(0.1)


def _health(node: Node, status: str, nodes: int) -> dict[str, Any]:
    """Return how the node itself sees its cluster, once that is as wished or a second later; empty if it is silent."""
    path = f"/_cluster/health?local=true&wait_for_status={status}&wait_for_nodes={nodes}&timeout=1s"
    try:
        return ask(node.url, path, seconds=2.0)
    except (OSError, http.client.HTTPException, ValueError):
        return {}


def _command(pid: int) -> str:
    """Return the command line of a process with a space after each word; empty when it is gone."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
        except OSError:
            return ""
    shown = subprocess.run(  # noqa: S603 - our own arguments
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - the system's
        check=False,
        capture_output=True,
        text=True,
    )
    return shown.stdout.strip() + " "


def _check_free(ports: tuple[int, ...]) -> None:
    for port in ports:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((HOST, port))
            except OSError:
                raise ClusterError(f"another program has port {port}; end it, or name another first port") from None
