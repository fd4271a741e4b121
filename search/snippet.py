"""Snippets: the passages of an article that show best why it was found, cut from the original text."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence

from index.document import Span, StoredDocument, TokenOffsets
from index.schema import CLOSENESS, Section
from search.engine import MatchPosition
from search.results import Mark, Snippet

MAX_SNIPPETS = 2
WINDOW_TOKENS = 30
"""Tokens within which words of the query count as standing together (about two lines)."""
TARGET_LENGTH = 240
"""Code points of a snippet, about three lines on a phone; sentences decide the rest."""
HEADING_LENGTH = 90
"""Code points of the opening words that stand in for a missing title."""

_SENTENCE_END = re.compile(r"[.!?؟。…]+[\"'”»)\]]*\s+|\n+")
_CLAUSE_END = re.compile(r"[،؛,;:]\s+")


@dataclasses.dataclass(frozen=True, slots=True)
class Passages:
    """What the read path shows of one article."""

    title: str
    title_inferred: bool
    title_marks: tuple[Mark, ...]
    snippets: tuple[Snippet, ...]


def passages(stored: StoredDocument, matches: Sequence[MatchPosition]) -> Passages:
    """Return title and snippets of an article with the tokens that were found marked.

    Snippets prefer places where different words of the query stand together, show no teaser line unless the words
    stand nowhere else, and are the opening of the text when nothing was found in it.
    """
    document = stored.document
    heading = Span(0, 0) if document.title else heading_span(document.text, document.teasers)
    in_title = [found for found in matches if found.section is Section.TITLE]
    in_body = [found for found in matches if found.section is Section.BODY]
    offsets = stored.offsets[Section.BODY]
    if document.title:
        title, title_marks = (
            document.title,
            _marks(in_title, stored.offsets[Section.TITLE], Span(0, len(document.title))),
        )
    else:
        title, title_marks = document.text[heading.start : heading.end], _marks(in_body, offsets, heading)
    text = _Text(document.text, document.teasers, offsets)
    return Passages(title, not document.title, title_marks, text.snippets(in_body, heading.end))


def heading_span(text: str, teasers: Sequence[Span]) -> Span:
    """Return the span of the opening words that stand in for a title: at most one sentence, never a teaser."""
    start = _first_text(text, teasers, 0)
    end = min(len(text), start + HEADING_LENGTH)
    sentence = _SENTENCE_END.search(text, start, end)
    if sentence:
        return Span(start, start + len(text[start : sentence.end()].rstrip(" \n\t.")))
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > start else end
    return Span(start, start + len(text[start:end].rstrip()))


class _Text:
    """The body of one article while its snippets are cut."""

    def __init__(self, text: str, teasers: Sequence[Span], offsets: TokenOffsets) -> None:
        self._text = text
        self._teasers = teasers
        self._offsets = offsets

    def snippets(self, matches: Sequence[MatchPosition], heading_end: int) -> tuple[Snippet, ...]:
        told = [found for found in matches if not self._in_teaser(found)]
        if not told and matches:
            return (self._teaser_snippet(matches),)
        if not told:
            return self._opening(heading_end)
        shown: list[Span] = []
        seen_words: set[int] = set()
        for window in _best_windows(told):
            words = {found.word for found in window} - seen_words
            span = self._span(window)
            if shown and (not words or any(span.start < other.end and other.start < span.end for other in shown)):
                continue
            seen_words |= words
            shown.append(span)
            if len(shown) == MAX_SNIPPETS:
                break
        snippets = [self._snippet("body", span, told) for span in sorted(shown)]
        more = len(told) - sum(len(snippet.marks) for snippet in snippets)
        return (*snippets[:-1], dataclasses.replace(snippets[-1], more=more))

    def _in_teaser(self, found: MatchPosition) -> bool:
        start = self._offsets.starts[found.position]
        return any(teaser.start <= start < teaser.end for teaser in self._teasers)

    def _teaser_snippet(self, matches: Sequence[MatchPosition]) -> Snippet:
        start = self._offsets.starts[matches[0].position]
        teaser = next(teaser for teaser in self._teasers if teaser.start <= start < teaser.end)
        span = self._trimmed(teaser)
        snippet = self._snippet("teaser", span, matches)
        return dataclasses.replace(snippet, before=False, after=False, more=len(matches) - len(snippet.marks))

    def _opening(self, heading_end: int) -> tuple[Snippet, ...]:
        start = _first_text(self._text, self._teasers, heading_end)
        start += len(self._text[start:]) - len(self._text[start:].lstrip(" .…\n\t")) if heading_end else 0
        if start >= len(self._text):
            start = _first_text(self._text, self._teasers, 0)
        span = Span(start, self._end(start, start + TARGET_LENGTH, start))
        return (self._snippet("body", span, ()),) if span.end > span.start else ()

    def _span(self, window: Sequence[MatchPosition]) -> Span:
        """Return the passage around a window of matches: whole words, a sentence where one fits."""
        first = self._offsets.starts[window[0].position]
        last = self._offsets.ends[window[-1].position]
        spare = max(TARGET_LENGTH - (last - first), 60)
        start = self._start(first, first - spare // 2)
        return self._trimmed(Span(start, self._end(last, max(last, start + TARGET_LENGTH), first)))

    def _start(self, first: int, earliest: int) -> int:
        """Return where a passage begins that must hold `first`: a sentence, else a clause, else a word."""
        bound = max([0, earliest, *(teaser.end for teaser in self._teasers if teaser.end <= first)])
        if bound == 0:
            return 0
        borders = [match.end() for match in _SENTENCE_END.finditer(self._text, max(bound - 2, 0), first)]
        clauses = [match.end() for match in _CLAUSE_END.finditer(self._text, bound, first)]
        for found in (borders, clauses):
            inside = [border for border in found if border >= bound]
            if inside:
                return inside[0]
        if any(teaser.end == bound for teaser in self._teasers):
            return bound
        space = self._text.find(" ", bound, first)
        return first if space < 0 else space + 1

    def _end(self, last: int, latest: int, start: int) -> int:
        """Return where a passage ends that must hold `last`: a sentence near `latest`, else a clause, else a word."""
        bound = min([len(self._text), *(teaser.start for teaser in self._teasers if teaser.start >= last)])
        if latest >= bound:
            return bound
        for pattern in (_SENTENCE_END, _CLAUSE_END):
            found = [match.end() for match in pattern.finditer(self._text, last, min(bound, latest + 40))]
            if found and found[-1] >= start + TARGET_LENGTH // 2:
                return found[-1]
        space = self._text.rfind(" ", last, latest)
        return space if space > 0 else last

    def _trimmed(self, span: Span) -> Span:
        text = self._text[span.start : span.end]
        return Span(span.start + len(text) - len(text.lstrip()), span.end - len(text) + len(text.rstrip()))

    def _snippet(self, field: str, span: Span, matches: Sequence[MatchPosition]) -> Snippet:
        span = self._trimmed(span)
        text = self._text[span.start : span.end]
        before = self._text[max(0, span.start - 8) : span.start]
        after = self._text[span.end : span.end + 1]
        return Snippet(
            field=field,
            text=text,
            marks=_marks(matches, self._offsets, span),
            before=span.start > 0 and not re.search(r"(?:[.!?؟…][\"'”»)\]]*\s+|\n\s*)$", before),
            after=bool(after) and "\n" not in after and not re.search(r"[.!?؟…][\"'”»)\]]*$", text),
            more=0,
        )


def _best_windows(matches: Sequence[MatchPosition]) -> list[list[MatchPosition]]:
    """Return the windows of matches, those with the most distinct and the closest words first, ties in text order."""
    ranked: list[tuple[float, int, int]] = []
    inside: Counter[int] = Counter()
    end = 0
    for begin, first in enumerate(matches):
        while end < len(matches) and matches[end].position - first.position < WINDOW_TOKENS:
            inside[matches[end].word] += 1
            end += 1
        level = min(CLOSENESS[found.level] for found in matches[begin : min(end, begin + WINDOW_TOKENS)])
        worth = len(inside) + 0.01 * min(end - begin, 10) - 0.05 * level
        ranked.append((-worth, begin, end))
        inside[first.word] -= 1
        if not inside[first.word]:
            del inside[first.word]
    return [list(matches[begin:end]) for _, begin, end in sorted(ranked)[:50]]


def _marks(matches: Sequence[MatchPosition], offsets: TokenOffsets, span: Span) -> tuple[Mark, ...]:
    """Return the marks of the tokens that lie wholly in a span, relative to its beginning."""
    return tuple(
        Mark(offsets.starts[found.position] - span.start, offsets.ends[found.position] - span.start, found.level)
        for found in matches
        if offsets.starts[found.position] >= span.start and offsets.ends[found.position] <= span.end
    )


def _first_text(text: str, teasers: Sequence[Span], start: int) -> int:
    """Return the first place from `start` on that is neither white space nor in a teaser."""
    while True:
        while start < len(text) and text[start].isspace():
            start += 1
        teaser = next((teaser for teaser in teasers if teaser.start <= start < teaser.end), None)
        if teaser is None:
            return start
        start = teaser.end
