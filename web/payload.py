"""SearchResult and StoredDocument → the JSON of the API, in the shape of `web/shape.py`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable

from index.document import Basis, Document
from index.schema import PUBLISHED as PUBLISHED_FIELD
from search.engine import Bucket, FacetCounts, Histogram
from search.request import MAX_DEPTH, DateSelection, SearchRequest
from search.results import Hit, Mark, SearchResult, Snippet
from web import dates, labels, shape
from web.config import Config
from web.highlight import marked
from web.labels import SourceNames
from web.links import API_ARTICLES, API_SEARCH, PAGE_SEARCH, Links, article, web_url
from web.params import Parameters

UNDATED_VALUE = "unknown"
"""The value of `date=` for articles without a date."""


def encode(body: object) -> bytes:
    """Return a shape as JSON in UTF-8, Arabic letters as themselves; a lone surrogate of a text as its escape."""
    return (json.dumps(body, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def search_answer(result: SearchResult, parameters: Parameters, config: Config) -> shape.SearchShape:
    """Return the answer of `/api/v1/search`; `parameters` are those that `result` answers."""
    links = Links(API_SEARCH, parameters)
    request = result.request
    hits = [_hit(hit, config, evidence="evidence" in parameters.extra) for hit in result.hits]
    return {
        "query": _query(result),
        "total": {"value": result.total, "exact": result.exact, "further": result.further},
        "page": {"number": request.page, "size": request.per_page, "count": pages(result.total, request)},
        "hits": hits,
        "facets": _facets(result, links, SourceNames(config.source_names)),
        "suggestion": None,
        "links": _links(result, links, parameters),
        "index": {
            "generation": result.index.generation,
            "analyzer": result.index.analyzer,
            "documents": result.index.documents,
        },
        "took_ms": round(result.took_ms, 1),
    }


def article_answer(document: Document, config: Config) -> shape.ArticleShape:
    """Return the answer of `/api/v1/articles/<id>`."""
    return {
        **_metadata(document, config, evidence=True),
        "text": document.text,
        "teasers": [{"start": span.start, "end": span.end} for span in document.teasers],
    }


def pages(count: int, request: SearchRequest) -> int:
    """Return how many pages `count` hits fill, as far as paging reaches."""
    return min(-(-count // request.per_page), MAX_DEPTH // request.per_page)


def has_next(result: SearchResult) -> bool:
    """Return whether matches or further articles follow this page."""
    return result.request.page < pages(result.total + result.further, result.request)


def bucket_selected(bucket: Bucket, selection: DateSelection) -> bool:
    """Return whether the selected days include all days of a bucket."""
    if selection.first is None and selection.last is None:
        return False
    first, last = selection.first or dt.date.min, selection.last or dt.date.max
    return first <= bucket.first and bucket.last <= last


def _query(result: SearchResult) -> shape.QueryShape:
    return {
        "q": result.request.text,
        "match": result.request.match.value,
        "sort": result.request.sort.value,
        "readings": [],
        "notes": [
            {
                "kind": note.kind.value,
                "text": note.text,
                "position": note.position,
                "message": labels.note_message(note),
            }
            for note in result.notes
        ],
    }


def _metadata(document: Document, config: Config, *, evidence: bool) -> shape.MetadataShape:
    names = SourceNames(config.source_names)
    source = document.source
    return {
        "id": document.id,
        "title": document.title,
        "title_basis": _basis(document.title_basis),
        "url": web_url(document.url),
        "source": {"id": source, "name": names.name(source)} if source else None,
        "source_basis": _basis(document.source_basis),
        "agencies": list(document.agencies),
        "author": document.author,
        "section": document.section,
        "published_at": dates.machine(document.published, config.zone),
        "published_basis": _basis(document.published_basis),
        "evidence": [{"field": entry.field, "value": entry.value, "words": entry.words} for entry in document.evidence]
        if evidence
        else None,
        "story": None,
        "links": {"self": article(document.id, API_ARTICLES), "html": article(document.id)},
    }


def _basis(basis: Basis | None) -> str | None:
    return basis.value if basis else None


def _hit(hit: Hit, config: Config, *, evidence: bool) -> shape.HitShape:
    metadata = _metadata(hit.document, config, evidence=evidence)
    metadata["title"] = hit.title
    if hit.title_inferred:
        metadata["title_basis"] = Basis.INFERRED.value
    return {
        **metadata,
        "title_html": str(marked(hit.title, hit.title_marks)),
        "title_marks": _marks(hit.title_marks),
        "score": round(hit.score, 4),
        "match": {
            "level": hit.match.level.value if hit.match.level else None,
            "complete": hit.match.complete,
            "lemma": hit.match.lemma,
            "root": hit.match.root,
            "words": list(hit.match.words),
            "why": labels.why(hit.match),
        },
        "snippets": [_snippet(snippet) for snippet in hit.snippets],
        "explanation": None,
    }


def _snippet(snippet: Snippet) -> shape.SnippetShape:
    return {
        "field": snippet.field,
        "text": snippet.text,
        "html": str(marked(snippet.text, snippet.marks)),
        "marks": _marks(snippet.marks),
        "before": snippet.before,
        "after": snippet.after,
        "more": snippet.more,
    }


def _marks(marks: Iterable[Mark]) -> list[shape.MarkShape]:
    return [{"start": mark.start, "end": mark.end, "level": mark.level.value} for mark in marks]


def _facets(
    result: SearchResult, links: Links, names: SourceNames
) -> list[shape.TermsFacetShape | shape.HistogramShape]:
    facets: list[shape.TermsFacetShape | shape.HistogramShape] = [
        _terms(counts, links, names) for counts in result.facets
    ]
    # The date stands second, behind the source.
    facets.insert(1, _histogram(result.histogram, links))
    return facets


def _terms(counts: FacetCounts, links: Links, names: SourceNames) -> shape.TermsFacetShape:
    selected = links.request.selected.get(counts.field, ())
    return {
        "name": counts.field.value,
        "type": "terms",
        "label": labels.FACETS[counts.field],
        "other": counts.other,
        "values": [
            {
                "value": entry.value,
                "label": labels.value_label(counts.field, entry.value, names),
                "count": entry.count,
                "selected": entry.value in selected,
                "toggle_url": links.toggled(counts.field, entry.value),
            }
            for entry in counts.values
        ],
    }


def _histogram(histogram: Histogram, links: Links) -> shape.HistogramShape:
    selection = links.request.dates
    return {
        "name": PUBLISHED_FIELD,
        "type": "histogram",
        "label": labels.PUBLISHED,
        "interval": histogram.interval.value,
        "values": [
            {
                "from": bucket.first.isoformat(),
                "to": bucket.last.isoformat(),
                "count": bucket.count,
                "selected": bucket_selected(bucket, selection),
                "toggle_url": links.bucket(bucket.first, bucket.last),
            }
            for bucket in histogram.buckets
        ],
        "unknown": {
            "value": UNDATED_VALUE,
            "label": labels.UNKNOWN,
            "count": histogram.unknown,
            "selected": selection.unknown,
            "toggle_url": links.undated(),
        },
    }


def _links(result: SearchResult, links: Links, parameters: Parameters) -> shape.SearchLinksShape:
    page = result.request.page
    return {
        "self": links.here(),
        "next": links.page(page + 1) if has_next(result) else None,
        "prev": links.page(page - 1) if page > 1 else None,
        "first": links.page(1),
        "html": Links(PAGE_SEARCH, parameters).here(),
        "csv": None,
        "atom": None,
    }
