"""The segments of an index while a writer works on it: what is committed, and what the next commit will be."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from index import disk
from index.document import AnalyzedDocument
from index.engines.embedded.commit_point import SegmentEntry
from index.engines.embedded.generation import Generation, Live, write_live
from index.engines.embedded.merging import merge, merge_range
from index.engines.embedded.segment import Segment
from index.engines.embedded.segment_builder import InvertedSegmentBuilder
from index.engines.embedded.vocabulary import Vocabulary

SPILL_TOKENS = 2_000_000
"""Tokens that wait in memory before they go to a segment of their own: about 100 MB with their words."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Slot:
    """A segment and which of its documents are not deleted; `deletions` is the file that says so, if written."""

    name: str
    segment: Segment
    live: Live
    deletions: str
    checksum: int
    size: int

    @property
    def left(self) -> int:
        return int(np.count_nonzero(self.live))

    @property
    def entry(self) -> SegmentEntry:
        documents = self.segment.documents
        return SegmentEntry(self.name, documents, self.checksum, self.size, self.deletions, documents - self.left)


class SegmentSet:
    """Takes documents and deletions; `flush` puts them on disk, `accept` or `rollback` decides what becomes of it."""

    def __init__(self, generation: Generation, zone: ZoneInfo) -> None:
        self._folder = generation.folder
        self._zone = zone
        self._committed = tuple(
            _Slot(entry.name, segment, live, entry.deletions, entry.checksum, entry.size)
            for entry, segment, live in zip(
                generation.commit_point.segments, generation.segments, generation.live, strict=True
            )
        )
        self._slots = self._committed
        self._gone: set[str] = set()
        """Ids whose older documents are to be deleted."""
        self._made: list[Path] = []
        """Files that no generation names yet."""
        self._vocabulary = Vocabulary([slot.segment for slot in self._slots])
        self._builder = InvertedSegmentBuilder(self._vocabulary, zone)

    @property
    def changed(self) -> bool:
        """Whether there is anything that is not committed."""
        return bool(self._gone or len(self._builder) or self._slots is not self._committed)

    def put(self, document: AnalyzedDocument, *, existing: bool) -> None:
        """Take a document in place of the one of the same id; where none can be, `existing` false saves the search."""
        if existing:
            self._gone.add(document.document.id)
        self._builder.add(document)
        if self._builder.tokens >= SPILL_TOKENS:
            self._spill()

    def delete(self, document_id: str) -> None:
        """Forget the document of this id."""
        self._gone.add(document_id)
        self._builder.discard(document_id)

    def flush(self) -> tuple[SegmentEntry, ...]:
        """Put everything on disk and return what a generation has to name.

        Raises:
            OSError: the disk refused; `rollback` is all that can follow.
        """
        self._spill()
        while (found := merge_range(*zip(*self._sizes(), strict=True)) if self._slots else None) is not None:
            self._merge(*found)
        self._slots = tuple(self._with_deletions_written(slot) for slot in self._slots)
        return tuple(slot.entry for slot in self._slots)

    def accept(self) -> None:
        """What was flushed is the state that `rollback` goes back to."""
        self._committed = self._slots
        self._made = []

    def rollback(self) -> None:
        """Forget everything since the last `accept`, files included."""
        if not self.changed and not self._vocabulary.fresh and not self._made:
            return
        self._slots = self._committed
        self._gone = set()
        made, self._made = self._made, []
        self._vocabulary.reset([slot.segment for slot in self._slots])
        self._builder = InvertedSegmentBuilder(self._vocabulary, self._zone)
        for path in made:
            with contextlib.suppress(OSError):  # no generation names it: the next writer cleans it away
                disk.remove(path)

    def _sizes(self) -> Iterator[tuple[int, int]]:
        return ((slot.segment.documents, slot.left) for slot in self._slots)

    def _spill(self) -> None:
        """Delete the older documents of all that was put, then write what waits in memory as a segment."""
        if self._gone:
            self._slots = tuple(self._without(slot, self._gone) for slot in self._slots)
            self._gone = set()
        if len(self._builder):
            path = self._new_file("seg")
            checksum = self._builder.write(path)
            self._slots = (*self._slots, _opened(path, checksum))
            self._vocabulary.settle([slot.segment for slot in self._slots])
        elif self._vocabulary.fresh:
            self._vocabulary.reset([slot.segment for slot in self._slots])
        self._builder = InvertedSegmentBuilder(self._vocabulary, self._zone)

    @staticmethod
    def _without(slot: _Slot, ids: set[str]) -> _Slot:
        numbers = [number for known in ids if (number := slot.segment.find_document(known)) is not None]
        dead = [number for number in numbers if slot.live[number]]
        if not dead:
            return slot
        live = slot.live.copy()
        live[dead] = False
        return dataclasses.replace(slot, live=live, deletions="")

    def _merge(self, begin: int, end: int) -> None:
        path = self._new_file("seg")
        merged = self._slots[begin:end]
        checksum = merge(path, [slot.segment for slot in merged], [slot.live for slot in merged])
        self._slots = (*self._slots[:begin], _opened(path, checksum), *self._slots[end:])

    def _with_deletions_written(self, slot: _Slot) -> _Slot:
        if slot.deletions or slot.live.all():
            return slot
        path = self._new_file("del", slot.name)
        write_live(path, slot.live)
        return dataclasses.replace(slot, deletions=path.name)

    def _new_file(self, ending: str, name: str = "MAIN") -> Path:
        path = self._folder / f"{name}_{secrets.token_hex(6)}.{ending}"
        self._made.append(path)
        return path


def _opened(path: Path, checksum: int) -> _Slot:
    segment = Segment(path, checksum=checksum)
    return _Slot(path.stem, segment, np.ones(segment.documents, bool), "", checksum, path.stat().st_size)
