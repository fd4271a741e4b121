"""Documents: an article as it was read, and the analyzed article that an engine receives."""

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
    """By the feed, the file's own field, or the manifest."""
    STATED = "stated"
    """In the text of the article."""
    INFERRED = "inferred"
    """Derived from other data; output marks it as inferred."""


class Evidence(NamedTuple):
    """The words that support a piece of metadata."""

    field: str
    """`source`, `published`, `agency` or `title`."""
    value: str
    words: str
    """Exactly as in the article or the manifest."""


class Span(NamedTuple):
    """A half-open range of code points of the text it belongs to."""

    start: int
    end: int


class Refusal(NamedTuple):
    """An article that was not indexed."""

    document_id: str
    """Empty if it has none."""
    reason: str
    """What is wrong and what to do, in English, one line."""
    origin: str
    """File and line or entry, as `path` or `path:line`."""
    document: Document | None = None
    """The article, if it was read and an engine refused it."""


class Notice(NamedTuple):
    """Something that was assumed or corrected while reading; the article was indexed."""

    origin: str
    text: str


Listener = Callable[[Refusal | Notice], None]
"""Called with every refusal and notice, for output and logs."""


class _Digested:
    """Caches the digest of a document: it is needed twice, and computing it takes as long as storing the text."""

    __slots__ = ("_digest",)
    _digest: str


@dataclasses.dataclass(frozen=True, slots=True)
class Document(_Digested):
    """One article as it was read; texts are stored unchanged, since offsets refer to them."""

    id: str
    """Not empty, without control characters, at most 200 code points."""
    text: str
    title: str = ""
    """As given, or a line of the text that is not a teaser; empty if the article has none."""
    title_basis: Basis | None = None
    source: str | None = None
    source_basis: Basis | None = None
    published: dt.datetime | dt.date | None = None
    """An aware datetime, or a date if only the day is known."""
    published_basis: Basis | None = None
    author: str | None = None
    section: str | None = None
    """The newspaper's section (sport, culture …), as given."""
    url: str | None = None
    agencies: tuple[str, ...] = ()
    """Names of the news agencies that the text cites, without repetition, in order of appearance."""
    teasers: tuple[Span, ...] = ()
    """Lines of `text` that advertise other articles, ascending and disjoint."""
    evidence: tuple[Evidence, ...] = ()
    origin: str = ""
    """The file that the article was read from (absolute path), for `--sync`; not part of its content."""

    def content_hash(self) -> str:
        """Return a hex digest of everything but `origin`: articles with equal digests need no indexing again.

        The rule, version `HASH_VERSION`: first the values of `HASHED`, converted by `str`; then, for each field in
        `HASHED_LATER` that has a value, its name and its value. So a new field does not change the digest of an
        article that lacks it. The `str` form of `Span` and `Evidence` is part of the rule.
        """
        try:
            return self._digest
        except AttributeError:
            values = [*_hashed(self)]
        for name in HASHED_LATER:
            value = getattr(self, name)
            if value not in _NO_VALUES:
                values += name, value
        digest = hashlib.blake2b(b"".join(map(hashed_part, values)), digest_size=32)
        object.__setattr__(self, "_digest", digest.hexdigest())
        return self._digest

    def published_day(self, zone: dt.tzinfo) -> dt.date | None:
        """Return the day of publication in the time zone `zone`, or None if it is unknown."""
        if isinstance(self.published, dt.datetime):
            return self.published.astimezone(zone).date()
        return self.published

    def published_time(self, zone: dt.tzinfo) -> dt.datetime | None:
        """Return the time of publication; the beginning of the day in `zone` if only the day is known."""
        if self.published is None or isinstance(self.published, dt.datetime):
            return self.published
        return dt.datetime.combine(self.published, dt.time(), zone)

    def facet_values(self) -> dict[FacetField, tuple[str, ...]]:
        """Return the values that every engine counts and filters by; `UNKNOWN_VALUE` stands for a missing value.

        An article that cites no agency has no value for the agency facet: that is known, not missing.
        """
        return {
            facet: getattr(self, field.name) if field.several else (getattr(self, field.name) or UNKNOWN_VALUE,)
            for facet, field in FACETS.items()
        }


HASH_VERSION = 1
"""Version of the rule of `content_hash`. Stored digests follow the rule of their archive's version: a new rule needs a
new number here, and a step in `index.archive.migrations` that hashes all articles again."""

HASHED = (
    "id", "text", "title", "title_basis", "source", "source_basis", "published", "published_basis", "author",
    "section", "url", "agencies", "teasers", "evidence",
)  # fmt: skip
"""The hashed fields in version 1 of the archive, in the order of the digest."""

HASHED_LATER: tuple[str, ...] = ()
"""The hashed fields that were added later, in the order in which they were added."""


def hashed_part(value: object) -> bytes:
    """Return what is hashed of a value: its `str` form in UTF-8, after its length in bytes, which tells its end."""
    data = str(value).encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(data), data)


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
    """What the writer of an engine receives: the article and the token stream of each section."""

    document: Document
    sections: Mapping[Section, AnalyzedText]
    day: dt.date | None
    """Day of publication in the index's time zone; None if unknown."""


@dataclasses.dataclass(frozen=True, slots=True)
class TokenOffsets:
    """Offsets of the tokens of one section, in code points: token `p` is `text[starts[p]:ends[p]]`."""

    starts: Sequence[int] | npt.NDArray[np.integer]
    ends: Sequence[int] | npt.NDArray[np.integer]


@dataclasses.dataclass(frozen=True, slots=True)
class StoredDocument:
    """What an index returns for an id: the unchanged article, and the offsets of its tokens."""

    document: Document
    offsets: Mapping[Section, TokenOffsets]
