"""The result of a search as lines of text for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.schema import LADDER
from search.results import Hit, Mark, SearchResult, Snippet
from web import dates, labels
from web.cli.terminal import Direction, Span, Terminal
from web.config import Config
from web.counting import RESULTS, number
from web.paging import has_next, pages
from web.tiers import borders, end_of_paging, nothing_counted, tier_counts

INDENT = 4
"""Indent in columns of the lines under a title."""


def search_lines(result: SearchResult, config: Config, terminal: Terminal) -> Iterator[str]:
    """Yield the lines to write for a result; facets are left out."""
    for line in _headings(result, config):
        yield from terminal.lines(line)
    for note in result.notes:
        yield from terminal.lines(labels.note_message(note))
    counts = tier_counts(result)
    if not result.total and (said := nothing_counted(result, counts)):
        yield from terminal.lines(said)
    first = (result.request.page - 1) * result.request.per_page + 1
    headings = borders(result, counts, config.digits)
    for rank, (hit, heading) in enumerate(zip(result.hits, headings, strict=True), first):
        yield ""
        if heading:
            yield from terminal.lines(f"{heading}:")
            yield ""
        yield from _hit_lines(hit, rank, config, terminal)
    if result.hits and not has_next(result) and result.reachable < result.listed:
        yield ""
        yield from terminal.lines(end_of_paging(result, config.digits))


def _headings(result: SearchResult, config: Config) -> Iterator[str]:
    """Yield the number of matches and of each tier, then that of each level."""
    request, digits = result.request, config.digits
    heading = RESULTS.phrase(result.total, digits)
    if request.text:
        heading = f"«{request.text}»: {heading}"
    for tier in tier_counts(result):
        if tier.level or result.lists_tiers:
            heading += f" · +{number(tier.documents, digits)} {labels.TIERS[tier.tier]}"
    count = pages(result)
    if count > 1:
        heading += f" — صفحة {number(request.page, digits)}"
        heading += f" من {number(count, digits)}" if result.reachable == result.listed else ""
    yield heading
    if result.words:
        levels = zip(LADDER, result.levels, strict=True)
        yield " · ".join(f"{' '.join(labels.UP_TO[level]).strip()} {number(found, digits)}" for level, found in levels)


def _hit_lines(hit: Hit, rank: int, config: Config, terminal: Terminal) -> Iterator[str]:
    opening = f"{number(rank, config.digits)}. "
    yield from terminal.lines(opening + hit.title, _spans(hit.title_marks, len(opening)))
    yield from terminal.lines(_metadata(hit, config), indent=INDENT)
    for snippet in hit.snippets:
        yield from _snippet_lines(snippet, terminal)
    if lacks := labels.lacks(hit.match):
        yield from terminal.lines(lacks, indent=INDENT)
    if why := labels.why(hit.match):
        yield from terminal.lines(why, indent=INDENT)
    document_id = hit.document.id
    yield from terminal.lines(document_id, indent=INDENT, direction=Direction.of(document_id))


def _metadata(hit: Hit, config: Config) -> str:
    document = hit.document
    source = config.names.name(document.source) if document.source else f"المصدر {labels.UNKNOWN}"
    published = document.published_day(config.zone)
    day = dates.day(published, config.digits) if published else labels.UNKNOWN_DATE
    tier = [labels.TIERS[hit.match.tier]] if labels.TIERS[hit.match.tier] else []
    return " · ".join([*tier, source, day, *document.agencies])


def _snippet_lines(snippet: Snippet, terminal: Terminal) -> Iterator[str]:
    opening = "…" if snippet.before else ""
    closing = "…" if snippet.after else ""
    marks = _spans(snippet.marks, len(opening))
    yield from terminal.lines(opening + snippet.text + closing, marks, indent=INDENT)


def _spans(marks: Sequence[Mark], shift: int) -> list[Span]:
    return [Span(mark.start + shift, mark.end + shift) for mark in marks]
