"""Answers over one moment of an index on a cluster.

The cluster says what matches, counts it, and proposes the best few hundred; these are ranked here (`window.py`), and
stand before all others. Behind them the order is the cluster's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from index.document import StoredDocument
from index.engines.opensearch.encoding import unpacked_forward
from index.engines.opensearch.stored import article_of, offsets_of
from index.engines.opensearch.writer import cluster_id
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
from search.engines.explaining import form_parts
from search.engines.opensearch.compiler import Compiler, Query, published, scoring, shares
from search.engines.opensearch.formcounts import FormFacet, having
from search.engines.opensearch.moment import Moment
from search.engines.opensearch.window import Candidate, Window
from search.engines.shown import Shown
from search.histogram import histogram
from search.query import And, HasValue, Node, Not, Or, Prefix, Term
from search.ranking import HALF_LIFE, RARITY_LEVEL, RECENCY, SCORE_DIGITS, Floats, inverse_document_frequency, recency
from search.request import Sort
from search.reranking import ranked_words
from search.wordforms import searched_words

CANDIDATES = 200
"""Documents of the cluster's order that are ranked here; `search.ranking.RERANKED` of them by the second stage."""
MAX_VALUES = 2_000
"""Values of a facet that every shard tells: as long as there are no more, counts are exact and none is left out."""
EXACT_UP_TO = 40_000
"""Values up to which their number is as good as exact when there are more of them (OpenSearch's own bound)."""
MAX_EVERY = 50_000
"""The same when the values themselves are searched; OpenSearch gives at most 65,535 buckets."""

MAX_CLAUSES = 700
"""Words that all prefixes together are scored by, the commonest; OpenSearch takes 1,024 clauses in all."""

_DAYS, _FORMS, _BEYOND = "days", "forms", "beyond"
_COLUMNS = ("id", "forward", "day")


@dataclasses.dataclass(frozen=True, slots=True)
class _Ranked:
    """The candidates of a node in order, with their scores, and those that the second stage has looked at."""

    order: tuple[tuple[str, float], ...]
    reranked: frozenset[str]

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return 250 * len(self.order)


