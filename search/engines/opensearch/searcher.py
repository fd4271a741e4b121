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
from search.engines.opensearch.compiler import Compiler, Query
from search.engines.opensearch.formcounts import FormFacet
from search.engines.opensearch.listed import ListedQueries, TierCounts
from search.engines.opensearch.point_in_time import PointInTime
from search.engines.opensearch.weights import matches_query, weigh
from search.explaining import ScoredDocument, explained
from search.levels import Tier, widest_level
from search.query import Prefix, Term
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
        self._queries = ListedQueries(self._listing, compiler)
        self._counts = CountBodies(request.counts, self._queries.matches, self._bodies.filters, self._bodies.excluded)
        self._candidates = max(CANDIDATES, self._listing.reranked)
        self._is_ranked = self._listing.sort is Sort.RELEVANCE and has_words(self._listing.listed)

    def run(self) -> EngineResult:
        """Return the result of the request."""
        listing, counts = self._listing, self._request.counts
        forms = None
        by_word: dict[str, Any] = {}
        if counts.form_limit is not None:
            forms = FormFacet(listing, self._point_in_time.vocabulary, self._compiler)
            (matches,) = self._point_in_time.counts(matches_query(self._compiler, listing)).values()
            by_word = forms.aggregations(matches)
        bodies = [
            {
                "size": 0,
                "track_total_hits": False,
                "query": {"bool": self._bodies.filtered(self._queries.counted())},
                "aggs": self._queries.counts(),
            },
            *filter(None, [self._counts.first(by_word)]),
            *self._first_hits(),
        ]
        tier_answer, *others = self._point_in_time.ask_all(bodies)
        tier_counts = TierCounts(tier_answer["aggregations"])
        first: Mapping[str, Any] = next((answer["aggregations"] for answer in others if "aggregations" in answer), {})
        first_hits = next((answer for answer in others if "aggregations" not in answer), None)
        further = [count for tier, count in tier_counts.by_tier.items() if tier is not Tier.MATCH]
        second = self._second_counts(forms, first)
        return EngineResult(
            total=tier_counts.by_tier[Tier.MATCH],
            levels=tuple(tier_counts.by_level),
            further=sum(further),
            partial=tier_counts.by_tier[Tier.PARTIAL],
            exact=True,
            hits=tuple(self._hits(tier_counts, first_hits)),
            facets=tuple(answers.value_counts(facet, listing, first, second) for facet in counts.facets),
            histogram=answers.day_counts(listing, first) if counts.histogram else None,
            forms=None if forms is None else answers.form_counts(forms, first, second, counts.form_limit or 0),
        )

    def _first_hits(self) -> list[dict[str, Any]]:
        """Return the body that asks for the candidates of the first part of the list, if it is known already."""
        known = self._point_in_time.cache.find(self._key(0), Ranked) is not None
        if not self._request.limit or not self._is_ranked or known or self._queries.may_have_typed_first:
            return []
        return [self._candidates_body(self._queries.first_part())]

    def _candidates_body(self, part: Query) -> dict[str, Any]:
        return self._bodies.listed(part) | {"size": self._candidates, "track_total_hits": False} | self._bodies.columns

    def _hits(self, counts: TierCounts, first_hits: Mapping[str, Any] | None) -> list[EngineHit]:
        """Return the requested hits, given the answer to `_first_hits`."""
        hits: list[EngineHit] = []
        begin, end = self._request.offset, self._request.offset + self._request.limit
        before = 0
        for number, (part, count) in enumerate(self._queries.parts(counts)):
            page = range(min(max(begin - before, 0), count), min(max(end - before, 0), count))
            if page and self._is_ranked:
                known = first_hits if number == 0 else None
                hits += self._ranked_hits(number, part, page, max(self._listing.reranked - before, 0), known)
            elif page:
                hits += self._in_given_order(self._page(part, page))
            before += count
        return hits

    def _ranked_hits(
        self, number: int, part: Query, page: range, reranked: int, answer: Mapping[str, Any] | None
    ) -> list[EngineHit]:
        """Return a page of a part of the list, the best `reranked` of which the second stage scores."""
        batch: CandidateBatch | None = None
        ranked = self._point_in_time.cache.find(self._key(number), Ranked)
        if ranked is None:
            batch = self._batch(answer or self._point_in_time.ask(self._candidates_body(part)))
            ranked = self._rank(batch, reranked)
            self._point_in_time.cache.keep(self._key(number), ranked)
        hits = self._candidate_hits(batch, ranked, page)
        if len(hits) < len(page) and page.stop > self._candidates:
            last = ranked.order[-1][1] if ranked.order else 0.0
            beyond = range(max(page.start, self._candidates), page.stop)
            hits += self._in_given_order(self._page(part, beyond), highest=last)
        return hits

    def _page(self, part: Query, page: range) -> Mapping[str, Any]:
        """Return the answer to a page of a part of the list, in the order of the cluster."""
        body = {"from": page.start, "size": len(page), "track_total_hits": False} | self._bodies.columns
        answer: Mapping[str, Any] = self._point_in_time.ask(self._bodies.listed(part) | body)
        return answer

    def _candidate_hits(self, batch: CandidateBatch | None, ranked: Ranked[str], page: range) -> list[EngineHit]:
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
        return self._as_hits(batch, present)

    def _in_given_order(self, answer: Mapping[str, Any], *, highest: float | None = None) -> list[EngineHit]:
        """Return the hits of an answer in the order of the cluster; their scores are at most `highest`."""
        batch = self._batch(answer)
        scores = np.minimum(batch.scores(self._listing.listed, self._listing), np.inf if highest is None else highest)
        return self._as_hits(batch, [(number, score, False) for number, score in enumerate(scores.tolist())])

    def _as_hits(self, batch: CandidateBatch, rows: Sequence[tuple[int, float, bool]]) -> list[EngineHit]:
        """Return hits, given for each its number in the batch, its score, and whether the second stage scored it."""
        listing = self._listing
        tier_of = batch.tiers(listing)
        numbers = [number for number, _, _ in rows]
        levels = [widest_level(tier_of[number], listing.match) for number in numbers]
        positions = match_positions(batch, listing.listed, numbers, levels)
        hits = []
        for (number, score, reranked), matches in zip(rows, positions, strict=True):
            explanation = None
            if self._request.explained:
                document = ScoredDocument(batch, number, functools.partial(batch.score_of, number))
                explanation = explained(document, listing, reranked=reranked)
            hits.append(EngineHit(batch.candidates[number].id, score, tier_of[number], matches, explanation))
        return hits

    def _rank(self, batch: CandidateBatch, reranked: int) -> Ranked[str]:
        """Return all candidates in ranked order."""
        scores = batch.scores(self._listing.listed, self._listing)
        order = in_order(batch, np.arange(len(scores)), relevance_keys(scores)).tolist()
        ranked = rank(batch, self._listing, [(number, float(scores[number])) for number in order], reranked)
        ids = [(batch.candidates[number].id, score) for number, score in ranked.order]
        return Ranked(ids, ranked.reranked)

    def _key(self, part: int) -> object:
        return "best", self._listing, part

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
