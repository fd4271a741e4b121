"""The writers of each engine: which one answers for a location."""

from __future__ import annotations

from pathlib import Path

from index.engines.whoosh.writer import WhooshWriter
from index.errors import SourceError


def open_writer(location: str, *, create: str | None = None, rebuilding: bool = False) -> WhooshWriter:
    """Return the writer of the index at `location`, a folder; see `WhooshWriter`.

    Raises:
        IndexingError: one of its kinds, as `WhooshWriter` says.
    """
    return WhooshWriter(folder_of(location), create=create, rebuilding=rebuilding)


def folder_of(location: str) -> Path:
    """Return the folder that a location names.

    Raises:
        SourceError: the location is a URL, which this version cannot open, or a file.
    """
    if "://" in location:
        raise SourceError(f"no engine for {location}; an index is named by its folder, for example var/index")
    folder = Path(location)
    if folder.is_file():
        raise SourceError(f"{location} is a file; an index is a folder, for example var/index")
    return folder
