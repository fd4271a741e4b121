"""What every route stands on: the search service as the web layer sees it, the settings, the page's version."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from flask import Response, request

from index.document import StoredDocument
from index.schema import FacetField
from search.request import SearchRequest
from search.results import FacetResult, SearchResult
from web.config import Config
from web.params import FORM, Parameters

MAX_AGE = 60
"""Seconds that an answer may be kept without asking again."""


class Probe(Protocol):
    """What a real query found out about the index."""

    @property
    def ok(self) -> bool:
        """Whether the index answers."""

    @property
    def documents(self) -> int:
        """Articles in the index."""

    @property
    def generation(self) -> str:
        """Changes with every commit."""

    @property
    def analyzer(self) -> str:
        """Version of the analyzer."""

    @property
    def detail(self) -> str:
        """What is wrong, for the log."""


class Searching(Protocol):
    """The read path, as the web layer needs it; `search.service.SearchService` is one."""

    def search(self, request: SearchRequest, /) -> SearchResult:
        """Return the page that was asked for. Raises SearchError."""

    def facet_values(self, request: SearchRequest, facet: FacetField | None, typed: str, /) -> FacetResult:
        """Return the values of a facet that were sought; None is the facet of the forms. Raises SearchError."""

    def article(self, document_id: str, /) -> StoredDocument | None:
        """Return an article, or None. Raises SearchError."""

    def probe(self) -> Probe:
        """Run a real query."""


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """The parts that routes share."""

    service: Searching
    config: Config
    version: str
    """Changes with the templates, the static files and the settings that show in an answer."""
    clock: Callable[[], dt.datetime]
    """The aware present moment."""

    def facet_values(self, name: str, parameters: Parameters, typed: str) -> FacetResult:
        """Return the values of the facet of this name that were sought. Raises SearchError."""
        return self.service.facet_values(parameters.request, None if name == FORM else FacetField(name), typed)

    def now(self) -> dt.datetime:
        """Return the present moment by the clocks of the configured zone."""
        return self.clock().astimezone(self.config.zone)


def version_of(folder: Path, config: Config) -> str:
    """Return a short digest of the templates and static files under `folder` and of what of `config` is shown."""
    digest = hashlib.sha256(repr((config.zone.key, config.digits, sorted(config.source_names.items()))).encode())
    for kind in ("templates", "static"):
        for path in sorted((folder / kind).rglob("*")):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def conditional(response: Response, *parts: str, public: bool) -> Response:
    """Give an answer the tag that `parts` decide, and turn it into a 304 if the client has it already."""
    tag = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]
    # Weak: `took_ms` differs from answer to answer while everything else is the same.
    response.set_etag(tag, weak=True)
    if public:
        response.cache_control.public = True
    else:
        response.cache_control.private = True
    response.cache_control.max_age = MAX_AGE
    response.make_conditional(request)
    return response
