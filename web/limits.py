"""Bounds of a request as HTTP: the time for its answer, its host, the size of the answer and of its addresses."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request
from werkzeug.exceptions import BadRequest

from search import deadline
from search.admission import Admission, Work
from search.engine import FacetCounts, FormCount, FormCounts, ValueCount
from search.request import FORM
from search.results import SearchResult
from web.arguments import ParameterError
from web.links import Links
from web.parameters import EXTRA, PER_PAGE, Q

_DIGITS = len(str(PER_PAGE.highest))
_SEARCHES = frozenset({"home", "search", "api_search", "facet", "api_facet"})
"""Endpoints that search."""
MAX_ANSWER = 4 * 1024 * 1024
"""Largest answer to a search in bytes. A page of 100 hits with every extra has about 2.5 million."""
MAX_LINKS = 1_500_000
"""Bytes of the addresses of all values in one answer."""

_Value = TypeVar("_Value", ValueCount, FormCount)


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
    text, hits, extra = (arguments.get(row.name, "") for row in (Q, PER_PAGE, EXTRA))
    admission.check(
        Work(
            words=1 + text.count("+") + text.count("%20"),
            hits=int(hits) if hits.isascii() and hits.isdigit() and len(hits) <= _DIGITS else PER_PAGE.default,
            explained="explain" in extra,
            positioned="positions" in extra,
        )
    )


def affordable(result: SearchResult, links: Links) -> SearchResult:
    """Return the result with fewer values in its facets if their addresses would be larger than `MAX_LINKS` together.

    Every value has two addresses, and each repeats the whole search. What is selected stays; what is left out is
    counted in `other`, and the search within a facet finds it.
    """
    listed_forms = result.forms or FormCounts((), 0)
    count = len(listed_forms.values) + sum(len(facet.values) for facet in result.facets)
    most = MAX_LINKS // (2 * len(links.here()))
    if count <= most:
        return result
    share = most // (len(result.facets) + 1)
    forms, other = _few(listed_forms.values, share, lambda value: links.selects(FORM, value.form))
    return dataclasses.replace(
        result,
        facets=tuple(_fewer(facet, share, links) for facet in result.facets),
        forms=result.forms and FormCounts(forms, listed_forms.other + other),
    )


def _fewer(facet: FacetCounts, share: int, links: Links) -> FacetCounts:
    values, other = _few(facet.values, share, lambda value: links.selects(facet.field.value, value.value))
    return FacetCounts(facet.field, values, facet.other + other)


def _few(values: Sequence[_Value], share: int, selected: Callable[[_Value], bool]) -> tuple[tuple[_Value, ...], int]:
    """Return the first `share` values and the selected ones, and how many others there are."""
    kept = tuple(value for place, value in enumerate(values) if place < share or selected(value))
    return kept, len(values) - len(kept)


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
            PER_PAGE.name,
        )
    return body
