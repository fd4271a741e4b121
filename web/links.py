"""Addresses of searches, canonical: parameters in one order and without defaults, so that a search has one address."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from urllib.parse import quote

from index.analysis.arabic.folding import fold
from index.schema import FacetField, Level
from search.request import DateSelection, SearchRequest, Sort
from web.params import FACETS, FILTERS, FORM, Parameters

API_SEARCH = "/api/v1/search"
PAGE_SEARCH = "/search"
API_ARTICLES = "/api/v1/articles/"
PAGE_ARTICLES = "/articles/"
API_ANALYZE = "/api/v1/analyze"
PAGE_ANALYZE = "/analyze"
API_FACETS = "/api/v1/facets/"
PAGE_FACETS = "/facets/"
MAX_URL = 4_000
"""Longest address of an article in code points that becomes a link."""


def article(document_id: str, root: str = PAGE_ARTICLES) -> str:
    """Return the address of an article; slashes are escaped if clients could resolve the path."""
    steps = document_id.split("/")
    return root + quote(document_id, safe="" if any(step in ("", ".", "..") for step in steps) else "/")


def analyzed(text: str, path: str = PAGE_ANALYZE) -> str:
    """Return the address of the analysis of a text."""
    return f"{path}?text={quote(text, safe='', errors='surrogatepass')}"


def word_search(word: str, level: Level) -> str:
    """Return the address of the search for a word up to a level."""
    return Links(PAGE_SEARCH, Parameters(SearchRequest(text=word, match=level))).here()


def facet_search(facet: str, typed: str, parameters: Parameters, root: str = PAGE_FACETS) -> str:
    """Return the address of the values of a facet that match `typed`; without `typed`, of all its values."""
    address = Links(f"{root}{facet}", parameters).page(1)
    return f"{address}{'&' if '?' in address else '?'}{_encode('prefix', [typed])}" if typed else address


def web_url(url: str | None) -> str | None:
    """Return an article's own address if it is http or https and not too long, else None: it must not become a link."""
    return url if url and len(url) <= MAX_URL and url.lower().startswith(("http://", "https://")) else None


class Links:
    """The addresses, under one path, of the searches that differ from a given one in one parameter."""

    def __init__(self, path: str, parameters: Parameters) -> None:
        """Encode each parameter once; an address is then a join of the encoded groups."""
        self.path = path
        self._parameters = parameters
        self.request = parameters.request
        none: dict[str, tuple[str, ...]] = dict.fromkeys(FACETS, ())
        self._selected = none | {field.value: values for field, values in self.request.selected.items()}
        self._excluded = none | {field.value: values for field, values in self.request.excluded.items()}
        self._selected[FORM], self._excluded[FORM] = self.request.forms, self.request.dropped_forms
        self._around: dict[str, tuple[str, str]] = {}
        # The order of this mapping is the canonical order. A changed search starts at its first page.
        self._groups = {name: _encode(name, values) for name, values in _arguments(parameters)} | {"page": ""}

    def _address(self, **changes: str) -> str:
        arguments = "&".join(filter(None, (self._groups | changes).values()))
        return f"{self.path}?{arguments}" if arguments else self.path

    def here(self) -> str:
        """Return the address of this page of this search."""
        return self.page(self.request.page)

    def page(self, number: int) -> str:
        """Return the address of another page."""
        return self._address(page=_encode("page", [str(number)] if number > 1 else []))

    def toggled(self, facet: str, value: str) -> str:
        """Return the address with a facet value selected, or deselected if it is selected."""
        selected, excluded = self._selected[facet], self._excluded[facet]
        return self._chosen(facet, _toggle(facet, selected, value), _without(facet, excluded, value))

    def excluded(self, facet: str, value: str) -> str:
        """Return the address with a facet value excluded, or included again if it is excluded."""
        selected, excluded = self._selected[facet], self._excluded[facet]
        return self._chosen(facet, _without(facet, selected, value), _toggle(facet, excluded, value))

    def only(self, facet: str, value: str) -> str:
        """Return the address with this value of a facet selected and no other."""
        return self._chosen(facet, [value], _without(facet, self._excluded[facet], value))

    def selects(self, facet: str, value: str) -> bool:
        """Return whether a facet value is selected."""
        selected = self._selected[facet]
        return bool(selected) and _same(facet, value) in {_same(facet, one) for one in selected}

    def _chosen(self, facet: str, selected: Iterable[str], excluded: Iterable[str]) -> str:
        before, after = self._around.get(facet) or self._groups_around(facet)
        chosen = _encode(facet, selected), _encode(f"not_{facet}", excluded)
        arguments = "&".join(filter(None, (before, *chosen, after)))
        return f"{self.path}?{arguments}" if arguments else self.path

    def _groups_around(self, facet: str) -> tuple[str, str]:
        """Return the arguments before those of a facet in the canonical order, and the arguments after them."""
        names = list(self._groups)
        place = names.index(facet)
        groups = [*self._groups.values()]
        self._around[facet] = "&".join(filter(None, groups[:place])), "&".join(filter(None, groups[place + 2 :]))
        return self._around[facet]

    def dates(self, selection: DateSelection) -> str:
        """Return the address with other days selected."""
        return self._address(**{name: _encode(name, values) for name, values in _date_arguments(selection)})

    def bucket(self, first: dt.date, last: dt.date) -> str:
        """Return the address with exactly these days selected, or without them if they are selected already."""
        wanted = DateSelection(first, last, self.request.dates.unknown)
        return self.dates(DateSelection(unknown=wanted.unknown) if wanted == self.request.dates else wanted)

    def undated(self) -> str:
        """Return the address with the undated articles selected, or deselected if they are selected."""
        dates = self.request.dates
        return self.dates(DateSelection(dates.first, dates.last, not dates.unknown))

    def sorted(self, sort: Sort, *, recency: bool = False) -> str:
        """Return the address in another order; `recency` lets newer articles gain."""
        return self._address(
            sort=_encode("sort", [sort.value] if sort is not Sort.RELEVANCE else []),
            boost=_encode("boost", ["recency"] if recency else []),
        )

    def matched(self, level: Level) -> str:
        """Return the address at another match level."""
        return self._address(match=_encode("match", [level.value] if level is not Level.ROOT else []))

    def worded(self, text: str) -> str:
        """Return the address of the same search with other words."""
        return self._address(q=_encode("q", [text]))

    def without_filters(self) -> str:
        """Return the address of the search without facet values and dates."""
        return self._address(**dict.fromkeys((*FILTERS, "from", "to", "date"), ""))

    def arguments(self) -> list[tuple[str, str]]:
        """Return the arguments of this search except the page, for the hidden inputs of a form."""
        return [(name, value) for name, values in _arguments(self._parameters) for value in values if name != "page"]


