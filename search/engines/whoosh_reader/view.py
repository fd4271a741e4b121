"""One generation of an index as Whoosh sees it: a single segment, whose documents are those that are not deleted.

Whoosh counts deleted documents in its statistics until they are merged away, and opens a reader for each segment. Here
the segment that first had a word keeps its terms, while its postings lie in all segments. So documents are numbered
through all segments, without the deleted ones: statistics are exact, and the same however the articles were committed.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.archive import Archive
from index.document import Document, StoredDocument
from index.engines.embedded.arrays import Array
from index.engines.embedded.generation import Generation
from index.engines.embedded.segment import SECTIONS, Segment
from index.errors import command
from index.schema import Section
from search.engines.article_cache import CachedArticle
from search.engines.cache import Cache, usual_megabytes
from search.engines.embedded.snapshot import Mask, Numbers, Snapshot
from search.engines.whoosh_reader.errors import translated
from search.errors import EngineUnavailableError

SECTION_PLACES = {section: place for place, section in enumerate(SECTIONS)}
"""Where each section stands among those of a document."""


class View:
    """A generation and the archive beside it, read-only. Safe to share among threads."""

    def __init__(self, generation: Generation, archive: Archive) -> None:
        self.generation = generation
        self.archive = archive
        self.snapshot = Snapshot(generation, Cache(usual_megabytes() * 1024 * 1024))
        """Its cache keeps postings and articles."""
        self.documents = self.snapshot.documents
        """Number of documents; they have the numbers from 0 on."""
        self._lengths: dict[Section, Array] = {}
        self._totals: dict[Section, npt.NDArray[np.int64]] = {}

    def close(self) -> None:
        """Close the archive and let go of the files, which are unmapped when no results look at them any more."""
        self.archive.close()
        del self.generation, self.snapshot

    def kept(self, values: Array) -> Array:
        """Return the rows of our documents from a column with a row for each document, deleted ones included."""
        return values if self.snapshot.live is None else values[self.snapshot.live]

    def alive(self, documents: Array) -> Mask:
        """Return which of some documents of the generation are not deleted."""
        live = self.snapshot.live
        return np.ones(len(documents), bool) if live is None else live[documents]

    def numbered(self, documents: Numbers) -> Numbers:
        """Return our numbers of documents of the generation, none of which is deleted."""
        return documents if self._numbers is None else self._numbers[documents]

    def place(self, document: int) -> tuple[Segment, int]:
        """Return the segment that a document lies in, and its number there."""
        return self.generation.locate(document if self._places is None else int(self._places[document]))

    def find(self, document_id: str) -> int | None:
        """Return the number of the document that has this id, or None."""
        found = self.generation.find(document_id)
        return None if found is None else int(self.numbered(np.array([found]))[0])

    def article(self, document: int) -> Document:
        """Return the article of a document, as it stood when the generation was committed.

        Raises:
            EngineUnavailableError: the archive cannot be read, or later commits have replaced or deleted the article.
        """
        return self.snapshot.cache.get(
            ("article", document), CachedArticle, lambda: self._read(document)
        ).article.document

    def _read(self, document: int) -> CachedArticle:
        segment, number = self.place(document)
        document_id = segment.document_id(number)
        with translated():
            found = self.archive.get(document_id, at=self.generation.commit_point.change)
        if found is None:
            folder = self.generation.folder.parent
            raise EngineUnavailableError(
                f"article {document_id} was changed by later commits than this reader sees; searcher.refresh() opens "
                f"the newest; if that does not help, {command('verify', folder)} tells why"
            )
        return CachedArticle(StoredDocument(found, {}))

    def lengths(self, section: Section) -> Array:
        """Return the number of content words in a section of each document."""
        if section not in self._lengths:
            parts = [segment.lengths[section] for segment in self.generation.segments]
            self._lengths[section] = self.kept(np.concatenate([np.empty(0, np.uint8), *parts]))
        return self._lengths[section]

    def word_totals(self, section: Section) -> npt.NDArray[np.int64]:
        """Return for each word of the index how often it occurs in a section of our documents."""
        if section not in self._totals:
            self._totals[section] = self._counted(section)
        return self._totals[section]

    def _counted(self, section: Section) -> npt.NDArray[np.int64]:
        segments = self.generation.segments
        totals = np.zeros(max((segment.first_word + segment.words for segment in segments), default=0), np.int64)
        for segment, live in zip(segments, self.generation.live, strict=True):
            if len(segment.present):
                counts = segment.frequencies[section]
                if not live.all():
                    counts = counts * live[segment.posting_documents]
                totals[segment.present] += np.add.reduceat(counts, segment.posting_starts[:-1], dtype=np.int64)
        return totals

    @cached_property
    def _places(self) -> Numbers | None:
        """Number in the generation of each of our documents; None where they are the same."""
        live = self.snapshot.live
        return None if live is None else np.flatnonzero(live).astype(np.int64)

    @cached_property
    def _numbers(self) -> Numbers | None:
        """Our number of each document of the generation; None where they are the same."""
        live = self.snapshot.live
        return None if live is None else np.cumsum(live, dtype=np.int64) - 1
