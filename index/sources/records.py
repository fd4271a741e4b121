"""What the reader of a kind of file yields: the fields of an article, or the reason why there are none."""

from __future__ import annotations

from typing import NamedTuple

from index.document import Notice, Refusal
from index.sources.fields import Fields


class Unread(NamedTuple):
    """A part of a file that could not be read: the articles in it are unknown."""

    reason: str
    line: int = 0
    """First line of the part; 0 if it is the whole file."""
    document_id: str = ""
    """Id of the article, if the file is one article."""


Record = Fields | Refusal | Unread | Notice
