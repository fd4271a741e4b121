"""The arguments of a request by name, with checks of their form; `web.kinds` gives them their meaning."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Self
from urllib.parse import unquote_to_bytes

from search.request import MAX_QUERY_LENGTH

MAX_ARGUMENTS = 1000
"""Most arguments of one query string."""
MAX_QUERY_STRING = 16 * 1024
"""Longest query string in bytes: a query of 1,000 Arabic letters has 6,000, and 32 values of filters fit beside it."""

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TRACKERS = re.compile(r"utm_\w+|fbclid|gclid|igshid|mc_cid|mc_eid|ref|_ga")
"""Tracking parameters that other sites append to shared links; the page ignores them."""
_OLD_ESCAPES = re.compile(r"%u([0-9A-Fa-f]{4})")
_ARABIC_WORD = re.compile("[\u0621-\u064a]{2}")
_MAX_NAME_SHOWN = 60
"""Characters of a name or value that an error repeats."""


class ParameterError(Exception):
    """An invalid query string; the response is a 400."""

    def __init__(
        self, slug: str, title: str, detail: str, param: str | None = None, position: int | None = None
    ) -> None:
        """Hold the stable name of the error, its English title, the Arabic detail, and its offset in the value."""
        super().__init__(f"{param}: {title}" if param else title)
        self.slug = slug
        self.title = title
        self.detail = detail
        self.param = param
        self.position = position


class Arguments:
    """The arguments by name; each method checks what it returns. To `many` and `one` an empty value is not given."""

    def __init__(self, given: Iterable[tuple[str, str]]) -> None:
        """Hold names with their values, in their order."""
        self._given: dict[str, list[str]] = {}
        self._named: set[str] = set()
        for name, value in given:
            self._named.add(name)
            if value:
                self._given.setdefault(name, []).append(value)

    @classmethod
    def of(cls, query_string: str, names: tuple[str, ...], *, tolerant: bool) -> Self:
        """Split and decode a query string (percent-encoded); `tolerant` ignores tracking parameters of other sites.

        Raises:
            ParameterError: an argument is not one of `names`, or not UTF-8, or there are too many.
        """
        given = _split(query_string, names)
        for name, _ in given:
            if name not in names and not (tolerant and _TRACKERS.fullmatch(name)):
                raise _unknown(name, names)
        return cls(given)

    def many(self, name: str) -> list[str]:
        """Return all values of a parameter. Raises ParameterError: one is too long, or has a control character."""
        values = self._given.get(name, [])
        for value in values:
            _check(name, value)
        return values

    def has(self, name: str) -> bool:
        """Return whether a parameter is given, be it empty."""
        return name in self._named

    def one(self, name: str) -> str | None:
        """Return the value of a parameter, or None. Raises ParameterError: it is given twice."""
        values = self._given.get(name, [])
        for value in values:
            _check_escapes(name, value)
        if len(values) > 1:
            raise ParameterError(
                "repeated-parameter", "Parameter given twice", f"المعامل «{name}» لا يُعطى إلا مرة واحدة.", name
            )
        return values[0] if values else None


def check_length(query_string: str) -> None:
    """Check the length of a query string.

    Raises:
        ParameterError: it is longer than `MAX_QUERY_STRING`.
    """
    if len(query_string) > MAX_QUERY_STRING:
        raise ParameterError(
            "query-string-too-long",
            "Query string too long",
            f"في ما بعد علامة الاستفهام من العنوان {len(query_string)} بايت، والحد الأعلى {MAX_QUERY_STRING}.",
        )


def _split(query_string: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    # Counted before decoding, so that a very long query string costs little.
    count = query_string.count("&") + 1
    if count > MAX_ARGUMENTS:
        raise ParameterError(
            "too-many-arguments",
            "Too many arguments",
            f"عدد المعاملات في العنوان {count}، والحد الأعلى {MAX_ARGUMENTS}.",
        )
    pairs = []
    for argument in query_string.split("&"):
        if argument:
            name, _, value = argument.partition("=")
            readable = _decode(name, None)
            pairs.append((readable, _decode(value, readable if readable in names else None)))
    return pairs


def _decode(text: str, param: str | None) -> str:
    # WSGI passes bytes as Latin-1 (PEP 3333); a server that decodes UTF-8 itself is supported too.
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "surrogatepass")
    raw = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = "في العنوان بايتات ليست نصا سليما بترميز UTF-8."
        if meant := _in_windows_1256(raw):
            detail += f" لعلها «{meant}» بترميز windows-1256: اكتبها في خانة البحث."
        position = len(raw[: error.start].decode("utf-8")) if param else None
        raise ParameterError("bad-encoding", "Not UTF-8", detail, param, position) from error


def _in_windows_1256(raw: bytes) -> str:
    """Return the Arabic text that bytes are in the code page of old Arabic pages, or an empty string."""
    text = raw.decode("cp1256", "replace")
    letters = _ARABIC_WORD.findall(text)
    return text[:_MAX_NAME_SHOWN] if letters and not CONTROLS.search(text) else ""


def _check_escapes(name: str, value: str) -> None:
    """Check that a value is not encoded as the function `escape` of old scripts does it (%u0642).

    Raises:
        ParameterError: it is.
    """
    if escaped := _OLD_ESCAPES.search(value):
        meant = _OLD_ESCAPES.sub(lambda match: chr(int(match[1], 16)), value)
        meant = CONTROLS.sub(" ", meant.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        detail = f"رُمّزت الحروف بطريقة قديمة. لعلك تقصد «{meant[:_MAX_NAME_SHOWN]}»: اكتبه في خانة البحث."
        raise ParameterError("bad-encoding", "Escaped by an old script", detail, name, escaped.start())


def _check(name: str, value: str) -> None:
    _check_escapes(name, value)
    if len(value) > MAX_QUERY_LENGTH:
        raise ParameterError(
            "value-too-long", "Value too long", f"قيمة «{name}» أطول من {MAX_QUERY_LENGTH} حرف.", name, MAX_QUERY_LENGTH
        )
    if control := CONTROLS.search(value):
        raise ParameterError(
            "bad-character", "Control character", f"في قيمة «{name}» محرف تحكّم لا يُقرأ.", name, control.start()
        )


def _unknown(name: str, names: tuple[str, ...]) -> ParameterError:
    repeated = name if len(name) <= _MAX_NAME_SHOWN else name[:_MAX_NAME_SHOWN] + "…"
    near = difflib.get_close_matches(repeated, names, n=1)
    hint = f"لعلك تقصد «{near[0]}»." if near else f"المعاملات المعروفة: {'، '.join(names)}."
    return ParameterError(
        "unknown-parameter", "Unknown parameter", f"لا نعرف معاملا اسمه «{repeated}». {hint}", repeated
    )
