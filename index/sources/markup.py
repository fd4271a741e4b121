"""HTML parsing for the readers: the text of a fragment, and the dates in the metadata of a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from index.sources.tags import Tag, tokens

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
_LINE_BREAK = re.compile("[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
"""What `str.splitlines` splits at."""


def text_of(fragment: str) -> str:
    """Return the text of an HTML fragment, one paragraph per line."""
    parts: list[str] = []
    silent = 0
    for token in tokens(fragment):
        if isinstance(token, Tag):
            if token.name in _SILENT:
                silent = max(0, silent + token.opens - token.closes)
            if token.name in _BLOCKS:
                parts.append("\n")
        elif not silent:
            # A line break in the markup is a space; only block elements end lines.
            parts.append(_LINE_BREAK.sub(" ", token))
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line)


def stated_dates(page: str) -> Iterator[str]:
    """Yield the dates of publication in the metadata of a page, the most reliable first.

    Linked data (schema.org `datePublished`) comes after Open Graph and before the other names.
    """
    values: dict[str, str] = {}
    linked_data: list[str] = []
    in_linked_data = False
    for token in tokens(page):
        if not isinstance(token, Tag):
            if in_linked_data:
                linked_data.append(token)
        elif token.name == "script":
            kind = token.attributes().get("type", "").strip().lower()
            in_linked_data = kind == "application/ld+json" and not token.closes
        elif token.name in ("meta", "time") and token.opens:
            _add_named(token.attributes(), values)
    if _MOST_RELIABLE_DATE in values:
        yield values[_MOST_RELIABLE_DATE]
    for script in linked_data:
        yield from _linked_dates(_json(script), _LINKED_DATA_DEPTH)
    yield from (values[name] for name in _DATE_NAMES if name in values)


def _add_named(attributes: Mapping[str, str], values: dict[str, str]) -> None:
    """Add the value of a piece of metadata under its names, where they are new."""
    value = attributes.get("content", "").strip() or attributes.get("datetime", "").strip()
    for attribute in ("property", "itemprop", "name"):
        name = attributes.get(attribute, "").strip().lower()
        if value and name:
            values.setdefault(name, value)


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
