"""The engines of the write path: which one keeps the index at a location."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from index.engines.embedded.store import EmbeddedStore
from index.errors import SourceError
from index.location import is_url, redacted
from index.store import MaintainedStore

FOLDER = ""
"""Name of the engine that keeps its indexes in folders."""


class Kind(NamedTuple):
    """One engine."""

    example: str
    """A location, for messages."""
    store: Callable[[str], MaintainedStore]
    """Returns the index at a location; raises SourceError if it is not one of this engine."""


def store_of(location: str) -> MaintainedStore:
    """Return the index at `location`, whether or not one is there yet.

    Raises:
        SourceError: the location cannot be used.
        MissingExtraError: the engine's client library is not installed.
    """
    return ENGINES[engine_of(location)].store(location)


def engine_of(location: str) -> str:
    """Return the name of the engine that keeps the index at `location`, as in `ENGINES`.

    Raises:
        SourceError: there is no such engine; the message has an example for each one.
    """
    engine = location.partition("://")[0].partition("+")[0] if is_url(location) else FOLDER
    if engine not in ENGINES:
        examples = " or ".join(kind.example for kind in ENGINES.values())
        raise SourceError(f"no engine for {redacted(location)}; give a location such as {examples}")
    return engine


def _opensearch(location: str) -> MaintainedStore:
    from index.engines.opensearch.store import OpenSearchStore  # its client takes a while to load

    return OpenSearchStore(location)


ENGINES = {
    FOLDER: Kind("var/index", EmbeddedStore),
    "opensearch": Kind("opensearch+https://host:9200/name", _opensearch),
}
"""The engines, each under the first part of the scheme of its URLs; `search.engines` has the same names."""
