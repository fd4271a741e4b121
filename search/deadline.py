"""The deadline of a request: the steps of a search check it, so that none goes on for longer than its caller waits.

A deadline belongs to the request that the current thread works on. It is set once, by the web layer, when the request
arrives; engines and everything else that takes time call `check` between their steps. There is none by default, so that
the command line may take as long as it needs.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Iterator
from contextlib import contextmanager

from search.errors import SearchTimeoutError

_ends: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)
"""When the current request has to be answered, on the clock of `time.monotonic`."""


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Give the block `seconds` from now on; None takes the limit off."""
    token = _ends.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float | None:
    """Return the seconds that are left, below 0 if the time is over; None if there is no deadline."""
    ends = _ends.get()
    return None if ends is None else ends - time.monotonic()


def check() -> None:
    """Return at once if there is time left or no deadline.

    Raises:
        SearchTimeoutError: the time is over.
    """
    ends = _ends.get()
    if ends is not None and time.monotonic() > ends:
        raise SearchTimeoutError("the search was stopped at its deadline; ask for fewer words, hits or extras")
