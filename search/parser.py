"""Query text → tree. Never fails on a reader's input: what it cannot read is searched as words, and a note says so.

The steps, each in a module of `search/language`: signs and names are read, parentheses matched, the words of a date
joined, operators told from words, pieces made into nodes, nodes joined into the tree. What can be typed stands in
docs/reference/query.md.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from index.analysis.pipeline import Analyzer
from index.analysis.tokens import Word
from search.expansion import Expansion
from search.language.builder import Builder
from search.language.leaves import Leaves
from search.language.lexer import Lexer, strip_direction_marks
from search.language.notes import Notes
from search.language.operators import resolve_operators
from search.language.structure import attach_fields, balance_brackets, join_pieces
from search.language.trees import Parts, all_of, scores, some_of, unique, without_prefix
from search.language.values import Values
from search.language.vocabulary import Vocabulary
from search.query import MatchNone, Node, Not
from search.ranking import QUORUM_FROM, quorum
from search.results import Note, NoteKind


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

    def without_prefix(self, text: str) -> ParsedQuery:
        """Return the query without a prefix that stands for too many words, and with a note that says so."""
        return dataclasses.replace(
            self,
            query=without_prefix(self.query, text),
            further=None if self.further is None else without_prefix(self.further, text),
            notes=(*self.notes, Note(NoteKind.WIDE_PREFIX, text)),
        )


class Parser:
    """Reads query texts with the analyzer of the index."""

    def __init__(self, analyzer: Analyzer, *, zone: dt.tzinfo, labels: Mapping[str, str]) -> None:
        """Read days in `zone`; `labels` are names of sources by their ids, either of which a reader may type."""
        self._analyzer = analyzer
        self._vocabulary = Vocabulary(analyzer.fold)
        self._values = Values(analyzer.fold, zone=zone, labels=labels)

    def parse(self, text: str, expansion: Expansion) -> ParsedQuery:
        """Return the tree of a query text; never raises."""
        read, places = strip_direction_marks(text)
        notes = Notes(places)
        leaves = Leaves(self._analyzer, expansion, self._values, notes)
        lexemes = attach_fields(balance_brackets(Lexer(read, self._vocabulary, notes).lexemes(), notes))
        lexemes = join_pieces(lexemes, lambda words: self._values.days(words) is not None)
        lexemes = leaves.drop_empty(resolve_operators(lexemes, leaves.has_content, notes))
        parts = Builder(lexemes, leaves).parts()
        leaves.tell()
        question = self._vocabulary.asks(read)
        return _parsed(parts, read.strip(), notes, leaves.words, question=question)


def _parsed(parts: Parts, text: str, notes: Notes, words: tuple[Word, ...], *, question: bool) -> ParsedQuery:
    free, held = parts.free, parts.must()
    if not free and not held and text:
        notes.add(NoteKind.NOTHING_SEARCHABLE, text)
        return ParsedQuery(MatchNone(), None, notes.all(), scored=False)
    if held and not free and all(isinstance(node, Not) for node in held):
        notes.add(NoteKind.ONLY_EXCLUDED)
    query = all_of([some_of(free, quorum(len(free), question=question)), *held] if free else held)
    return ParsedQuery(query, _further(parts), notes.all(), any(map(scores, parts.nodes())), words)


def _further(parts: Parts) -> Node | None:
    """Return what is listed behind the matches, or None where there is nothing.

    In a pasted headline quotes stand around names and sayings: of many words, those between quotes may be missing too.
    """
    apart = [word for words in parts.quoted.values() for word in words]
    if parts.free and apart and len(parts.free) + len(apart) > QUORUM_FROM:
        return all_of([some_of(unique([*parts.free, *apart]), 1), *parts.held])
    return all_of([some_of(parts.free, 1), *parts.must()]) if len(parts.free) > 1 else None
