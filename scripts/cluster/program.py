"""The program of a node: the jars of OpenSearch, which Maven downloads, and LocalNode.java, compiled against them."""

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

PROGRAM_FOLDER = HERE.parents[1] / "var" / "cluster" / "program"
"""Folder of the list of jars and of the compiled LocalNode; the jars are in Maven's cache."""

TOOLS = {
    "java": "no Java is installed",
    "javac": "no Java compiler (a JDK) is installed",
    "mvn": "no Maven is installed",
}

TIMEOUT = 900.0
"""Timeout of Maven and the compiler in seconds; the first run of Maven downloads 50 MB."""


def missing() -> str:
    """Return a message that names the first missing tool; empty if all are installed."""
    return next((fault for tool, fault in TOOLS.items() if not shutil.which(tool)), "")


def class_path() -> str:
    """Return the class path of `LocalNode`; the first call downloads and compiles, later ones need no network.

    Raises:
        ClusterError: a tool is missing, or Maven or the compiler failed.
    """
    PROGRAM_FOLDER.mkdir(parents=True, exist_ok=True)
    return os.pathsep.join((str(PROGRAM_FOLDER), _compiled(_jars())))


def _jars() -> str:
    listed = PROGRAM_FOLDER / "jars"
    if _is_current(listed, POM):
        jars = listed.read_text("utf-8")
        if all(map(os.path.exists, jars.split(os.pathsep))):
            return jars
    with tempfile.TemporaryDirectory(dir=PROGRAM_FOLDER) as folder:
        new_list = Path(folder, "jars")
        _run("mvn", "-B", "-q", "-f", str(POM), "dependency:build-classpath", f"-Dmdep.outputFile={new_list}")
        new_list.replace(listed)  # atomic, since another process may do the same
    return listed.read_text("utf-8")


def _compiled(jars: str) -> str:
    """Compile LocalNode against `jars`, unless it is up to date; return `jars`."""
    compiled = PROGRAM_FOLDER / "LocalNode.class"
    if not _is_current(compiled, SOURCE):
        with tempfile.TemporaryDirectory(dir=PROGRAM_FOLDER) as folder:
            _run("javac", "--release", "11", "-proc:none", "-cp", jars, "-d", folder, str(SOURCE))
            Path(folder, compiled.name).replace(compiled)
    return jars


def _is_current(target: Path, source: Path) -> bool:
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


def _run(tool: str, *arguments: str) -> None:
    executable = shutil.which(tool)
    if not executable:
        raise ClusterError(f"{TOOLS[tool]}, which a cluster on this machine needs")
    try:
        result = subprocess.run(  # noqa: S603 - our own arguments
            [executable, *arguments], check=False, capture_output=True, text=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(
            f"{tool} did not end within {TIMEOUT:.0f} s; check the network and Maven's settings"
        ) from None
    if result.returncode:
        output = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
        raise ClusterError(f"{tool} failed; check the network and Maven's settings. Its output: {' '.join(output[:2])}")
