"""Documents: an article as it was read, and the same article as an engine receives it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import hashlib
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.analysis.tokens import AnalyzedText
from index.schema import ARTICLE_FIELDS, FACETS, UNKNOWN_VALUE, FacetField, IncompleteFieldError, Section


class Basis(enum.StrEnum):
    """Where a piece of metadata comes from."""

    GIVEN = "given"
    """By the feed, the file's own field or the manifest."""
    STATED = "stated"
    """In the words of the article."""
    INFERRED = "inferred"
    """Concluded from something else; shown as such."""


class Evidence(NamedTuple):
    """The words that a piece of metadata rests on."""

    field: str
    """`source`, `published`, `agency` or `title`."""
    value: str
    words: str
    """As they stand in the article or the manifest."""


class Span(NamedTuple):
    """A half-open range of code points of the text it belongs to."""

    start: int
    end: int


class Refusal(NamedTuple):
    """An article that did not go in."""

    document_id: str
    """Empty when it has none."""
    reason: str
    """What is wrong and what to do, in English, one line."""
    origin: str
    """File and line or entry, as `path` or `path:line`."""
    document: Document | None = None
    """The article, where it had been read and an engine would not take it."""


class Notice(NamedTuple):
    """Something that was assumed or mended while reading; the article did go in."""

    origin: str
    text: str


Listener = Callable[[Refusal | Notice], None]
"""Called with everything that a reader of the log should know."""


class _Digested:
    """Keeps a digest beside the fields of a document: it is asked for twice and takes as long as storing the text."""

    __slots__ = ("_digest",)
    _digest: str


@dataclasses.dataclass(frozen=True, slots=True)
class Document(_Digested):
    """One article as it was read; texts are kept to the letter, since every offset slices them."""

    id: str
    """Not empty, without control characters, at most 200 code points."""
    text: str
    title: str = ""
    """As given, or a line of the text that is no teaser; empty when the article has none."""
    title_basis: Basis | None = None
    source: str | None = None
    source_basis: Basis | None = None
    published: dt.datetime | dt.date | None = None
    """An aware moment, or a plain day where only the day is known."""
    published_basis: Basis | None = None
    author: str | None = None
    section: str | None = None
    """The newspaper's section (sport, culture …), as given."""
    url: str | None = None
    agencies: tuple[str, ...] = ()
    """Names of the news agencies that the text cites, each once, in order of appearance."""
    teasers: tuple[Span, ...] = ()
    """Lines of `text` that advertise other articles, ascending and disjoint."""
    evidence: tuple[Evidence, ...] = ()
    origin: str = ""
    """The file that the article was read from (absolute path), for `--sync`; not part of its content."""

    def content_hash(self) -> str:
        """Return a hex digest of everything but `origin`: equal digests mean that nothing has to be indexed again.

        The rule, of version `HASH_VERSION`: first the values of `HASHED`, as `str` gives them, then of each field in
        `HASHED_LATER` that has a value its name and its value. So a new field changes the digest of no article that
        lacks it. How `Span` and `Evidence` print is part of the rule.
        """
        try:
            return self._digest
        except AttributeError:
            digest = hashlib.blake2b(digest_size=32)
        values = [*_hashed(self)]
        for name in HASHED_LATER:
            value = getattr(self, name)
            if value not in _NO_VALUES:
                values += name, value
        for value in values:
            data = str(value).encode("utf-8", "surrogatepass")
            digest.update(b"%d:%b" % (len(data), data))  # the length tells where a value ends, whatever it holds
        object.__setattr__(self, "_digest", digest.hexdigest())
        return self._digest

    def published_day(self, zone: dt.tzinfo) -> dt.date | None:
        """Return the day of publication as the clocks of `zone` show it, or None when it is unknown."""
        if isinstance(self.published, dt.datetime):
            return self.published.astimezone(zone).date()
        return self.published

    def published_time(self, zone: dt.tzinfo) -> dt.datetime | None:
        """Return the moment of publication, the beginning of the day in `zone` where only the day is known."""
        if self.published is None or isinstance(self.published, dt.datetime):
            return self.published
        return dt.datetime.combine(self.published, dt.time(), zone)

    def facet_values(self) -> dict[FacetField, tuple[str, ...]]:
        """Return the values that every engine counts and filters by; a missing one is `UNKNOWN_VALUE`.

        An article that cites no agency has no value there: that is known, not missing.
        """
        return {
            facet: getattr(self, field.name) if field.several else (getattr(self, field.name) or UNKNOWN_VALUE,)
            for facet, field in FACETS.items()
        }


HASH_VERSION = 1
"""Of the rule of `content_hash`. Stored digests follow the rule of their archive's version: another rule needs another
number here, and a step in `index.migrations` that hashes all articles again."""

HASHED = (
    "id", "text", "title", "title_basis", "source", "source_basis", "published", "published_basis", "author",
    "section", "url", "agencies", "teasers", "evidence",
)  # fmt: skip
"""The fields of the content in version 1 of the archive, in the order in which they enter the digest."""

HASHED_LATER: tuple[str, ...] = ()
"""The fields of the content that came later, in the order of their coming."""

_hashed = operator.attrgetter(*HASHED)
_NO_VALUES = (None, "", ())


def _check_fields() -> None:
    attributes, fields = ({item.name for item in items} for items in (dataclasses.fields(Document), ARTICLE_FIELDS))
    hashed = {*HASHED, *HASHED_LATER, "origin"}
    for name in sorted(attributes | fields):
        if name not in fields:
            raise IncompleteFieldError(f'attribute "{name}" has no row; add it to ARTICLE_FIELDS in index/schema.py')
        if name not in attributes:
            raise IncompleteFieldError(f'field "{name}" has no attribute; add it to Document in index/document.py')
        if name not in hashed:
            raise IncompleteFieldError(f'field "{name}" is not hashed; add it to HASHED_LATER in index/document.py')


_check_fields()


@dataclasses.dataclass(frozen=True, slots=True)
class AnalyzedDocument:
    """What an engine's writer receives: the article and the token stream of each section."""

    document: Document
    sections: Mapping[Section, AnalyzedText]
    day: dt.date | None
    """Day of publication in the index's time zone; None when unknown."""


@dataclasses.dataclass(frozen=True, slots=True)
class TokenOffsets:
    """Where the tokens of one section lie: token `p` is `text[starts[p]:ends[p]]`, in code points."""

    starts: Sequence[int] | npt.NDArray[np.integer]
    ends: Sequence[int] | npt.NDArray[np.integer]


@dataclasses.dataclass(frozen=True, slots=True)
class StoredDocument:
    """What an index gives back for an id: the article to the letter, and where its tokens lie."""

    document: Document
    offsets: Mapping[Section, TokenOffsets]
