"""Parses a query text into a tree. No input fails: invalid syntax is searched as words, and a note reports it.

The steps are in modules of `search/language`: read signs and field names, balance parentheses, join the words of a
date, distinguish operators from words, make nodes of the pieces, and join the nodes into a tree. The query language is
described in docs/reference/query.md.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from index.analysis.analyzer import Analyzer
from index.analysis.tokens import Word
from search.expansion import Expansion, typed
from search.language.builder import Builder
from search.language.leaves import Leaves
from search.language.lexer import Lexer, strip_direction_marks
from search.language.notes import Notes
from search.language.operators import resolve_operators
from search.language.structure import attach_fields, balance_brackets, join_pieces
from search.language.trees import Clauses, all_of, some_of, unique, without_prefix
from search.language.units import join_compounds
from search.language.values import Values
from search.language.vocabulary import Vocabulary
from search.query import AtLeast, MatchNone, Node, Not, Phrase, Prefix, Term
from search.ranking import QUORUM_FROM, quorum
from search.results import Note, NoteKind
from search.wordforms import has_words


@dataclasses.dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query text."""

    query: Node
    """Condition of a match, with the terms of its words at all levels."""
    partial: Node | None
    """Condition of the documents that have some of the words, matches included; None if it would add no document."""
    notes: tuple[Note, ...]
    scored: bool
    """Whether there are words to rank by."""
    words: tuple[Word, ...] = ()
    """The searched words; the number of a term is its index here."""
    single: bool = False
    """Whether it has one content word, phrase or prefix."""
    typed: Term | None = None
    """The only word of such a query in the letters typed; None for a phrase or prefix."""
    optional: tuple[Node, ...] = ()
    """The words, phrases and prefixes of which some may be missing in a listed document."""

    def without_prefix(self, text: str) -> ParsedQuery:
        """Return the query without a prefix that matches too many words, and with a note that reports it."""
        return dataclasses.replace(
            self,
            query=without_prefix(self.query, text),
            partial=None if self.partial is None else without_prefix(self.partial, text),
            notes=(*self.notes, Note(NoteKind.WIDE_PREFIX, text)),
        )


class Parser:
    """Parses query texts with the analyzer of the index. Safe to share among threads."""

    def __init__(self, analyzer: Analyzer, *, zone: dt.tzinfo, labels: Mapping[str, str]) -> None:
        """Interpret dates in `zone`; `labels` are the names of sources by id, and a query may use either."""
        self._analyzer = analyzer
        self._vocabulary = Vocabulary(analyzer.fold)
        self._values = Values(analyzer.fold, zone=zone, labels=labels)

    def parse(self, text: str, expansion: Expansion) -> ParsedQuery:
        """Return the tree of a query text; never raises."""
        stripped, offsets = strip_direction_marks(text)
        notes = Notes(offsets)
        leaves = Leaves(self._analyzer, expansion, self._values, notes)
        lexemes = attach_fields(balance_brackets(Lexer(stripped, self._vocabulary, notes).lexemes(), notes))
        lexemes = join_pieces(lexemes, lambda words: self._values.days(words) is not None)
        lexemes = join_compounds(lexemes, self._analyzer.analyze)
        lexemes = leaves.drop_empty(resolve_operators(lexemes, leaves.has_content, notes))
        clauses = Builder(lexemes, leaves).clauses()
        leaves.add_notes()
        question = self._vocabulary.is_question(stripped)
        return _parsed(clauses, stripped.strip(), notes, leaves.words, question=question)


def _parsed(clauses: Clauses, text: str, notes: Notes, words: tuple[Word, ...], *, question: bool) -> ParsedQuery:
    optional, required = clauses.optional, clauses.must()
    if not optional and not required and text:
        notes.add(NoteKind.NOTHING_SEARCHABLE, text)
        return ParsedQuery(MatchNone(), None, notes.all(), scored=False)
    if required and not optional and all(isinstance(node, Not) for node in required):
        notes.add(NoteKind.ONLY_EXCLUDED)
    if optional:
        query = all_of([some_of(optional, quorum(len(optional), question=question)), *required])
    else:
        query = all_of(required)
    only = _only_word(clauses)
    return ParsedQuery(
        query,
        _partial(clauses),
        notes.all(),
        scored=any(map(has_words, clauses.nodes())),
        words=words,
        single=only is not None,
        typed=typed(only) if isinstance(only, Term) else None,
        optional=_optional(clauses),
    )


def _only_word(clauses: Clauses) -> Node | None:
    """Return the word, phrase or prefix of a query that has one; None for another query."""
    words = [node for node in clauses.nodes() if has_words(node)]
    if len(words) != 1:
        return None
    only = words[0].term if isinstance(words[0], AtLeast) else words[0]
    return only if isinstance(only, (Term, Prefix, Phrase)) else None


def _partial(clauses: Clauses) -> Node | None:
    """Return the condition of the documents that have some of the words, or None if there are no others.

    A pasted headline has quotes around names and statements: of many words, quoted ones may be missing too.
    """
    quoted = _quoted(clauses)
    if quoted:
        return all_of([some_of(unique([*clauses.optional, *quoted]), 1), *clauses.required])
    return all_of([some_of(clauses.optional, 1), *clauses.must()]) if len(clauses.optional) > 1 else None


def _quoted(clauses: Clauses) -> list[Node]:
    """Return the quoted words that may be missing."""
    quoted = [word for words in clauses.quoted.values() for word in words]
    long = clauses.optional and len(clauses.optional) + len(quoted) > QUORUM_FROM
    return quoted if long else []


def _optional(clauses: Clauses) -> tuple[Node, ...]:
    return (*clauses.optional, *(clauses.quoted if _quoted(clauses) else ()))
