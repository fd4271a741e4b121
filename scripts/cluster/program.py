"""The program that every node runs: OpenSearch's jars, which Maven finds, and LocalNode.java, compiled beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from scripts.cluster.errors import ClusterError

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
SOURCE = HERE / "LocalNode.java"

MADE = HERE.parents[1] / "var" / "cluster" / "program"
"""Where the list of jars and the compiled node are kept; the jars stay in Maven's own cache."""

TOOLS = {
    "java": "no Java is installed",
    "javac": "no Java compiler (a JDK) is installed",
    "mvn": "no Maven is installed",
}

PATIENCE = 900.0
"""Seconds for Maven's first run, which downloads 50 MB."""


def missing() -> str:
    """Return what is not installed; empty when nothing is."""
    return next((fault for tool, fault in TOOLS.items() if not shutil.which(tool)), "")


def class_path() -> str:
    """Return the class path of `LocalNode`; the first call downloads and compiles, later ones need no network.

    Raises:
        ClusterError: a tool is missing, or Maven or the compiler failed.
    """
    MADE.mkdir(parents=True, exist_ok=True)
    return os.pathsep.join((str(MADE), _compiled(_jars())))


def _jars() -> str:
    listed = MADE / "jars"
    if _is_current(listed, POM):
        jars = listed.read_text("utf-8")
        if all(map(os.path.exists, jars.split(os.pathsep))):
            return jars
    with tempfile.TemporaryDirectory(dir=MADE) as folder:
        found = Path(folder, "jars")
        _run("mvn", "-B", "-q", "-f", str(POM), "dependency:build-classpath", f"-Dmdep.outputFile={found}")
        found.replace(listed)  # whole or not at all, whoever else is doing the same
    return listed.read_text("utf-8")


def _compiled(jars: str) -> str:
    """Compile the node, if it is not, against `jars`, and return these."""
    compiled = MADE / "LocalNode.class"
    if not _is_current(compiled, SOURCE):
        with tempfile.TemporaryDirectory(dir=MADE) as folder:
            _run("javac", "--release", "11", "-proc:none", "-cp", jars, "-d", folder, str(SOURCE))
            Path(folder, compiled.name).replace(compiled)
    return jars


def _is_current(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def _run(tool: str, *arguments: str) -> None:
    found = shutil.which(tool)
    if not found:
        raise ClusterError(f"{TOOLS[tool]}, which a cluster on this machine needs")
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [found, *arguments], check=False, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(
            f"{tool} has not ended in {PATIENCE:.0f} s; check the network and Maven's settings"
        ) from None
    if done.returncode:
        told = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise ClusterError(f"{tool} failed; check the network and Maven's settings. Its words: {' '.join(told[:2])}")
