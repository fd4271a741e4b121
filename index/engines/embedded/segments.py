"""The segments of an index while a writer is open: the committed ones, and those of the next commit."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from index import disk
from index.document import AnalyzedDocument
from index.engines.embedded.commit_point import SegmentEntry
from index.engines.embedded.generation import Generation, Live, write_live
from index.engines.embedded.merge_policy import range_at_end, range_during_run, range_with_deletions
from index.engines.embedded.merging import merge
from index.engines.embedded.segment import Segment
from index.engines.embedded.segment_builder import InvertedSegmentBuilder
from index.engines.embedded.vocabulary import Vocabulary

SPILL_TOKENS = 2_000_000
"""Buffered tokens from which a segment is written: about 100 MB with their words."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Slot:
    """A segment and its live documents; `deletions` is the name of the file with `live`, or empty if not written."""

    name: str
    segment: Segment
    live: Live
    deletions: str
    checksum: int
    size: int

    @property
    def live_documents(self) -> int:
        return int(np.count_nonzero(self.live))

    @property
    def entry(self) -> SegmentEntry:
        documents = self.segment.documents
        return SegmentEntry(
            self.name, documents, self.checksum, self.size, self.deletions, documents - self.live_documents
        )


class SegmentSet:
    """Takes documents and deletions; `flush` writes them to disk, then `accept` keeps or `rollback` discards them."""

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
        self._before_run = {slot.name for slot in self._slots}
        """Names of the segments from before the current run."""
        self._ends_run = False
        """Whether the last `flush` was the end of a run."""
        self._deleted_ids: set[str] = set()
        """Ids whose documents in segments are to be deleted."""
        self._new_files: list[Path] = []
        """Files that are in no commit point yet."""
        self._vocabulary = Vocabulary([slot.segment for slot in self._slots])
        self._builder = InvertedSegmentBuilder(self._vocabulary, zone)

    @property
    def changed(self) -> bool:
        """Whether there are uncommitted changes."""
        return bool(self._deleted_ids or len(self._builder) or self._slots is not self._committed)

    def has(self, document_id: str) -> bool:
        """Return whether there is a document with this id, committed or not."""
        if document_id in self._builder:
            return True
        if document_id in self._deleted_ids:
            return False
        return any(
            (number := slot.segment.find_document(document_id)) is not None and slot.live[number]
            for slot in self._slots
        )

    def put(self, document: AnalyzedDocument, *, existing: bool) -> None:
        """Add a document, or replace the one with the same id; `existing` false skips the search for that one."""
        if existing:
            self._deleted_ids.add(document.document.id)
        self._builder.add(document)
        if self._builder.tokens >= SPILL_TOKENS:
            self._spill()

    def delete(self, document_id: str) -> None:
        """Delete the document with this id."""
        self._deleted_ids.add(document_id)
        self._builder.discard(document_id)

    @property
    def has_run(self) -> bool:
        """Whether a run, begun by a `flush` that did not end it, is waiting for its end."""
        return any(slot.name not in self._before_run for slot in self._slots)

    def flush(self, *, ends_run: bool) -> tuple[SegmentEntry, ...]:
        """Write everything to disk, merge where the policy says so, and return the entries of the next commit point.

        `ends_run` says that no further commit is to be expected soon.

        Raises:
            OSError: a file cannot be written; only `rollback` may follow.
        """
        self._spill()
        while (bounds := self._range_to_merge(ends_run=ends_run)) is not None:
            self._merge(*bounds)
        self._slots = tuple(self._with_deletions_written(slot) for slot in self._slots)
        self._ends_run = ends_run
        return tuple(slot.entry for slot in self._slots)

    def accept(self) -> None:
        """Mark what was flushed as committed: the state that `rollback` returns to."""
        self._committed = self._slots
        self._new_files = []
        if self._ends_run:
            self._before_run = {slot.name for slot in self._slots}

    def rollback(self) -> None:
        """Discard all changes since the last `accept`, and their files."""
        if not self.changed and not self._vocabulary.fresh and not self._new_files:
            return
        self._slots = self._committed
        self._deleted_ids = set()
        new_files, self._new_files = self._new_files, []
        self._vocabulary.reset([slot.segment for slot in self._slots])
        self._builder = InvertedSegmentBuilder(self._vocabulary, self._zone)
        for path in new_files:
            with contextlib.suppress(OSError):  # it is in no commit point, so the next writer removes it
                disk.remove(path)

    def _range_to_merge(self, *, ends_run: bool) -> tuple[int, int] | None:
        live = [slot.live_documents for slot in self._slots]
        if ends_run:
            first_new = sum(slot.name in self._before_run for slot in self._slots)
            bounds = range_at_end(live, first_new)
        else:
            bounds = range_during_run(live)
        return bounds or range_with_deletions([slot.segment.documents for slot in self._slots], live)

    def _spill(self) -> None:
        """Delete the earlier versions of all buffered documents, then write the buffer as a segment."""
        if self._deleted_ids:
            self._slots = tuple(self._without(slot, self._deleted_ids) for slot in self._slots)
            self._deleted_ids = set()
        if len(self._builder):
            path = self._new_file("seg")
            checksum = self._builder.write(path)
            self._slots = (*self._slots, _open_slot(path, checksum))
            self._vocabulary.settle([slot.segment for slot in self._slots])
        elif self._vocabulary.fresh:
            self._vocabulary.reset([slot.segment for slot in self._slots])
        self._builder = InvertedSegmentBuilder(self._vocabulary, self._zone)

    @staticmethod
    def _without(slot: _Slot, ids: set[str]) -> _Slot:
        numbers = [number for key in ids if (number := slot.segment.find_document(key)) is not None]
        to_delete = [number for number in numbers if slot.live[number]]
        if not to_delete:
            return slot
        live = slot.live.copy()
        live[to_delete] = False
        return dataclasses.replace(slot, live=live, deletions="")

    def _merge(self, begin: int, end: int) -> None:
        path = self._new_file("seg")
        merged = self._slots[begin:end]
        checksum = merge(path, [slot.segment for slot in merged], [slot.live for slot in merged])
        self._slots = (*self._slots[:begin], _open_slot(path, checksum), *self._slots[end:])

    def _with_deletions_written(self, slot: _Slot) -> _Slot:
        if slot.deletions or slot.live.all():
            return slot
        path = self._new_file("del", slot.name)
        write_live(path, slot.live)
        return dataclasses.replace(slot, deletions=path.name)

    def _new_file(self, ending: str, name: str = "MAIN") -> Path:
        path = self._folder / f"{name}_{secrets.token_hex(6)}.{ending}"
        self._new_files.append(path)
        return path


def _open_slot(path: Path, checksum: int) -> _Slot:
    segment = Segment(path, checksum=checksum)
    return _Slot(path.stem, segment, np.ones(segment.documents, bool), "", checksum, path.stat().st_size)
