"""The direction of a line, and text for places that cannot isolate it."""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9)."""
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc]")


def plain(text: str) -> str:
    """Return text for a page's title or an attribute: without direction controls."""
    return _CONTROLS.sub("", text)


def direction(text: str) -> str:
    """Return `rtl` or `ltr`, whichever most of the letters of a line ask for.

    The first letter, which `dir="auto"` goes by, would turn an Arabic title around that begins with «CNN».
    """
    if not _LATIN.search(text):
        return "rtl"
    return "ltr" if len(_LATIN.findall(text)) > len(_ARABIC.findall(text)) else "rtl"
