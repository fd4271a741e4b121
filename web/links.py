"""Addresses of searches, canonical: parameters in one order and without defaults, so that a search has one address."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from index.analysis.arabic.folding import fold
from index.schema import Level
from search.engine import Bucket
from search.request import FORM, DateSelection, SearchRequest, Sort
from web import parameters as table
from web.kinds import Parameter, Parameters, Row
from web.parameters import FACETS, FILTERS, SEARCH

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

_PLAIN_ID = re.compile(r"\w+(?:[/-]\w+)*", re.ASCII)
"""An id that is its own path, as most are."""

_TWO_BYTES = 0x7FF
"""The last code point that has two bytes in UTF-8."""

_Value = TypeVar("_Value")


def article(document_id: str) -> str:
    """Return the address of the page of an article."""
    return PAGE_ARTICLES + article_path(document_id)


def article_path(document_id: str) -> str:
    """Return the end of the addresses of an article; slashes are escaped if clients could resolve the path."""
    if _PLAIN_ID.fullmatch(document_id):
        return document_id
    steps = document_id.split("/")
    return quote(document_id, safe="" if any(step in ("", ".", "..") for step in steps) else "/")


def analyzed(text: str, path: str = PAGE_ANALYZE) -> str:
    """Return the address of the analysis of a text."""
    return f"{path}?{table.TEXT.name}={quote(text, safe='', errors='surrogatepass')}"


def word_search(word: str, level: Level) -> str:
    """Return the address of the search for a word up to a level."""
    return Links(PAGE_SEARCH, Parameters(SearchRequest(text=word, match=level))).here()


def facet_search(facet: str, typed: str, parameters: Parameters, root: str = PAGE_FACETS) -> str:
    """Return the address of the values of a facet that match `typed`; without `typed`, of all its values."""
    address = Links(f"{root}{facet}", parameters).page(1)
    return f"{address}{'&' if '?' in address else '?'}{_encode(table.PREFIX.name, [typed])}" if typed else address


def web_url(url: str | None) -> str | None:
    """Return an article's own address if it is http or https and not too long, else None: it must not become a link."""
    return url if url and len(url) <= MAX_URL and url.lower().startswith(("http://", "https://")) else None


class Days(NamedTuple):
    """A bucket of a histogram as a selection."""

    first: str
    """Its first day in ISO 8601."""
    last: str
    selected: bool
    """Whether exactly its days are selected."""
    href: str
    """The address with exactly these days selected, or without them if they are selected already."""


