"""Answers remembered as bytes, by address and encoding, until the index changes, or the hour, for the ages on pages."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from flask import Flask, Response, g, request

from web.compression import accepted

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


class Answers:
    """The answers to the latest addresses, within a number of bytes. Safe to share among threads."""

    def __init__(self, megabytes: int, state: Callable[[], Hashable]) -> None:
        """Remember answers in `megabytes` of memory (1024 x 1024 bytes) for as long as `state` returns the same."""
        self._bound = megabytes * 1024 * 1024
        self._state_now = state
        self._state: Hashable = None
        self._answers: OrderedDict[Hashable, tuple[int, Answer]] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0
        """Bytes that are taken."""

    def register(self, app: Flask) -> None:
        """Have the application answer from memory; what it does before a request later is spared then."""
        app.before_request(self._recall)
        app.after_request(self._remember)

    def _recall(self) -> Response | None:
        if request.endpoint not in READING or request.method not in ("GET", "HEAD"):
            return None
        state = self._state_now()
        key = (request.path, request.environ.get("QUERY_STRING", ""), accepted())
        answer = self._get(state, key)
        if answer is None:
            g.unanswered = state, key
            return None
        response = Response(answer.body, headers=answer.headers)
        response.make_conditional(request)
        return response

    def _remember(self, response: Response) -> Response:
        place = g.pop("unanswered", None)
        if place is not None and response.status_code == 200:  # noqa: PLR2004 - a status code
            state, key = place
            self._put(state, key, Answer(response.get_data(), tuple(response.headers)))
        return response

    def _get(self, state: Hashable, key: Hashable) -> Answer | None:
        with self._lock:
            if state != self._state:
                self._answers.clear()
                self._state, self.size = state, 0
            if key not in self._answers:
                return None
            self._answers.move_to_end(key)
            return self._answers[key][1]

    def _put(self, state: Hashable, key: tuple[str, str, str], answer: Answer) -> None:
        size = OVERHEAD + len(answer.body) + sum(map(len, key))
        with self._lock:
            # An answer of a commit that came during its request is as good; one of an earlier commit is not.
            if state != self._state or key in self._answers or size * LARGEST_SHARE > self._bound:
                return
            self._answers[key] = size, answer
            self.size += size
            while self.size > self._bound:
                self.size -= self._answers.popitem(last=False)[1][0]
