"""Description of the machine, and the memory and disk space that a process uses."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path


def peak_megabytes(process: int) -> float:
    """Return the peak resident memory of a process (VmHWM), in MB."""
    return dict(_kilobytes(Path(f"/proc/{process}/status"))).get("VmHWM", 0) / 1000


def private_megabytes(process: int) -> tuple[float, float]:
    """Return the private memory of a process, in MB: all of it, and the anonymous part (not backed by a file).

    Pages of a file that no other process maps count as private, though the kernel can drop them at any time.
    """
    sizes = dict(_kilobytes(Path(f"/proc/{process}/smaps_rollup")))
    return (sizes.get("Private_Clean", 0) + sizes.get("Private_Dirty", 0)) / 1000, sizes.get("Anonymous", 0) / 1000


def folder_megabytes(folder: Path) -> float:
    """Return the size of all files under a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def describe() -> str:
    """Return processor, cores, memory, system and Python version in one line, without the host's name."""
    model = next((text for name, text in _lines(Path("/proc/cpuinfo")) if name == "model name"), platform.machine())
    memory = dict(_kilobytes(Path("/proc/meminfo"))).get("MemTotal", 0) / 1e6
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def label() -> str:
    """Return a name of this kind of machine for file names."""
    return f"{os.cpu_count()}-cores-{platform.machine()}"


def load() -> float:
    """Return the load average of the last minute; above 1 other processes competed for the processor."""
    return os.getloadavg()[0]


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield name and value of each line of a file in Linux's /proc; nothing if it does not exist."""
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            yield name.strip(), value.strip()


def _kilobytes(path: Path) -> Iterator[tuple[str, float]]:
    for name, value in _lines(path):
        if value.endswith(" kB"):
            yield name, float(value.removesuffix(" kB"))
