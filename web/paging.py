"""How many pages the hits of a search fill."""

from __future__ import annotations

from search.results import SearchResult


def pages(result: SearchResult) -> int:
    """Return how many pages the list fills, as far as paging reaches; 0 if a page has no hits."""
    size = result.request.per_page
    return -(-result.reachable // size) if size else 0


def has_next(result: SearchResult) -> bool:
    """Return whether listed documents follow this page."""
    return result.request.page < pages(result)
