"""Text as HTML: one rule for what templates write and for marked text."""

from __future__ import annotations

# what `escape` calls before it makes an object of the text
from markupsafe import _escape_inner as _inner  # type: ignore[attr-defined]


def escaped(value: object) -> str:
    """Return a value as HTML, as `markupsafe.escape` does, as text: markup as it is, anything else escaped."""
    if type(value) is str:
        return _inner(value)
    if hasattr(value, "__html__"):
        html: str = value.__html__()
        return html
    return _inner(str(value))
