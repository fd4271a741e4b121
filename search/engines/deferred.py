"""An engine whose index cannot be opened yet: searches say why, and one of them opens it as soon as it can be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from search.engine import Condition, Engine, Searcher
from search.errors import EngineUnavailableError

RETRY_SECONDS = 1.0
"""Time between two attempts to open the index: each may read hundreds of megabytes."""


class DeferredEngine:
    """Opens an engine at once, or with a later search if the index cannot be opened now."""

    def __init__(self, open_engine: Callable[[], Engine]) -> None:
        """Try to open the engine; a failure is kept, and raised by each use until an attempt succeeds."""
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._error = EngineUnavailableError("the index was not opened yet")
        self._due = 0.0
        """When to try again, on the clock of `time.monotonic`."""
        self._guard = threading.Lock()
        self._try()

    @contextmanager
    def searcher(self) -> Iterator[Searcher]:
        """See `Engine.searcher`."""
        with self._opened().searcher() as searcher:
            yield searcher

    def condition(self) -> Condition:
        """See `Engine.condition`."""
        return self._opened().condition()

    def close(self) -> None:
        """See `Engine.close`."""
        if self._engine is not None:
            self._engine.close()

    def _opened(self) -> Engine:
        if self._engine is None:
            with self._guard:
                if self._engine is None and time.monotonic() >= self._due:
                    self._try()
        if self._engine is None:
            raise self._error
        return self._engine

    def _try(self) -> None:
        try:
            self._engine = self._open_engine()
        except EngineUnavailableError as error:
            self._error = error
        self._due = time.monotonic() + RETRY_SECONDS
