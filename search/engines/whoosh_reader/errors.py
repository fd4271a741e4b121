"""The write path's errors as those of the read path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import IndexingError, IndexMismatchError
from search.errors import EngineUnavailableError, IndexOutdatedError


@contextmanager
def translated() -> Iterator[None]:
    """Raise the read path's error for one of the write path's; the text stays."""
    try:
        yield
    except IndexMismatchError as error:
        raise IndexOutdatedError(str(error)) from error
    except IndexingError as error:
        raise EngineUnavailableError(str(error)) from error
