"""The lines of an article: labelled ones (date, publisher), teasers for other articles, and a title in the first line.

The labels are data (`data/labels.csv`). A label counts at the start of a line, behind at most six marks or spaces, and
is followed by a colon, by the end of the line, or, for an `open` label, by a space.
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.document import Span
from index.sources.lists import alternatives, rows
from index.sources.normalization import FORMS, MARKS, PlainText, plain, spellings_of

_LABEL_WITHIN = 60
"""Code points of a line in which its label must lie; no listed label is longer with all its harakat."""
_OPENING_LETTERS = 4
"""Letters of a label that are compared before a line is brought to plain spelling."""
_TEASER_LINE_AT_MOST = 250
"""Code points; a longer line that begins with a label has the body of an article run into it."""
_HEADLINE_AT_MOST = 150
"""Code points of a headline on the line after a teaser's label."""
_TITLE_AT_MOST = 120
"""Code points of a first line that is taken for the title."""
_WRAPPED_FROM = 40
"""Code points from which a first line may be one of many lines that were broken at a width."""
_WRAPPED_LINES = 4
"""Lines that are looked at for one width."""
_HEADLINE_END = re.compile("[.\N{ARABIC COMMA}\N{ARABIC SEMICOLON}:][\"'”“»)\\]\\s]*$")
"""A headline may ask or call out; it does not end like a sentence of the body."""


class LineKind(enum.StrEnum):
    """What a label says of its line."""

    DATE = "date"
    PUBLISHER = "publisher"
    TEASER = "teaser"


class Line(NamedTuple):
    """A line of a text that is not blank."""

    span: Span
    """Without the spaces around it."""
    text: str
    kind: LineKind | None
    value: str
    """What stands behind the label, empty when nothing does or there is no label."""


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of a text that are not blank."""
    start = 0
    may_be_labelled = _openings().match
    for line in text.replace("\r", "\n").split("\n"):
        words = line.strip()
        if words:
            begin = start + line.index(words)
            kind, value = _label(words) if may_be_labelled(words) else (None, "")
            yield Line(Span(begin, begin + len(words)), words, kind, value)
        start += len(line) + 1


def _label(line: str) -> tuple[LineKind | None, str]:
    head = PlainText.of(line[:_LABEL_WITHIN])
    match = _labels().match(head.plain)
    if match is None or match.lastgroup is None:
        return None, ""
    group = next(name for name, words in match.groupdict().items() if words is not None and name != "colon")
    kind, _, form = group.partition("_")
    ends_line = match.end() == len(head.plain)
    if form == "colon" and match["colon"] is None and not ends_line:
        return None, ""
    return LineKind(kind), line[head.place(match.end()) :].strip()


@functools.cache
def _openings() -> re.Pattern[str]:
    """Return the pattern of a line, as it is written, that may begin with a label: a look before plain spelling.

    It goes by the first letters of the labels in all their spellings; a presentation form there may be any letter.
    """
    beginnings = {plain(label).split()[0][:_OPENING_LETTERS] for _, label, _, _ in rows("labels")}
    spelled = "|".join(
        f"{MARKS}*".join(spellings_of(letter) for letter in beginning) for beginning in sorted(beginnings)
    )
    return re.compile(rf"(?:[\W_]|{MARKS})*+(?:{spelled}|(?:\w{MARKS}*){{0,{_OPENING_LETTERS - 1}}}{FORMS})")


@functools.cache
def _labels() -> re.Pattern[str]:
    """Return the pattern of a line's start, with a group for each kind and form."""
    listed: dict[tuple[str, str], set[str]] = {}
    for kind, label, form, _ in rows("labels"):
        listed.setdefault((kind, form), set()).add(plain(label))
    # Every label must be followed by a colon, a space or the end, so that of two labels that begin alike («نشر في»,
    # «نشر») the one that fits is found, in whatever group it stands.
    follows = r"(?=\s*:|\s|$)"
    tried = "|".join(
        f"(?P<{kind}_{form}>(?:{alternatives(frozenset(labels))}){follows})" for (kind, form), labels in listed.items()
    )
    return re.compile(rf"[\W_]{{0,6}}(?:{tried})(?P<colon>\s*:\s*)?\s*")


def teasers(lines: Sequence[Line]) -> tuple[Span, ...]:
    """Return the spans of the lines that advertise other articles.

    Such a line begins with a teaser's label. Where the label stands alone, the line after it belongs to it if it is
    short and does not end like a sentence; what follows is the article again.
    """
    spans: list[Span] = []
    after_label = False
    for line in lines:
        if after_label and line.kind is None and _is_headline(line.text):
            spans[-1] = Span(spans[-1].start, line.span.end)
            after_label = False
        elif line.kind is LineKind.TEASER and len(line.text) <= _TEASER_LINE_AT_MOST:
            spans.append(line.span)
            after_label = not re.search(r"\w", line.value)
        else:
            after_label = False
    return tuple(spans)


def _is_headline(line: str) -> bool:
    return len(line) <= _HEADLINE_AT_MOST and not _HEADLINE_END.search(line)


def title_line(lines: Sequence[Line]) -> str:
    """Return the first line when it is a title, or an empty text.

    A title is short, does not end like a sentence or a paragraph, has no label, and more text follows; lines that were
    broken at a fixed width have none.
    """
    match lines:
        case [first, _, *_] if first.kind is None and len(first.text) <= _TITLE_AT_MOST:
            is_title = not _HEADLINE_END.search(first.text) and not _is_wrapped(lines)
            return first.text if is_title else ""
        case _:
            return ""


def _is_wrapped(lines: Sequence[Line]) -> bool:
    """Tell whether the first four lines are of one width and end anywhere, as text broken at a column does."""
    first, following = lines[0], lines[1:_WRAPPED_LINES]
    width = len(first.text)
    if width < _WRAPPED_FROM or len(lines) < _WRAPPED_LINES:
        return False
    alike = all(abs(len(line.text) - width) <= width // 3 for line in following)
    return alike and not all(_HEADLINE_END.search(line.text) for line in following)
