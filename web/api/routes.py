"""The JSON routes: search, one article, analysis, health."""

from __future__ import annotations

from flask import Flask, Response, request

from search.errors import SearchError
from web import errors
from web.api import payload, shape
from web.api.words import text_answer
from web.arguments import ParameterError
from web.bidi import json_answer
from web.limits import affordable, check_answer
from web.links import API_ANALYZE, API_ARTICLES, API_FACETS, API_SEARCH, Links
from web.parameters import FACETS
from web.parsing import parse, parse_facet, parse_text
from web.site import Site, conditional

JSON = "application/json; charset=utf-8"


class Api:
    """The routes that answer with JSON."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def register(self, app: Flask) -> None:
        """Add the routes to the application."""
        app.add_url_rule(API_SEARCH, "api_search", self.search)
        app.add_url_rule(f"{API_ARTICLES}<document_id:document_id>", "api_article", self.article)
        app.add_url_rule(f"{API_FACETS}<name>", "api_facet", self.facet)
        app.add_url_rule(API_ANALYZE, "api_analyze", self.analyze)
        app.add_url_rule("/health", "health", self.health)

    def search(self) -> Response:
        """`GET /api/v1/search`. Raises ParameterError, SearchError."""
        parameters = parse(request.environ.get("QUERY_STRING", ""), self._site.config.names)
        links = Links(API_SEARCH, parameters)
        result = affordable(self._site.service.search(parameters.request), links)
        answer = payload.search_answer(result, links, self._site.config)
        response = Response(check_answer(json_answer(answer)), content_type=JSON)
        for relation in ("next", "prev", "first"):
            if target := answer["links"][relation]:
                response.headers.add("Link", f'<{target}>; rel="{relation}"')
        return conditional(response, result.index.generation, answer["links"]["self"], self._site.version, public=True)

    def facet(self, name: str) -> Response:
        """`GET /api/v1/facets/<name>`: the values of a facet by prefix. Raises ParameterError, SearchError."""
        if name not in FACETS:
            return errors.respond(errors.NO_FACET)
        parameters, typed = parse_facet(request.environ.get("QUERY_STRING", ""), self._site.config.names)
        result = self._site.facet_values(name, parameters, typed)
        answer = payload.facet_answer(result, typed, parameters, self._site.config)
        response = Response(check_answer(json_answer(answer)), content_type=JSON)
        return conditional(response, result.index.generation, answer["links"]["self"], self._site.version, public=True)

    def article(self, document_id: str) -> Response:
        """`GET /api/v1/articles/<id>`. Raises SearchError."""
        stored = self._site.service.article(document_id)
        if stored is None:
            return errors.respond(errors.NO_ARTICLE)
        body = json_answer(payload.article_answer(stored.document, self._site.config))
        return conditional(
            Response(body, content_type=JSON), stored.document.content_hash(), self._site.version, public=True
        )

    def analyze(self) -> Response:
        """`GET /api/v1/analyze`. Raises ParameterError."""
        text = parse_text(request.environ.get("QUERY_STRING", ""))
        if not text.strip():
            raise ParameterError(
                "missing-parameter", "Nothing to analyze", "أعطِ الكلمة أو النص في المعامل «text».", "text"
            )
        answer = text_answer(text, self._site.service.analyzer)
        response = Response(json_answer(answer), content_type=JSON)
        return conditional(response, answer["analyzer"]["fingerprint"], text, self._site.version, public=True)

    def health(self) -> Response:
        """`GET /health`: 200 if the engine answers a real query, else 503."""
        try:
            probe = self._site.service.probe()
        except SearchError as error:
            return errors.respond_unavailable(error)
        if not probe.ok:
            return errors.respond_unavailable(probe.detail)
        answer: shape.HealthShape = {
            "status": "damaged" if probe.condition.problems else "ok",
            "documents": probe.documents,
            "generation": probe.generation,
            "analyzer": probe.analyzer,
            "problems": probe.condition.problems,
            "verified": None if (verified := probe.condition.verified) is None else verified.isoformat(),
        }
        response = Response(json_answer(answer), content_type=JSON)
        response.cache_control.no_store = True
        return response
