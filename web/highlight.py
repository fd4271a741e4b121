"""Highlighted text as HTML: the text escaped, with `mark` around whole words and no other tag."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from index.schema import Level
from search.results import Mark
from web.escaping import escaped

_OPENING = {level: f'<mark data-level="{level.value}">' for level in Level}


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """Return `marked_html` as what a template does not escape again."""
    return Markup(marked_html(text, marks))  # noqa: S704 - escaped there


def marked_html(text: str, marks: Iterable[Mark]) -> str:
    """Return `text` escaped, each mark as `<mark data-level="…">`; `marks` ascend; overlapping ones are left out."""
    pieces: list[str] = []
    """Text and tags by turns."""
    cursor, length = 0, len(text)
    for start, end, level in marks:
        if cursor <= start < end <= length:
            pieces += text[cursor:start], _OPENING[level], text[start:end], "</mark>"
            cursor = end
    pieces.append(text[cursor:])
    if len(escaped(text)) > len(text):  # most texts have nothing to escape, so their pieces have nothing either
        pieces[::2] = map(escape, pieces[::2])
    return "".join(pieces)
