"""Snippets: the passages of an article that best show why it matches, cut from the original text.

The cost of a passage depends on its length, not on that of the article: token offsets are read near the chosen window,
and borders are searched within its reach.

Boilerplate is a line that no passage runs into: a teaser for another article, or a line that repeats the metadata.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.document import Document, Span, StoredDocument, TokenOffsets
from index.schema import CLOSENESS, Section
from search.borders import BORDERS, CLAUSE, LINE, SENTENCE, around, closes, first_text, joined, opens
from search.engine import MatchPosition
from search.results import ArticleMarks, Mark, Snippet
from search.windows import MANY, best_window, representatives

TARGET_LENGTH = 240
"""Length of a snippet in code points, about three lines on a phone, before it is extended to a sentence."""
SENTENCE_REACH = 60
"""Code points by which a snippet may grow to begin or end with a sentence."""
MAX_LENGTH = TARGET_LENGTH + SENTENCE_REACH
"""Maximum length of a snippet in code points; only a single token longer than `TARGET_LENGTH` (an address) exceeds
it."""
MIN_AROUND = 60
"""Code points of context around matches that fill a snippet by themselves."""
HEADING_LENGTH = 90
"""Maximum length in code points of the opening words that replace a missing title."""
MAX_FRAME_LINES = 64
"""Number of occurrences of a piece of metadata that are checked for being a line of their own."""
_FRAME_TAIL = 10
"""Number of further code points from which on a line that begins with metadata is a line of the article."""
_FRAME_FIELDS = ("published", "source")
_AFTER_HEADING = re.compile(r"[ .،…]*")
"""Characters between a heading and the text after it."""
_CLAUSE_END = "،؛,;: \n\t"
_LETTERS_FROM = "\u0620"
"""The first Arabic letter: punctuation and nearly everything else that is adjacent to a word has a lower code point."""

_Located = tuple[int, int, MatchPosition]
"""Start and end offset of a match's token (code points, half open), and the match."""
_position = itemgetter(MatchPosition._fields.index("position"))


class Passages(NamedTuple):
    """Title and snippets of one hit."""

    title: str
    title_inferred: bool
    title_marks: tuple[Mark, ...]
    snippets: tuple[Snippet, ...]


def passages(stored: StoredDocument, matches: Sequence[MatchPosition]) -> Passages:
    """Return title and snippets of an article with the matching tokens marked; `matches` are ordered as in `EngineHit`.

    Snippets prefer passages with several words of the query, show a teaser line only if the words occur nowhere else,
    and are the opening of the text if no word occurs in it. They consist of whole words, do not overlap, and follow the
    order of the text. Token offsets may be arrays of any kind, numpy's too.
    """
    document = stored.document
    in_title, in_body = _by_section(matches)
    body = _Section(document.text, stored.offsets[Section.BODY], in_body)
    if document.title:
        title = _Section(document.title, stored.offsets[Section.TITLE], in_title)
        text, marks, heading_end = document.title, title.all_marks(), 0
    else:
        heading = heading_span(document.text, document.teasers)
        text, marks, heading_end = (
            document.text[heading.start : heading.end],
            body.marks(body.inside(heading), heading.start),
            heading.end,
        )
    return Passages(text, not document.title, marks, _Cutter(document, body).snippets(heading_end))


def untouched(document: Document) -> Passages:
    """Return the title of an article without marks, and no snippets."""
    if document.title:
        return Passages(document.title, title_inferred=False, title_marks=(), snippets=())
    heading = heading_span(document.text, document.teasers)
    return Passages(document.text[heading.start : heading.end], title_inferred=True, title_marks=(), snippets=())


def all_marks(stored: StoredDocument, matches: Sequence[MatchPosition]) -> ArticleMarks:
    """Return the marks of all matches of an article, for the article page and for requests with all positions."""
    document = stored.document
    in_title, in_body = _by_section(matches)
    return ArticleMarks(
        _Section(document.title, stored.offsets[Section.TITLE], in_title).all_marks(),
        _Section(document.text, stored.offsets[Section.BODY], in_body).all_marks(),
    )


