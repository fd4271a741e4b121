"""Translation of the write path's errors to the read path's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import IndexingError, IndexMismatchError
from search.errors import EngineUnavailableError, IndexOutdatedError


@contextmanager
def translated() -> Iterator[None]:
    """Raise the corresponding error of the read path for one of the write path, with the same message."""
    try:
        yield
    except IndexMismatchError as error:
        raise IndexOutdatedError(str(error)) from error
    except IndexingError as error:
        raise EngineUnavailableError(str(error)) from error
