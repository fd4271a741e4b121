"""What all routes share: the interface of the search service, the settings, the version of the page, caching."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from flask import Response, request

from index.analysis.analyzer import Analyzer
from index.document import StoredDocument
from index.schema import FacetField
from search.request import FORM, SearchRequest
from search.results import FacetResult, SearchResult
from search.service import Probe
from web.config import Config
from web.kinds import Parameters

CONDITIONS = {"HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"}
"""Headers of requests that name the tag of an answer (PEP 3333)."""
MAX_AGE = 60
"""Seconds that a client may cache an answer before it revalidates."""


class Searching(Protocol):
    """What the web layer needs of the read path; `search.service.SearchService` implements it."""

    @property
    def analyzer(self) -> Analyzer:
        """The analyzer of queries."""

    def search(self, request: SearchRequest, /) -> SearchResult:
        """Return the requested page of results. Raises SearchError."""

    def facet_values(self, request: SearchRequest, facet: FacetField | None, typed: str, /) -> FacetResult:
        """Return the values of a facet that match `typed`; a `facet` of None is the forms facet. Raises SearchError."""

    def article(self, document_id: str, /) -> StoredDocument | None:
        """Return an article, or None if the index has none with this id. Raises SearchError."""

    def probe(self) -> Probe:
        """Run a real query and return what it shows of the index. Raises SearchError."""


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """The parts that routes share."""

    service: Searching
    config: Config
    version: str
    """Digest of the templates, the static files and the settings that affect answers."""
    clock: Callable[[], dt.datetime]
    """Returns the current time, with its time zone."""

    def facet_values(self, name: str, parameters: Parameters, typed: str) -> FacetResult:
        """Return the values that match `typed` of the facet called `name`. Raises SearchError."""
        return self.service.facet_values(parameters.request, None if name == FORM else FacetField(name), typed)

    def now(self) -> dt.datetime:
        """Return the current time in the configured zone."""
        return self.clock().astimezone(self.config.zone)


def version_of(folder: Path, config: Config) -> str:
    """Return a short digest of the templates and static files in `folder` and of the settings that affect answers."""
    digest = hashlib.sha256(repr((config.zone.key, config.digits, sorted(config.names.by_id.items()))).encode())
    for kind in ("templates", "static"):
        for path in sorted((folder / kind).rglob("*")):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def hour(now: dt.datetime) -> str:
    """Return the hour of a time, for tags: pages show the age of articles in hours."""
    return f"{now:%Y-%m-%dT%H}"


def conditional(response: Response, *parts: str, public: bool) -> Response:
    """Set the ETag of an answer from `parts`, and turn the answer into a 304 if the client has it already.

    `public` answers may be kept by shared caches. The response is changed in place and returned.
    """
    tag = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]
    # A weak tag, since `took_ms` differs between otherwise equal answers.
    response.headers["ETag"] = f'W/"{tag}"'
    response.headers["Cache-Control"] = f"{'public' if public else 'private'}, max-age={MAX_AGE}"
    return if_changed(response)


def if_changed(response: Response) -> Response:
    """Turn an answer with a tag, in place, into a 304 if the client has it already."""
    if CONDITIONS & request.environ.keys():
        response.make_conditional(request)
    return response
