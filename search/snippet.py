"""Snippets: the passages of an article that show best why it was found, cut from the original text.

What a passage costs depends on the passage, not on the article: offsets are read near the window that was chosen, and
borders are looked for within the reach of it.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.document import Document, Span, StoredDocument, TokenOffsets
from index.schema import Section
from search.borders import BORDERS, CLAUSE, LINE, SENTENCE, around, closes, first_text, joined, opens
from search.engine import MatchPosition
from search.results import ArticleMarks, Mark, Snippet
from search.windows import MANY, best_window, representatives

TARGET_LENGTH = 240
"""Code points of a snippet, about three lines on a phone; sentences decide the rest."""
SENTENCE_REACH = 60
"""Code points that a snippet may grow by to begin with its sentence, or to end with it."""
MAX_LENGTH = TARGET_LENGTH + SENTENCE_REACH
"""Code points of a snippet, but for one that is a single token (an address) longer than `TARGET_LENGTH`."""
MIN_AROUND = 60
"""Code points that are shown around words that fill a snippet by themselves."""
HEADING_LENGTH = 90
"""Code points of the opening words that stand in for a missing title."""
MAX_FRAME_LINES = 64
"""Places of the text at which a piece of metadata is looked for as a line of its own."""
_FRAME_TAIL = 10
"""Code points that such a line is longer than what it repeats, at the least, to be a line of the article again."""
_FRAME_FIELDS = ("published", "source")
_LEFT_BEHIND = re.compile(r"[ .،…]*")
"""What a heading leaves between itself and the text behind it."""
_CLAUSE_END = "،؛,;: \n\t"
_LETTERS_FROM = "\u0620"
"""The first Arabic letter: punctuation and nearly everything else that stands beside a word lies before it."""

_Place = tuple[int, int, MatchPosition]
"""Start and end of a match's token, and the match."""
_position = itemgetter(MatchPosition._fields.index("position"))


class Passages(NamedTuple):
    """What the read path shows of one article."""

    title: str
    title_inferred: bool
    title_marks: tuple[Mark, ...]
    snippets: tuple[Snippet, ...]


def passages(stored: StoredDocument, matches: Sequence[MatchPosition]) -> Passages:
    """Return title and snippets of an article with the tokens that were found marked; `matches` as `EngineHit` says.

    Snippets prefer places where different words of the query stand together, show no teaser line unless the words
    stand nowhere else, and are the opening of the text when nothing was found in it. They are whole words, never
    overlap, and stand in the order of the text. Offsets may be arrays of any kind, numpy's too.
    """
    document = stored.document
    in_title, in_body = _by_section(matches)
    body = _Section(document.text, stored.offsets[Section.BODY], in_body)
    if document.title:
        title = _Section(document.title, stored.offsets[Section.TITLE], in_title)
        shown, marks, heading_end = document.title, title.all_marks(), 0
    else:
        heading = heading_span(document.text, document.teasers)
        shown, marks, heading_end = (
            document.text[heading.start : heading.end],
            body.marks(body.inside(heading), heading.start),
            heading.end,
        )
    return Passages(shown, not document.title, marks, _Cutter(document, body).snippets(heading_end))


def all_marks(stored: StoredDocument, matches: Sequence[MatchPosition]) -> ArticleMarks:
    """Return the marks of all matches of an article, for those who show the whole of it or ask for all positions."""
    document = stored.document
    in_title, in_body = _by_section(matches)
    return ArticleMarks(
        _Section(document.title, stored.offsets[Section.TITLE], in_title).all_marks(),
        _Section(document.text, stored.offsets[Section.BODY], in_body).all_marks(),
    )


def frame_lines(document: Document) -> list[Span]:
    """Return the lines of the text that only say again what its metadata says: title, stated date and publisher."""
    lines = _lines_of(document.text, document.title.strip())
    for said in document.evidence:
        if said.field in _FRAME_FIELDS:
            lines += _lines_of(document.text, said.words.strip())
    return sorted({*lines}) if len(lines) > 1 else lines


def _lines_of(text: str, words: str) -> list[Span]:
    """Return the lines that say nothing but `words`, of the first places where they stand."""
    lines: list[Span] = []
    place = text.find(words) if words else -1
    tries = 0
    while place >= 0 and tries < MAX_FRAME_LINES:
        start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place + len(words)) + 1 or len(text)
        line = text[start : min(end, place + len(words) + MAX_LENGTH)].strip()
        if line.startswith(words) and len(line) < len(words) + _FRAME_TAIL:
            lines.append(Span(start, end))
        place = text.find(words, end)
        tries += 1
    return lines


