"""The engines: `open_engine` chooses one by the location of the index."""

from __future__ import annotations

import logging
from collections.abc import Callable

from index.engines import FOLDER, engine_of
from index.engines.embedded.store import EmbeddedStore, folder_of
from index.errors import IndexLockedError, IndexReadOnlyError
from search.engine import Engine
from search.engines.embedded.engine import EmbeddedEngine
from search.engines.errors import translated

_LOG = logging.getLogger(__name__)


def open_engine(location: str, *, cache_mb: int | None = None) -> Engine:
    """Return the engine of the index at `location`.

    If a crash kept articles of the archive out of an embedded index, they are added first. The engine caches at most
    `cache_mb` megabytes; None means the engine's default.

    Raises:
        IndexOutdatedError: the index was built with another analyzer or format version; the message has the command to
            rebuild it.
        EngineUnavailableError: there is no index, or it cannot be opened; the message says what to do.
    """
    with translated():
        return ENGINES[engine_of(location)](location, cache_mb)


def _embedded(location: str, cache_mb: int | None) -> Engine:
    store = EmbeddedStore(location)
    if store.behind():
        _catch_up(store)
    return EmbeddedEngine(folder_of(location), cache_mb=cache_mb)


def _opensearch(location: str, cache_mb: int | None) -> Engine:
    from search.engines.opensearch.engine import OpenSearchEngine  # its client takes a while to load

    return OpenSearchEngine(location, cache_mb=cache_mb)


ENGINES: dict[str, Callable[[str, int | None], Engine]] = {FOLDER: _embedded, "opensearch": _opensearch}
"""How each engine opens the index at a location, by the names of `index.engines.ENGINES`."""


def _catch_up(store: EmbeddedStore) -> None:
    try:
        store.catch_up()
    except IndexLockedError:
        # another writer is open: its commit adds the missing articles
        return
    except IndexReadOnlyError as error:
        # a reader without the right to write: it reads the articles as they were when the index was made
        _LOG.warning("%s lacks changes of its articles, and this process cannot apply them: %s", store.location, error)
