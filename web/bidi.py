"""The direction of a line, and text whose direction controls have no effect.

An override in a title shows its letters in another order, so that it can pose as another title. Pages leave overrides,
embeddings and isolates out wherever a person would see them; a value that a form sends back has them as character
references. JSON has them as escapes: it is the same text for a program, and inert where its bytes are shown.
"""

from __future__ import annotations

import json
import re
from html import escape

import orjson
from markupsafe import Markup

_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9)."""
_OVERRIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Those that change the order of the letters after them. The marks do not, and Arabic texts need them."""
_OVERRIDES = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")
"""The same in UTF-8. In the bytes of an answer the first one is rare, and found fast."""
_CONTROL_CHARACTERS = re.compile(rb"\xc2[\x80-\x9f]")
"""U+0080-009F, which JSON leaves as they are, and a terminal would execute."""
_DELETE = b"\x7f"
_LEFT_TO_RIGHT = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u058f]")
"""Latin, Greek, Cyrillic and Armenian letters."""
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc]")


def plain(text: str) -> str:
    """Return text without direction controls, for a page's title or an attribute, where markup cannot isolate it."""
    return _CONTROLS.sub("", text)


def exact(value: str) -> Markup:
    """Return the value of a field that a form sends back, escaped, with overrides as character references."""
    referred = _OVERRIDE.sub(lambda found: f"&#{ord(found[0])};", escape(value))
    return Markup(referred)  # noqa: S704 - escaped


def html_bytes(page: str) -> bytes:
    """Return a page in UTF-8 without overrides, with a question mark for each lone surrogate."""
    return _OVERRIDES.sub(b"", page.encode("utf-8", "replace"))


def json_answer(body: object) -> bytes:
    """Return a body as a line of JSON in UTF-8; Arabic letters are unescaped, direction overrides escaped."""
    try:
        return _inert(orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE))
    except TypeError:  # a lone surrogate, which has no UTF-8
        return json_bytes(json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n")


def json_bytes(text: str) -> bytes:
    """Return JSON in UTF-8, with overrides, control characters and lone surrogates as escapes."""
    return _inert(text.encode("utf-8", "backslashreplace"))


def _inert(written: bytes) -> bytes:
    """Return JSON with overrides and control characters as escapes."""
    escaped = written.replace(_DELETE, b"\\u007f")
    return _CONTROL_CHARACTERS.sub(_escape, _OVERRIDES.sub(_escape, escaped))


def _escape(found: re.Match[bytes]) -> bytes:
    return f"\\u{ord(found[0].decode()):04x}".encode()


def direction(text: str) -> str:
    """Return `rtl` or `ltr`, the direction of a line on an Arabic page: left to right if it has no Arabic letter.

    «Apple تطلق iPhone 15 Pro Max» is an Arabic sentence, although most of its letters are Latin. `dir="auto"` would use
    the first letter, and set such a line from left to right.
    """
    return "ltr" if _LEFT_TO_RIGHT.search(text) and not _ARABIC.search(text) else "rtl"
