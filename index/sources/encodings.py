"""Bytes to text: UTF-8 first, UTF-16 by its byte order mark, else the old Arabic code pages, with a notice."""

from __future__ import annotations

import codecs
import dataclasses
import re
import unicodedata

import charset_normalizer

_CODE_PAGES = ("cp1256", "iso8859_6", "cp720", "cp1252")
"""Encodings of Arabic (and of Latin text of Arabic publishers) before UTF-8 that charset-normalizer supports: Windows,
ISO 8859-6, DOS, Western Windows."""
_NAMES = {"cp1256": "windows-1256", "iso8859_6": "ISO 8859-6", "cp720": "code page 720", "cp1252": "windows-1252"}
_SAMPLE = 1 << 18
"""Bytes that charset-normalizer examines; more bytes do not change the result."""
_LETTERS_AT_LEAST = 0.9
"""Share of letters among the characters that are not space, digit or punctuation."""
_ASCII_AT_LEAST = 0.6
"""Share of ASCII letters in Western text; below it the text is Arabic in another encoding."""
_BROKEN_AT_MOST = 1 / 3
"""Up to this many invalid sequences per valid one, bytes are damaged UTF-8; in a code page nearly all are invalid."""
_CONTROLS_AT_MOST = 0.05
"""Share of control characters above which a file is not text."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class UndecodableError(ValueError):
    """The bytes are not text in a supported encoding; the message gives the reason."""


@dataclasses.dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and the encoding that was assumed for it, empty if the bytes are UTF-8 or have a byte order mark."""

    text: str
    assumed: str = ""
    encoding: str = "utf-8"
    """Python's name of the codec."""


def decode(data: bytes) -> Decoded:
    """Return the text of the bytes without a byte order mark.

    Raises:
        UndecodableError: the bytes are binary, damaged, or of an unknown encoding.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(_marked(data, encoding))
    try:
        decoded = Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        decoded = decode_legacy(data, error)
    if len(_CONTROLS.findall(decoded.text)) > _CONTROLS_AT_MOST * len(decoded.text):
        raise UndecodableError("binary data, not a text; give the article as text in UTF-8")
    return decoded


def decode_as(data: bytes, encoding: str) -> str | None:
    """Return the bytes decoded with the declared encoding, or None if it is unknown or they are not valid in it."""
    try:
        return data.decode(codecs.lookup(encoding).name)
    except (LookupError, UnicodeDecodeError, ValueError):
        return None


def decode_legacy(data: bytes, error: UnicodeDecodeError) -> Decoded:
    """Return the text of bytes that are not UTF-8 (`error` is the failure); raises UndecodableError like `decode`."""
    if b"\0" in data[:_SAMPLE]:
        raise UndecodableError("binary data, not a text; give the article as text in UTF-8") from error
    if _is_damaged_utf8(data):
        raise UndecodableError(
            f"damaged UTF-8 at byte {error.start}; convert the original file to UTF-8 again"
        ) from error
    for match in charset_normalizer.from_bytes(data[:_SAMPLE], cp_isolation=list(_CODE_PAGES)):
        text = decode_as(data, match.encoding)
        if text is not None and _reads_like_text(text, match.encoding):
            return Decoded(text, _NAMES[match.encoding], match.encoding)
    raise UndecodableError(
        f"neither UTF-8 (byte {error.start}) nor a known Arabic code page; convert the file to UTF-8"
    ) from error


def _marked(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise UndecodableError(
            f"marked as {name} but damaged at byte {error.start}; convert the original file to UTF-8 again"
        ) from error


def _is_damaged_utf8(data: bytes) -> bool:
    """Return whether most sequences are valid UTF-8, which is very unlikely for text in a code page."""
    sample = data[:_SAMPLE].decode("utf-8", "replace")
    broken = sample.count("\N{REPLACEMENT CHARACTER}")
    valid = sum(1 for letter in sample if letter > "\x7f") - broken
    return broken <= _BROKEN_AT_MOST * valid


def _reads_like_text(text: str, encoding: str) -> bool:
    sample = text[:_SAMPLE]
    counted = [letter for letter in sample if not letter.isspace() and unicodedata.category(letter)[0] not in "NPS"]
    letters = [letter for letter in counted if letter.isalpha() or unicodedata.category(letter) == "Mn"]
    if not letters or len(letters) < _LETTERS_AT_LEAST * len(counted):
        return False
    plain = sum(1 for letter in letters if letter.isascii())
    if encoding == "cp1252":
        return plain >= _ASCII_AT_LEAST * len(letters)
    arabic = sum(1 for letter in letters if "ARABIC" in unicodedata.name(letter, ""))
    return plain + arabic >= _LETTERS_AT_LEAST * len(letters)
