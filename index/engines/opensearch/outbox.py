"""The changes that wait for their commit: articles and deletions, buffered in a file."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple

from index.analysis.tokens import Word
from index.document import AnalyzedDocument
from index.engines.opensearch.bulk import Action
from index.engines.opensearch.encoding import Encoder
from index.engines.opensearch.mapping import Names
from index.writer import Existing

MEMORY_BYTES = 32_000_000
"""Size up to which the buffer of a commit is in memory; a larger one is in a temporary file."""
LONGEST_ID = 400
"""Bytes up to which an article's id is its document's `_id`; for a longer id it is a digest (OpenSearch allows 512)."""


class Pending(NamedTuple):
    """A buffered change of an article."""

    change: int
    existing: Existing | None
    """Hash and origin of the article after the change; None for a deletion."""


class Outbox:
    """The buffered changes for a commit, in order; a later change of an article replaces an earlier one."""

    def __init__(self, target: Names, encoder: Encoder, change: int) -> None:
        self._names = target
        self._encoder = encoder
        self.change = change
        """Number of the last change."""
        self.words: dict[int, Word] = {}
        """The words of all articles, by their keys."""
        self._pending: dict[str, Pending] = {}
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES, prefix="judhur-")  # noqa: SIM115 - closed below
        self._ranges: dict[str, tuple[int, int]] = {}
        """Offset and length of the document of each article in the file, in bytes."""

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, analyzed: AnalyzedDocument) -> None:
        """Buffer an article."""
        document = analyzed.document
        encoded = self._encoder.encode(analyzed, self.change + 1)
        begin = self._file.seek(0, 2)
        self._file.write(encoded.source)
        self.change += 1
        self.words |= encoded.words
        self._ranges[document.id] = (begin, len(encoded.source))
        self._pending[document.id] = Pending(self.change, Existing(document.content_hash(), document.origin))

    def delete(self, document_id: str) -> None:
        """Buffer a deletion."""
        self.change += 1
        self._pending[document_id] = Pending(self.change, None)

    def find(self, document_id: str) -> Pending | None:
        """Return the buffered change of an article, or None."""
        return self._pending.get(document_id)

    def all(self) -> Iterable[tuple[str, Pending]]:
        """Return all buffered changes with the ids of their articles."""
        return self._pending.items()

    def source(self, document_id: str) -> Any:  # noqa: ANN401 - JSON
        """Return the document of a buffered article, decoded from JSON; None for a deletion."""
        return None if self._pending[document_id].existing is None else json.loads(self._read(document_id))

    def actions(self) -> Iterator[Action]:
        """Yield the buffered changes as bulk actions."""
        for document_id, pending in self._pending.items():
            if pending.existing is None:
                yield Action("delete", self._names.articles, cluster_id(document_id), pending.change, b"")
                continue
            source = self._read(document_id)
            yield Action("index", self._names.articles, cluster_id(document_id), pending.change, source)

    def clear(self) -> None:
        """Discard all changes; change numbers are not reused, since some may have been sent."""
        self._pending.clear()
        self._ranges.clear()
        self.words.clear()
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _read(self, document_id: str) -> bytes:
        begin, length = self._ranges[document_id]
        self._file.seek(begin)
        return self._file.read(length)


def cluster_id(document_id: str) -> str:
    """Return the `_id` of an article's document on the cluster."""
    data = document_id.encode("utf-8", "surrogatepass")
    if len(data) <= LONGEST_ID and document_id.isprintable() and not document_id.startswith("#"):
        return document_id
    return "#" + hashlib.blake2b(data, digest_size=24).hexdigest()