class Links:
    """The addresses, under one path, of the searches that differ from a given one in one parameter."""

    def __init__(self, path: str, parameters: Parameters) -> None:
        """Encode each parameter once; an address is then a join of the encoded groups, or a text between two joins."""
        self.path = path
        self.parameters = parameters
        self.request = parameters.request
        none: dict[str, tuple[str, ...]] = dict.fromkeys(FACETS, ())
        self._selected = none | {field.value: values for field, values in self.request.selected.items()}
        self._excluded = none | {field.value: values for field, values in self.request.excluded.items()}
        self._selected[FORM], self._excluded[FORM] = self.request.forms, self.request.dropped_forms
        self._around: dict[str, tuple[str, str]] = {}
        # The order of this mapping is the canonical order. A changed search starts at its first page.
        self._groups = {row.name: _encode(row.name, row.texts(parameters)) for row in SEARCH} | {table.PAGE.name: ""}

    def _address(self, changes: dict[str, str]) -> str:
        arguments = "&".join(filter(None, (self._groups | changes).values()))
        return f"{self.path}?{arguments}" if arguments else self.path

    def here(self) -> str:
        """Return the address of this page of this search."""
        return self.page(self.request.page)

    def page(self, number: int) -> str:
        """Return the address of another page."""
        return self._address(_group(table.PAGE, number))

    def toggled(self, facet: str, value: str) -> str:
        """Return the address with a facet value selected, or deselected if it is selected."""
        if self._is_free(facet):
            return self.only(facet, value)
        selected, excluded = self._selected[facet], self._excluded[facet]
        return self._chosen(facet, _toggle(facet, selected, value), _without(facet, excluded, value))

    def excluded(self, facet: str, value: str) -> str:
        """Return the address with a facet value excluded, or included again if it is excluded."""
        if self._is_free(facet):
            return self._between(facet, f"not_{facet}={_quoted(value)}")
        selected, excluded = self._selected[facet], self._excluded[facet]
        return self._chosen(facet, _without(facet, selected, value), _toggle(facet, excluded, value))

    def only(self, facet: str, value: str) -> str:
        """Return the address with this value of a facet selected and no other."""
        if self._is_free(facet):
            return self._between(facet, f"{facet}={_quoted(value)}")
        return self._chosen(facet, [value], _without(facet, self._excluded[facet], value))

    def choices(self, facet: str, values: Iterable[str]) -> list[tuple[str, str]]:
        """Return for each value of a facet what `toggled` and `excluded` return."""
        if not self._is_free(facet):
            return [(self.toggled(facet, value), self.excluded(facet, value)) for value in values]
        start, end = self._groups_around(facet)
        select, exclude = f"{start}{facet}=", f"{start}not_{facet}="
        return [(f"{select}{quoted}{end}", f"{exclude}{quoted}{end}") for quoted in map(_quoted, values)]

    def selects(self, facet: str, value: str) -> bool:
        """Return whether a facet value is selected."""
        selected = self._selected[facet]
        return bool(selected) and _same(facet, value) in {_same(facet, one) for one in selected}

    def _is_free(self, facet: str) -> bool:
        """Return whether no value of a facet is selected or excluded, so that its addresses differ in one value."""
        return not self._selected[facet] and not self._excluded[facet]

    def _between(self, name: str, arguments: str) -> str:
        """Return the address with these arguments in place of those of the row called `name` and of the next row."""
        start, end = self._groups_around(name)
        return f"{start}{arguments}{end}"

    def _chosen(self, facet: str, selected: Sequence[str], excluded: Sequence[str]) -> str:
        return self._address({facet: _encode(facet, selected), f"not_{facet}": _encode(f"not_{facet}", excluded)})

    def _groups_around(self, name: str) -> tuple[str, str]:
        """Return an address up to the row called `name`, and the rest of it from the row after the next."""
        if known := self._around.get(name):
            return known
        place, groups = list(self._groups).index(name), list(self._groups.values())
        start = "".join([f"{group}&" for group in groups[:place] if group])
        end = "".join([f"&{group}" for group in groups[place + 2 :] if group])
        self._around[name] = f"{self.path}?{start}", end
        return self._around[name]

    def dates(self, selection: DateSelection) -> str:
        """Return the address with other days selected."""
        groups = _group(table.FROM, selection.first) | _group(table.TO, selection.last)
        return self._address(groups | _group(table.DATE, selection.unknown))

    def buckets(self, buckets: Iterable[Bucket]) -> list[Days]:
        """Return for each bucket of a histogram its days, and the address that selects exactly them."""
        dates = self.request.dates
        chosen = dates.first, dates.last
        start, end = self._groups_around(table.FROM.name)
        head, middle = f"{start}{table.FROM.name}=", f"&{table.TO.name}="
        days = []
        for bucket in buckets:
            first, last = bucket.first.isoformat(), bucket.last.isoformat()
            if chosen == (bucket.first, bucket.last):
                days.append(Days(first, last, selected=True, href=self.dates(DateSelection(unknown=dates.unknown))))
            else:
                days.append(Days(first, last, selected=False, href=f"{head}{first}{middle}{last}{end}"))
        return days

    def undated(self) -> str:
        """Return the address with the undated articles selected, or deselected if they are selected."""
        dates = self.request.dates
        return self.dates(DateSelection(dates.first, dates.last, not dates.unknown))

    def sorted(self, sort: Sort, *, recency: bool = False) -> str:
        """Return the address in another order; `recency` lets newer articles gain."""
        return self._address(_group(table.SORT, sort) | _group(table.BOOST, recency))

    def listing(self, *, further: bool) -> str:
        """Return the address with or without the articles that are not counted."""
        return self._address(_group(table.FURTHER, further))

    def matched(self, level: Level) -> str:
        """Return the address at another match level."""
        return self._address(_group(table.MATCH, level))

    def worded(self, text: str) -> str:
        """Return the address of the same search with other words."""
        return self._address(_group(table.Q, text))

    def without_filters(self) -> str:
        """Return the address of the search without facet values and dates."""
        rows: tuple[Row, ...] = (*FILTERS, table.FROM, table.TO, table.DATE)
        return self._address({row.name: "" for row in rows})

    def arguments(self) -> list[tuple[str, str]]:
        """Return the arguments of this search except the page, for the hidden inputs of a form."""
        return [argument for row in SEARCH if row is not table.PAGE for argument in self._texts(row)]

    def hidden(self) -> list[tuple[str, str]]:
        """Return the arguments that the search form keeps in hidden inputs: it has other inputs for the rest."""
        return [argument for row in SEARCH if row.hidden for argument in self._texts(row)]

    def _texts(self, row: Row) -> list[tuple[str, str]]:
        return [(row.name, text) for text in row.texts(self.parameters)]


def _group(parameter: Parameter[_Value], value: _Value) -> dict[str, str]:
    """Return the group of arguments of one parameter, under its name."""
    return {parameter.name: _encode(parameter.name, parameter.written(value))}


def _encode(name: str, values: Sequence[str]) -> str:
    return "&".join([f"{name}={_quoted(value)}" for value in values]) if values else ""


class _Quoting(dict[int, str]):
    """How each letter is quoted: letters of two bytes are remembered, which are those of Arabic."""

    def __missing__(self, code: int) -> str:
        quoted = quote(chr(code), safe="")
        if code <= _TWO_BYTES:
            self[code] = quoted
        return quoted


_QUOTING = _Quoting()


@functools.lru_cache(maxsize=2_000)  # consecutive answers contain the same sources, authors and forms
def _quoted(value: str) -> str:
    return value.translate(_QUOTING)


def _toggle(facet: str, values: tuple[str, ...], value: str) -> list[str]:
    kept = _without(facet, values, value)
    return kept if len(kept) < len(values) else sorted([*kept, value])


def _without(facet: str, values: tuple[str, ...], value: str) -> list[str]:
    return [kept for kept in values if _same(facet, kept) != _same(facet, value)]


def _same(facet: str, value: str) -> str:
    """Return a key that is equal for two spellings of the same value."""
    return fold(value) if facet == FORM else value
