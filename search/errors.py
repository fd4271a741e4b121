"""Errors of the read path."""

from __future__ import annotations


class SearchError(Exception):
    """Base class of the errors of the read path; the message says what failed, where, and what to do."""


class UnknownFieldError(SearchError):
    """A request has a field that the index does not have."""


class EngineUnavailableError(SearchError):
    """The engine cannot answer now: the index is missing, mismatched, damaged or not reachable."""

    def __init__(self, text: str, *, retry_after: int | None = None, overloaded: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        """Seconds after which a retry may succeed; None if manual repair is needed."""
        self.overloaded = overloaded
        """Whether a time-out was exceeded, so that further searches would increase the load."""


class IndexOutdatedError(EngineUnavailableError):
    """The index was built with another analyzer or format version; rebuild it to fix this."""


class SnapshotExpiredError(EngineUnavailableError):
    """The texts of a snapshot are gone, after several commits or a restore during the search; a new one succeeds."""

    def __init__(self) -> None:
        super().__init__("the index was changed several times during the search; try again", retry_after=1)


class SearchTimeoutError(SearchError):
    """A search was stopped at its deadline; what it had found is discarded, since it is not the whole answer."""


class OverloadedError(SearchError):
    """A search was refused because too many wait already."""

    def __init__(self) -> None:
        super().__init__("too many searches wait already; try again in a few seconds")


class TooManyFormsError(SearchError):
    """A prefix matches more words than one search may read."""

    def __init__(self, prefix: str, found: int, limit: int) -> None:
        super().__init__(
            f'"{prefix}*" matches {found} words, more than the limit of {limit}; type more letters before the star'
        )
        self.prefix = prefix
        self.found = found
        """Number of words that the prefix matches."""
        self.limit = limit
