"""The searcher of an index on a cluster, over one point in time.

The cluster finds the matches, counts them, and returns the best few hundred as candidates. `candidate_batch.py` scores
the candidates again, and they are listed first. All other hits follow in the cluster's own order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from index.document import StoredDocument
from index.engines.opensearch.encoding import unpacked_forward
from index.engines.opensearch.outbox import cluster_id
from index.engines.opensearch.stored import article_of, offsets_of
from index.schema import FacetField
from search.engine import (
    EngineHit,
    EngineRequest,
    EngineResult,
    Explanation,
    FacetCounts,
    FacetRequest,
    Feature,
    FormCounts,
    Histogram,
    IndexInfo,
    ScorePart,
    ValueCount,
)
from search.engines.article_cache import CachedArticle
from search.engines.explaining import form_parts
from search.engines.opensearch.candidate_batch import Candidate, CandidateBatch
from search.engines.opensearch.compiler import Compiler, Query, published, scoring, shares
from search.engines.opensearch.formcounts import FormFacet, having
from search.engines.opensearch.point_in_time import PointInTime
from search.histogram import histogram
from search.query import FacetFilter, Node, Prefix, Term, walk
from search.ranking import HALF_LIFE, IDF_LEVEL, RECENCY, SCORE_DIGITS, Floats, inverse_document_frequency, recency
from search.request import Sort
from search.reranking import ranked_words
from search.wordforms import has_words, searched_words

CANDIDATES = 200
"""Number of documents fetched from the cluster and ranked here; the second stage looks at `search.ranking.RERANKED` of
them."""
MAX_VALUES = 2_000
"""Number of facet values that every shard returns. If a facet has no more, all counts are exact and none is missing."""
EXACT_UP_TO = 40_000
"""Precision threshold of the number of distinct values of a facet with more than `MAX_VALUES`: up to here the number is
nearly exact. OpenSearch allows no higher threshold."""
MAX_EVERY = 50_000
"""Upper limit of `MAX_VALUES` when the values themselves are searched; OpenSearch returns at most 65,535 buckets."""

MAX_CLAUSES = 700
"""Number of words by which all prefixes of a query together are scored, the most frequent first; OpenSearch accepts
1,024 clauses in one query."""

_DAYS, _FORMS, _BEYOND = "days", "forms", "beyond"
_COUNTS = "counts"
"""Name of the aggregation inside the filter of its facet."""
_COLUMNS = ("id", "forward", "day")


@dataclasses.dataclass(frozen=True, slots=True)
class _Ranked:
    """The candidates of a node in ranked order."""

    order: tuple[tuple[str, float], ...]
    """Id and score of each candidate, the best first."""
    reranked: frozenset[str]
    """Ids of the candidates that the second stage scored."""

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes."""
        return 250 * len(self.order)


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
        return _Search(self._point_in_time, self._compiler, self._with_similar_terms(request)).run()

    def get(self, document_id: str) -> StoredDocument | None:
        """See `Searcher.get`."""
        return self.get_many([document_id])[0]

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """See `Searcher.get_many`."""
        cache = self._point_in_time.cache
        articles = {document_id: cache.find(("article", document_id), CachedArticle) for document_id in ids}
        missing = [document_id for document_id, article in articles.items() if article is None]
        if missing:
            answer = self._point_in_time.ask(
                {
                    "size": len(missing),
                    "query": {"ids": {"values": [cluster_id(document_id) for document_id in missing]}},
                    "_source": ["article"],
                    "track_total_hits": False,
                }
            )
            for hit in answer["hits"]["hits"]:
                document = article_of(hit["_source"])
                article = articles[document.id] = CachedArticle(StoredDocument(document, offsets_of(hit["_source"])))
                cache.keep(("article", document.id), article)
        cached = (articles[document_id] for document_id in ids)
        return [None if article is None else article.article for article in cached]

    def explain(self, request: EngineRequest, document_id: str) -> Explanation | None:
        """See `Searcher.explain`."""
        request.check()
        return _Search(self._point_in_time, self._compiler, self._with_similar_terms(request)).explain(document_id)

    def info(self) -> IndexInfo:
        """See `Searcher.info`."""
        point_in_time = self._point_in_time
        return IndexInfo(point_in_time.state.generation, point_in_time.analyzer, point_in_time.totals.documents)

    def _with_similar_terms(self, request: EngineRequest) -> EngineRequest:
        resolve = self._point_in_time.vocabulary.resolve_soft
        further = None if request.further is None else resolve(request.further)
        return dataclasses.replace(request, query=resolve(request.query), further=further)


