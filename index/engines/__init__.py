"""The engines of the write path: which one keeps the index at a location."""

from __future__ import annotations

from index.engines.whoosh.store import WhooshStore, folder_of
from index.engines.whoosh.writer import WhooshWriter
from index.location import is_cluster
from index.writer import Store

__all__ = ["folder_of", "open_writer", "store_of"]


def store_of(location: str) -> Store:
    """Return the index at `location`, whether or not one is there yet.

    Raises:
        SourceError: the location cannot be used.
    """
    if is_cluster(location):
        from index.engines.opensearch.store import OpenSearchStore  # its client takes a while to load

        return OpenSearchStore(location)
    return WhooshStore(location)


def open_writer(location: str, *, create: str | None = None, rebuilding: bool = False) -> WhooshWriter:
    """Return the writer of the embedded index at `location`, which may be behind its articles; see `WhooshWriter`.

    Raises:
        IndexingError: one of its kinds, as `WhooshWriter` says.
    """
    return WhooshWriter(folder_of(location), create=create, rebuilding=rebuilding)
