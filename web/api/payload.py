"""SearchResult and StoredDocument → the JSON of the API, in the shape of `web/api/shape.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from index.document import Basis, Document
from index.schema import LADDER, NAME_FIELDS, Level
from search import deadline
from search.engine import Explanation, IndexInfo
from search.levels import Tier
from search.request import SearchRequest
from search.results import FacetResult, Hit, Mark, Note, SearchResult, Snippet
from web import dates, labels
from web.api import facets, shape
from web.config import Config
from web.highlight import marked_html
from web.kinds import HIT_FIELDS, Parameters
from web.links import (
    API_ARTICLES,
    API_FACETS,
    API_SEARCH,
    PAGE_ARTICLES,
    PAGE_SEARCH,
    Links,
    article_path,
    facet_search,
    web_url,
)
from web.paging import has_next, pages
from web.shortening import shortened

_LEVELS: Mapping[Level, str] = {level: level.value for level in Level}
_BASES: Mapping[Basis | None, str | None] = {None: None} | {basis: basis.value for basis in Basis}
"""The values by member: an answer has hundreds of marks, and `.value` takes as long as the rest of a mark."""


def search_answer(result: SearchResult, links: Links, config: Config) -> shape.SearchShape:
    """Return the answer of `/api/v1/search`; `links` are those of the search that returned `result`."""
    request, evidence = result.request, "evidence" in links.parameters.extra
    hits = [_hit(hit, config, evidence=evidence) for hit in result.hits]
    return {
        "query": _query(result.request, result.words, result.notes),
        "total": _total(result, links),
        "page": {"number": request.page, "size": request.per_page, "count": pages(result)},
        "hits": _chosen(hits, links.parameters.fields),
        "facets": facets.all_facets(result, links, config.names),
        "suggestion": None,
        "links": _links(result, links),
        "index": _index(result.index),
        "took_ms": round(result.took_ms, 1),
    }


def article_answer(document: Document, config: Config) -> shape.ArticleShape:
    """Return the answer of `/api/v1/articles/<id>`."""
    return {
        **_metadata(document, config, evidence=True),
        "text": document.text,
        "teasers": [{"start": span.start, "end": span.end} for span in document.teasers],
    }


def facet_answer(result: FacetResult, typed: str, parameters: Parameters, config: Config) -> shape.FacetShape:
    """Return the answer of `/api/v1/facets/<name>`, whose values were searched by `typed`."""
    links = Links(API_SEARCH, parameters)
    facet = facets.facet_values(result.counts, links, config.names)
    return {
        "query": _query(result.request, result.words, ()),
        "prefix": typed,
        "facet": facet,
        "links": {
            "self": facet_search(facet["name"], typed, parameters, API_FACETS),
            "html": facet_search(facet["name"], typed, parameters),
            "search": links.here(),
        },
        "index": _index(result.index),
    }


def _index(index: IndexInfo) -> shape.IndexShape:
    return {"generation": index.generation, "analyzer": index.analyzer, "documents": index.documents}


def _total(result: SearchResult, links: Links) -> shape.TotalShape:
    return {
        "value": result.total,
        "exact": result.exact,
        "further": result.further,
        "partial": result.partial,
        "reachable": result.reachable,
        "levels": [
            {"level": level.value, "value": count, "url": links.matched(level)}
            for level, count in zip(LADDER, result.levels, strict=True)
        ],
    }


def _chosen(hits: list[shape.HitShape], fields: tuple[str, ...]) -> list[shape.HitShape]:
    """Return the hits with these keys alone."""
    if fields == HIT_FIELDS:
        return hits
    return [cast("shape.HitShape", {name: value for name, value in hit.items() if name in fields}) for hit in hits]


def _query(request: SearchRequest, words: Iterable[str], notes: Iterable[Note]) -> shape.QueryShape:
    return {
        "q": request.text,
        "match": request.match.value,
        "sort": request.sort.value,
        "words": list(words),
        "readings": [],
        "notes": [
            {
                "kind": note.kind.value,
                "text": note.text,
                "position": note.position,
                "message": labels.note_message(note),
            }
            for note in notes
        ],
    }


def _metadata(document: Document, config: Config, *, evidence: bool) -> shape.MetadataShape:
    names = config.names
    source = document.source
    path = article_path(document.id)
    return {
        "id": document.id,
        "title": document.title,
        "title_basis": _BASES[document.title_basis],
        "url": web_url(document.url),
        "source": {"id": source, "name": names.name(source)} if source else None,
        "source_basis": _BASES[document.source_basis],
        "agencies": list(document.agencies),
        **_names(document),
        "published_at": dates.machine(document.published, config.zone),
        "published_basis": _BASES[document.published_basis],
        "evidence": [{"field": entry.field, "value": entry.value, "words": entry.words} for entry in document.evidence]
        if evidence
        else None,
        "story": None,
        "links": {"self": API_ARTICLES + path, "html": PAGE_ARTICLES + path},
    }


def _names(document: Document) -> shape.NamesShape:
    return cast("shape.NamesShape", {name: getattr(document, name) for name in NAME_FIELDS.values()})


def _hit(hit: Hit, config: Config, *, evidence: bool) -> shape.HitShape:
    deadline.check()
    document, match = hit.document, hit.match
    return {
        **_metadata(document, config, evidence=evidence),
        "title": hit.title,
        "title_basis": _BASES[Basis.INFERRED if hit.title_inferred else document.title_basis],
        "title_html": marked_html(hit.title, hit.title_marks),
        "title_marks": _marks(hit.title_marks),
        "score": round(hit.score, 4),
        "match": {
            "level": _LEVELS[match.level] if match.level else None,
            "complete": match.tier is Tier.MATCH,
            "tier": match.tier.value,
            "lemma": match.lemma,
            "root": match.root,
            "words": [shortened(form.text) for form in match.forms],
            "missing": [shortened(text) for text in match.missing],
            "why": labels.why(match),
        },
        "snippets": [_snippet(snippet) for snippet in hit.snippets],
        "explanation": _explanation(hit.explanation) if hit.explanation else None,
        "positions": {"title": _marks(hit.marks.title), "text": _marks(hit.marks.text)} if hit.marks else None,
    }


def _explanation(explanation: Explanation) -> shape.ExplanationShape:
    return {
        "score": explanation.score,
        "parts": [
            {
                "feature": part.feature.value,
                "value": part.value,
                "word": part.word,
                "form": part.form or None,
                "section": part.section.value if part.section else None,
                "level": part.level.value if part.level else None,
                "occurrences": part.occurrences or None,
            }
            for part in explanation.parts
        ],
    }


def _snippet(snippet: Snippet) -> shape.SnippetShape:
    return {
        "field": snippet.field,
        "text": snippet.text,
        "html": marked_html(snippet.text, snippet.marks),
        "marks": _marks(snippet.marks),
        "before": snippet.before,
        "after": snippet.after,
        "more": snippet.more,
    }


def _marks(marks: Iterable[Mark]) -> list[shape.MarkShape]:
    return [{"start": start, "end": end, "level": _LEVELS[level]} for start, end, level in marks]


def _links(result: SearchResult, links: Links) -> shape.SearchLinksShape:
    page, here = result.request.page, links.here()
    return {
        "self": here,
        "next": links.page(page + 1) if has_next(result) else None,
        "prev": links.page(page - 1) if page > 1 and result.request.per_page else None,
        "first": links.page(1),
        "html": PAGE_SEARCH + here.removeprefix(API_SEARCH),
        "csv": None,
        "atom": None,
    }
