"""The notes on one query while it is read."""

from __future__ import annotations

from collections.abc import Sequence

from search.language.limits import MAX_NOTES
from search.results import Note, NoteKind


class Notes:
    """Collects notes: each once, at its first place."""

    def __init__(self, positions: Sequence[int]) -> None:
        """Translate places by `positions`: where each code point of the text that is read stood in the query."""
        self._positions = positions
        self._notes: dict[tuple[NoteKind, str], Note] = {}

    def add(self, kind: NoteKind, text: str = "", position: int | None = None) -> None:
        """Keep a note; `position` is a place in the text that is read."""
        place = None if position is None else self._positions[position]
        self._notes.setdefault((kind, text), Note(kind, text, place))

    def all(self) -> tuple[Note, ...]:
        """Return the notes in the order of their places, those on the whole query last."""
        placed = sorted((note for note in self._notes.values() if note.position is not None), key=_place)
        whole = [note for note in self._notes.values() if note.position is None]
        return (*placed[: MAX_NOTES - len(whole)], *whole)


def _place(note: Note) -> int:
    return note.position or 0
