"""Bounds for words and titles that are shown: a word of an article may have thousands of letters, a title too."""

from __future__ import annotations

MAX_WORD = 255
"""Code points of a word that is shown, as of a token of a text. Folded, a word may be eighteen times as long."""
MAX_TAB_TITLE = 300
"""Code points of the title of a page in the browser's tab."""


def shortened(text: str, at_most: int = MAX_WORD) -> str:
    """Return the text, or its beginning and an ellipsis: at most `at_most` code points."""
    return text if len(text) <= at_most else text[: at_most - 1] + "…"
