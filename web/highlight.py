"""Highlighted text as HTML: the text escaped, with `mark` around whole words and no other tag."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from search.results import Mark


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """Return `text` escaped, each mark as `<mark data-level="…">`; `marks` ascend; overlapping ones are left out."""
    pieces: list[str] = []
    cursor = 0
    for mark in marks:
        if not cursor <= mark.start < mark.end <= len(text):
            continue
        pieces += (
            escape(text[cursor : mark.start]),
            f'<mark data-level="{mark.level.value}">',
            escape(text[mark.start : mark.end]),
            "</mark>",
        )
        cursor = mark.end
    pieces.append(escape(text[cursor:]))
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped above, or a tag written here
