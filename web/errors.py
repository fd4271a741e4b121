"""Error responses: problem details (RFC 9457) under `/api` and `/health`, an Arabic page elsewhere.

The last part of `type` is a stable name; titles are English, details Arabic. No response shows a traceback, a path on
the server or the text of an internal exception.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import TypedDict
from urllib.parse import quote

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from search.errors import EngineUnavailableError, IndexOutdatedError, OverloadedError, SearchTimeoutError
from web.arguments import ParameterError
from web.bidi import html_bytes, json_answer
from web.parameters import FACETS

MAX_INSTANCE_LENGTH = 2000
"""Longest address in characters that a problem repeats in full; of a longer one it repeats the path only."""

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One error as the response shows it."""

    slug: str
    title: str
    status: int
    detail: str
    param: str | None = None
    position: int | None = None


class ProblemShape(TypedDict):
    """An error after RFC 9457; `param` is the invalid parameter, `position` an offset in its value, null if unknown."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    param: str | None
    position: int | None


_UNAVAILABLE = Problem(
    "index-unavailable", "Index unavailable", 503, "الفهرس غير متاح الآن. حاول بعد قليل؛ وسجلّ الخادم يبيّن السبب."
)
_OUTDATED = Problem(
    "index-outdated",
    "Index built by another version",
    503,
    "بنت الفهرس نسخة أخرى من البرنامج تقرأ الكلمات على نحو آخر. أعد الفهرسة بالأمر: judhur index rebuild",
)
_TIMEOUT = Problem(
    "search-timeout",
    "Search took too long",
    503,
    "لم يكتمل البحث في الوقت المتاح فأوقفناه، ولا نعرض جوابا ناقصا. قلّل الكلمات أو نتائج الصفحة، أو حاول بعد قليل.",
)
_OVERLOADED = Problem(
    "server-busy", "Server busy", 503, "ينتظر الخادمَ الآن بحثٌ كثير، فلم نبدأ هذا البحث. حاول من جديد بعد ثوان."
)
RETRY_SECONDS = 2
"""`Retry-After` of a search that was stopped or refused: by then the searches before it have ended."""
_INTERNAL = Problem("internal-error", "Internal error", 500, "حدث خطأ في الخادم. سجّلناه، ويمكنك المحاولة من جديد.")
_BY_STATUS = {
    404: Problem("not-found", "Not found", 404, "لا يوجد شيء في هذا العنوان."),
    405: Problem("method-not-allowed", "Method not allowed", 405, "هذا العنوان للقراءة فقط: GET أو HEAD."),
    400: Problem("bad-request", "Bad request", 400, "الطلب ليس كما يقتضي HTTP؛ ينقصه اسم المضيف أو يتكرر فيه."),
    500: _INTERNAL,
}
NO_FACET = Problem(
    "no-such-facet",
    "No such facet",
    404,
    f"لا نعرف بابا للتصفية بهذا الاسم؛ الأسماء المعروفة: {'، '.join(FACETS)}.",
)
NO_ARTICLE = Problem("no-such-article", "No such article", 404, "لا يوجد في الفهرس مقال بهذا المعرّف.")


def register(app: Flask) -> None:
    """Register the handlers for every error of the application."""
    app.register_error_handler(ParameterError, _parameter_error)
    app.register_error_handler(EngineUnavailableError, respond_unavailable)
    app.register_error_handler(SearchTimeoutError, _timed_out)
    app.register_error_handler(OverloadedError, _overloaded)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def respond(problem: Problem) -> Response:
    """Return a problem as JSON or as a page, depending on the address of the request."""
    if request.path.startswith("/api/") or request.path in ("/api", "/health"):
        response = Response(json_answer(_shape(problem)), problem.status, content_type="application/problem+json")
    else:
        html = render_template("error.html", problem=problem)
        response = Response(html_bytes(html), problem.status, content_type="text/html; charset=utf-8")
    response.cache_control.no_store = True
    return response


def respond_unavailable(reason: Exception | str) -> Response:
    """Return a 503; the reason, which may contain paths, is written to the log only.

    The response has a `Retry-After` header if the error gives a time after which a retry can succeed.
    """
    _log.error("index unavailable: %s", reason)
    response = respond(_OUTDATED if isinstance(reason, IndexOutdatedError) else _UNAVAILABLE)
    if isinstance(reason, EngineUnavailableError) and reason.retry_after is not None:
        response.headers["Retry-After"] = str(reason.retry_after)
    return response


def _timed_out(error: Exception) -> Response:
    _log.warning("%r: %s", request.path, error)  # a path may have line ends
    return _later(_TIMEOUT)


def _overloaded(_error: Exception) -> Response:
    return _later(_OVERLOADED)


def _later(problem: Problem) -> Response:
    response = respond(problem)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _shape(problem: Problem) -> ProblemShape:
    return {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": _instance(),
        "param": problem.param,
        "position": problem.position,
    }


def _instance() -> str:
    path = quote(request.path, safe="/:@!$&'()*+,;=~")
    arguments = quote(request.query_string, safe="/?:@!$&'()*+,;=~%")
    if not arguments or len(path) + len(arguments) >= MAX_INSTANCE_LENGTH:
        return path[:MAX_INSTANCE_LENGTH]
    return f"{path}?{arguments}"


def _parameter_error(error: Exception) -> Response:
    assert isinstance(error, ParameterError)  # noqa: S101 - registered for this class only
    return respond(Problem(error.slug, error.title, 400, error.detail, error.param, error.position))


def _http_error(error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    status = error.code or 500
    name = error.name.lower().replace(" ", "-").replace("'", "")
    response = respond(_BY_STATUS.get(status, Problem(name, error.name, status, "تعذّر الجواب عن هذا الطلب.")))
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unexpected_error(error: Exception) -> Response:
    _log.error("unexpected error at %r", request.path, exc_info=error)
    return respond(_INTERNAL)
