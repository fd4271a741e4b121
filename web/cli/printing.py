"""The result of a search as lines of text for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search.levels import Tier
from search.results import Hit, Mark, SearchResult, Snippet
from web import dates, labels
from web.cli.terminal import Direction, Span, Terminal
from web.config import Config
from web.counting import RESULTS, number
from web.paging import pages

INDENT = 4
"""Indent in columns of the lines under a title."""


def search_lines(result: SearchResult, config: Config, terminal: Terminal) -> Iterator[str]:
    """Yield the lines to write for a result; facets are left out."""
    yield from terminal.lines(_heading(result, config))
    for note in result.notes:
        yield from terminal.lines(labels.note_message(note))
    first = (result.request.page - 1) * result.request.per_page + 1
    divider_printed = False
    for rank, hit in enumerate(result.hits, first):
        if hit.match.tier is not Tier.MATCH and not divider_printed:
            divider_printed = True
            yield ""
            yield from terminal.lines("مقالات فيها بعض الكلمات:")
        yield ""
        yield from _hit_lines(hit, rank, config, terminal)


def _heading(result: SearchResult, config: Config) -> str:
    request, digits = result.request, config.digits
    heading = RESULTS.phrase(result.total, digits)
    if request.text:
        heading = f"«{request.text}»: {heading}"
    if result.further:
        heading += f"، ومقالات فيها بعض الكلمات: {number(result.further, digits)}"
    count = pages(result.total, request)
    if count > 1:
        heading += f" — صفحة {number(request.page, digits)} من {number(count, digits)}"
    return heading


def _hit_lines(hit: Hit, rank: int, config: Config, terminal: Terminal) -> Iterator[str]:
    opening = f"{number(rank, config.digits)}. "
    yield from terminal.lines(opening + hit.title, _spans(hit.title_marks, len(opening)))
    yield from terminal.lines(_metadata(hit, config), indent=INDENT)
    for snippet in hit.snippets:
        yield from _snippet_lines(snippet, terminal)
    if why := labels.why(hit.match):
        yield from terminal.lines(why, indent=INDENT)
    document_id = hit.document.id
    yield from terminal.lines(document_id, indent=INDENT, direction=Direction.of(document_id))


def _metadata(hit: Hit, config: Config) -> str:
    document = hit.document
    source = config.names.name(document.source) if document.source else f"المصدر {labels.UNKNOWN}"
    published = document.published_day(config.zone)
    day = dates.day(published, config.digits) if published else labels.UNKNOWN_DATE
    return " · ".join([source, day, *document.agencies])


def _snippet_lines(snippet: Snippet, terminal: Terminal) -> Iterator[str]:
    opening = "…" if snippet.before else ""
    closing = "…" if snippet.after else ""
    marks = _spans(snippet.marks, len(opening))
    yield from terminal.lines(opening + snippet.text + closing, marks, indent=INDENT)


def _spans(marks: Sequence[Mark], shift: int) -> list[Span]:
    return [Span(mark.start + shift, mark.end + shift) for mark in marks]
