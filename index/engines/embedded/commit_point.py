"""Commit points: which segments make one generation of an index, and what each generation has read.

Whoosh's own are pickles, which run what they hold when they are opened; these are JSON with a checksum. A commit is the
moment at which one gets its name. The one before stays until the next commit, and answers when the newest is damaged.
"""

from __future__ import annotations

import dataclasses
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index import disk
from index.errors import IndexDamagedError

_NAME = re.compile(r"_MAIN_([0-9]{1,18})\.toc")


@dataclasses.dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment as a generation sees it."""

    name: str
    """Of its file, without the ending."""
    documents: int
    """Deleted ones included."""
    checksum: int
    """Of the file's directory."""
    size: int
    """Bytes of the file."""
    deletions: str = ""
    """Name of the file that tells which documents are deleted; empty when none is."""
    deleted: int = 0

    @property
    def file(self) -> str:
        """Name of the segment's file."""
        return f"{self.name}.seg"

    @property
    def live(self) -> int:
        """Documents that are not deleted."""
        return self.documents - self.deleted


@dataclasses.dataclass(frozen=True, slots=True)
class CommitPoint:
    """One generation of an index."""

    number: int
    """One more at every commit."""
    generation: str
    """New at every commit: time and four random hex digits."""
    change: int
    """Number of the archive's change that it has read up to."""
    zone: str
    """IANA name of the time zone that its days are counted in: told again here, should the manifest be lost."""
    segments: tuple[SegmentEntry, ...]

    @property
    def documents(self) -> int:
        """Articles that can be found."""
        return sum(segment.live for segment in self.segments)

    @property
    def file(self) -> str:
        """Name of the file that holds this."""
        return f"_MAIN_{self.number}.toc"

    def files(self) -> set[str]:
        """Return the names of all files that this generation needs, its own included."""
        named = {segment.file for segment in self.segments} | {segment.deletions for segment in self.segments}
        return (named | {self.file}) - {""}


def write_commit_point(folder: Path, commit_point: CommitPoint) -> None:
    """Commit: after this the generation is the newest, whatever happens."""
    body = json.dumps(dataclasses.asdict(commit_point))
    draft = folder / f"{commit_point.file}.tmp"
    with disk.NewFile(draft) as file:
        file.write(json.dumps({"contents": body, "checksum": zlib.crc32(body.encode())}).encode())
    disk.sync_folder(folder)
    disk.rename(draft, folder / commit_point.file)
    disk.sync_folder(folder)


def read_commit_point(path: Path) -> CommitPoint:
    """Return the commit point in a file.

    Raises:
        IndexDamagedError: the file is not what was written.
    """
    try:
        values = json.loads(path.read_bytes())
        body = values["contents"]
        if zlib.crc32(body.encode()) != values["checksum"]:
            raise IndexDamagedError(f"{path} is not the file that was written")
        return _commit_point(json.loads(body))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamagedError(f"{path} cannot be read ({error})") from error


def number_of(path: Path) -> int:
    """Return the number of the generation in a file of this name."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def generations(folder: Path) -> list[Path]:
    """Return the commit points in a folder, the newest first.

    Raises:
        IndexDamagedError: the folder is gone.
    """
    try:
        found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except OSError as error:
        raise IndexDamagedError(f"{folder} cannot be read ({error})") from error
    return sorted(found, key=number_of, reverse=True)


def _commit_point(values: Mapping[str, Any]) -> CommitPoint:
    segments = tuple(SegmentEntry(**entry) for entry in values["segments"])
    return CommitPoint(values["number"], values["generation"], values["change"], values["zone"], segments)
