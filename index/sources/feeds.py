"""RSS and Atom files through feedparser; nothing is ever fetched from the network."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Protocol
from xml.sax import SAXException

from index.document import Basis
from index.extras import importing
from index.schema import FacetField
from index.sources.articles import MAX_VALUE
from index.sources.bases import Provenance
from index.sources.fields import Fields
from index.sources.markup import text_of
from index.sources.pages import page_id
from index.sources.records import Record, Unread
from index.sources.streams import FileRefusedError, read_whole

_LONGEST_HEAD = 8192
"""Bytes before the first element; feedparser takes quadratic time for lines without an end here."""
_FIRST_ELEMENT = re.compile(rb"<\x00*+\w")
"""In UTF-16 and UTF-32 too."""


def read_feed(stream: BinaryIO) -> Iterator[Record]:
    """Yield the articles of a feed.

    Raises:
        FileRefusedError: the file is no feed.
        MissingExtraError: feedparser is not installed.
    """
    # The import takes a tenth of a second, and only feeds need it.
    with importing("feeds", "feeds"):
        import feedparser

    _bound_authors()
    data = read_whole(stream)
    first = _FIRST_ELEMENT.search(data)
    if first is not None and first.start() > _LONGEST_HEAD:
        raise FileRefusedError(f"no element in the first {_LONGEST_HEAD} bytes, so not a feed; save it again")
    # feedparser may take text or bytes for an address and fetch it; it only parses a stream. Its cleaning of HTML takes
    # quadratic time for broken markup, and is not needed: `text_of` leaves no tag.
    try:
        parsed = feedparser.parse(io.BytesIO(data), resolve_relative_uris=False, sanitize_html=False)
    except Exception as error:
        # Of many kinds: for a damaged feed it follows no rule, such as ValueError for the reference of no character.
        raise FileRefusedError(f"a feed that cannot be parsed ({type(error).__name__}); save it again") from error
    entries: Sequence[Mapping[str, object]] = parsed.entries
    if not entries and (not parsed.get("version") or parsed.bozo):
        raise FileRefusedError("not an RSS or Atom feed, or damaged; save it again")
    source = _without_tags(_text(parsed.feed.get("title")))
    for entry in entries:
        yield _fields(entry, source)
    fault = parsed.get("bozo_exception")
    if isinstance(fault, SAXException):
        # Other exceptions are warnings, for example that no server declared the encoding.
        yield Unread(f"the feed is truncated or damaged ({fault.getMessage()}); save it again")


@functools.cache
def _bound_authors() -> None:
    """Let feedparser search for an e-mail address only in authors of the usual length: it takes quadratic time for it.

    It has no setting for that. Longer authors are left out afterwards (`index.sources.articles`).
    """
    from feedparser.mixin import _FeedParserMixin

    search = _FeedParserMixin._sync_author_detail  # noqa: SLF001 - as the docstring says

    def bounded(parser: _Parser, key: str = "author") -> None:
        if len(parser._get_context().get(key) or "") <= MAX_VALUE:  # noqa: SLF001 - as above
            search(parser, key)

    _FeedParserMixin._sync_author_detail = bounded  # noqa: SLF001 - as above


class _Parser(Protocol):
    """A parser of feedparser."""

    def _get_context(self) -> Mapping[str, str | None]:
        """Return the fields of the feed or entry that is being read."""


def _fields(entry: Mapping[str, object], source: str) -> Fields:
    link = _text(entry.get("link"))
    # feedparser returns the guid as the link if there is none.
    url = link if link.startswith(("http://", "https://")) else ""
    content = entry.get("content")
    bodies = [part.get("value") for part in content] if isinstance(content, list) else []
    date, provenance = _date(entry)
    return Fields(
        id=page_id(_text(entry.get("id")), "") or page_id(link, link),
        text=_without_tags(_text(bodies[0] if bodies else entry.get("summary"))),
        title=_without_tags(_text(entry.get("title"))),
        source=source,
        date=date,
        names={FacetField.AUTHOR: _text(entry.get("author")), FacetField.SECTION: _section(entry.get("tags"))},
        url=url,
        provenance=provenance,
    )


def _date(entry: Mapping[str, object]) -> tuple[str, dict[str, Provenance]]:
    """Return the date of publication; if an Atom entry has only the date of its last change, that one, as inferred."""
    published = _text(entry.get("published"))
    if published:
        return published, {}
    # feedparser's own mapping substitutes one date for the other, with a warning; a plain dict does not.
    updated = _text(dict(entry).get("updated"))
    return updated, {"published": Provenance(Basis.INFERRED, f"updated: {updated}")} if updated else {}


def _section(tags: object) -> str:
    first = tags[0] if isinstance(tags, list) and tags else {}
    return _text(first.get("term"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _without_tags(markup: str) -> str:
    return text_of(markup) if "<" in markup or "&" in markup else markup.strip()
