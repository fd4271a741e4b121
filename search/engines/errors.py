"""Translation of the write path's errors to the read path's, for every engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import IndexingError, IndexMismatchError
from search.errors import EngineUnavailableError, IndexOutdatedError


@contextmanager
def translated() -> Iterator[None]:
    """Convert errors of the write path that the block raises into those of the read path, with the same message.

    Raises:
        IndexOutdatedError: the index was built with another analyzer or format version.
        EngineUnavailableError: the index is missing, damaged or cannot be reached.
    """
    try:
        yield
    except IndexMismatchError as error:
        raise IndexOutdatedError(str(error)) from error
    except IndexingError as error:
        raise EngineUnavailableError(str(error)) from error
