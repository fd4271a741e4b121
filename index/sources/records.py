"""What the readers of the kinds of files yield: the fields of an article, or what stood in its place."""

from __future__ import annotations

from typing import NamedTuple

from index.document import Notice
from index.sources.fields import Fields


class Found(NamedTuple):
    """The fields of one article."""

    fields: Fields
    line: int = 0
    """Line of the file that it begins on; 0 where the file is the article."""


class Refused(NamedTuple):
    """An article that could be told apart and is refused before its fields are known."""

    document_id: str
    reason: str
    line: int = 0


class Unread(NamedTuple):
    """A part of a file that could not be read, so that nobody knows which articles it holds."""

    reason: str
    line: int = 0


Record = Found | Refused | Unread | Notice