def frame_lines(document: Document) -> list[Span]:
    """Return the lines of the text that only repeat the metadata: title, stated date and publisher; ascending."""
    lines = _lines_of(document.text, document.title.strip())
    for evidence in document.evidence:
        if evidence.field in _FRAME_FIELDS:
            lines += _lines_of(document.text, evidence.words.strip())
    return sorted({*lines}) if len(lines) > 1 else lines


def _lines_of(text: str, words: str) -> list[Span]:
    """Return the lines that consist of `words`, among their first `MAX_FRAME_LINES` occurrences."""
    lines: list[Span] = []
    offset = text.find(words) if words else -1
    tries = 0
    while offset >= 0 and tries < MAX_FRAME_LINES:
        start, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset + len(words)) + 1 or len(text)
        line = text[start : min(end, offset + len(words) + MAX_LENGTH)].strip()
        if line.startswith(words) and len(line) < len(words) + _FRAME_TAIL:
            lines.append(Span(start, end))
        offset = text.find(words, end)
        tries += 1
    return lines


def heading_span(text: str, teasers: Sequence[Span]) -> Span:
    """Return the span of the opening words that replace a missing title: at most one sentence, without teasers."""
    start = first_text(text, teasers, 0)
    end = min(len(text), start + HEADING_LENGTH)
    ends = [after for border in (SENTENCE, LINE) if (after := border.first(text, start, end))]
    if ends:
        end = min(ends)
    elif end < len(text):
        clause = CLAUSE.last(text, start + HEADING_LENGTH // 3, end)
        space = text.rfind(" ", start, end)
        end = start + len(text[start:clause].rstrip(_CLAUSE_END)) if clause else space if space > start else end
    return Span(start, start + len(text[start:end].rstrip(" \n\t.")))


def _by_section(matches: Sequence[MatchPosition]) -> tuple[Sequence[MatchPosition], Sequence[MatchPosition]]:
    """Return the matches of the title and those of the text, by binary search: there may be a million."""
    if not matches or matches[0].section is Section.BODY:
        return (), matches
    count = bisect_left(matches, 1, key=lambda match: match.section is Section.BODY)
    return matches[:count], matches[count:]


class _Section:
    """One section of an article with its matches, in ascending order."""

    __slots__ = ("ends", "matches", "starts", "text")

    def __init__(self, text: str, offsets: TokenOffsets, matches: Sequence[MatchPosition]) -> None:
        self.text = text
        self.starts, self.ends = offsets.starts, offsets.ends
        self.matches = matches

    def start(self, match: MatchPosition) -> int:
        return int(self.starts[match.position])

    def end(self, match: MatchPosition) -> int:
        return int(self.ends[match.position + match.parts - 1])

    def inside(self, span: Span) -> list[_Located]:
        """Return the matches whose tokens lie entirely in a span."""
        matches, starts, ends = self.matches, self.starts, self.ends
        first = bisect_left(matches, bisect_left(starts, span.start), key=_position) if span.start else 0
        located = []
        for index in range(first, len(matches)):
            match = matches[index]
            end = int(ends[match.position + match.parts - 1])
            if end > span.end:
                break
            located.append((int(starts[match.position]), end, match))
        return located

    def marks(self, located: Iterable[_Located], origin: int) -> tuple[Mark, ...]:
        """Return the marks of those matches that are whole words, with offsets relative to `origin`.

        Words that one sign stands for have one mark, at the closest level.
        """
        text = self.text
        marks = [
            Mark(start - origin, end - origin, match.level)
            for start, end, match in located
            # fast path: white space or punctuation on both sides
            if (text[start - 1] < _LETTERS_FROM and text[end : end + 1] < _LETTERS_FROM)
            or self._is_whole_word(match, start, end)
        ]
        spans = {(mark.start, mark.end) for mark in marks}
        return tuple(marks) if len(spans) == len(marks) else tuple(_distinct(marks))

    def all_marks(self) -> tuple[Mark, ...]:
        """Return the marks of all matches."""
        if not self.matches:
            return ()
        if len(self.matches) <= MANY:
            return self.marks(self.inside(Span(0, len(self.text))), 0)
        first = _positions(self.matches)
        last = first + np.fromiter((match.parts - 1 for match in self.matches), np.int64, len(first))
        starts, ends = np.asarray(self.starts)[first].tolist(), np.asarray(self.ends)[last].tolist()
        return self.marks(zip(starts, ends, self.matches, strict=True), 0)

    def _is_whole_word(self, match: MatchPosition, start: int, end: int) -> bool:
        """Return whether a token is a word, not a part of a run of letters that exceeds the length limit of tokens."""
        text, starts, ends = self.text, self.starts, self.ends
        before = bool(start) and text[start - 1] >= _LETTERS_FROM and joined(text, start)
        after = end < len(text) and text[end] >= _LETTERS_FROM and joined(text, end)
        first, following = match.position, match.position + match.parts
        return not (
            (before and first and ends[first - 1] == start)
            or (after and following < len(starts) and starts[following] == end)
        )


def _distinct(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Yield one mark for each span, that of the closest level; `marks` must be ascending."""
    for _, same in itertools.groupby(marks, key=lambda mark: (mark.start, mark.end)):
        yield min(same, key=lambda mark: CLOSENESS[mark.level])


class _Cutter:
    """Cuts the snippets of one article."""

    __slots__ = ("_body", "_boilerplate", "_teasers", "_text")

    def __init__(self, document: Document, body: _Section) -> None:
        self._text = document.text
        self._teasers = document.teasers
        self._body = body
        frame = frame_lines(document)
        self._boilerplate: list[Span] | tuple[Span, ...] = (
            _merged_lines(document.teasers, frame) if frame else document.teasers
        )
        """Lines that no passage runs into, ascending and disjoint."""

    def snippets(self, heading_end: int) -> tuple[Snippet, ...]:
        """Return the snippets; those without matches begin after `heading_end`."""
        matches = self._body.matches
        if not matches:
            return self._opening(heading_end)
        candidates = representatives(self._shown_matches())
        if not candidates:
            return self._boilerplate_snippet(representatives(matches))
        spans = [self._passage(candidates)]
        missing = {match.word for match in candidates}
        if len(missing) > 1:
            missing -= {match.word for _, _, match in self._body.inside(spans[0])}
            if missing:
                self._boilerplate = sorted([*self._boilerplate, spans[0]])  # the second passage must not overlap it
                spans.append(self._passage([match for match in candidates if match.word in missing]))
                spans.sort()
        return self._snippets(spans)

    def _shown_matches(self) -> Sequence[MatchPosition]:
        """Return the matches outside boilerplate."""
        matches, excluded = self._body.matches, self._boilerplate
        if not excluded:
            return matches
        if len(matches) <= MANY:
            return [match for match in matches if around(excluded, self._body.start(match))[0] is None]
        starts = np.asarray(self._body.starts)[_positions(matches)]
        lines = np.fromiter(itertools.chain.from_iterable(excluded), np.int64, 2 * len(excluded))
        before = np.searchsorted(lines[::2], starts, "right") - 1
        outside = (before < 0) | (starts >= lines[1::2][before])
        return list(itertools.compress(matches, outside.tobytes()))

    def _passage(self, matches: Sequence[MatchPosition]) -> Span:
        """Return the passage around the best window of `matches`: whole words, and whole sentences where they fit."""
        body = self._body
        begin, cover, last = best_window(matches)
        end = body.end(matches[last])
        floor, ceiling = self._bounds(body.start(matches[last]))
        start = body.start(matches[begin])
        for index in range(cover, last + 1):
            if start >= floor and end - start <= TARGET_LENGTH:
                break
            start = body.start(matches[index])
        return self._passage_around(start, end, floor, ceiling)

    def _passage_around(self, first: int, last: int, floor: int, ceiling: int) -> Span:
        """Return a passage within `floor` to `ceiling` that shows the text from `first` to `last`."""
        if last - first >= TARGET_LENGTH:
            return Span(first, last)
        spare = max(TARGET_LENGTH - (last - first), MIN_AROUND)
        start = self._start(first, first - spare // 2, floor)
        return self._trimmed(start, self._end(last, start, ceiling))

    def _bounds(self, offset: int) -> tuple[int, int]:
        """Return the end of the boilerplate before an offset outside of it, and the start of the boilerplate after."""
        excluded = self._boilerplate
        if not excluded:
            return 0, len(self._text)
        _, count = around(excluded, offset)
        return (
            excluded[count - 1].end if count else 0,
            excluded[count].start if count < len(excluded) else len(self._text),
        )

    def _start(self, first: int, earliest: int, floor: int) -> int:
        """Return the start of a passage that must contain `first`: of a sentence, else of a line, a clause, a word."""
        if earliest - SENTENCE_REACH <= floor:
            return floor
        for border in BORDERS:
            after = border.first(self._text, earliest - SENTENCE_REACH if border is SENTENCE else earliest, first)
            if after:
                return after
        space = self._text.find(" ", earliest, first)
        if space >= 0:
            return space + 1
        # a text without spaces: tokens are the only words
        return min(first, int(self._body.starts[bisect_left(self._body.starts, earliest)]))

    def _end(self, last: int, start: int, ceiling: int) -> int:
        """Return the end of a passage that must contain `last`: of a sentence, else of a line, a clause, a word."""
        latest = max(last, start + TARGET_LENGTH)
        if latest >= ceiling:
            return ceiling
        limit = min(ceiling, start + MAX_LENGTH)
        for border in BORDERS:
            # a passage may end with a clause from three quarters of its length on, with a sentence or line from half
            least = TARGET_LENGTH * 3 // 4 if border is CLAUSE else TARGET_LENGTH // 2
            after = border.last(self._text, max(last, start + least), limit)
            if after:
                return after
        space = self._text.rfind(" ", last, latest + 1)
        if space >= 0:
            return space
        count = bisect_right(self._body.ends, latest)
        end = max(last, int(self._body.ends[count - 1]) if count else 0)
        return end if end > start else latest

    def _trimmed(self, start: int, end: int) -> Span:
        text = self._text[start:end].rstrip()
        return Span(start + len(text) - len(text.lstrip()), start + len(text))

    def _opening(self, heading_end: int) -> tuple[Snippet, ...]:
        """Return the beginning of the text after the heading; if there is none, that of the whole text."""
        text, excluded = self._text, self._boilerplate
        start = first_text(text, excluded, heading_end)
        gap = _AFTER_HEADING.match(text, start) if heading_end else None
        if gap:
            start = first_text(text, excluded, gap.end())
        if start >= len(text):
            start = first_text(text, excluded, 0)
        if start >= len(text):
            return ()
        return self._snippets([self._trimmed(start, self._end(start, start, self._bounds(start)[1]))])

    def _boilerplate_snippet(self, matches: Sequence[MatchPosition]) -> tuple[Snippet, ...]:
        """Return the first boilerplate line with a match, or a passage of a long one; teasers only if all are."""
        body = self._body
        outside_teasers = (match for match in matches if around(self._teasers, body.start(match))[0] is None)
        preferred = next(outside_teasers, None)
        match = preferred or matches[0]
        line = around(self._boilerplate, body.start(match))[0] or Span(0, len(self._text))
        span = self._trimmed(*line)
        if span.end - span.start > MAX_LENGTH:
            span = self._passage_around(body.start(match), body.end(match), *line)
        return self._snippets([span], "body" if preferred else "teaser")

    def _snippets(self, spans: Sequence[Span], field: str = "body") -> tuple[Snippet, ...]:
        """Return the snippets of passages; the last one has the number of matches that no snippet shows."""
        more = len(self._body.matches)
        snippets: list[Snippet] = []
        for span in spans:
            marks = self._body.marks(self._body.inside(span), span.start)
            more -= len(marks)
            snippets.append(
                Snippet(
                    field,
                    self._text[span.start : span.end],
                    marks,
                    before=not opens(self._text, span.start),
                    after=not closes(self._text, span.end),
                    more=more if len(snippets) == len(spans) - 1 else 0,
                )
            )
        return tuple(snippets)


def _positions(matches: Sequence[MatchPosition]) -> npt.NDArray[np.int64]:
    """Return the token position of each match, int64 of shape (matches,)."""
    return np.fromiter(map(_position, matches), np.int64, len(matches))


def _merged_lines(teasers: Sequence[Span], frame: Sequence[Span]) -> list[Span]:
    """Return ascending, disjoint spans that cover the lines of both."""
    lines: list[Span] = []
    for line in sorted([*teasers, *frame]):
        if lines and line.start < lines[-1].end:
            lines[-1] = Span(lines[-1].start, max(line.end, lines[-1].end))
        else:
            lines.append(line)
    return lines
