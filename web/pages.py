"""The pages that people read: the search, one article, and how words are read."""

from __future__ import annotations

from flask import Flask, Response, render_template, request

from index.analysis.pipeline import load_analyzer
from web import errors
from web.analysis import analysis_view
from web.columns import Column
from web.links import PAGE_ANALYZE, PAGE_ARTICLES, PAGE_FACETS, PAGE_SEARCH, Links, facet_search
from web.params import FACETS, parse, parse_facet, parse_text
from web.reading import article_view
from web.site import Site, conditional
from web.views import Maker

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
        parameters = parse(request.environ.get("QUERY_STRING", ""), self._site.config.names, tolerant=True)
        result = self._site.service.search(parameters.request)
        links, now = Links(PAGE_SEARCH, parameters), self._site.now()
        view = Maker(result, links, self._site.config, now).view()
        # Hours ago are shown, so a page grows old by the hour.
        return self._page(
            render_template("search.html", view=view), result.index.generation, links.here(), f"{now:%Y-%m-%dT%H}"
        )

    def facet(self, name: str) -> Response:
        """`GET /facets/<name>`: search within a facet. Raises ParameterError, SearchError."""
        if name not in FACETS:
            return errors.respond(errors.NO_FACET)
        parameters, typed = parse_facet(request.environ.get("QUERY_STRING", ""), self._site.config.names, tolerant=True)
        result = self._site.facet_values(name, parameters, typed)
        column = Column(Links(PAGE_SEARCH, parameters), self._site.config.names, self._site.config.digits)
        html = render_template("facet.html", view=column.found(result, typed), text=parameters.request.text)
        return self._page(html, result.index.generation, facet_search(name, typed, parameters))

    def article(self, document_id: str) -> Response:
        """`GET /articles/<id>`. Raises SearchError."""
        stored = self._site.service.article(document_id)
        if stored is None:
            return errors.respond(errors.NO_ARTICLE)
        view = article_view(stored.document, self._site.config)
        return self._page(render_template("article.html", view=view), stored.document.content_hash())

    def analyze(self) -> Response:
        """`GET /analyze`: the way of each word of a text, or the empty box. Raises ParameterError."""
        text = parse_text(request.environ.get("QUERY_STRING", ""), tolerant=True)
        analyzer = load_analyzer()
        view = analysis_view(text, analyzer, self._site.config.digits)
        return self._page(render_template("analyze.html", view=view), analyzer.fingerprint(), text)

    def _page(self, html: str, *tag: str) -> Response:
        # A lone surrogate in an article is no text; a page can only show that something is missing there.
        response = Response(html.encode("utf-8", "replace"), content_type=HTML)
        return conditional(response, *tag, self._site.version, public=False)
