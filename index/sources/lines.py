"""The lines of an article: labelled ones (date, publisher), teasers of other articles, and a title in the first line.

The labels are data (`data/labels.csv`). A label counts at the start of a line, after at most six marks or spaces, and
before a colon, the end of the line, or, for an `open` label, a space.
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
"""A label must end within this many code points of its line; no listed label is longer, even fully vowelled."""
_OPENING_LETTERS = 4
"""Letters of a label that are compared before a line is converted to plain spelling."""
_TEASER_LINE_AT_MOST = 250
"""Code points; a longer line that begins with a label is joined with the body of an article."""
_HEADLINE_AT_MOST = 150
"""Code points of a headline on the line after a teaser's label."""
_TITLE_AT_MOST = 120
"""Code points of a first line that can be the title."""
_WRAPPED_FROM = 40
"""Code points from which a first line may belong to text that was wrapped at a fixed width."""
_WRAPPED_LINES = 4
"""Lines whose widths are compared."""
_HEADLINE_END = re.compile("[.\N{ARABIC COMMA}\N{ARABIC SEMICOLON}:][\"'”“»)\\]\\s]*$")
"""The end of a sentence of the body; a headline may end with a question or exclamation mark, but not like this."""


class LineKind(enum.StrEnum):
    """The kind of line that a label marks."""

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
    """The text after the label; empty if there is none, or no label."""


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
    return LineKind(kind), line[head.original_offset(match.end()) :].strip()


@functools.cache
def _openings() -> re.Pattern[str]:
    """Return a pattern that matches every original line that begins with a label, and few others.

    It avoids the conversion of most lines to plain spelling. It compares the first letters of the labels in all their
    spellings; a presentation form counts as any letter.
    """
    beginnings = {plain(label).split()[0][:_OPENING_LETTERS] for _, label, _, _ in rows("labels")}
    spelled = "|".join(
        f"{MARKS}*+".join(spellings_of(letter) for letter in beginning) for beginning in sorted(beginnings)
    )
    return re.compile(rf"(?:[\W_]|{MARKS})*+(?:{spelled}|(?:\w{MARKS}*+){{0,{_OPENING_LETTERS - 1}}}{FORMS})")


@functools.cache
def _labels() -> re.Pattern[str]:
    """Return the pattern of a line's start, with a group for each kind and form."""
    listed: dict[tuple[str, str], set[str]] = {}
    for kind, label, form, _ in rows("labels"):
        listed.setdefault((kind, form), set()).add(plain(label))
    # Every label must be followed by a colon, a space or the end, so that of two labels with the same beginning
    # («نشر في», «نشر») the right one matches, independent of the order of the groups.
    follows = r"(?=\s*:|\s|$)"
    tried = "|".join(
        f"(?P<{kind}_{form}>(?:{alternatives(frozenset(labels))}){follows})" for (kind, form), labels in listed.items()
    )
    return re.compile(rf"[\W_]{{0,6}}(?:{tried})(?P<colon>\s*:\s*)?\s*")


def teasers(lines: Sequence[Line]) -> tuple[Span, ...]:
    """Return the spans of the lines that advertise other articles.

    Such a line begins with a teaser's label. If the label is alone on its line, the next line belongs to the teaser if
    it is short and does not end like a sentence. Further lines belong to the article.
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
    """Return the first line if it is a title, or an empty text.

    A title is short, does not end like a sentence or a paragraph, has no label, and is followed by more text. Text that
    was wrapped at a fixed width has none.
    """
    match lines:
        case [first, _, *_] if first.kind is None and len(first.text) <= _TITLE_AT_MOST:
            is_title = not _HEADLINE_END.search(first.text) and not _is_wrapped(lines)
            return first.text if is_title else ""
        case _:
            return ""


def _is_wrapped(lines: Sequence[Line]) -> bool:
    """Return whether the first four lines have similar widths and do not all end like sentences, as in wrapped text."""
    first, following = lines[0], lines[1:_WRAPPED_LINES]
    width = len(first.text)
    if width < _WRAPPED_FROM or len(lines) < _WRAPPED_LINES:
        return False
    alike = all(abs(len(line.text) - width) <= width // 3 for line in following)
    return alike and not all(_HEADLINE_END.search(line.text) for line in following)
