"""The engines: which one answers for a location."""

from __future__ import annotations

from index.build import behind, catch_up
from index.engines import folder_of
from index.errors import IndexingError, IndexLockedError, IndexMismatchError
from index.location import is_cluster
from search.engine import Engine
from search.engines.embedded.engine import EmbeddedEngine
from search.errors import EngineUnavailableError, IndexOutdatedError


def open_engine(location: str, *, cache_mb: int | None = None) -> Engine:
    """Return the engine of the index at `location`, after reading again what a crash kept from it.

    It keeps at most `cache_mb` of what earlier searches worked out; None leaves it to the engine.

    Raises:
        IndexOutdatedError: another analyzer or format built the index; the text has the command that mends it.
        EngineUnavailableError: there is no index, or it cannot be opened; the text has the remedy.
    """
    try:
        if is_cluster(location):
            from search.engines.opensearch.engine import OpenSearchEngine  # its client takes a while to load

            return OpenSearchEngine(location, cache_mb=cache_mb)
        if behind(location):
            _catch_up(location)
        return EmbeddedEngine(folder_of(location), cache_mb=cache_mb)
    except IndexMismatchError as error:
        raise IndexOutdatedError(str(error)) from error
    except IndexingError as error:
        raise EngineUnavailableError(str(error)) from error


def _catch_up(location: str) -> None:
    try:
        catch_up(location)
    except IndexLockedError:
        # somebody is writing now: what is missing arrives with that commit
        return
