"""The bodies of the requests of one search: what the cluster is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.engines.opensearch.outbox import cluster_id
from index.schema import FacetField
from search.engine import CountRequest, EngineRequest, Listing
from search.engines.opensearch.answers import BEYOND, COUNTS, DAYS, FORMS, word_counts
from search.engines.opensearch.compiler import Compiler, Query, all_of, published, scoring
from search.engines.opensearch.formcounts import FormFacet, having
from search.engines.opensearch.vocabulary import Vocabulary
from search.engines.opensearch.weights import Boosts
from search.query import FacetFilter, walk
from search.ranking import HALF_LIFE, RECENCY
from search.request import Sort
from search.reranking import ranked_words

MAX_VALUES = 2_000
"""Number of facet values that every shard returns. If a facet has no more, all counts are exact and none is missing."""
EXACT_UP_TO = 40_000
"""Precision threshold of the number of distinct values of a facet with more than `MAX_VALUES`: up to here the number is
nearly exact. OpenSearch allows no higher threshold."""
MAX_EVERY = 50_000
"""Upper limit of `MAX_VALUES` when the values themselves are searched; OpenSearch returns at most 65,535 buckets."""

Body = dict[str, Any]


class HitBodies:
    """Bodies that ask for the hits of a request."""

    def __init__(
        self, request: EngineRequest, compiler: Compiler, vocabulary: Vocabulary, boosts: Boosts, newest: int
    ) -> None:
        """Ask for `request`; `newest` is the last day of publication that is not in the future, 0 if there is none."""
        self._listing = listing = request.listing
        self._limit = request.limit
        self._boosts = boosts
        self._newest = newest
        self.filters = _filter_queries(listing, compiler, vocabulary)
        """By facet the query of its selection."""
        self.excluded = [compiler.matching(node) for node in listing.excluded]
        has_facet_filter = any(isinstance(below, FacetFilter) for node in listing.nodes for below in walk(node))
        columns = ["id", "forward", "day", *(field.value for field in FacetField if has_facet_filter)]
        self.columns: Body = {"_source": False, "stored_fields": "_none_", "docvalue_fields": columns}
        """The fields of a hit that ranking needs."""

    def listed(self, part: Query) -> Body:
        """Return query and sort order of the hits of a part of the list, filtered."""
        return self._ordered(self.filtered(part))

    def filtered(self, query: Query) -> Body:
        """Return the clauses of a query for the documents of `query` that pass all filters."""
        matching: Body = {"filter": [query, *self.filters.values()]}
        return matching | {"must_not": self.excluded} if self.excluded else matching

    def articles(self, ids: Sequence[str]) -> Body:
        """Return the body that asks for the columns of some articles."""
        return articles_of(ids) | self.columns

    def _ordered(self, matching: Body) -> Body:
        listing = self._listing
        if listing.sort is not Sort.RELEVANCE:
            order = "desc" if listing.sort is Sort.NEWEST else "asc"
            sort = [{"moment": {"order": order, "missing": "_last"}}, {"id": "asc"}]
            return {"query": {"constant_score": {"filter": {"bool": matching}}}, "sort": sort}
        clauses = [
            clause for word in ranked_words(listing.listed) for clause in scoring(word, self._boosts.get(word, {}))
        ]
        if not clauses or not self._limit:
            return {"query": {"constant_score": {"filter": {"bool": matching}}}, "sort": [{"id": "asc"}]}
        query: Query = {"bool": matching | {"should": clauses, "minimum_should_match": 0}}
        if listing.raises_newer and self._newest:
            gain = {
                "filter": {"range": {"day": {"lte": self._newest}}},
                "exp": {"day": {"origin": self._newest, "scale": HALF_LIFE, "decay": 0.5}},
                "weight": RECENCY,
            }
            query = {
                "function_score": {
                    "query": query, "functions": [{"weight": 1}, gain], "score_mode": "sum", "boost_mode": "multiply"
                }
            }  # fmt: skip
        return {"query": query, "sort": [{"_score": "desc"}, {"id": "asc"}]}


class CountBodies:
    """Aggregations and bodies that ask for the counts of a request."""

    def __init__(
        self, counts: CountRequest, matching: Query, filters: Mapping[str, Query], excluded: Sequence[Query]
    ) -> None:
        """Count among the documents of `matching`, before `filters`, which are by facet; none of `excluded` counts."""
        self._counts = counts
        self._matching = matching
        self._filters = filters
        self._excluded = excluded

    def first(self, by_word: Mapping[str, Any]) -> Body | None:
        """Return the body that counts among the matches, None if nothing is counted.

        `by_word` are the aggregations that count the articles of each word.
        """
        aggregations: Body = {}
        for facet in self._counts.facets:
            size = min(max(facet.limit, MAX_VALUES), MAX_EVERY)
            values = {"terms": {"field": facet.field.value, "size": size, "shard_size": size}}
            aggregations[facet.field.value] = self._filtered_except(facet.field, {COUNTS: values})
        if self._counts.histogram:
            aggregations[DAYS] = self._filtered_except(
                DAYS,
                {
                    COUNTS: {"histogram": {"field": "day", "interval": 1, "min_doc_count": 1}},
                    "undated": {"missing": {"field": "day"}},
                },
            )
        if by_word:
            aggregations[FORMS] = self._filtered_except(FORMS, by_word)
        return self._body([self._matching], aggregations) if aggregations else None

    def second(self, forms: FormFacet | None, first: Mapping[str, Any]) -> list[Body]:
        """Return the bodies that the answer to the first aggregations shows to be needed; mostly there are few."""
        aggregations: Body = {}
        bodies: list[Body] = []
        for facet in self._counts.facets:
            name = facet.field.value
            if first[name][COUNTS]["sum_other_doc_count"]:
                distinct = {"cardinality": {"field": name, "precision_threshold": EXACT_UP_TO}}
                aggregations[name] = self._filtered_except(facet.field, {COUNTS: distinct})
        if forms is not None:
            unsettled = forms.unsettled(word_counts(first))
            if unsettled.whole:
                aggregations[FORMS] = self._forms(unsettled.whole)
            if unsettled.beyond:
                bodies.append(self._body([self._matching, unsettled.rarer], {BEYOND: self._forms(unsettled.beyond)}))
        if aggregations:
            bodies.append(self._body([self._matching], aggregations))
        return bodies

    def _forms(self, queries: Mapping[str, Query]) -> Body:
        return self._filtered_except(FORMS, {COUNTS: {"filters": {"filters": queries}}})

    def _filtered_except(self, facet: str, counted: Mapping[str, Any]) -> Body:
        """Return the aggregations `counted` over the matches that pass all filters except the facet's own."""
        others = [query for name, query in self._filters.items() if name != facet]
        return {"filter": all_of(others), "aggs": counted}

    def _body(self, matching: list[Query], aggregations: Body) -> Body:
        query = {"bool": {"filter": matching, "must_not": self._excluded}}
        return {"size": 0, "track_total_hits": False, "query": query, "aggs": aggregations}


def articles_of(ids: Sequence[str]) -> Body:
    """Return the body that asks for the articles with these ids."""
    query = {"ids": {"values": [cluster_id(document_id) for document_id in ids]}}
    return {"size": len(ids), "query": query, "track_total_hits": False}


def _filter_queries(listing: Listing, compiler: Compiler, vocabulary: Vocabulary) -> dict[str, Query]:
    """Return by facet the query for the documents that pass its selection."""
    filters: dict[str, Query] = {node.field: compiler.matching(node) for node in listing.selected}
    if listing.dates is not None:
        filters[DAYS] = published(listing.dates)
    if listing.forms:
        filters[FORMS] = having(listing.query, listing.forms, vocabulary, compiler)
    return filters
