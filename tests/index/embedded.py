"""The writer of an embedded index, with its archive and the steps that a store hides."""

from __future__ import annotations

from index.engines.embedded.store import EmbeddedStore, folder_of
from index.engines.embedded.writer import EmbeddedWriter


def open_writer(location: str, *, create: str | None = None, rebuilding: bool = False) -> EmbeddedWriter:
    """Return the writer of the index in a folder; with `rebuilding`, one that opens an index that has to be rebuilt."""
    if rebuilding:
        return EmbeddedWriter(folder_of(location), create=create, rebuilding=True)
    return EmbeddedStore(location).writer(create=create)
