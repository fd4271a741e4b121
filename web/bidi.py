"""The direction of a line, and text without direction controls."""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9)."""
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc]")


def plain(text: str) -> str:
    """Return text without direction controls, for a page's title or an attribute, where markup cannot isolate it."""
    return _CONTROLS.sub("", text)


def direction(text: str) -> str:
    """Return `rtl` or `ltr`, the direction of most letters of a line.

    `dir="auto"` uses the first letter, and would set an Arabic title that begins with «CNN» from left to right.
    """
    if not _LATIN.search(text):
        return "rtl"
    return "ltr" if len(_LATIN.findall(text)) > len(_ARABIC.findall(text)) else "rtl"
