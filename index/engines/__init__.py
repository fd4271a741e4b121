"""The engines of the write path: which one keeps the index at a location."""

from __future__ import annotations

from index.engines.embedded.store import EmbeddedStore, folder_of
from index.engines.embedded.writer import EmbeddedWriter
from index.location import is_cluster
from index.writer import Store

__all__ = ["folder_of", "open_writer", "store_of"]


def store_of(location: str) -> Store:
    """Return the index at `location`, whether or not one is there yet.

    Raises:
        SourceError: the location cannot be used.
        MissingExtraError: the engine's client library is not installed.
    """
    if is_cluster(location):
        from index.engines.opensearch.store import OpenSearchStore  # its client takes a while to load

        return OpenSearchStore(location)
    return EmbeddedStore(location)


def open_writer(location: str, *, create: str | None = None, rebuilding: bool = False) -> EmbeddedWriter:
    """Return the writer of the embedded index at `location`; see `EmbeddedWriter`.

    Changes that a crash left out of the index are applied first: a commit on top of them would declare them applied.

    Raises:
        IndexingError: one of its kinds, as `EmbeddedWriter` says.
    """
    if rebuilding:
        return EmbeddedWriter(folder_of(location), create=create, rebuilding=True)
    return EmbeddedStore(location).writer(create=create)
