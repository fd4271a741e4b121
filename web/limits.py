"""Bounds of a request as HTTP: the time for its answer, its host, the size of the answer."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request
from werkzeug.exceptions import BadRequest

from search import deadline
from search.admission import Admission, Work
from search.request import SearchRequest
from web.arguments import ParameterError
from web.params import MAX_PER_PAGE

DEFAULT_HITS = SearchRequest().per_page
_DIGITS = len(str(MAX_PER_PAGE))
_SEARCHES = frozenset({"home", "search", "api_search", "facet", "api_facet"})
"""Endpoints that search."""
MAX_ANSWER = 4 * 1024 * 1024
"""Largest answer to a search in bytes. A page of 100 hits with every extra has about 2.5 million."""


class Deadline:
    """WSGI middleware: gives every request a deadline, which the steps of its search check."""

    def __init__(self, app: WSGIApplication, seconds: float) -> None:
        """Give the requests of `app` so many seconds."""
        self._app = app
        self._seconds = seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        with deadline.within(self._seconds):
            return self._app(environ, start_response)


def check_host() -> None:
    """Check that the current request names its host.

    Raises:
        BadRequest: it names none, or several (RFC 9112, 3.2).
    """
    host = request.environ.get("HTTP_HOST", "")
    # Granian joins repeated headers by commas, and a host has none.
    if "," in host or not (host or request.environ.get("SERVER_PROTOCOL") in ("HTTP/1.0", "HTTP/1")):
        raise BadRequest


def check_admission(admission: Admission) -> None:
    """Refuse the current request if it is an expensive search and too many wait, before its words are read.

    Under attack most requests end here; to read the words of one takes ten times as long as to refuse it.

    Raises:
        OverloadedError: too many wait.
    """
    if request.endpoint not in _SEARCHES:
        return
    arguments = dict(argument.partition("=")[::2] for argument in request.environ.get("QUERY_STRING", "").split("&"))
    text, hits, extra = (arguments.get(name, "") for name in ("q", "per_page", "extra"))
    admission.check(
        Work(
            words=1 + text.count("+") + text.count("%20"),
            hits=int(hits) if hits.isascii() and hits.isdigit() and len(hits) <= _DIGITS else DEFAULT_HITS,
            explained="explain" in extra,
            positioned="positions" in extra,
        )
    )


def check_answer(body: bytes) -> bytes:
    """Return the answer to a search as it is, if it is in time and not too large.

    Raises:
        SearchTimeoutError: the deadline came while the answer was written.
        ParameterError: it is larger than `MAX_ANSWER`; a part of it would pass for the whole.
    """
    deadline.check()
    if len(body) > MAX_ANSWER:
        raise ParameterError(
            "answer-too-large",
            "Answer too large",
            f"الجواب أكبر من {MAX_ANSWER >> 20} ميغابايت؛ اطلب نتائج أقل في الصفحة، أو بلا إضافات، أو بمرشّحات أقل.",
            "per_page",
        )
    return body
