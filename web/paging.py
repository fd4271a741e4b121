"""How many pages the hits of a search fill."""

from __future__ import annotations

from search.request import MAX_DEPTH, SearchRequest
from search.results import SearchResult


def pages(count: int, request: SearchRequest) -> int:
    """Return how many pages `count` hits fill, at most as many as MAX_DEPTH allows; 0 if a page has no hits."""
    if not request.per_page:
        return 0
    return min(-(-count // request.per_page), MAX_DEPTH // request.per_page)


def has_next(result: SearchResult) -> bool:
    """Return whether listed documents follow this page."""
    return result.request.page < pages(result.listed, result.request)
