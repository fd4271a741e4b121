"""Answers remembered as bytes, by address and encoding, until the index changes, or the hour, for the ages on pages."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from flask import Flask, Response, g, request

from search.engines.cache import Cache
from web.compression import accepted
from web.site import if_changed

READING = frozenset({"home", "search", "api_search", "facet", "api_facet", "article", "api_article"})
"""Endpoints whose answers depend on their address, the index and the hour alone, and that read the index."""
LARGEST_SHARE = 8
"""An answer that would take more than this part of the memory is not remembered."""
OVERHEAD = 2_000
"""Bytes that an answer takes besides its body and its address: headers and objects."""


class Answer(NamedTuple):
    """A successful answer."""

    body: bytes
    headers: tuple[tuple[str, str], ...]
    nbytes: int
    """Estimated size in bytes, address included."""


class Answers:
    """The answers to the latest addresses, within a number of bytes. Safe to share among threads."""

    def __init__(self, megabytes: int, state: Callable[[], Hashable]) -> None:
        """Remember answers in `megabytes` of memory (1024 x 1024 bytes) for as long as `state` returns the same."""
        self._bound = megabytes * 1024 * 1024
        self._state_now = state
        self._remembered: tuple[Hashable, Cache] = None, Cache(self._bound)
        """The state of the index, and the answers over it."""

    @property
    def size(self) -> int:
        """Bytes that are taken."""
        return self._remembered[1].nbytes

    def register(self, app: Flask) -> None:
        """Have the application answer from memory; what it does before a request later is spared then."""
        app.before_request(self._recall)
        app.after_request(self._remember)

    def _recall(self) -> Response | None:
        if request.endpoint not in READING or request.method not in ("GET", "HEAD"):
            return None
        key = (request.path, request.environ.get("QUERY_STRING", ""), accepted())
        cache = self._over(self._state_now())
        answer = cache.find(key, Answer)
        if answer is None:
            g.unanswered = cache, key
            return None
        return if_changed(Response(answer.body, headers=answer.headers))

    def _remember(self, response: Response) -> Response:
        place = g.pop("unanswered", None)
        if place is not None and response.status_code == 200:  # noqa: PLR2004 - a status code
            cache, key = place
            body = response.get_data()
            size = OVERHEAD + len(body) + sum(map(len, key))
            if size * LARGEST_SHARE <= self._bound:
                cache.keep(key, Answer(body, tuple(response.headers), size))
        return response

    def _over(self, state: Hashable) -> Cache:
        """Return the answers over this state of the index; those over another one are forgotten."""
        former, cache = self._remembered
        if former != state:
            cache = Cache(self._bound)
            self._remembered = state, cache
        return cache
