"""An open generation: its segments, with document numbers that run through all of them, and the deleted documents."""

from __future__ import annotations

import logging
import zlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index import disk
from index.engines.embedded.checked import Array
from index.engines.embedded.commit_point import CommitPoint, SegmentEntry, generations, read_commit_point
from index.engines.embedded.segment import Segment
from index.errors import FileDamagedError, IndexDamagedError, command

_LOG = logging.getLogger(__name__)

Live = npt.NDArray[np.bool_]


class Generation:
    """The segments of one commit point. The documents of segment `i` have the numbers `bases[i]` to `bases[i + 1]`."""

    def __init__(self, folder: Path, commit_point: CommitPoint, opened: Mapping[str, Segment] | None = None) -> None:
        """Open the segments of `commit_point`; those in `opened`, by name, are used as they are.

        Raises:
            IndexDamagedError: a file is missing or is not the file that was written.
        """
        self.folder = folder
        self.commit_point = commit_point
        self.fell_back = False
        """Whether a newer generation exists but is damaged; the next commit must replace it."""
        opened = opened or {}
        self.segments: tuple[Segment, ...] = tuple(
            opened.get(entry.name) or _open_segment(folder, entry) for entry in commit_point.segments
        )
        self.bases = [0, *accumulate(segment.documents for segment in self.segments)]
        self.size = self.bases[-1]
        """Number of documents, including deleted ones."""
        self.live = [read_live(folder, entry) for entry in commit_point.segments]
        """For each segment a boolean array by document: true if it is not deleted."""

    def by_name(self) -> dict[str, Segment]:
        """Return the open segments by their names."""
        return {entry.name: segment for entry, segment in zip(self.commit_point.segments, self.segments, strict=True)}

    def find(self, document_id: str) -> int | None:
        """Return the number of the live document with this id, or None."""
        for segment, base, live in zip(self.segments, self.bases, self.live, strict=False):
            number = segment.find_document(document_id)
            if number is not None and live[number]:
                return base + number
        return None

    def locate(self, document: int) -> tuple[Segment, int]:
        """Return the segment of a document, and the document's number in it."""
        index = bisect_right(self.bases, document) - 1
        return self.segments[index], document - self.bases[index]

    def word_owner(self, word: int) -> tuple[Segment, int]:
        """Return the segment that added a word, and the word's number among those that it added."""
        firsts = [segment.first_word for segment in self.segments]
        # a segment that adds no word has the same `first_word` as the next one
        index = bisect_right(firsts, word) - 1
        segment = self.segments[index]
        return segment, word - segment.first_word

    def words_of(self, key: bytes) -> tuple[Array, npt.NDArray[np.float64]]:
        """Return the words (uint32, ascending) that have the term `key`, and its weight in each (float64)."""
        parts = [segment.words_of(key) for segment in self.segments]
        return _joined([words for words, _ in parts], np.uint32), _joined([weights for _, weights in parts], np.float64)

    def words_with_prefix(self, key: bytes) -> Array:
        """Return the words (uint32, ascending) that have a term whose key begins with `key`."""
        return _joined([segment.words_with_prefix(key) for segment in self.segments], np.uint32)


def open_newest(folder: Path, directory: str, opened: Mapping[str, Segment] | None = None) -> Generation:
    """Open the newest generation in `directory` of an index folder, or an older one if that is damaged.

    `opened` has segments that are open already, by name. A fallback is logged as a warning; then
    `EmbeddedStore.catch_up` indexes again the articles that the older generation lacks.

    Raises:
        IndexDamagedError: no generation can be opened.
    """
    problem = "there is no commit point"
    try:
        for age, path in enumerate(generations(folder / directory)):
            try:
                generation = Generation(folder / directory, read_commit_point(path), opened)
            except FileDamagedError as error:
                problem = problem if age else error.problem
                continue
            generation.fell_back = age > 0
            if generation.fell_back:
                _LOG.warning("%s; falling back to an older generation of the index", problem)
            return generation
    except IndexDamagedError as error:
        problem = str(error)
    raise IndexDamagedError(f"{problem}; run {command('rebuild', folder)}")


def read_live(folder: Path, entry: SegmentEntry) -> Live:
    """Return a boolean array by document of a segment: true if it is not deleted.

    Raises:
        IndexDamagedError: the file of deletions is missing or is not the file that was written.
    """
    if not entry.deletions:
        return np.ones(entry.documents, bool)
    path = folder / entry.deletions
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileDamagedError(path, f"cannot be read ({error})") from error
    bits = data[:-4]
    if len(bits) != (entry.documents + 7) // 8 or zlib.crc32(bits).to_bytes(4, "little") != data[-4:]:
        raise FileDamagedError(path, "is not the file that was written")
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=entry.documents).astype(bool)


def write_live(path: Path, live: Live) -> None:
    """Write which documents of a segment are not deleted: one bit each, then a CRC-32."""
    bits = np.packbits(live).tobytes()
    with disk.NewFile(path) as file:
        file.write(bits + zlib.crc32(bits).to_bytes(4, "little"))


def _open_segment(folder: Path, entry: SegmentEntry) -> Segment:
    path = folder / entry.file
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileDamagedError(path, f"cannot be read ({error})") from error
    if size != entry.size:
        raise FileDamagedError(path, f"has {size} bytes instead of {entry.size}")
    return Segment(path, checksum=entry.checksum)


def _joined(parts: Sequence[Array], kind: npt.DTypeLike) -> Array:
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0]
    return np.concatenate(filled) if filled else np.empty(0, kind)
