"""The names of the files in the folder of an embedded index, and which of them are there."""

from __future__ import annotations

import re
from pathlib import Path

ARCHIVE_NAME = "articles.sqlite3"
MANIFEST_NAME = "manifest.json"
VERIFICATION_NAME = "verified.json"
STAGED_NAME = "restore.partial"
"""The folder in which `judhur index restore` prepares the new index; a crash may leave it behind."""

_DIRECTORY = "segments-{:04d}"
_IS_DIRECTORY = re.compile(r"(?:segments|whoosh)-(\d+)", re.ASCII)
"""Name of a directory of index files, with its number; versions before 0.2.0 wrote `whoosh-0001`."""


def directories(folder: Path) -> list[tuple[int, Path]]:
    """Return number and path of every directory of index files in an index folder."""
    matches = ((_IS_DIRECTORY.fullmatch(path.name), path) for path in folder.iterdir())
    return [(int(match[1]), path) for match, path in matches if match]


def unused_directory(folder: Path) -> str:
    """Return a name for a new directory of index files, with a number above those that are there."""
    newest = max((number for number, _ in directories(folder)), default=0)
    return _DIRECTORY.format(newest + 1)


def has_index_files(folder: Path) -> bool:
    """Return whether a folder has a manifest, or a directory of index files."""
    return folder.is_dir() and ((folder / MANIFEST_NAME).exists() or bool(directories(folder)))
