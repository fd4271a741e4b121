"""Commit points: the segments of one generation of an index, and the last archive change in it.

A commit point is JSON with a checksum (Whoosh uses pickles, which can run code when opened). The rename of its
file to its final name is the commit. The previous commit point stays until the next commit, as a fallback if the newest
is damaged.
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
from index.errors import FileDamagedError, IndexDamagedError

_NAME = re.compile(r"_MAIN_([0-9]{1,18})\.toc")


@dataclasses.dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment as part of a generation."""

    name: str
    """Name of the segment's file without the suffix."""
    documents: int
    """Number of documents, including deleted ones."""
    checksum: int
    """CRC-32 of the directory of the segment's file."""
    size: int
    """Size of the segment's file in bytes."""
    deletions: str = ""
    """Name of the file with the deleted documents; empty if none is deleted."""
    deleted: int = 0
    """Number of deleted documents."""

    @property
    def file(self) -> str:
        """Name of the segment's file."""
        return f"{self.name}.seg"

    @property
    def live(self) -> int:
        """Number of documents that are not deleted."""
        return self.documents - self.deleted


@dataclasses.dataclass(frozen=True, slots=True)
class CommitPoint:
    """One generation of an index."""

    number: int
    """Incremented by every commit."""
    generation: str
    """Identifier, new for every commit: time and four random hexadecimal digits."""
    change: int
    """Number of the last change of the archive that this generation contains."""
    zone: str
    """IANA name of the time zone of its days; repeated from the manifest, in case that is lost."""
    segments: tuple[SegmentEntry, ...]
    archive: str = ""
    """Identity of the archive that it was made from; empty if it was written before 0.3.0."""
    commit: str = ""
    """Name of the commit of the archive that ended with `change`; empty if it has none."""

    @property
    def documents(self) -> int:
        """Number of documents that can be found."""
        return sum(segment.live for segment in self.segments)

    @property
    def file(self) -> str:
        """Name of the file of this commit point."""
        return f"_MAIN_{self.number}.toc"

    def files(self) -> set[str]:
        """Return the names of all files of this generation, including the commit point."""
        named = {segment.file for segment in self.segments} | {segment.deletions for segment in self.segments}
        return (named | {self.file}) - {""}


def write_commit_point(folder: Path, commit_point: CommitPoint) -> None:
    """Commit: when this returns, the generation is the newest and durable.

    Raises:
        OSError: a file cannot be written or synced.
    """
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
            raise FileDamagedError(path, "is not the file that was written")
        return _commit_point(json.loads(body))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileDamagedError(path, f"cannot be read ({error})") from error


def number_of(path: Path) -> int:
    """Return the number in the name of a commit point's file; 0 for other files."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def generations(folder: Path) -> list[Path]:
    """Return the commit points in a folder, the newest first.

    Raises:
        IndexDamagedError: the folder cannot be read.
    """
    try:
        paths = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except OSError as error:
        raise IndexDamagedError(f"{folder} cannot be read ({error})") from error
    return sorted(paths, key=number_of, reverse=True)


def _commit_point(values: Mapping[str, Any]) -> CommitPoint:
    segments = tuple(SegmentEntry(**entry) for entry in values["segments"])
    return CommitPoint(
        values["number"],
        values["generation"],
        values["change"],
        values["zone"],
        segments,
        values.get("archive", ""),
        values.get("commit", ""),
    )