def heading_span(text: str, teasers: Sequence[Span]) -> Span:
    """Return the span of the opening words that stand in for a title: at most one sentence, never a teaser."""
    start = first_text(text, teasers, 0)
    end = min(len(text), start + HEADING_LENGTH)
    whole = [after for border in (SENTENCE, LINE) if (after := border.first(text, start, end))]
    if whole:
        end = min(whole)
    elif end < len(text):
        clause = CLAUSE.last(text, start + HEADING_LENGTH // 3, end)
        space = text.rfind(" ", start, end)
        end = start + len(text[start:clause].rstrip(_CLAUSE_END)) if clause else space if space > start else end
    return Span(start, start + len(text[start:end].rstrip(" \n\t.")))


def _by_section(matches: Sequence[MatchPosition]) -> tuple[Sequence[MatchPosition], Sequence[MatchPosition]]:
    """Return the matches of the title and those of the text (which may be a million: they are cut, not asked)."""
    if not matches or matches[0].section is Section.BODY:
        return (), matches
    count = bisect_left(matches, 1, key=lambda found: found.section is Section.BODY)
    return matches[:count], matches[count:]


class _Section:
    """One section of an article with its matches, which ascend."""

    __slots__ = ("ends", "matches", "starts", "text")

    def __init__(self, text: str, offsets: TokenOffsets, matches: Sequence[MatchPosition]) -> None:
        self.text = text
        self.starts, self.ends = offsets.starts, offsets.ends
        self.matches = matches

    def start(self, found: MatchPosition) -> int:
        return int(self.starts[found.position])

    def end(self, found: MatchPosition) -> int:
        return int(self.ends[found.position])

    def inside(self, span: Span) -> list[_Place]:
        """Return the matches whose tokens lie wholly in a span."""
        matches, starts, ends = self.matches, self.starts, self.ends
        first = bisect_left(matches, bisect_left(starts, span.start), key=_position) if span.start else 0
        found = []
        for place in range(first, len(matches)):
            match = matches[place]
            end = int(ends[match.position])
            if end > span.end:
                break
            found.append((int(starts[match.position]), end, match))
        return found

    def marks(self, places: Iterable[_Place], origin: int) -> tuple[Mark, ...]:
        """Return the marks of matches, relative to `origin`."""
        text = self.text
        return tuple(
            [
                Mark(start - origin, end - origin, found.level)
                for start, end, found in places
                # nearly always white space or punctuation stands on both sides
                if (text[start - 1] < _LETTERS_FROM and text[end : end + 1] < _LETTERS_FROM)
                or self._whole(found.position, start, end)
            ]
        )

    def all_marks(self) -> tuple[Mark, ...]:
        """Return the marks of all matches."""
        if not self.matches:
            return ()
        if len(self.matches) <= MANY:
            return self.marks(self.inside(Span(0, len(self.text))), 0)
        positions = _positions(self.matches)
        starts, ends = (np.asarray(places)[positions].tolist() for places in (self.starts, self.ends))
        return self.marks(zip(starts, ends, self.matches, strict=True), 0)

    def _whole(self, position: int, start: int, end: int) -> bool:
        """Return whether the token is a word: not a piece of a run of letters that was longer than tokens are."""
        text, starts, ends = self.text, self.starts, self.ends
        before = bool(start) and text[start - 1] >= _LETTERS_FROM and joined(text, start)
        after = end < len(text) and text[end] >= _LETTERS_FROM and joined(text, end)
        return not (
            (before and position and ends[position - 1] == start)
            or (after and position + 1 < len(starts) and starts[position + 1] == end)
        )


class _Cutter:
    """Cuts the snippets of one article."""

    __slots__ = ("_apart", "_body", "_teasers", "_text")

    def __init__(self, document: Document, body: _Section) -> None:
        self._text = document.text
        self._teasers = document.teasers
        self._body = body
        frame = frame_lines(document)
        self._apart: list[Span] | tuple[Span, ...] = _merged(document.teasers, frame) if frame else document.teasers
        """Lines that no passage runs into."""

    def snippets(self, heading_end: int) -> tuple[Snippet, ...]:
        matches = self._body.matches
        if not matches:
            return self._opening(heading_end)
        told = representatives(self._told())
        if not told:
            return self._line_apart(representatives(matches))
        spans = [self._passage(told)]
        missing = {found.word for found in told}
        if len(missing) > 1:
            missing -= {found.word for _, _, found in self._body.inside(spans[0])}
            if missing:
                self._apart = sorted([*self._apart, spans[0]])  # passages do not run into each other
                spans.append(self._passage([found for found in told if found.word in missing]))
                spans.sort()
        return self._made(spans)

    def _told(self) -> Sequence[MatchPosition]:
        """Return the matches that stand in no line apart."""
        matches, apart = self._body.matches, self._apart
        if not apart:
            return matches
        if len(matches) <= MANY:
            return [found for found in matches if around(apart, self._body.start(found))[0] is None]
        starts = np.asarray(self._body.starts)[_positions(matches)]
        lines = np.fromiter(itertools.chain.from_iterable(apart), np.int64, 2 * len(apart))
        before = np.searchsorted(lines[::2], starts, "right") - 1
        told = (before < 0) | (starts >= lines[1::2][before])
        return list(itertools.compress(matches, told.tobytes()))

    def _passage(self, told: Sequence[MatchPosition]) -> Span:
        """Return the passage around the best window of matches: whole words, sentences where they fit."""
        body = self._body
        begin, cover, last = best_window(told)
        end = body.end(told[last])
        floor, ceiling = self._room(body.start(told[last]))
        start = body.start(told[begin])
        for place in range(cover, last + 1):
            if start >= floor and end - start <= TARGET_LENGTH:
                break
            start = body.start(told[place])
        return self._around(start, end, floor, ceiling)

    def _around(self, first: int, last: int, floor: int, ceiling: int) -> Span:
        """Return the passage from `floor` to `ceiling` at most that shows `first` to `last`."""
        if last - first >= TARGET_LENGTH:
            return Span(first, last)
        spare = max(TARGET_LENGTH - (last - first), MIN_AROUND)
        start = self._start(first, first - spare // 2, floor)
        return self._trimmed(start, self._end(last, start, ceiling))

    def _room(self, place: int) -> tuple[int, int]:
        """Return between which lines apart a place that is in none of them lies."""
        apart = self._apart
        if not apart:
            return 0, len(self._text)
        _, count = around(apart, place)
        return (
            apart[count - 1].end if count else 0,
            apart[count].start if count < len(apart) else len(self._text),
        )

    def _start(self, first: int, earliest: int, floor: int) -> int:
        """Return where a passage begins that must hold `first`: a sentence, else a line, a clause, a word."""
        if earliest - SENTENCE_REACH <= floor:
            return floor
        for border in BORDERS:
            found = border.first(self._text, earliest - SENTENCE_REACH if border is SENTENCE else earliest, first)
            if found:
                return found
        space = self._text.find(" ", earliest, first)
        if space >= 0:
            return space + 1
        # where a text has no spaces, words begin with their tokens
        return min(first, int(self._body.starts[bisect_left(self._body.starts, earliest)]))

    def _end(self, last: int, start: int, ceiling: int) -> int:
        """Return where a passage ends that must hold `last`: with a sentence, else a line, a clause, a word."""
        latest = max(last, start + TARGET_LENGTH)
        if latest >= ceiling:
            return ceiling
        far = min(ceiling, start + MAX_LENGTH)
        for border in BORDERS:
            # a clause ends a passage that is nearly full; a sentence, one of half the length as well
            least = TARGET_LENGTH * 3 // 4 if border is CLAUSE else TARGET_LENGTH // 2
            found = border.last(self._text, max(last, start + least), far)
            if found:
                return found
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
        """Return the beginning of what stands behind the heading."""
        text, apart = self._text, self._apart
        start = first_text(text, apart, heading_end)
        rest = _LEFT_BEHIND.match(text, start) if heading_end else None
        if rest:
            start = first_text(text, apart, rest.end())
        if start >= len(text):
            start = first_text(text, apart, 0)
        if start >= len(text):
            return ()
        return self._made([self._trimmed(start, self._end(start, start, self._room(start)[1]))])

    def _line_apart(self, matches: Sequence[MatchPosition]) -> tuple[Snippet, ...]:
        """Return the first line apart that holds a match, a teaser if there is no other; a passage of a long one."""
        body = self._body
        own = (found for found in matches if around(self._teasers, body.start(found))[0] is None)
        found = next(own, None)
        shown = found or matches[0]
        line = around(self._apart, body.start(shown))[0] or Span(0, len(self._text))
        span = self._trimmed(*line)
        if span.end - span.start > MAX_LENGTH:
            span = self._around(body.start(shown), body.end(shown), *line)
        return self._made([span], "body" if found else "teaser")

    def _made(self, spans: Sequence[Span], field: str = "body") -> tuple[Snippet, ...]:
        """Return the snippets of passages, the last with the number of matches that none of them shows."""
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
    """Return the token positions (int64, one for each match)."""
    return np.fromiter(map(_position, matches), np.int64, len(matches))


def _merged(teasers: Sequence[Span], frame: Sequence[Span]) -> list[Span]:
    """Return lines, ascending and disjoint, that cover those of both."""
    lines: list[Span] = []
    for line in sorted([*teasers, *frame]):
        if lines and line.start < lines[-1].end:
            lines[-1] = Span(lines[-1].start, max(line.end, lines[-1].end))
        else:
            lines.append(line)
    return lines
