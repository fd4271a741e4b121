"""Marked text as HTML: everything escaped, and `mark` around whole words, the only tag there is."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from search.results import Mark


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """Return `text` escaped, each mark as `<mark data-level="…">`; marks ascend, and one that overlaps is left out."""
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
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped above, or ours
