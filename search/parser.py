"""Query text → tree. Never fails on a reader's input: what it cannot read is searched as words, and a note says so.

Understood: words, "phrases" (also «…» and “…”), `-word`, `-"phrase"`, `field:value` and `-field:value` with the names
of fields.csv, days as `2025-02-12`, `2025-02`, `2025`, in words, or as `first..last`.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from index.analysis.pipeline import Analyzer
from index.analysis.tokens import Token, Word
from index.schema import PUBLISHED, FacetField, Section
from index.sources.dates import parse_date
from search.expansion import EXACT_ONLY, Expansion
from search.query import And, DateRange, HasValue, MatchAll, MatchNone, Node, Not, Or, Phrase, Term
from search.ranking import quorum
from search.results import Note, NoteKind

MAX_WORDS = 32
"""Content words of a query that are searched: keeps the cost of a hostile query bounded."""

MAX_DATE_WORDS = 4
"""Words that a date may have without quotes («التاريخ:12 كانون الثاني 2025»)."""

BOTH_SECTIONS = (Section.TITLE, Section.BODY)

_PIECE = re.compile(
    r"""(?P<minus>(?<!\S)-)?
        (?:(?P<field>[^\W\d_]+):(?=\S))?
        (?:"(?P<straight>[^"]*)(?P<close1>"?)|«(?P<angled>[^»]*)(?P<close2>»?)|“(?P<curled>[^”]*)(?P<close3>”?)
          |(?P<bare>[^\s"«“]+))""",
    re.VERBOSE,
)
_RANGE = re.compile(r"(.*?)\.\.(.*)", re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a query text asks for."""

    query: Node
    further: Node | None
    """What a document must be to be listed behind the matches; None when there is nothing wider than a match."""
    notes: tuple[Note, ...]
    scored: bool
    """Whether there are words to rank by."""
    words: tuple[Word, ...] = ()
    """The words that are searched; a term's number is its place here."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Piece:
    """One item of the query text."""

    text: str
    quoted: bool
    minus: bool
    field: str | None
    """The name before the colon, as typed."""
    position: int
    closed: bool


class Parser:
    """Reads query texts with the analyzer of the index."""

    def __init__(self, analyzer: Analyzer, *, zone: dt.tzinfo, labels: Mapping[str, str]) -> None:
        """Read days in `zone`; `labels` are names of sources by their ids, either of which a reader may type."""
        self._analyzer = analyzer
        self._zone = zone
        self._fields = {analyzer.fold(name): field for name, field in field_names().items()}
        self._source_ids = {analyzer.fold(name): source for source, name in labels.items()}

    def parse(self, text: str, expansion: Expansion) -> ParsedQuery:
        """Return the tree of a query text; never raises."""
        reading = _Reading(self._analyzer, expansion)
        pieces = list(_pieces(text))
        while pieces:
            piece = pieces.pop(0)
            if not piece.closed:
                reading.note(NoteKind.UNCLOSED_QUOTE, piece.text, piece.position)
            field = self._fields.get(self._analyzer.fold(piece.field)) if piece.field else None
            if field == PUBLISHED:
                self._date(piece, pieces, reading)
            elif field in list(FacetField):
                reading.require(self._having(FacetField(field), piece.text), excluded=piece.minus)
            elif field == Section.TITLE:
                reading.words(piece, (Section.TITLE,))
            else:
                self._unknown_field(piece, reading)
        return reading.parsed(text)

    def _having(self, field: FacetField, value: str) -> Node:
        if field is FacetField.SOURCE:
            value = self._source_ids.get(self._analyzer.fold(value), value)
        return HasValue(field, (value,))

    def _date(self, piece: _Piece, following: list[_Piece], reading: _Reading) -> None:
        """Read a date in as many of the following words as belong to it."""
        plain = 0
        while plain < min(len(following), MAX_DATE_WORDS - 1) and _continues(following[plain]):
            plain += 1
        for count in range(0 if piece.quoted else plain, -1, -1):
            days = self._days(" ".join([piece.text, *(word.text for word in following[:count])]))
            if days is not None:
                del following[:count]
                reading.require(days, excluded=piece.minus)
                return
        reading.note(NoteKind.UNREADABLE_DATE, piece.text, piece.position)
        reading.words(piece, BOTH_SECTIONS)

    def _days(self, text: str) -> DateRange | None:
        span = _RANGE.fullmatch(text)
        ends = [end.strip() for end in span.groups()] if span else [text, text]
        dates = [parse_date(end, zone=self._zone) if end else None for end in ends]
        if any(end and date is None for end, date in zip(ends, dates, strict=True)) or dates == [None, None]:
            return None
        return DateRange(dates[0].first if dates[0] else None, dates[1].last if dates[1] else None)

    def _unknown_field(self, piece: _Piece, reading: _Reading) -> None:
        if piece.field and not piece.text.startswith("//"):
            reading.note(NoteKind.UNKNOWN_FIELD, piece.field, piece.position)
        if piece.field:
            before = dataclasses.replace(piece, text=piece.field, quoted=False)
            # an address is one word for the analyzer: its parts stay together
            piece = dataclasses.replace(piece, text=f"{piece.field}:{piece.text}") if not piece.quoted else piece
            if piece.quoted:
                reading.words(before, BOTH_SECTIONS)
        reading.words(piece, BOTH_SECTIONS)


class _Reading:
    """Collects the parts of one query."""

    def __init__(self, analyzer: Analyzer, expansion: Expansion) -> None:
        self._analyzer = analyzer
        self._expansion = expansion
        self._notes: list[Note] = []
        self._free: list[Term] = []
        self._required: list[Node] = []
        self._filters: list[Node] = []
        self._stop_words: dict[str, int] = {}
        self._left_out: list[str] = []
        self._words: list[Word] = []

    def note(self, kind: NoteKind, text: str, position: int | None = None) -> None:
        self._notes.append(Note(kind, text, position))

    def require(self, node: Node, *, excluded: bool) -> None:
        self._filters.append(Not(node) if excluded else node)

    def words(self, piece: _Piece, sections: tuple[Section, ...]) -> None:
        expansion = EXACT_ONLY if piece.quoted else self._expansion
        tokens = list(self._content(piece))
        terms = [expansion.term(token.word, token.text, self._number(token.word), sections) for token in tokens]
        if not terms:
            return
        if piece.quoted and len(terms) > 1:
            first = tokens[0].position
            phrase = Phrase(tuple(terms), tuple(token.position - first for token in tokens))
            self._place([phrase], excluded=piece.minus, required=True)
        else:
            self._place(terms, excluded=piece.minus, required=piece.quoted or sections != BOTH_SECTIONS)

    def parsed(self, text: str) -> ParsedQuery:
        if self._stop_words:
            self.note(NoteKind.STOP_WORDS, " ".join(self._stop_words))
        if self._left_out:
            self.note(NoteKind.TOO_MANY_WORDS, " ".join(self._left_out))
        scored = bool(self._free or self._required)
        if not scored and not self._filters and text.strip():
            self.note(NoteKind.NOTHING_SEARCHABLE, text.strip())
            return ParsedQuery(MatchNone(), None, tuple(self._notes), scored=False)
        if not scored and self._filters and all(isinstance(node, Not) for node in self._filters):
            self.note(NoteKind.ONLY_EXCLUDED, "")
        free = tuple(self._free)
        held = (*self._required, *self._filters)
        query = _all([_some(free, quorum(len(free))), *held] if free else held)
        further = _all([_some(free, 1), *held]) if len(free) > 1 else None
        return ParsedQuery(query, further, tuple(self._notes), scored, tuple(self._words))

    def _content(self, piece: _Piece) -> Iterator[Token]:
        for token in self._analyzer.analyze(piece.text).tokens():
            if token.word.stop:
                if not piece.quoted:
                    self._stop_words.setdefault(token.text, piece.position)
            elif len(self._words) < MAX_WORDS:
                yield token
            else:
                self._left_out.append(token.text)

    def _number(self, word: Word) -> int:
        self._words.append(word)
        return len(self._words) - 1

    def _place(self, nodes: Sequence[Term | Phrase], *, excluded: bool, required: bool) -> None:
        for node in nodes:
            if excluded:
                self._filters.append(Not(node))
            elif required:
                self._required.append(node)
            elif isinstance(node, Term) and node.alternatives not in [known.alternatives for known in self._free]:
                self._free.append(node)


@cache
def field_names() -> Mapping[str, str]:
    """Return the names that a reader may put before a colon, with the field each stands for."""
    rows = csv.DictReader(files("search").joinpath("data/fields.csv").read_text("utf-8").splitlines())
    return {row["name"]: row["field"] for row in rows}


def _pieces(text: str) -> Iterator[_Piece]:
    for found in _PIECE.finditer(text):
        quoted = found["bare"] is None
        inside = found["bare"] or found["straight"] or found["angled"] or found["curled"] or ""
        yield _Piece(
            text=inside,
            quoted=quoted,
            minus=bool(found["minus"]),
            field=found["field"],
            position=found.start(),
            closed=not quoted or bool(found["close1"] or found["close2"] or found["close3"]),
        )


def _continues(piece: _Piece) -> bool:
    """Return whether a piece may be a further word of an unquoted date."""
    return not (piece.quoted or piece.minus or piece.field)


def _all(nodes: Sequence[Node]) -> Node:
    if not nodes:
        return MatchAll()
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _some(terms: tuple[Term, ...], minimum: int) -> Node:
    if len(terms) == 1:
        return terms[0]
    return And(terms) if minimum == len(terms) else Or(terms, minimum)
