"""One generation of an index for Whoosh: a single segment with all documents that are not deleted.

Whoosh itself counts deleted documents in its statistics until they are merged away, and opens a reader for each
segment. Here the terms of a word are in the segment that introduced it, and its postings in all segments. So a view
numbers the documents of all segments consecutively, without deleted ones: statistics are exact, and independent of how
the articles were committed.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.archive.reader import Archive
from index.document import Document, StoredDocument
from index.engines.embedded.checked import Array
from index.engines.embedded.generation import Generation
from index.engines.embedded.segment import SECTIONS, Segment
from index.errors import command
from index.schema import Section
from search.engines.article_cache import CachedArticle
from search.engines.cache import Cache, usual_megabytes
from search.engines.embedded.snapshot import Mask, Numbers, Snapshot
from search.engines.errors import translated
from search.errors import EngineUnavailableError

SECTION_INDICES = {section: index for index, section in enumerate(SECTIONS)}
"""Index of each section within a document."""


class View:
    """A generation and its archive, read-only. Thread-safe.

    Documents have two numbers: one in the generation, which counts deleted documents, and one in the view, which does
    not.
    """

    def __init__(self, generation: Generation, archive: Archive) -> None:
        self.generation = generation
        self.archive = archive
        self.snapshot = Snapshot(generation, Cache(usual_megabytes() * 1024 * 1024))
        """Its cache holds postings and articles."""
        self.documents = self.snapshot.documents
        """Number of documents in the view; they are numbered from 0."""
        self._lengths: dict[Section, Array] = {}
        self._totals: dict[Section, npt.NDArray[np.int64]] = {}

    def close(self) -> None:
        """Close the archive and release the files, which are unmapped when no result refers to them any more."""
        self.archive.close()
        del self.generation, self.snapshot

    def live_values(self, values: Array) -> Array:
        """Return the values of the view's documents from a column of the generation, which includes deleted ones."""
        return values if self.snapshot.live is None else values[self.snapshot.live]

    def alive(self, documents: Array) -> Mask:
        """Return a mask of the same shape: which of these documents of the generation are not deleted."""
        live = self.snapshot.live
        return np.ones(len(documents), bool) if live is None else live[documents]

    def numbered(self, documents: Numbers) -> Numbers:
        """Return the numbers in the view of documents of the generation, none of which is deleted."""
        return documents if self._numbers is None else self._numbers[documents]

    def locate(self, document: int) -> tuple[Segment, int]:
        """Return the segment of a document and its number in it."""
        live = self._live_documents
        return self.generation.locate(document if live is None else int(live[document]))

    def find(self, document_id: str) -> int | None:
        """Return the number of the document with this id, or None."""
        document = self.generation.find(document_id)
        return None if document is None else int(self.numbered(np.array([document]))[0])

    def article(self, document: int) -> Document:
        """Return the article of a document as of the commit of the generation.

        Raises:
            EngineUnavailableError: the archive cannot be read, or no longer has that version of the article.
        """
        return self.snapshot.cache.get(
            ("article", document), CachedArticle, lambda: self._read(document)
        ).article.document

    def _read(self, document: int) -> CachedArticle:
        segment, number = self.locate(document)
        document_id = segment.document_id(number)
        with translated():
            article = self.archive.get(document_id, at=self.generation.commit_point.change)
        if article is None:
            folder = self.generation.folder.parent
            raise EngineUnavailableError(
                f"article {document_id} was changed by commits after this reader was opened; searcher.refresh() opens "
                f"the newest generation; if that does not help, run {command('verify', folder)}"
            )
        return CachedArticle(StoredDocument(article, {}))

    def lengths(self, section: Section) -> Array:
        """Return the number of content words in a section of each document, shape (documents,)."""
        if section not in self._lengths:
            parts = [segment.lengths[section] for segment in self.generation.segments]
            self._lengths[section] = self.live_values(np.concatenate([np.empty(0, np.uint8), *parts]))
        return self._lengths[section]

    def word_totals(self, section: Section) -> npt.NDArray[np.int64]:
        """Return the number of occurrences of each word of the index in a section of all documents, shape (words,)."""
        if section not in self._totals:
            self._totals[section] = self._counted(section)
        return self._totals[section]

    def _counted(self, section: Section) -> npt.NDArray[np.int64]:
        segments = self.generation.segments
        totals = np.zeros(max((segment.first_word + segment.words for segment in segments), default=0), np.int64)
        for segment, live in zip(segments, self.generation.live, strict=True):
            if len(segment.present):
                counts = segment.frequencies[section].whole()
                if not live.all():
                    counts = counts * live[segment.posting_documents.whole()]
                totals[segment.present] += np.add.reduceat(counts, segment.posting_starts[:-1], dtype=np.int64)
        return totals

    @cached_property
    def _live_documents(self) -> Numbers | None:
        """Number in the generation of each document of the view; None if no document is deleted."""
        live = self.snapshot.live
        return None if live is None else np.flatnonzero(live).astype(np.int64)

    @cached_property
    def _numbers(self) -> Numbers | None:
        """Number in the view of each document of the generation; None if no document is deleted."""
        live = self.snapshot.live
        return None if live is None else np.cumsum(live, dtype=np.int64) - 1
