"""The searcher of an index on a cluster, over one point in time.

The cluster finds the matches, counts them, and returns the best few hundred as candidates. These are ranked again over
their tokens (`candidate_batch.py`, `search/ranking_stages.py`) and listed first. All other hits follow in the cluster's
own order. `bodies.py` has what the cluster is asked, `answers.py` reads what it answers.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from index.document import StoredDocument
from index.engines.opensearch.stored import article_of, offsets_of
from search.engine import EngineHit, EngineRequest, EngineResult, IndexInfo
from search.engines.article_cache import CachedArticle
from search.engines.opensearch import answers
from search.engines.opensearch.bodies import CountBodies, HitBodies, articles_of
from search.engines.opensearch.candidate_batch import CandidateBatch
from search.engines.opensearch.compiler import Compiler
from search.engines.opensearch.formcounts import FormFacet
from search.engines.opensearch.point_in_time import PointInTime
from search.engines.opensearch.weights import matches_query, weigh
from search.explaining import ScoredDocument, explained
from search.query import Node, Prefix, Term
from search.ranking_stages import Ranked, in_order, match_positions, rank, relevance_keys
from search.request import Sort
from search.wordforms import has_words

CANDIDATES = 200
"""Number of documents fetched from the cluster and ranked here; the second stage looks at `search.ranking.RERANKED` of
them."""


class OpenSearchSearcher:
    """A `Searcher` over one point in time."""

    def __init__(self, point_in_time: PointInTime) -> None:
        self._point_in_time = point_in_time
        self._compiler = Compiler(point_in_time.vocabulary)

    def postings(self, words: Sequence[Term | Prefix]) -> int:  # noqa: ARG002 - the cluster reads them
        """See `Searcher.postings`."""
        return 0

    def search(self, request: EngineRequest) -> EngineResult:
        """See `Searcher.search`.

        Raises:
            TooManyFormsError: a prefix matches too many words.
        """
        request.check()
        return _Search(self._point_in_time, self._compiler, request).run()

    def stems_like(self, word: str) -> Sequence[str]:
        """See `Searcher.stems_like`."""
        return self._point_in_time.vocabulary.stems_like(word)

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """See `Searcher.get_many`."""
        cache = self._point_in_time.cache
        articles = {document_id: cache.find(("article", document_id), CachedArticle) for document_id in ids}
        missing = [document_id for document_id, article in articles.items() if article is None]
        if missing:
            answer = self._point_in_time.ask(articles_of(missing) | {"_source": ["article"]})
            for hit in answer["hits"]["hits"]:
                document = article_of(hit["_source"])
                article = articles[document.id] = CachedArticle(StoredDocument(document, offsets_of(hit["_source"])))
                cache.keep(("article", document.id), article)
        cached = (articles[document_id] for document_id in ids)
        return [None if article is None else article.article for article in cached]

    def info(self) -> IndexInfo:
        """See `Searcher.info`."""
        point_in_time = self._point_in_time
        return IndexInfo(point_in_time.state.generation, point_in_time.analyzer, point_in_time.totals.documents)


class _Search:
    """The execution of one request."""

    def __init__(self, point_in_time: PointInTime, compiler: Compiler, request: EngineRequest) -> None:
        self._point_in_time = point_in_time
        self._compiler = compiler
        self._request = request
        self._listing = request.listing
        self._idfs, boosts = weigh(point_in_time, compiler, request)
        vocabulary, newest = point_in_time.vocabulary, point_in_time.totals.newest
        self._bodies = HitBodies(request, compiler, vocabulary, boosts, newest)
        matching = compiler.matching(self._listing.query)
        self._counts = CountBodies(request.counts, matching, self._bodies.filters, self._bodies.excluded)
        self._candidates = max(CANDIDATES, self._listing.reranked)

    def run(self) -> EngineResult:
        """Return the result of the request."""
        request, listing, counts = self._request, self._listing, self._request.counts
        forms = None
        by_word: dict[str, Any] = {}
        if counts.form_limit is not None:
            forms = FormFacet(listing.query, self._point_in_time.vocabulary, self._compiler)
            (matches,) = self._point_in_time.counts(matches_query(self._compiler, listing.query)).values()
            by_word = forms.aggregations(matches)
        ranked = self._cached(listing.query)
        body = self._hits_body(listing.query, ranked, request.offset, request.limit)
        aggregations = self._counts.first(by_word)
        bodies = [body | ({"aggs": aggregations} if aggregations else {})]
        if listing.further is not None:
            bodies.append(self._hits_body(listing.further, None, 0, 0))
        answered = self._point_in_time.ask_all(bodies)
        totals = [answer["hits"]["total"]["value"] for answer in answered]
        total, further = totals[0], sum(totals[1:])
        hits = self._hits(listing.query, ranked, answered[0], _page(request.offset, request.limit, total))
        if listing.further is not None and request.offset + request.limit > total:
            offset = max(request.offset - total, 0)
            hits += self._further_hits(listing.further, _page(offset, request.limit - len(hits), further))
        first = answered[0].get("aggregations", {})
        second = self._second_counts(forms, first)
        return EngineResult(
            total=total,
            further=further,
            exact=True,
            hits=tuple(hits),
            facets=tuple(answers.value_counts(facet, listing, first, second) for facet in counts.facets),
            histogram=answers.day_counts(listing, first) if counts.histogram else None,
            forms=None if forms is None else answers.form_counts(forms, first, second, counts.form_limit or 0),
        )

    def _hits_body(self, node: Node, ranked: Ranked[str] | None, offset: int, limit: int) -> dict[str, Any]:
        """Return the body that asks for the total of a node, and its candidates, or a page if they are not ranked here.

        It asks for no hits if the candidates are known: `ranked`.
        """
        body = self._bodies.listed(node) | {"track_total_hits": True}
        if not limit or ranked is not None:
            return body | {"size": 0}
        if not self._is_ranked(node):
            return body | {"from": offset, "size": limit} | self._bodies.columns
        return body | {"size": self._candidates} | self._bodies.columns

    def _further_hits(self, node: Node, page: range) -> list[EngineHit]:
        """Return a page of the further documents."""
        if not page:
            return []
        ranked = self._cached(node)
        answer: Mapping[str, Any] = {}
        if ranked is None:
            answer = self._point_in_time.ask(self._hits_body(node, None, page.start, len(page)))
        return self._hits(node, ranked, answer, page)

    def _hits(self, node: Node, ranked: Ranked[str] | None, answer: Mapping[str, Any], page: range) -> list[EngineHit]:
        """Return a page of the hits of a node, given the answer to its body or its `ranked` candidates."""
        if not page:
            return []
        if not self._is_ranked(node):
            return self._in_given_order(node, answer)
        batch: CandidateBatch | None = None
        if ranked is None:
            batch = self._batch(answer)
            ranked = self._rank(node, batch)
            self._point_in_time.cache.keep(self._key(node), ranked)
        hits = self._candidate_hits(node, batch, ranked, page)
        if len(hits) < len(page) and page.stop > self._candidates:
            last = ranked.order[-1][1] if ranked.order else 0.0
            start = max(page.start, self._candidates)
            body = {"from": start, "size": page.stop - start, "track_total_hits": False} | self._bodies.columns
            hits += self._in_given_order(node, self._point_in_time.ask(self._bodies.listed(node) | body), highest=last)
        return hits

    def _candidate_hits(
        self, node: Node, batch: CandidateBatch | None, ranked: Ranked[str], page: range
    ) -> list[EngineHit]:
        rows = ranked.order[page.start : page.stop]
        if not rows:
            return []
        if batch is None:
            batch = self._batch(
                self._point_in_time.ask(self._bodies.articles([document_id for document_id, _ in rows]))
            )
        numbers = {candidate.id: number for number, candidate in enumerate(batch.candidates)}
        present = [
            (numbers[document_id], score, index < ranked.reranked)
            for index, (document_id, score) in enumerate(rows, page.start)
            if document_id in numbers
        ]
        return self._as_hits(node, batch, present)

    def _in_given_order(
        self, node: Node, answer: Mapping[str, Any], *, highest: float | None = None
    ) -> list[EngineHit]:
        """Return the hits of an answer in the order of the cluster; their scores are at most `highest`."""
        batch = self._batch(answer)
        scores = np.minimum(batch.scores(node, self._listing), np.inf if highest is None else highest)
        return self._as_hits(node, batch, [(number, score, False) for number, score in enumerate(scores.tolist())])

    def _as_hits(self, node: Node, batch: CandidateBatch, rows: Sequence[tuple[int, float, bool]]) -> list[EngineHit]:
        """Return hits, given for each its number in the batch, its score, and whether the second stage scored it."""
        positions = match_positions(batch, node, [number for number, _, _ in rows])
        hits = []
        for (number, score, reranked), matches in zip(rows, positions, strict=True):
            explanation = None
            if self._request.explained:
                document = ScoredDocument(batch, number, functools.partial(batch.score_of, number))
                explanation = explained(document, node, self._listing, reranked=reranked)
            is_match = node is self._listing.query
            hits.append(EngineHit(batch.candidates[number].id, score, is_match, matches, explanation))
        return hits

    def _rank(self, node: Node, batch: CandidateBatch) -> Ranked[str]:
        """Return all candidates in ranked order."""
        scores = batch.scores(node, self._listing)
        order = in_order(batch, np.arange(len(scores)), relevance_keys(scores)).tolist()
        ranked = rank(batch, self._listing, node, [(number, float(scores[number])) for number in order])
        ids = [(batch.candidates[number].id, score) for number, score in ranked.order]
        return Ranked(ids, ranked.reranked)

    def _is_ranked(self, node: Node) -> bool:
        return self._listing.sort is Sort.RELEVANCE and has_words(node)

    def _cached(self, node: Node) -> Ranked[str] | None:
        return self._point_in_time.cache.find(self._key(node), Ranked) if self._is_ranked(node) else None

    def _key(self, node: Node) -> object:
        return "best", self._listing, node is self._listing.query

    def _batch(self, answer: Mapping[str, Any]) -> CandidateBatch:
        return CandidateBatch(
            answers.candidates(answer),
            self._point_in_time.totals,
            self._point_in_time.vocabulary.words,
            lambda word: self._idfs.get(word, 0.0),  # excluded words add nothing to a score
        )

    def _second_counts(self, forms: FormFacet | None, first: Mapping[str, Any]) -> Mapping[str, Any]:
        bodies = self._counts.second(forms, first)
        answered = self._point_in_time.ask_all(bodies) if bodies else []
        return {name: value for answer in answered for name, value in answer["aggregations"].items()}


def _page(offset: int, limit: int, total: int) -> range:
    """Return the indices of a page of hits that exist."""
    return range(min(offset, total), min(offset + limit, total))
