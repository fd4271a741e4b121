"""The engine of an index on a cluster: opens points in time over it, and searchers over these."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster, ClusterError, ClusterTimeoutError
from index.engines.opensearch.control import Control, State
from index.engines.opensearch.mapping import names
from index.engines.opensearch.pairing import check_pair
from index.engines.opensearch.versions import check_version
from search import deadline
from search.engine import Condition
from search.engines import errors
from search.engines.cache import usual_megabytes
from search.engines.opensearch.circuit_breaker import CircuitBreaker
from search.engines.opensearch.point_in_time import PointInTime
from search.engines.opensearch.searcher import OpenSearchSearcher
from search.errors import EngineUnavailableError, SearchTimeoutError

RETRY_SECONDS = 5
"""Value of Retry-After, in seconds, when the cluster cannot answer."""
_TOO_MANY = 429


class OpenSearchEngine:
    """An index on a cluster. Safe to share among threads."""

    def __init__(self, location: str, *, cache_mb: int | None = None) -> None:
        """Open the index at `location`, with a cache of at most `cache_mb` megabytes (None: `usual_megabytes`).

        Raises:
            IndexOutdatedError: the index was built with another analyzer or format version.
            EngineUnavailableError: the index is missing, or the cluster cannot be reached.
        """
        self._cache_bytes = (usual_megabytes() if cache_mb is None else cache_mb) * 1024 * 1024
        self._guard = threading.Lock()
        self._point_in_time: PointInTime | None = None
        self._checked: dict[int, str] = {}
        """Version of the analyzer by index version, for the index versions that `check_version` accepted."""
        self._circuit_breaker = CircuitBreaker()
        with translated():
            self._cluster = Cluster(ClusterAddress.of(location), deadline.remaining)
            self._control = Control(self._cluster)
            try:
                self._analyzer_of(self._control.state())
            except BaseException:
                self._cluster.close()
                raise

    @contextmanager
    def searcher(self) -> Iterator[OpenSearchSearcher]:
        """See `Engine.searcher`; a commit by any process is seen by the next searcher."""
        with self._circuit_breaker.passing(), translated():
            point_in_time = self._acquire()
            try:
                yield OpenSearchSearcher(point_in_time)
            finally:
                self._release(point_in_time)

    def condition(self) -> Condition:
        """See `Engine.condition`: the cluster checks its own files when it reads them."""
        with translated():
            last = self._control.verification(self._control.state().version)
        return Condition(last.problems if last else 0, last.at if last else None)

    def close(self) -> None:
        """See `Engine.close`."""
        with self._guard:
            point_in_time, self._point_in_time = self._point_in_time, None
        if point_in_time is not None:
            point_in_time.close()
        self._cluster.close()

    def _acquire(self) -> PointInTime:
        """Return the newest point in time; it stays open until `_release`."""
        state = self._control.state()
        with self._guard:
            point_in_time = self._point_in_time
            if point_in_time is not None and point_in_time.state.generation == state.generation:
                point_in_time.users += 1
                return point_in_time
        # opened without the lock: a cluster that hangs blocks only searches that need the new point in time
        return self._share(self._open(state))

    def _share(self, fresh: PointInTime) -> PointInTime:
        """Return the point in time to use: `fresh`, now shared, or the one that another thread has just shared."""
        with self._guard:
            old, unused = self._point_in_time, None
            if old is not None and old.state.generation == fresh.state.generation:
                point_in_time, unused = old, fresh
            else:
                point_in_time = self._point_in_time = fresh
                if old is not None:
                    old.retired = True
                    unused = None if old.users else old
            point_in_time.users += 1
        if unused is not None:
            unused.close()
        return point_in_time

    def _open(self, state: State) -> PointInTime:
        indices = names(self._cluster.address.name, state.version)
        check = functools.partial(check_pair, self._cluster, self._control, state)
        return PointInTime(self._cluster, state, indices, self._analyzer_of(state), self._cache_bytes, check)

    def _release(self, point_in_time: PointInTime) -> None:
        with self._guard:
            point_in_time.users -= 1
            ended = point_in_time.retired and not point_in_time.users
        if ended:
            point_in_time.close()

    def _analyzer_of(self, state: State) -> str:
        if state.version not in self._checked:
            self._checked[state.version] = check_version(self._cluster, state.version)
        return self._checked[state.version]


@contextmanager
def translated() -> Iterator[None]:
    """Convert errors of the write path as `errors.translated` does, and those of the cluster by what they mean.

    Raises:
        IndexOutdatedError, EngineUnavailableError: as there.
        SearchTimeoutError: the cluster stopped a search at the deadline of the request.
    """
    with errors.translated():
        try:
            yield
        except ClusterError as error:
            # A time-out with a status is an answer: the nodes have cancelled the search and are free for the next one.
            timed_out = isinstance(error, ClusterTimeoutError)
            if timed_out and error.status and deadline.remaining() is not None:
                raise SearchTimeoutError(str(error)) from error
            silent = timed_out and not error.status
            raise EngineUnavailableError(
                str(error),
                retry_after=RETRY_SECONDS if error.passes else None,
                overloaded=silent or error.status == _TOO_MANY,
            ) from error