class OpenSearchSearcher:
    """A `Searcher` over one moment."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._compiler = Compiler(moment.vocabulary)

    def search(self, request: EngineRequest) -> EngineResult:
        """See `Searcher.search`.

        Raises:
            TooManyFormsError: a prefix stands for too many words.
        """
        request.check()
        return _Search(self._moment, self._compiler, self._spelled_out(request)).run()

    def get(self, document_id: str) -> StoredDocument | None:
        """See `Searcher.get`."""
        return self.get_many([document_id])[0]

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """See `Searcher.get_many`."""
        cache = self._moment.cache
        known = {document_id: cache.find(("article", document_id), Shown) for document_id in ids}
        missing = [document_id for document_id, found in known.items() if found is None]
        if missing:
            answer = self._moment.ask(
                {
                    "size": len(missing),
                    "query": {"ids": {"values": [cluster_id(document_id) for document_id in missing]}},
                    "_source": ["article"],
                    "track_total_hits": False,
                }
            )
            for hit in answer["hits"]["hits"]:
                document = article_of(hit["_source"])
                shown = known[document.id] = Shown(StoredDocument(document, offsets_of(hit["_source"])))
                cache.keep(("article", document.id), shown)
        return [None if (found := known[document_id]) is None else found.article for document_id in ids]

    def explain(self, request: EngineRequest, document_id: str) -> Explanation | None:
        """See `Searcher.explain`."""
        request.check()
        return _Search(self._moment, self._compiler, self._spelled_out(request)).explain(document_id)

    def info(self) -> IndexInfo:
        """See `Searcher.info`."""
        moment = self._moment
        return IndexInfo(moment.state.generation, moment.analyzer, moment.totals.documents)

    def _spelled_out(self, request: EngineRequest) -> EngineRequest:
        spelled = self._moment.vocabulary.spelled_out
        further = None if request.further is None else spelled(request.further)
        return dataclasses.replace(request, query=spelled(request.query), further=further)


class _Search:
    """One request on its way."""

    def __init__(self, moment: Moment, compiler: Compiler, request: EngineRequest) -> None:
        self._moment = moment
        self._compiler = compiler
        self._request = request
        nodes = [request.query] if request.further is None else [request.query, request.further]
        words = list({word: None for node in nodes for word in searched_words(node)})
        moment.vocabulary.learn(words)
        self._rarities, self._boosts = self._weights(words)
        self._filters = self._selections()
        self._excluded = [compiler.matching(node) for node in request.excluded]
        self._has_values = any(_has_values(node) for node in nodes)

    def run(self) -> EngineResult:
        """Return the answer."""
        request = self._request
        forms = None
        if request.form_limit is not None:
            forms = FormFacet(request.query, self._moment.vocabulary, self._compiler)
        ranked = self._known(request.query)
        first = self._page(request.query, ranked)
        body = self._listed(request.query) | first | {"track_total_hits": True, "aggs": self._aggregations(forms)}
        if not body["aggs"]:
            del body["aggs"]
        bodies = [body]
        if request.further is not None:
            bodies.append(self._further_body() | {"size": 0, "track_total_hits": True})
        answers = self._moment.ask_all(bodies)
        total = answers[0]["hits"]["total"]["value"]
        further = answers[1]["hits"]["total"]["value"] if request.further is not None else 0
        hits = self._hits(request.query, answers[0], ranked, total, request.offset, complete=True)
        if request.further is not None and request.limit and request.offset + request.limit > total and further:
            offset = max(request.offset - total, 0)
            limit = request.limit - len(hits)
            hits += self._of_further(offset, limit)
        found = answers[0].get("aggregations", {})
        later = self._counted_later(forms, found)
        return EngineResult(
            total=total,
            further=further,
            exact=True,
            hits=tuple(hits),
            facets=tuple(self._facet(facet, found, later) for facet in request.facets),
            histogram=self._histogram(found) if request.histogram else None,
            forms=None if forms is None else self._form_counts(forms, found, later),
        )

    def explain(self, document_id: str) -> Explanation | None:
        """Return why an article scores what it does, or None."""
        request = self._request
        one: Query = {"ids": {"values": [cluster_id(document_id)]}}
        for node, body in ((request.query, self._body(request.query)), (request.further, self._further_body())):
            if node is None:
                continue
            every = [body["query"], one, *self._filters.values()]
            answer = self._moment.ask({"query": {"bool": {"filter": every}}, "size": 1, **self._columns()})
            if answer["hits"]["hits"]:
                return self._explanation(node, self._window(answer))
        return None

    def _explanation(self, node: Node, window: Window) -> Explanation:
        request = self._request
        document = window.candidates[0]
        parts = [*form_parts(window.explained(0), node)]
        if request.sort is Sort.RELEVANCE:
            if parts and document.id in self._ranked(node).reranked:
                added = window.second_stage(node, np.array([0]))
                parts += [ScorePart(Feature(name), float(value[0])) for name, value in added._asdict().items()]
            if request.recency:
                gain = float(self._gains([document])[0]) * sum(part.value for part in parts)
                parts.append(ScorePart(Feature.RECENCY, gain))
        parts = [part for part in parts if part.value]
        return Explanation(sum(part.value for part in parts), tuple(parts))

    # what is asked

    def _body(self, node: Node) -> dict[str, Any]:
        """Return query and order for what a node matches, filters aside."""
        matching: dict[str, Any] = {"filter": [self._compiler.matching(node)]}
        if self._excluded:
            matching["must_not"] = self._excluded
        return self._ordered(node, matching)

    def _listed(self, node: Node) -> dict[str, Any]:
        """Return query and order for what is listed of a node: the matches, or the further documents, filtered."""
        if node is not self._request.query:
            return self._further_body()
        return self._body(node) | ({"post_filter": _every(self._filters.values())} if self._filters else {})

    def _further_body(self) -> dict[str, Any]:
        """Return query and order for the further documents, filters included."""
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
        newest = self._moment.totals.newest
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

    def _page(self, node: Node, known: _Ranked | None) -> dict[str, Any]:
        """Return which hits are to be sent: the candidates, or the page itself where they need no ranking."""
        request = self._request
        if not request.limit:
            return {"size": 0}
        if not self._is_ranked(node):
            return {"from": request.offset, "size": request.limit, **self._columns()}
        if known is not None:
            return {"size": 0}
        return {"size": self._candidates, **self._columns()}

    @property
    def _candidates(self) -> int:
        return max(CANDIDATES, self._request.reranked)

    def _is_ranked(self, node: Node) -> bool:
        return self._request.sort is Sort.RELEVANCE and any(True for _ in searched_words(node))

    def _columns(self) -> dict[str, Any]:
        fields = [*_COLUMNS, *(field.value for field in FacetField)] if self._has_values else list(_COLUMNS)
        return {"_source": False, "stored_fields": "_none_", "docvalue_fields": fields}

    def _aggregations(self, forms: FormFacet | None) -> dict[str, Any]:
        request = self._request
        made: dict[str, Any] = {}
        for facet in request.facets:
            size = min(max(facet.limit, MAX_VALUES), MAX_EVERY)
            values = {"terms": {"field": facet.field.value, "size": size, "shard_size": size}}
            made[facet.field.value] = self._but(facet.field, {"it": values})
        if request.histogram:
            made[_DAYS] = self._but(
                _DAYS,
                {
                    "it": {"histogram": {"field": "day", "interval": 1, "min_doc_count": 1}},
                    "undated": {"missing": {"field": "day"}},
                },
            )
        if forms is not None:
            (matches,) = self._moment.counts(self._all()).values()
            if counted := forms.aggregations(matches):
                made[_FORMS] = self._but(_FORMS, counted)
        return made

    def _all(self) -> dict[object, Query]:
        """Return the query for all matches, by the key that they are counted under."""
        return {("all", self._request.query): self._compiler.matching(self._request.query)}

    def _but(self, facet: str, counted: dict[str, Any]) -> dict[str, Any]:
        """Return aggregations of what the filters let through, but for a facet's own."""
        others = [query for name, query in self._filters.items() if name != facet]
        return {"filter": _every(others), "aggs": counted}

    def _selections(self) -> dict[str, Query]:
        request = self._request
        filters: dict[str, Query] = {node.field: self._compiler.matching(node) for node in request.selected}
        if request.dates is not None:
            filters[_DAYS] = published(request.dates)
        if request.forms:
            filters[_FORMS] = having(request.query, request.forms, self._moment.vocabulary, self._compiler)
        return filters

    def _weights(
        self, words: Iterable[Term | Prefix]
    ) -> tuple[dict[Term | Prefix, float], dict[Term | Prefix, dict[str, float]]]:
        """Return how rare each word is, and what its terms weigh in the cluster's own score."""
        moment, compiler = self._moment, self._compiler
        asked: dict[object, Query] = {}
        words = list(words)
        for word in words:
            asked["near", word] = compiler.close(word, RARITY_LEVEL)
            if isinstance(word, Term) and self._request.limit:
                asked.update({("term", name): {"term": {"words": name}} for name in shares(word)})
        if self._request.form_limit is not None:
            asked.update(self._all())  # with the others, since it is wanted for the forms
        counts = moment.counts(asked)
        prefixes = [word for word in words if isinstance(word, Prefix)]
        # a word that nothing close is found for is as rare as all that it is found as
        far = moment.counts({("any", word): compiler.matching(word) for word in words if not counts["near", word]})
        rarities = {word: moment.rarity(counts["near", word] or far["any", word]) for word in words}
        documents = moment.totals.documents if words else 0
        boosts: dict[Term | Prefix, dict[str, float]] = {
            word: {
                # what Lucene multiplies a term by is taken out again: a word is as rare as it is, by whatever term
                name: share * rarities[word] / inverse_document_frequency(documents, counts["term", name])
                for name, share in shares(word).items()
                if counts["term", name]
            }
            for word in words
            if isinstance(word, Term) and self._request.limit
        }
        for prefix in prefixes if self._request.limit else ():
            holders = moment.holders(prefix, compiler.matching(prefix), MAX_CLAUSES // len(prefixes))
            boosts[prefix] = {
                # words of the same letters and other readings are counted one by one
                name: rarities[prefix] / inverse_document_frequency(documents, min(count, documents))
                for name, count in holders
            }
        return rarities, boosts

    # what came back

    def _hits(
        self,
        node: Node,
        answer: Mapping[str, Any],
        known: _Ranked | None,
        total: int,
        offset: int,
        *,
        complete: bool,
        limit: int | None = None,
    ) -> list[EngineHit]:
        """Return a page of what a node matches."""
        request = self._request
        limit = request.limit if limit is None else limit
        if not limit or offset >= total:
            return []
        if not self._is_ranked(node):
            shown = self._window(answer)
            scores = shown.score(node).scores
            return self._made(node, shown, list(enumerate(scores.tolist())), complete=complete)
        window: Window | None = None
        if known is None:
            window = self._window(answer)
            known = self._rank(node, window)
            self._moment.cache.keep(self._key(node), known)
        page = known.order[offset : offset + limit]
        hits: list[EngineHit] = []
        if page:
            hits = self._of_candidates(node, window, page, complete=complete)
        if len(hits) < limit and offset + len(hits) < total and offset + limit > self._candidates:
            last = known.order[-1][1] if known.order else 0.0
            hits += self._behind(node, max(offset, self._candidates), limit - len(hits), last, complete=complete)
        return hits

    def _of_candidates(
        self, node: Node, window: Window | None, page: Sequence[tuple[str, float]], *, complete: bool
    ) -> list[EngineHit]:
        if window is None:
            window = self._window(self._fetched([document_id for document_id, _ in page]))
        numbers = {candidate.id: number for number, candidate in enumerate(window.candidates)}
        rows = [(numbers[document_id], score) for document_id, score in page if document_id in numbers]
        return self._made(node, window, rows, complete=complete)

    def _behind(self, node: Node, offset: int, limit: int, most: float, *, complete: bool) -> list[EngineHit]:
        """Return hits that were no candidates, in the order of the cluster; no score is above `most`."""
        answer = self._moment.ask(
            self._listed(node) | {"from": offset, "size": limit, "track_total_hits": False} | self._columns()
        )
        window = self._window(answer)
        scores = np.minimum(window.score(node).scores * (1.0 + self._gains(window.candidates)), most)
        return self._made(node, window, list(enumerate(scores.tolist())), complete=complete)

    def _of_further(self, offset: int, limit: int) -> list[EngineHit]:
        """Return a page of the further documents."""
        node = self._request.further
        assert node is not None  # noqa: S101 - asked only then
        known = self._known(node)
        answer: Mapping[str, Any] = {"hits": {"hits": []}}
        body = self._further_body() | {"track_total_hits": True}
        if not self._is_ranked(node):
            body |= {"from": offset, "size": limit}
            answer = self._moment.ask(body | self._columns())
        elif known is None:
            answer = self._moment.ask(body | {"size": self._candidates} | self._columns())
        total = answer["hits"]["total"]["value"] if "total" in answer["hits"] else offset + limit
        return self._hits(node, answer, known, total, offset, complete=False, limit=limit)

    def _made(
        self, node: Node, window: Window, rows: Sequence[tuple[int, float]], *, complete: bool
    ) -> list[EngineHit]:
        positions = window.positions(node, [number for number, _ in rows])
        return [
            EngineHit(window.candidates[number].id, score, complete, found)
            for (number, score), found in zip(rows, positions, strict=True)
        ]

    def _rank(self, node: Node, window: Window) -> _Ranked:
        """Return all candidates in order: the best of the first stage by both stages, then the rest by the first."""
        request = self._request
        gains = 1.0 + self._gains(window.candidates)
        scores = window.score(node).scores * gains
        ids = [candidate.id for candidate in window.candidates]
        order = _in_order(ids, scores)
        best = np.array([number for number in order[: request.reranked] if scores[number] > 0], np.int64)
        if len(best):
            scores[best] += window.second_stage(node, best).score() * gains[best]
        first = [int(best[place]) for place in _in_order([ids[number] for number in best], scores[best])]
        seen = set(first)
        ranked = [*first, *(number for number in order if number not in seen)]
        return _Ranked(
            tuple((ids[number], float(scores[number])) for number in ranked), frozenset(ids[number] for number in first)
        )

    def _ranked(self, node: Node) -> _Ranked:
        """Return the candidates of a node in order, asking for them where they are not known."""
        known = self._known(node)
        if known is not None:
            return known
        answer = self._moment.ask(
            self._listed(node) | {"size": self._candidates, "track_total_hits": False} | self._columns()
        )
        known = self._rank(node, self._window(answer))
        self._moment.cache.keep(self._key(node), known)
        return known

    def _known(self, node: Node) -> _Ranked | None:
        return self._moment.cache.find(self._key(node), _Ranked) if self._is_ranked(node) else None

    def _key(self, node: Node) -> object:
        # everything that decides which documents these are, and nothing else
        asked = dataclasses.replace(self._request, offset=0, limit=1, facets=(), histogram=False, form_limit=None)
        return "best", asked, node is self._request.query

    def _window(self, answer: Mapping[str, Any]) -> Window:
        return Window(
            [_candidate(hit["fields"]) for hit in answer["hits"]["hits"]],
            averages=self._moment.totals.averages,
            words=self._moment.vocabulary.words,
            rarity=lambda word: self._rarities.get(word, 0.0),  # what a match must not have scores nothing
        )

    def _fetched(self, ids: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
        query = {"ids": {"values": [cluster_id(document_id) for document_id in ids]}}
        return self._moment.ask({"size": len(ids), "query": query, "track_total_hits": False, **self._columns()})

    def _gains(self, candidates: Sequence[Candidate]) -> Floats:
        """Return the share of its score that each candidate gains by being new."""
        if not self._request.recency or self._request.sort is not Sort.RELEVANCE:
            return np.zeros(len(candidates))
        newest = self._moment.totals.newest
        days = np.array([candidate.day for candidate in candidates], np.int64)
        return np.where((days > 0) & (days <= newest), recency(newest - days), 0.0)

    def _facet(self, facet: FacetRequest, found: Mapping[str, Any], later: Mapping[str, Any]) -> FacetCounts:
        answer = found[facet.field.value]
        counts = {bucket["key"]: bucket["doc_count"] for bucket in answer["it"]["buckets"]}
        different = len(counts)
        if facet.field.value in later:
            different = max(later[facet.field.value]["it"]["value"], different)
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        selected = {value for node in self._request.selected if node.field == facet.field for value in node.values}
        shown = sorted({*ranked[: facet.limit], *selected}, key=lambda value: (-counts.get(value, 0), value))
        values = tuple(ValueCount(value, counts.get(value, 0)) for value in shown)
        return FacetCounts(facet.field, values, different - sum(1 for it in values if it.count))

    def _histogram(self, found: Mapping[str, Any]) -> Histogram:
        buckets = found[_DAYS]["it"]["buckets"]
        days = np.array([bucket["key"] for bucket in buckets], np.int64)
        counts = np.array([bucket["doc_count"] for bucket in buckets], np.int64)
        return histogram(days, counts, found[_DAYS]["undated"]["doc_count"], self._request.dates)

    def _form_counts(self, forms: FormFacet, found: Mapping[str, Any], later: Mapping[str, Any]) -> FormCounts:
        whole, beyond = (
            {name: bucket["doc_count"] for name, bucket in later[facet]["it"]["buckets"].items()}
            if facet in later
            else {}
            for facet in (_FORMS, _BEYOND)
        )
        return forms.counts(_counters(found.get(_FORMS, {})), whole, beyond, self._request.form_limit or 0)

    def _counted_later(self, forms: FormFacet | None, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return counts that only the first ones show to be needed; mostly there are few."""
        made: dict[str, Any] = {}
        for facet in self._request.facets:
            if found[facet.field.value]["it"]["sum_other_doc_count"]:
                different = {"field": facet.field.value, "precision_threshold": EXACT_UP_TO}
                made[facet.field.value] = self._but(facet.field, {"it": {"cardinality": different}})
        matching = [self._compiler.matching(self._request.query)]
        bodies = []
        if forms is not None:
            unsettled = forms.unsettled(_counters(found.get(_FORMS, {})))
            if unsettled.whole:
                made[_FORMS] = self._but(_FORMS, {"it": {"filters": {"filters": unsettled.whole}}})
            if unsettled.beyond:
                beyond = self._but(_FORMS, {"it": {"filters": {"filters": unsettled.beyond}}})
                bodies.append(self._counting([*matching, unsettled.rarer], {_BEYOND: beyond}))
        if made:
            bodies.append(self._counting(matching, made))
        answers = self._moment.ask_all(bodies) if bodies else []
        return {name: value for answer in answers for name, value in answer["aggregations"].items()}

    def _counting(self, matching: list[Query], made: dict[str, Any]) -> dict[str, Any]:
        query = {"bool": {"filter": matching, "must_not": self._excluded}}
        return {"size": 0, "track_total_hits": False, "query": query, "aggs": made}


def _counters(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the aggregations within one, by their names."""
    return {name: value for name, value in answer.items() if isinstance(value, dict) and "buckets" in value}


def _candidate(fields: Mapping[str, Any]) -> Candidate:
    return Candidate(
        id=fields["id"][0],
        forward=unpacked_forward(fields["forward"][0]),
        day=fields.get("day", (0,))[0],
        facets={field: tuple(fields.get(field.value, ())) for field in FacetField},
    )


def _in_order(ids: Sequence[str], scores: Floats) -> list[int]:
    rounded = np.round(scores, SCORE_DIGITS).tolist()
    return sorted(range(len(ids)), key=lambda number: (-rounded[number], ids[number]))


def _has_values(node: Node) -> bool:
    match node:
        case HasValue():
            return True
        case And() | Or():
            return any(map(_has_values, node.children))
        case Not():
            return _has_values(node.child)
        case _:
            return False


def _every(queries: Iterable[Query]) -> Query:
    return {"bool": {"filter": list(queries)}}
