"""Errors of the read path."""

from __future__ import annotations


class SearchError(Exception):
    """Base of the read path's errors; its text says what, where, and what to do."""


class UnknownFieldError(SearchError):
    """A request names a field that the index does not have."""


class EngineUnavailableError(SearchError):
    """The engine cannot answer now (index missing, mismatched, damaged or out of reach)."""

    def __init__(self, text: str, *, retry_after: int | None = None, overloaded: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        """Seconds after which it may answer; None when somebody has to mend something first."""
        self.overloaded = overloaded
        """Whether it took too long, so that more searches would only make it worse."""


class IndexOutdatedError(EngineUnavailableError):
    """The index was built by another analyzer or format than this code's; building it again mends it."""


class SearchTimeoutError(SearchError):
    """A search was stopped at its deadline; what it had found is discarded, since it is not the whole answer."""


class OverloadedError(SearchError):
    """A search was refused because too many wait already."""

    def __init__(self) -> None:
        super().__init__("too many searches wait already; try again in a few seconds")


class TooManyFormsError(SearchError):
    """A prefix stands for more words than one search may look at."""

    def __init__(self, prefix: str, found: int, limit: int) -> None:
        super().__init__(
            f'"{prefix}*" stands for {found} words, more than the {limit} that are searched; type more letters'
        )
        self.prefix = prefix
        self.found = found
        self.limit = limit
