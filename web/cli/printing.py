"""The answer of the search API as lines of text for a terminal or a pipe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from web import dates
from web.api.shape import HitShape, MarkShape, SearchShape, SnippetShape
from web.cli.terminal import Direction, Span, Terminal
from web.config import Config
from web.counting import RESULTS, number
from web.labels import UNKNOWN, UNKNOWN_DATE

INDENT = 4
"""Indent in columns of the lines under a title."""


def search_lines(answer: SearchShape, config: Config, terminal: Terminal) -> Iterator[str]:
    """Yield the lines to write for an answer; facets are left out."""
    yield from terminal.lines(_heading(answer, config))
    for note in answer["query"]["notes"]:
        yield from terminal.lines(note["message"])
    page = answer["page"]
    rank = (page["number"] - 1) * page["size"]
    divider_printed = False
    for hit in answer["hits"]:
        rank += 1
        if not hit["match"]["complete"] and not divider_printed:
            divider_printed = True
            yield ""
            yield from terminal.lines("مقالات فيها بعض الكلمات:")
        yield ""
        yield from _hit_lines(hit, rank, config, terminal)


def _heading(answer: SearchShape, config: Config) -> str:
    total = answer["total"]
    heading = RESULTS.phrase(total["value"], config.digits)
    if answer["query"]["q"]:
        heading = f"«{answer['query']['q']}»: {heading}"
    if total["further"]:
        heading += f"، ومقالات فيها بعض الكلمات: {number(total['further'], config.digits)}"
    if answer["page"]["count"] > 1:
        heading += (
            f" — صفحة {number(answer['page']['number'], config.digits)}"
            f" من {number(answer['page']['count'], config.digits)}"
        )
    return heading


def _hit_lines(hit: HitShape, rank: int, config: Config, terminal: Terminal) -> Iterator[str]:
    opening = f"{number(rank, config.digits)}. "
    yield from terminal.lines(opening + hit["title"], _spans(hit["title_marks"], len(opening)))
    yield from terminal.lines(_metadata(hit, config), indent=INDENT)
    for snippet in hit["snippets"]:
        yield from _snippet_lines(snippet, terminal)
    if hit["match"]["why"]:
        yield from terminal.lines(hit["match"]["why"], indent=INDENT)
    yield from terminal.lines(hit["id"], indent=INDENT, direction=Direction.of(hit["id"]))


def _metadata(hit: HitShape, config: Config) -> str:
    source = hit["source"]["name"] if hit["source"] else f"المصدر {UNKNOWN}"
    published = hit["published_at"]
    day = dates.day(dt.date.fromisoformat(published[:10]), config.digits) if published else UNKNOWN_DATE
    return " · ".join([source, day, *hit["agencies"]])


def _snippet_lines(snippet: SnippetShape, terminal: Terminal) -> Iterator[str]:
    opening = "…" if snippet["before"] else ""
    closing = "…" if snippet["after"] else ""
    marks = _spans(snippet["marks"], len(opening))
    yield from terminal.lines(opening + snippet["text"] + closing, marks, indent=INDENT)


def _spans(marks: Sequence[MarkShape], shift: int) -> list[Span]:
    return [Span(mark["start"] + shift, mark["end"] + shift) for mark in marks]
