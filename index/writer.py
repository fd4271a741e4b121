"""The seam of the write path: what every engine's writer promises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from index.document import AnalyzedDocument


class IndexWriter(Protocol):
    """Takes analyzed documents into an index; nothing is visible before `commit`."""

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        """Add documents, each in place of the one of the same id.

        Raises:
            IndexingError: a document or the disk refused; the writer can only be rolled back then.
        """

    def delete(self, ids: Iterable[str]) -> int:
        """Delete documents and return how many of the ids were there."""

    def commit(self) -> None:
        """Make everything since the last commit visible; it is on disk when this returns."""

    def rollback(self) -> None:
        """Forget everything since the last commit. Leaving the `with` block by an exception calls it."""