class _Search:
    """The execution of one request."""

    def __init__(self, point_in_time: PointInTime, compiler: Compiler, request: EngineRequest) -> None:
        self._point_in_time = point_in_time
        self._compiler = compiler
        self._request = request
        nodes = [request.query] if request.further is None else [request.query, request.further]
        words = list({word: None for node in nodes for word in searched_words(node)})
        point_in_time.vocabulary.learn(words)
        self._idfs, self._boosts = self._weights(words)
        self._filters = self._filter_queries()
        self._excluded = [compiler.matching(node) for node in request.excluded]
        self._has_facet_filter = any(isinstance(below, FacetFilter) for node in nodes for below in walk(node))

    def run(self) -> EngineResult:
        """Return the result of the request."""
        request = self._request
        forms = None
        if request.form_limit is not None:
            forms = FormFacet(request.query, self._point_in_time.vocabulary, self._compiler)
        ranked = self._cached(request.query)
        body = self._list_body(request.query) | self._hits_body(request.query, ranked)
        body |= {"track_total_hits": True, "aggs": self._aggregations(forms)}
        if not body["aggs"]:
            del body["aggs"]
        bodies = [body]
        if request.further is not None:
            bodies.append(self._further_body() | {"size": 0, "track_total_hits": True})
        answers = self._point_in_time.ask_all(bodies)
        total = answers[0]["hits"]["total"]["value"]
        further = answers[1]["hits"]["total"]["value"] if request.further is not None else 0
        hits = self._hits(request.query, answers[0], ranked, total, request.offset, complete=True)
        if request.further is not None and request.limit and request.offset + request.limit > total and further:
            offset = max(request.offset - total, 0)
            limit = request.limit - len(hits)
            hits += self._further_hits(offset, limit)
        aggregations = answers[0].get("aggregations", {})
        second = self._second_counts(forms, aggregations)
        return EngineResult(
            total=total,
            further=further,
            exact=True,
            hits=tuple(hits),
            facets=tuple(self._facet(facet, aggregations, second) for facet in request.facets),
            histogram=self._histogram(aggregations) if request.histogram else None,
            forms=None if forms is None else self._form_counts(forms, aggregations, second),
        )

    def explain(self, document_id: str) -> Explanation | None:
        """Return the explanation of an article's score; None if it is neither a match nor a further document."""
        request = self._request
        has_id: Query = {"ids": {"values": [cluster_id(document_id)]}}
        for node, body in ((request.query, self._match_body(request.query)), (request.further, self._further_body())):
            if node is None:
                continue
            required = [body["query"], has_id, *self._filters.values()]
            answer = self._point_in_time.ask({"query": {"bool": {"filter": required}}, "size": 1, **self._columns()})
            if answer["hits"]["hits"]:
                return self._explanation(node, self._batch(answer))
        return None

    def _explanation(self, node: Node, batch: CandidateBatch) -> Explanation:
        request = self._request
        document = batch.candidates[0]
        parts = [*form_parts(batch.explained(0), node)]
        if request.sort is Sort.RELEVANCE:
            if parts and document.id in self._ranked(node).reranked:
                added = batch.second_stage(node, np.array([0]))
                parts += [ScorePart(Feature(name), float(value[0])) for name, value in added._asdict().items()]
            if request.recency:
                gain = float(self._recency_gains([document])[0]) * sum(part.value for part in parts)
                parts.append(ScorePart(Feature.RECENCY, gain))
        parts = [part for part in parts if part.value]
        return Explanation(sum(part.value for part in parts), tuple(parts))

    # request bodies

    def _match_body(self, node: Node) -> dict[str, Any]:
        """Return query and sort order of the matches of a node, without the request's filters."""
        matching: dict[str, Any] = {"filter": [self._compiler.matching(node)]}
        if self._excluded:
            matching["must_not"] = self._excluded
        return self._ordered(node, matching)

    def _list_body(self, node: Node) -> dict[str, Any]:
        """Return query and sort order of the hits listed for a node: matches or further documents, filtered."""
        if node is not self._request.query:
            return self._further_body()
        return self._match_body(node) | ({"post_filter": _all_of(self._filters.values())} if self._filters else {})

    def _further_body(self) -> dict[str, Any]:
        """Return query and sort order of the further documents, with the request's filters."""
        node = self._request.further
        if node is None:
            return {}
        matching = {
            "filter": [self._compiler.matching(node), *self._filters.values()],
            "must_not": [self._compiler.matching(self._request.query), *self._excluded],
        }
        return self._ordered(node, matching)

    def _ordered(self, node: Node, matching: dict[str, Any]) -> dict[str, Any]:
        request = self._request
        if request.sort is not Sort.RELEVANCE:
            order = "desc" if request.sort is Sort.NEWEST else "asc"
            sort = [{"moment": {"order": order, "missing": "_last"}}, {"id": "asc"}]
            return {"query": {"constant_score": {"filter": {"bool": matching}}}, "sort": sort}
        clauses = [clause for word in ranked_words(node) for clause in scoring(word, self._boosts.get(word, {}))]
        if not clauses or not request.limit:
            return {"query": {"constant_score": {"filter": {"bool": matching}}}, "sort": [{"id": "asc"}]}
        query: Query = {"bool": matching | {"should": clauses, "minimum_should_match": 0}}
        newest = self._point_in_time.totals.newest
        if request.recency and newest:
            gain = {
                "filter": {"range": {"day": {"lte": newest}}},
                "exp": {"day": {"origin": newest, "scale": HALF_LIFE, "decay": 0.5}},
                "weight": RECENCY,
            }
            query = {
                "function_score": {
                    "query": query, "functions": [{"weight": 1}, gain], "score_mode": "sum", "boost_mode": "multiply"
                }
            }  # fmt: skip
        return {"query": query, "sort": [{"_score": "desc"}, {"id": "asc"}]}

    def _hits_body(self, node: Node, cached: _Ranked | None) -> dict[str, Any]:
        """Return which hits the cluster sends: the candidates, or only the page if hits need no ranking here.

        None are sent if the candidates of the node are `cached`.
        """
        request = self._request
        if not request.limit:
            return {"size": 0}
        if not self._is_ranked(node):
            return {"from": request.offset, "size": request.limit, **self._columns()}
        if cached is not None:
            return {"size": 0}
        return {"size": self._candidates, **self._columns()}

    @property
    def _candidates(self) -> int:
        return max(CANDIDATES, self._request.reranked)

    def _is_ranked(self, node: Node) -> bool:
        return self._request.sort is Sort.RELEVANCE and has_words(node)

    def _columns(self) -> dict[str, Any]:
        fields = [*_COLUMNS, *(field.value for field in FacetField)] if self._has_facet_filter else list(_COLUMNS)
        return {"_source": False, "stored_fields": "_none_", "docvalue_fields": fields}

    def _aggregations(self, forms: FormFacet | None) -> dict[str, Any]:
        request = self._request
        aggregations: dict[str, Any] = {}
        for facet in request.facets:
            size = min(max(facet.limit, MAX_VALUES), MAX_EVERY)
            values = {"terms": {"field": facet.field.value, "size": size, "shard_size": size}}
            aggregations[facet.field.value] = self._filtered_except(facet.field, {_COUNTS: values})
        if request.histogram:
            aggregations[_DAYS] = self._filtered_except(
                _DAYS,
                {
                    _COUNTS: {"histogram": {"field": "day", "interval": 1, "min_doc_count": 1}},
                    "undated": {"missing": {"field": "day"}},
                },
            )
        if forms is not None:
            (matches,) = self._point_in_time.counts(self._all_matches()).values()
            if counted := forms.aggregations(matches):
                aggregations[_FORMS] = self._filtered_except(_FORMS, counted)
        return aggregations

    def _all_matches(self) -> dict[object, Query]:
        """Return the query for all matches, under the cache key of its count."""
        return {("all", self._request.query): self._compiler.matching(self._request.query)}

    def _filtered_except(self, facet: str, counted: dict[str, Any]) -> dict[str, Any]:
        """Return the aggregations `counted` over the matches that pass all filters except the facet's own."""
        others = [query for name, query in self._filters.items() if name != facet]
        return {"filter": _all_of(others), "aggs": counted}

    def _filter_queries(self) -> dict[str, Query]:
        request = self._request
        filters: dict[str, Query] = {node.field: self._compiler.matching(node) for node in request.selected}
        if request.dates is not None:
            filters[_DAYS] = published(request.dates)
        if request.forms:
            filters[_FORMS] = having(request.query, request.forms, self._point_in_time.vocabulary, self._compiler)
        return filters

    def _weights(
        self, words: Iterable[Term | Prefix]
    ) -> tuple[dict[Term | Prefix, float], dict[Term | Prefix, dict[str, float]]]:
        """Return the idf of each word, and by word the boost of each of its terms in the cluster's own score."""
        point_in_time, compiler = self._point_in_time, self._compiler
        queries: dict[object, Query] = {}
        words = list(words)
        for word in words:
            queries["near", word] = compiler.close(word, IDF_LEVEL)
            if isinstance(word, Term) and self._request.limit:
                queries.update({("term", name): {"term": {"words": name}} for name in shares(word)})
        if self._request.form_limit is not None:
            queries.update(self._all_matches())  # the form counts need it: this saves a request
        counts = point_in_time.counts(queries)
        prefixes = [word for word in words if isinstance(word, Prefix)]
        # if no document has the word at `IDF_LEVEL` or closer, its document frequency is taken over all levels
        any_level = point_in_time.counts(
            {("any", word): compiler.matching(word) for word in words if not counts["near", word]}
        )
        idfs = {word: point_in_time.idf(counts["near", word] or any_level["any", word]) for word in words}
        documents = point_in_time.totals.documents if words else 0
        boosts: dict[Term | Prefix, dict[str, float]] = {
            word: {
                # dividing by the term's idf, by which Lucene multiplies, leaves the idf of the word for every term
                name: share * idfs[word] / inverse_document_frequency(documents, counts["term", name])
                for name, share in shares(word).items()
                if counts["term", name]
            }
            for word in words
            if isinstance(word, Term) and self._request.limit
        }
        for prefix in prefixes if self._request.limit else ():
            doc_frequencies = point_in_time.doc_frequencies(
                prefix, compiler.matching(prefix), MAX_CLAUSES // len(prefixes)
            )
            boosts[prefix] = {
                # homographs with different readings are counted separately, so that a sum may exceed `documents`
                name: idfs[prefix] / inverse_document_frequency(documents, min(count, documents))
                for name, count in doc_frequencies
            }
        return idfs, boosts

    # hits and counts from the answers

    def _hits(
        self,
        node: Node,
        answer: Mapping[str, Any],
        ranked: _Ranked | None,
        total: int,
        offset: int,
        *,
        complete: bool,
        limit: int | None = None,
    ) -> list[EngineHit]:
        """Return `limit` hits of a node from `offset` on, given the answer to its body or its `ranked` candidates."""
        request = self._request
        limit = request.limit if limit is None else limit
        if not limit or offset >= total:
            return []
        if not self._is_ranked(node):
            page_batch = self._batch(answer)
            scores = page_batch.score(node).scores
            return self._as_hits(node, page_batch, list(enumerate(scores.tolist())), complete=complete)
        batch: CandidateBatch | None = None
        if ranked is None:
            batch = self._batch(answer)
            ranked = self._rank(node, batch)
            self._point_in_time.cache.keep(self._key(node), ranked)
        page = ranked.order[offset : offset + limit]
        hits: list[EngineHit] = []
        if page:
            hits = self._candidate_hits(node, batch, page, complete=complete)
        if len(hits) < limit and offset + len(hits) < total and offset + limit > self._candidates:
            last = ranked.order[-1][1] if ranked.order else 0.0
            start = max(offset, self._candidates)
            hits += self._hits_after_candidates(node, start, limit - len(hits), last, complete=complete)
        return hits

    def _candidate_hits(
        self, node: Node, batch: CandidateBatch | None, page: Sequence[tuple[str, float]], *, complete: bool
    ) -> list[EngineHit]:
        if batch is None:
            batch = self._batch(self._fetch([document_id for document_id, _ in page]))
        indices = {candidate.id: index for index, candidate in enumerate(batch.candidates)}
        rows = [(indices[document_id], score) for document_id, score in page if document_id in indices]
        return self._as_hits(node, batch, rows, complete=complete)

    def _hits_after_candidates(
        self, node: Node, offset: int, limit: int, highest: float, *, complete: bool
    ) -> list[EngineHit]:
        """Return the hits after the candidates, in the order of the cluster; their scores are at most `highest`."""
        answer = self._point_in_time.ask(
            self._list_body(node) | {"from": offset, "size": limit, "track_total_hits": False} | self._columns()
        )
        batch = self._batch(answer)
        scores = np.minimum(batch.score(node).scores * (1.0 + self._recency_gains(batch.candidates)), highest)
        return self._as_hits(node, batch, list(enumerate(scores.tolist())), complete=complete)

    def _further_hits(self, offset: int, limit: int) -> list[EngineHit]:
        """Return `limit` of the further documents from `offset` on."""
        node = self._request.further
        assert node is not None  # noqa: S101 - the caller has checked it
        cached = self._cached(node)
        answer: Mapping[str, Any] = {"hits": {"hits": []}}
        body = self._further_body() | {"track_total_hits": True}
        if not self._is_ranked(node):
            body |= {"from": offset, "size": limit}
            answer = self._point_in_time.ask(body | self._columns())
        elif cached is None:
            answer = self._point_in_time.ask(body | {"size": self._candidates} | self._columns())
        total = answer["hits"]["total"]["value"] if "total" in answer["hits"] else offset + limit
        return self._hits(node, answer, cached, total, offset, complete=False, limit=limit)

    def _as_hits(
        self, node: Node, batch: CandidateBatch, rows: Sequence[tuple[int, float]], *, complete: bool
    ) -> list[EngineHit]:
        positions = batch.positions(node, [index for index, _ in rows])
        return [
            EngineHit(batch.candidates[index].id, score, complete, matches)
            for (index, score), matches in zip(rows, positions, strict=True)
        ]

    def _rank(self, node: Node, batch: CandidateBatch) -> _Ranked:
        """Return all candidates: the best of the first stage ordered by both stages, then the rest by the first."""
        request = self._request
        gains = 1.0 + self._recency_gains(batch.candidates)
        scores = batch.score(node).scores * gains
        ids = [candidate.id for candidate in batch.candidates]
        order = _in_order(ids, scores)
        best = np.array([index for index in order[: request.reranked] if scores[index] > 0], np.int64)
        if len(best):
            scores[best] += batch.second_stage(node, best).score() * gains[best]
        first = [int(best[rank]) for rank in _in_order([ids[index] for index in best], scores[best])]
        seen = set(first)
        ranked = [*first, *(index for index in order if index not in seen)]
        return _Ranked(
            tuple((ids[index], float(scores[index])) for index in ranked), frozenset(ids[index] for index in first)
        )

    def _ranked(self, node: Node) -> _Ranked:
        """Return the candidates of a node in order, from the cache or from the cluster."""
        cached = self._cached(node)
        if cached is not None:
            return cached
        answer = self._point_in_time.ask(
            self._list_body(node) | {"size": self._candidates, "track_total_hits": False} | self._columns()
        )
        ranked = self._rank(node, self._batch(answer))
        self._point_in_time.cache.keep(self._key(node), ranked)
        return ranked

    def _cached(self, node: Node) -> _Ranked | None:
        return self._point_in_time.cache.find(self._key(node), _Ranked) if self._is_ranked(node) else None

    def _key(self, node: Node) -> object:
        # the key holds everything that decides which documents are candidates, and nothing else
        deciding = dataclasses.replace(self._request, offset=0, limit=1, facets=(), histogram=False, form_limit=None)
        return "best", deciding, node is self._request.query

    def _batch(self, answer: Mapping[str, Any]) -> CandidateBatch:
        return CandidateBatch(
            [_candidate(hit["fields"]) for hit in answer["hits"]["hits"]],
            averages=self._point_in_time.totals.averages,
            words=self._point_in_time.vocabulary.words,
            idf=lambda word: self._idfs.get(word, 0.0),  # excluded words add nothing to a score
        )

    def _fetch(self, ids: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
        query = {"ids": {"values": [cluster_id(document_id) for document_id in ids]}}
        return self._point_in_time.ask({"size": len(ids), "query": query, "track_total_hits": False, **self._columns()})

    def _recency_gains(self, candidates: Sequence[Candidate]) -> Floats:
        """Return the share of its score that each candidate gains by its recency, shape (candidates,)."""
        if not self._request.recency or self._request.sort is not Sort.RELEVANCE:
            return np.zeros(len(candidates))
        newest = self._point_in_time.totals.newest
        days = np.array([candidate.day for candidate in candidates], np.int64)
        return np.where((days > 0) & (days <= newest), recency(newest - days), 0.0)

    def _facet(self, facet: FacetRequest, first: Mapping[str, Any], second: Mapping[str, Any]) -> FacetCounts:
        answer = first[facet.field.value]
        counts = {bucket["key"]: bucket["doc_count"] for bucket in answer[_COUNTS]["buckets"]}
        distinct = len(counts)
        if facet.field.value in second:
            distinct = max(second[facet.field.value][_COUNTS]["value"], distinct)
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        selected = {value for node in self._request.selected if node.field == facet.field for value in node.values}
        listed = sorted({*ranked[: facet.limit], *selected}, key=lambda value: (-counts.get(value, 0), value))
        values = tuple(ValueCount(value, counts.get(value, 0)) for value in listed)
        return FacetCounts(facet.field, values, distinct - sum(1 for value in values if value.count))

    def _histogram(self, first: Mapping[str, Any]) -> Histogram:
        buckets = first[_DAYS][_COUNTS]["buckets"]
        days = np.array([bucket["key"] for bucket in buckets], np.int64)
        counts = np.array([bucket["doc_count"] for bucket in buckets], np.int64)
        return histogram(days, counts, first[_DAYS]["undated"]["doc_count"], self._request.dates)

    def _form_counts(self, forms: FormFacet, first: Mapping[str, Any], second: Mapping[str, Any]) -> FormCounts:
        whole, beyond = (
            {name: bucket["doc_count"] for name, bucket in second[facet][_COUNTS]["buckets"].items()}
            if facet in second
            else {}
            for facet in (_FORMS, _BEYOND)
        )
        return forms.counts(_counters(first.get(_FORMS, {})), whole, beyond, self._request.form_limit or 0)

    def _second_counts(self, forms: FormFacet | None, first: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the aggregations that the answer to the first ones shows to be needed; mostly there are few."""
        aggregations: dict[str, Any] = {}
        for facet in self._request.facets:
            name = facet.field.value
            if first[name][_COUNTS]["sum_other_doc_count"]:
                distinct = {"cardinality": {"field": name, "precision_threshold": EXACT_UP_TO}}
                aggregations[name] = self._filtered_except(facet.field, {_COUNTS: distinct})
        matching = [self._compiler.matching(self._request.query)]
        bodies = []
        if forms is not None:
            unsettled = forms.unsettled(_counters(first.get(_FORMS, {})))
            if unsettled.whole:
                aggregations[_FORMS] = self._filtered_except(
                    _FORMS, {_COUNTS: {"filters": {"filters": unsettled.whole}}}
                )
            if unsettled.beyond:
                beyond = self._filtered_except(_FORMS, {_COUNTS: {"filters": {"filters": unsettled.beyond}}})
                bodies.append(self._count_body([*matching, unsettled.rarer], {_BEYOND: beyond}))
        if aggregations:
            bodies.append(self._count_body(matching, aggregations))
        answers = self._point_in_time.ask_all(bodies) if bodies else []
        return {name: value for answer in answers for name, value in answer["aggregations"].items()}

    def _count_body(self, matching: list[Query], aggregations: dict[str, Any]) -> dict[str, Any]:
        query = {"bool": {"filter": matching, "must_not": self._excluded}}
        return {"size": 0, "track_total_hits": False, "query": query, "aggs": aggregations}


def _counters(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bucket aggregations within the answer to one aggregation, by name."""
    return {name: value for name, value in answer.items() if isinstance(value, dict) and "buckets" in value}


def _candidate(fields: Mapping[str, Any]) -> Candidate:
    return Candidate(
        id=fields["id"][0],
        forward=unpacked_forward(fields["forward"][0]),
        day=fields.get("day", (0,))[0],
        facets={field: tuple(fields.get(field.value, ())) for field in FacetField},
    )


def _in_order(ids: Sequence[str], scores: Floats) -> list[int]:
    """Return the indices of the scores, the highest score first, ties by id."""
    rounded = np.round(scores, SCORE_DIGITS).tolist()
    return sorted(range(len(ids)), key=lambda index: (-rounded[index], ids[index]))


def _all_of(queries: Iterable[Query]) -> Query:
    return {"bool": {"filter": list(queries)}}
