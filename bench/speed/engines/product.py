"""The whole product: the default search through the service, the JSON endpoint, the page."""

from __future__ import annotations

import gc
import inspect
import os
import time
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.speed.corpus import ZONE, Corpus
from bench.speed.engines.peer import Answer, Duration, Mode, NotInstalledError, Stopwatch
from bench.speed.queries import Query
from index.analysis.installed import load_analyzer
from index.build import add_articles
from index.engines import store_of
from index.jobs import analyze_document
from index.schema import FORMAT_VERSION, FacetField
from search.engine import Engine
from search.engines import open_engine
from search.request import SearchRequest
from search.service import SearchService
from web.app import create_app
from web.config import Config

JSON_PATH, PAGE_PATH = "/api/v1/search", "/search"
"""Where the server answers searches."""


class Product:
    """See `Peer`. Answers whole pages only: hits, facets and snippets of a page of twenty, the default."""

    def __init__(self, folder: Path, *, jobs: int = 1) -> None:
        self.process = os.getpid()
        self.location = str(folder)
        self.service: SearchService | None = None
        self._jobs = jobs
        self._engine: Engine | None = None
        self._analyzer = load_analyzer()

    @property
    def version(self) -> str:
        """See `Peer.version`."""
        return f"format {FORMAT_VERSION}, analyzer {load_analyzer().version.number}"

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`; here the time includes reading and analysing the articles, as in `judhur index add`."""
        # Passed only if needed, since the bench also measures older versions, whose add_articles has no `jobs`.
        jobs: dict[str, Any] = {"jobs": self._jobs} if self._jobs > 1 else {}
        with Stopwatch() as watch:
            report = add_articles(self.location, [corpus.article_file], **jobs)
        assert report.added == corpus.count, f"only {report.added} of {corpus.count} articles were added"
        return watch.seconds

    def open(self) -> None:
        """See `Peer.open`."""
        if self._engine is None:
            self._engine = open_engine(self.location)
            self.service = SearchService(self._engine, self._analyzer, zone=ZONE)
            gc.freeze()  # as the server does
        with self._engine.searcher() as searcher:
            searcher.info()

    def ask(self, query: Query, mode: Mode) -> Answer | None:
        """See `Peer.ask`."""
        assert self.service is not None, "open comes before ask"
        if mode is not Mode.PAGE:
            return None
        result = self.service.search(request(query))
        return Answer(
            total=result.total,
            ids=tuple(hit.document.id for hit in result.hits),
            scores=tuple(hit.score for hit in result.hits),
            snippets=tuple(snippet.text for hit in result.hits for snippet in hit.snippets[:1]),
        )

    def add(self, corpus: Corpus) -> float:
        """See `Peer.add`; the articles are analysed before the clock starts."""
        analyzed = [analyze_document(document, self._analyzer, ZONE) for document in corpus.documents()]
        with Stopwatch() as watch, store_of(self.location).writer() as writer:
            writer.add(analyzed)
            writer.commit()
        return watch.seconds

    def close(self) -> None:
        """See `Peer.close`."""
        if self._engine is not None:
            self._engine.close()
        self._engine = self.service = None


class Served(Product):
    """The product through its WSGI application, without the network."""

    def __init__(self, folder: Path, path: str) -> None:
        super().__init__(folder)
        self._path = path
        self._app: Flask | None = None

    def open(self) -> None:
        """See `Peer.open`."""
        super().open()
        assert self.service is not None
        self._app = create_app(self.service, Config(index=self.location))

    def ask(self, query: Query, mode: Mode) -> Answer | None:
        """See `Peer.ask`; making the request is not part of the time."""
        assert self._app is not None, "open comes before ask"
        if mode is not Mode.PAGE:
            return None
        environ = EnvironBuilder(path=self._path, query_string=query.parameters).get_environ()
        began, ran = time.perf_counter(), time.thread_time()
        _, status, _ = run_wsgi_app(self._app, environ, buffered=True)
        taken = Duration(time.perf_counter() - began, time.thread_time() - ran)
        assert status == "200 OK", f"{query.name}: {status}"
        return Answer(taken=taken)


def make(folder: Path) -> Product:
    """Return the service over the index in `folder`."""
    return Product(folder)


def make_parallel(folder: Path) -> Product:
    """Return the service, with an index that two processes build.

    Raises:
        NotInstalledError: this version of the product indexes in one process only.
    """
    if "jobs" not in inspect.signature(add_articles).parameters:
        raise NotInstalledError("add_articles of this version has no `jobs`")
    return Product(folder, jobs=2)


def make_json(folder: Path) -> Served:
    """Return the JSON endpoint over the index in `folder`."""
    return Served(folder, JSON_PATH)


def make_page(folder: Path) -> Served:
    """Return the HTML page over the index in `folder`."""
    return Served(folder, PAGE_PATH)


def request(query: Query) -> SearchRequest:
    """Return the request of a reader who types the query, with the defaults for everything else."""
    selected = {} if query.source is None else {FacetField.SOURCE: (query.source,)}
    return SearchRequest(text=query.typed, selected=selected)
