"""HTML parsing for the readers: the text of a fragment, and the dates in the metadata of a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr", "table", "section"}
)
_SILENT = frozenset({"script", "style", "noscript", "template"})
_MOST_RELIABLE_DATE = "article:published_time"
"""Open Graph."""
_DATE_NAMES = (
    "og:published_time",
    "og:article:published_time",
    "datepublished",  # schema.org as microdata
    "dc.date.issued",  # Dublin Core
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publish_date",
    "pubdate",
    "publishdate",
    "date",
)
"""Names of metadata with the date of publication, the most reliable first."""
_LINKED_DATA_DEPTH = 6


def text_of(fragment: str) -> str:
    """Return the text of an HTML fragment, one paragraph per line."""
    parser = _Text()
    parser.feed(fragment)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line)


def stated_dates(page: str) -> Iterator[str]:
    """Yield the dates of publication in the metadata of a page, the most reliable first.

    Linked data (schema.org `datePublished`) comes after Open Graph and before the other names.
    """
    parser = _Metadata()
    parser.feed(page)
    parser.close()
    if _MOST_RELIABLE_DATE in parser.values:
        yield parser.values[_MOST_RELIABLE_DATE]
    for script in parser.linked_data:
        yield from _linked_dates(_json(script), _LINKED_DATA_DEPTH)
    yield from (parser.values[name] for name in _DATE_NAMES if name in parser.values)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        self._break_at(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        self._break_at(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A line break in the markup is a space; only block elements end lines.
            self.parts.append(" ".join(data.splitlines()) if "\n" in data else data)

    def _break_at(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")


class _Metadata(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self.linked_data: list[str] = []
        self._in_linked_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip() for name, value in attrs}
        if tag == "script":
            self._in_linked_data = given.get("type", "").lower() == "application/ld+json"
            if self._in_linked_data:
                self.linked_data.append("")
        elif tag in ("meta", "time"):
            value = given.get("content") or given.get("datetime")
            for attribute in ("property", "itemprop", "name"):
                name = given.get(attribute, "").lower()
                if value and name:
                    self.values.setdefault(name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_linked_data = False

    def handle_data(self, data: str) -> None:
        if self._in_linked_data:
            self.linked_data[-1] += data


def _json(text: str) -> object:
    try:
        value: object = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value


def _linked_dates(value: object, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    children: list[object] = []
    if isinstance(value, dict):
        date = value.get("datePublished")
        if isinstance(date, str) and date.strip():
            yield date.strip()
        children = list(value.values())
    elif isinstance(value, list):
        children = value
    for child in children:
        yield from _linked_dates(child, depth - 1)
