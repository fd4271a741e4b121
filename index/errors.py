"""Errors of the write path: every failure of `index/` that a caller can meet is one of these."""

from __future__ import annotations

import shlex
from pathlib import Path

from index.location import shown


def command(action: str, place: Path | str) -> str:
    """Return the command that does something to the index at `place`, a folder or any other location.

    It can be typed into a shell as it stands, but for a user and a password, which are never printed.
    """
    return f"`judhur index {action} --index {shlex.quote(shown(str(place)))}`"


class IndexingError(Exception):
    """Base of the write path's errors; its text says what, where, and what to do."""


class SourceError(IndexingError):
    """A path cannot be read at all (missing, not a kind that we read)."""


class IndexMissingError(IndexingError):
    """There is no index at the location asked for."""


class IndexMismatchError(IndexingError):
    """The index was built by another format or analyzer, or its articles are kept in an older version.

    `judhur index rebuild` builds it again.
    """


class IndexNewerError(IndexingError):
    """A newer Judhur wrote the articles, in a version that this one does not know."""


class IndexLockedError(IndexingError):
    """Another process is writing this index; the text names it."""


class IndexDamagedError(IndexingError):
    """The files of the index do not fit together; `judhur index rebuild` mends it."""
