"""What the readers of each kind of file yield: the fields of an article, or the reason why there are none."""

from __future__ import annotations

from typing import NamedTuple

from index.document import Notice
from index.sources.fields import Fields


class Found(NamedTuple):
    """The fields of one article."""

    fields: Fields
    line: int = 0
    """First line of the article in the file; 0 if the file is the article."""


class Refused(NamedTuple):
    """An article that is refused before its fields are read."""

    document_id: str
    reason: str
    line: int = 0


class Unread(NamedTuple):
    """A part of a file that could not be read: the articles in it are unknown."""

    reason: str
    line: int = 0


Record = Found | Refused | Unread | Notice
