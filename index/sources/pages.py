"""Saved web pages: main text and metadata through trafilatura, the date only if the page's metadata state it.

trafilatura's own date is not used: htmldate infers it from addresses, scripts and running text, and an inferred date
must not count as given (adbar/htmldate issue 28, adbar/trafilatura issue 72).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, MutableMapping
from typing import BinaryIO, Protocol
from urllib.parse import unquote

from index.document import Notice
from index.extras import importing
from index.schema import FacetField
from index.sources.articles import MAX_ID
from index.sources.encodings import Decoded, UndecodableError, decode, decode_as
from index.sources.fields import Fields
from index.sources.files import InputFile
from index.sources.markup import stated_dates
from index.sources.records import Record
from index.sources.streams import FileRefusedError, read_whole

_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*+=\s*+[\"']?\s*+([\w:.-]{2,40})", re.IGNORECASE)
_DECLARED_WITHIN = 2048
"""Bytes; the HTML standard examines the first 1024, but real pages have scripts before the declaration."""
_LONGEST_METADATA = 20_000
"""Code points of a page's title, a piece of metadata, or linked data that is no JSON."""
_MANY_UNENDED = 10
"""Tags without an end in linked data, from which trafilatura removes tags."""
_MANY_PARAGRAPHS = 3_000
"""Elements from which on trafilatura is asked for its own reading only, without that of jusText, which takes quadratic
time for short paragraphs."""
_PARAGRAPHS = ("p", "li", "div", "td", "dd", "dt", "tr", "br")
_NOTHING = "no article is found in this page; give its text instead"


def read_page(file: InputFile, stream: BinaryIO) -> Iterator[Record]:
    """Yield the one article of a page.

    Raises:
        FileRefusedError: the file is not text, or no article is found in it.
        MissingExtraError: trafilatura is not installed.
    """
    # The import takes a third of a second, and only pages need it.
    with importing("html", "web pages"):
        from trafilatura import bare_extraction, load_html
        from trafilatura.settings import Document as Extracted

    decoded = _decode(read_whole(stream))
    if decoded.assumed:
        yield Notice(file.origin, f"not UTF-8: {decoded.assumed} was assumed")
    try:
        tree = load_html(decoded.text)
        if tree is None:
            raise FileRefusedError(_NOTHING)
        _prune(tree)
        extracted = bare_extraction(
            tree, fast=_has_many_paragraphs(tree), with_metadata=True, include_comments=False, include_images=False
        )
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(f"not a page that can be parsed ({error}); save it again") from error
    if not isinstance(extracted, Extracted) or not (extracted.text or "").strip():
        raise FileRefusedError(_NOTHING)
    url = extracted.url or ""
    yield Fields(
        id=page_id(url, file.name),
        text=extracted.text or "",
        title=extracted.title or "",
        source=extracted.sitename or "",
        date=next(stated_dates(decoded.text), ""),
        names={FacetField.AUTHOR: extracted.author or "", FacetField.SECTION: (extracted.categories or [""])[0]},
        url=url,
    )


class _Element(Protocol):
    """An element of a tree of lxml."""

    tag: str
    text: str | None
    attrib: MutableMapping[str, str]

    def iter(self, *tags: str) -> Iterator[_Element]:
        """Yield the elements of these names in the tree."""


def _prune(tree: _Element) -> None:
    """Empty what is longer than the metadata of any newspaper: trafilatura takes quadratic time for some of it."""
    for element in tree.iter("script", "meta", "title"):
        text = element.text or ""
        if len(element.attrib.get("content", "")) > _LONGEST_METADATA:
            element.attrib["content"] = ""
        if len(text) > _LONGEST_METADATA and (element.tag != "script" or _is_costly(text)):
            element.text = ""


def _is_costly(script: str) -> bool:
    """Return whether trafilatura would search linked data by regular expressions, or for tags without an end."""
    if script.count("<", script.rfind(">") + 1) > _MANY_UNENDED:
        return True
    try:
        json.loads(script, strict=False)
    except (ValueError, RecursionError):
        return True
    return False


def _has_many_paragraphs(tree: _Element) -> bool:
    return sum(1 for _ in tree.iter(*_PARAGRAPHS)) > _MANY_PARAGRAPHS


def page_id(url: str, otherwise: str) -> str:
    """Return an address as an id: unchanged, or unquoted if that is too long, or `otherwise` if both are."""
    return next((name for name in (url, unquote(url)) if name and len(name) <= MAX_ID), otherwise)


def _decode(data: bytes) -> Decoded:
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = decode_as(data, declared[1].decode("ascii", "replace")) if declared else None
        if text is not None:
            return Decoded(text)
    try:
        return decode(data)
    except UndecodableError as error:
        raise FileRefusedError(str(error)) from error
