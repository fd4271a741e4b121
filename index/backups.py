"""Backup and restore of an index, whatever engine keeps it: `judhur index backup` and `judhur index restore`.

An index in a folder is copied into a folder. A cluster takes snapshots of its own.
"""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from index.engines import FOLDER, engine_of
from index.engines.embedded.backup import back_up
from index.engines.embedded.copying import Copied
from index.engines.embedded.restore import restore as restore_folder
from index.engines.embedded.store import folder_of
from index.errors import SourceError
from index.location import is_url, redacted
from index.store import Progress

_PAGE = "docs/how-to/run-on-opensearch.md"


@dataclasses.dataclass(frozen=True, slots=True)
class CopyReport:
    """What a backup or a restore has copied and verified."""

    documents: int
    """Number of articles."""
    size_bytes: int
    generation: str
    """Name of the generation; empty if the index has to be rebuilt."""
    outdated: str
    """Why the index has to be rebuilt before this Judhur can search it; empty if it need not."""
    seconds: float
    """Wall time."""


def backup(location: str, target: str, *, progress: Progress | None = None) -> CopyReport:
    """Copy the index at `location` into the new folder `target`, while others write, and verify the copy.

    The copy is an ordinary index. It gets its name when it is complete, verified and on disk.

    Raises:
        SourceError: `location` is on a cluster, or `target` is a URL, not empty, a file, or not apart from the index.
        IndexUnsoundError: the index has problems, so there is no backup.
        IndexingError: there is no index, it cannot be read, or there is no space; there is no backup.
    """
    began = time.monotonic()
    folder = _folder(location, "it is backed up")
    if is_url(target):
        raise SourceError(f"a backup is a folder, not {redacted(target)}; name a new one")
    if not target:
        raise SourceError("a backup needs the name of a new folder")
    return _report(back_up(folder, Path(target), progress), began)


def restore(source: str, location: str, *, replace: bool = False, progress: Progress | None = None) -> CopyReport:
    """Put the backup in the folder `source` in the place of the index at `location`, and verify both.

    Nothing is changed before the copy of the backup is verified, and articles at `location` are given up with `replace`
    alone. Servers of the index follow. If this is interrupted, the same call completes it.

    Raises:
        SourceError: one of the two is on a cluster, they are not apart, or `location` has articles.
        IndexUnsoundError: the backup has problems; nothing was changed.
        IndexLockedError: another process writes the index.
        IndexingError: there is no backup, it cannot be read, or there is no space.
    """
    began = time.monotonic()
    folders = _folder(source, "it is restored"), _folder(location, "it is restored")
    return _report(restore_folder(*folders, replace=replace, progress=progress), began)


def _folder(location: str, done: str) -> Path:
    if engine_of(location) != FOLDER:
        raise SourceError(f"{redacted(location)} is on a cluster; {done} by the cluster's own snapshots: see {_PAGE}")
    return folder_of(location)


def _report(copied: Copied, began: float) -> CopyReport:
    return CopyReport(copied.documents, copied.size_bytes, copied.generation, copied.outdated, time.monotonic() - began)
