"""Collects the notes on one query while it is parsed."""

from __future__ import annotations

from collections.abc import Sequence

from search.language.limits import MAX_NOTES
from search.results import Note, NoteKind


class Notes:
    """Collects notes, each at its first position only."""

    def __init__(self, offsets: Sequence[int]) -> None:
        """Convert positions by `offsets`: the offset in the query of each code point of the parsed text."""
        self._offsets = offsets
        self._notes: dict[tuple[NoteKind, str], Note] = {}

    def add(self, kind: NoteKind, text: str = "", position: int | None = None) -> None:
        """Add a note; `position` is an offset in the parsed text, None for a note on the whole query."""
        offset = None if position is None else self._offsets[position]
        self._notes.setdefault((kind, text), Note(kind, text, offset))

    def all(self) -> tuple[Note, ...]:
        """Return at most `MAX_NOTES` notes in the order of their positions, those on the whole query last."""
        located = sorted((note for note in self._notes.values() if note.position is not None), key=_position)
        whole = [note for note in self._notes.values() if note.position is None]
        return (*located[: MAX_NOTES - len(whole)], *whole)


def _position(note: Note) -> int:
    return note.position or 0
