"""Snippets: the passages of an article that show best why it was found, cut from the original text."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence

from index.document import Document, Span, StoredDocument, TokenOffsets
from index.schema import CLOSENESS, Section
from search.engine import MatchPosition
from search.results import Mark, Snippet

MAX_SNIPPETS = 2
WINDOW_TOKENS = 30
"""Tokens within which words of the query count as standing together (about two lines)."""
TARGET_LENGTH = 240
"""Code points of a snippet, about three lines on a phone; sentences decide the rest."""
SENTENCE_REACH = 60
"""Code points that a snippet may grow by to begin with its sentence."""
HEADING_LENGTH = 90
"""Code points of the opening words that stand in for a missing title."""

_SENTENCE_END = re.compile(r"[.!?؟…]+[\"'”»)\]]*\s+|\n[^\S\n]*\n\s*")
_LINE_END = re.compile(r"\n\s*")
"""Weaker than the end of a sentence: articles that were cut out of pages break their lines at links."""
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
    text = _Text(document.text, document.teasers, frame_lines(document), offsets)
    return Passages(title, not document.title, title_marks, text.snippets(in_body, heading.end))


def frame_lines(document: Document) -> tuple[Span, ...]:
    """Return the lines of the text that only say again what its metadata says: title, stated date and publisher."""
    known = {document.title.strip()} if document.title else set()
    known |= {item.words.strip() for item in document.evidence if item.field in ("published", "source")}
    known.discard("")
    spans = []
    start = 0
    for line in document.text.splitlines(keepends=True):
        words = line.strip()
        if words in known or any(words.startswith(item) and len(words) < len(item) + 10 for item in known):
            spans.append(Span(start, start + len(line)))
        start += len(line)
    return tuple(spans)


def heading_span(text: str, teasers: Sequence[Span]) -> Span:
    """Return the span of the opening words that stand in for a title: at most one sentence, never a teaser."""
    start = _first_text(text, teasers, 0)
    end = min(len(text), start + HEADING_LENGTH)
    sentence = min(
        (found.end() for ends in (_SENTENCE_END, _LINE_END) if (found := ends.search(text, start, end))), default=0
    )
    if sentence:
        return Span(start, start + len(text[start:sentence].rstrip(" \n\t.")))
    if end < len(text):
        clauses = [border.start() for border in _CLAUSE_END.finditer(text, start + HEADING_LENGTH // 3, end)]
        space = text.rfind(" ", start, end)
        end = clauses[-1] if clauses else space if space > start else end
    return Span(start, start + len(text[start:end].rstrip(" \n\t.")))


class _Text:
    """The body of one article while its snippets are cut."""

    def __init__(self, text: str, teasers: Sequence[Span], frame: Sequence[Span], offsets: TokenOffsets) -> None:
        self._text = text
        self._teasers = teasers
        self._apart = sorted([*teasers, *frame])
        """Lines that no passage runs into."""
        self._offsets = offsets

    def snippets(self, matches: Sequence[MatchPosition], heading_end: int) -> tuple[Snippet, ...]:
        told = [found for found in matches if self._line_apart(found) is None]
        if not told and matches:
            return (self._line_snippet(matches),)
        if not told:
            return self._opening(heading_end)
        shown: list[Span] = []
        seen_words: set[int] = set()
        for window in _best_windows(told):
            words = {found.word for found in window} - seen_words
            if not words:
                continue
            span = self._span(window)
            if any(span.start < other.end and other.start < span.end for other in shown):
                continue
            seen_words |= words
            shown.append(span)
            if len(shown) == MAX_SNIPPETS:
                break
        snippets = [self._snippet("body", span, told) for span in sorted(shown)]
        more = len(matches) - sum(len(snippet.marks) for snippet in snippets)
        return (*snippets[:-1], dataclasses.replace(snippets[-1], more=more))

    def _line_apart(self, found: MatchPosition) -> Span | None:
        start = self._offsets.starts[found.position]
        return next((line for line in self._apart if line.start <= start < line.end), None)

    def _line_snippet(self, matches: Sequence[MatchPosition]) -> Snippet:
        """Return the first of the lines that stand apart, when the words stand nowhere else."""
        line = self._line_apart(matches[0]) or Span(0, len(self._text))
        snippet = self._snippet("teaser" if line in self._teasers else "body", line, matches)
        return dataclasses.replace(snippet, before=False, after=False, more=len(matches) - len(snippet.marks))

    def _opening(self, heading_end: int) -> tuple[Snippet, ...]:
        start = _first_text(self._text, self._apart, heading_end)
        while heading_end and start < len(self._text) and self._text[start] in " .،…":
            start += 1
        if start >= len(self._text):
            start = _first_text(self._text, self._apart, 0)
        span = Span(start, self._end(start, start + TARGET_LENGTH, start))
        return (self._snippet("body", span, ()),) if span.end > span.start else ()

    def _span(self, window: Sequence[MatchPosition]) -> Span:
        """Return the passage around a window of matches: whole words, a sentence where one fits."""
        first = self._offsets.starts[window[0].position]
        last = self._offsets.ends[window[-1].position]
        spare = max(TARGET_LENGTH - (last - first), 60)
        start = self._start(first, first - spare // 2)
        return self._trimmed(Span(start, self._end(last, max(last, start + TARGET_LENGTH), start)))

    def _start(self, first: int, earliest: int) -> int:
        """Return where a passage begins that must hold `first`: a sentence, else a clause, else a word."""
        apart = max([0, *(line.end for line in self._apart if line.end <= first)])
        bound = max(apart, earliest)
        if max(apart, earliest - SENTENCE_REACH) == apart:
            return apart
        for pattern, begin in ((_SENTENCE_END, bound - SENTENCE_REACH), (_LINE_END, bound), (_CLAUSE_END, bound)):
            border = pattern.search(self._text, begin, first)
            if border:
                return border.end()
        space = self._text.find(" ", bound, first)
        return first if space < 0 else space + 1

    def _end(self, last: int, latest: int, start: int) -> int:
        """Return where a passage ends that must hold `last`: a sentence near `latest`, else a clause, else a word."""
        bound = min([len(self._text), *(line.start for line in self._apart if line.start >= last)])
        if latest >= bound:
            return bound
        for pattern in (_SENTENCE_END, _LINE_END, _CLAUSE_END):
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


def _first_text(text: str, apart: Sequence[Span], start: int) -> int:
    """Return the first place from `start` on that is neither white space nor in a line that stands apart."""
    while True:
        while start < len(text) and text[start].isspace():
            start += 1
        line = next((line for line in apart if line.start <= start < line.end), None)
        if line is None:
            return start
        start = line.end