def _arguments(parameters: Parameters) -> Iterable[tuple[str, Iterable[str]]]:
    request = parameters.request
    yield "q", [request.text] if request.text else []
    yield "match", [request.match.value] if request.match is not Level.ROOT else []
    yield "variants", [] if request.variants else ["0"]
    for field in FacetField:
        yield field.value, request.selected.get(field, ())
        yield f"not_{field.value}", request.excluded.get(field, ())
    yield FORM, request.forms
    yield f"not_{FORM}", request.dropped_forms
    yield from _date_arguments(request.dates)
    yield "sort", [request.sort.value] if request.sort is not Sort.RELEVANCE else []
    yield "boost", ["recency"] if request.recency else []
    yield "page", [str(request.page)] if request.page > 1 else []
    yield "per_page", [str(request.per_page)] if request.per_page != SearchRequest().per_page else []
    yield "extra", [",".join(parameters.extra)] if parameters.extra else []
    yield "stories", [] if parameters.stories else ["0"]
    yield "second_try", [] if request.second_try else ["0"]


def _date_arguments(dates: DateSelection) -> Iterable[tuple[str, Iterable[str]]]:
    yield "from", [dates.first.isoformat()] if dates.first else []
    yield "to", [dates.last.isoformat()] if dates.last else []
    yield "date", ["unknown"] if dates.unknown else []


def _encode(name: str, values: Iterable[str]) -> str:
    return "&".join([f"{name}={_quoted(value)}" for value in values])


@functools.lru_cache(maxsize=10_000)  # consecutive answers contain the same sources, authors and forms
def _quoted(value: str) -> str:
    return quote(value, safe="")


def _toggle(facet: str, values: tuple[str, ...], value: str) -> list[str]:
    kept = _without(facet, values, value)
    return kept if len(kept) < len(values) else sorted([*kept, value])


def _without(facet: str, values: tuple[str, ...], value: str) -> list[str]:
    return [kept for kept in values if _same(facet, kept) != _same(facet, value)]


def _same(facet: str, value: str) -> str:
    """Return a key that is equal for two spellings of the same value."""
    return fold(value) if facet == FORM else value
