"""The WSGI application: the one module that joins the search service, settings, routes and error handlers."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

from search.admission import Admission
from web import errors
from web.answers import Answers
from web.api.routes import Api
from web.bidi import direction, exact, plain
from web.compression import compress
from web.config import Config
from web.limits import Deadline, check_admission, check_host
from web.page.compiling import Templates
from web.page.routes import Pages
from web.site import Searching, Site, version_of

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STATIC_AGE = 365 * 24 * 3600
"""Seconds that a client may cache a static file whose address carries its version (`?v=`)."""


def create_app(
    service: Searching,
    config: Config,
    *,
    clock: Callable[[], dt.datetime] | None = None,
    admission: Admission | None = None,
    answers: Answers | None = None,
) -> Flask:
    """Return the WSGI application over a search service.

    `clock` returns the current time with its time zone; None is the system's clock in UTC. With the `admission` of the
    service, expensive searches that it would refuse are refused early. With `answers`, repeated requests are answered
    from memory.
    """
    app = Flask(__name__, template_folder="page/templates", static_folder="page/static")
    site = Site(service, config, version_of(Path(app.root_path) / "page", config), clock or _utc_now)
    app.url_map.converters["document_id"] = _DocumentId
    app.url_map.merge_slashes = False
    app.jinja_environment = Templates
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["exact"] = exact
    app.jinja_env.filters["plain"] = plain
    app.jinja_env.filters["direction"] = direction
    app.jinja_env.globals["version"] = site.version
    app.jinja_env.globals["digits"] = config.digits.value
    app.before_request(check_host)
    app.after_request(_add_headers)
    if answers is not None:
        answers.register(app)
    app.after_request(compress)  # before the answer is remembered: the last registered comes first
    if admission is not None:
        app.before_request(functools.partial(check_admission, admission))
    Pages(site).register(app)
    Api(site).register(app)
    errors.register(app)
    app.wsgi_app = Deadline(app.wsgi_app, config.deadline_ms / 1000)  # type: ignore[method-assign]
    return app


class _DocumentId(BaseConverter):
    """Matches any article id, including slashes at any position: sources choose their own ids."""

    regex = ".+"
    part_isolating = False


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _add_headers(response: Response) -> Response:
    response.headers.extend(SECURITY_HEADERS)  # nothing else sets one of them
    if request.endpoint == "static" and response.status_code == 200:  # noqa: PLR2004 - a status code
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = STATIC_AGE if "v" in request.args else 3600
    return response
