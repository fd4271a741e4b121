"""Saved web pages: main text and metadata through trafilatura, the date only if the page's metadata state it.

trafilatura's own date is not used: htmldate infers it from addresses, scripts and running text, and an inferred date
must not count as given (adbar/htmldate issue 28, adbar/trafilatura issue 72).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from index.document import Notice
from index.extras import importing
from index.schema import FacetField
from index.sources.articles import MAX_ID
from index.sources.encodings import Decoded, UndecodableError, decode, decode_as
from index.sources.fields import Fields
from index.sources.files import InputFile
from index.sources.markup import stated_dates
from index.sources.records import Found, Record
from index.sources.streams import FileRefusedError, read_whole

_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*+=\s*+[\"']?\s*+([\w:.-]{2,40})", re.IGNORECASE)
_DECLARED_WITHIN = 2048
"""Bytes; the HTML standard examines the first 1024, but real pages have scripts before the declaration."""


def read_page(file: InputFile, stream: BinaryIO) -> Iterator[Record]:
    """Yield the one article of a page.

    Raises:
        FileRefusedError: the file is not text, or no article is found in it.
        MissingExtraError: trafilatura is not installed.
    """
    # The import takes a third of a second, and only pages need it.
    with importing("html", "web pages"):
        from trafilatura import bare_extraction
        from trafilatura.settings import Document as Extracted

    decoded = _decode(read_whole(stream))
    if decoded.assumed:
        yield Notice(file.origin, f"not UTF-8: {decoded.assumed} was assumed")
    try:
        extracted = bare_extraction(decoded.text, with_metadata=True, include_comments=False, include_images=False)
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(f"not a page that can be parsed ({error}); save it again") from error
    if not isinstance(extracted, Extracted) or not (extracted.text or "").strip():
        raise FileRefusedError("no article is found in this page; give its text instead")
    url = extracted.url or ""
    yield Found(
        Fields(
            id=page_id(url, file.name),
            text=extracted.text or "",
            title=extracted.title or "",
            source=extracted.sitename or "",
            date=next(stated_dates(decoded.text), ""),
            names={FacetField.AUTHOR: extracted.author or "", FacetField.SECTION: (extracted.categories or [""])[0]},
            url=url,
        )
    )


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
