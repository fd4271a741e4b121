"""The HTML routes: search, values of a facet, one article, analysis of words."""

from __future__ import annotations

from flask import Flask, Response, render_template, request

from web import errors
from web.bidi import html_bytes
from web.limits import affordable, check_answer
from web.links import PAGE_ANALYZE, PAGE_ARTICLES, PAGE_FACETS, PAGE_SEARCH, Links, facet_search
from web.page.analysis import analysis_view
from web.page.article_page import article_view
from web.page.columns import Column
from web.page.views import SearchPresenter
from web.parameters import FACETS
from web.parsing import parse, parse_facet, parse_text
from web.site import Site, conditional, hour

HTML = "text/html; charset=utf-8"


class Pages:
    """The routes that answer with HTML."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def register(self, app: Flask) -> None:
        """Add the routes to the application."""
        app.add_url_rule("/", "home", self.search)
        app.add_url_rule(PAGE_SEARCH, "search", self.search)
        app.add_url_rule(f"{PAGE_FACETS}<name>", "facet", self.facet)
        app.add_url_rule(PAGE_ANALYZE, "analyze", self.analyze)
        app.add_url_rule(f"{PAGE_ARTICLES}<document_id:document_id>", "article", self.article)

    def search(self) -> Response:
        """`GET /` and `GET /search`. Raises ParameterError, SearchError."""
        parameters = parse(
            request.environ.get("QUERY_STRING", ""), self._site.config.names, tolerant=True
        ).for_readers()
        links, now = Links(PAGE_SEARCH, parameters), self._site.now()
        result = affordable(self._site.service.search(parameters.request), links)
        view = SearchPresenter(result, links, self._site.config, now, self._site.service.analyzer).view()
        html = render_template("search.html", view=view)
        return self._answer(html, result.index.generation, links.here(), hour(now))

    def facet(self, name: str) -> Response:
        """`GET /facets/<name>`: the values of a facet by prefix. Raises ParameterError, SearchError."""
        if name not in FACETS:
            return errors.respond(errors.NO_FACET)
        parameters, typed = parse_facet(request.environ.get("QUERY_STRING", ""), self._site.config.names, tolerant=True)
        result = self._site.facet_values(name, parameters, typed)
        column = Column(Links(PAGE_SEARCH, parameters), self._site.config.names, self._site.config.digits)
        html = render_template("facet.html", view=column.found(result, typed), text=parameters.request.text)
        return self._answer(html, result.index.generation, facet_search(name, typed, parameters))

    def article(self, document_id: str) -> Response:
        """`GET /articles/<id>`. Raises SearchError."""
        stored = self._site.service.article(document_id)
        if stored is None:
            return errors.respond(errors.NO_ARTICLE)
        view = article_view(stored.document, self._site.config)
        return self._response(render_template("article.html", view=view), stored.document.content_hash())

    def analyze(self) -> Response:
        """`GET /analyze`: the analysis of each word of a text; without text only the box. Raises ParameterError."""
        text = parse_text(request.environ.get("QUERY_STRING", ""), tolerant=True)
        analyzer = self._site.service.analyzer
        view = analysis_view(text, analyzer, self._site.config.digits)
        return self._response(render_template("analyze.html", view=view), analyzer.version.fingerprint, text)

    def _answer(self, html: str, *tag: str) -> Response:
        return self._conditional(check_answer(html_bytes(html)), *tag)

    def _response(self, html: str, *tag: str) -> Response:
        return self._conditional(html_bytes(html), *tag)

    def _conditional(self, body: bytes, *tag: str) -> Response:
        return conditional(Response(body, content_type=HTML), *tag, self._site.version, public=False)
