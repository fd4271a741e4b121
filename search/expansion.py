"""Expansion: turns a word of the query into the terms that match it, by the analyzer of the index."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from index.analysis.tokens import FieldTerm, Word
from index.schema import CLOSENESS, LEVEL_OF_FIELD, Level, Section, TokenField
from search.query import Alternative, Term


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """The part of an article in which a word must occur."""

    sections: tuple[Section, ...] = (Section.TITLE, Section.BODY)
    within: int | None = None
    """As in `Term`."""


EVERYWHERE = Scope()


@dataclasses.dataclass(frozen=True, slots=True)
class Expansion:
    """The levels at which the words of a search match."""

    match: Level
    """The widest level of the ladder."""
    variants: bool
    """Whether other spellings of foreign names match."""

    def allows(self, level: Level) -> bool:
        """Return whether terms of this level are searched."""
        return self.variants if level is Level.SPELLING else CLOSENESS[level] <= CLOSENESS[self.match]

    def term(self, word: Word, text: str, number: int, scope: Scope) -> Term:
        """Return word `number` of the query with a term for each reading at each allowed level.

        A stop word has its one term. A content word has none of a stop word: آل does not find ال, though ال finds آل.
        """
        terms = (
            term
            for term in word.terms
            if (term.field is TokenField.STOP) is word.stop
            and term.field is not TokenField.WRITTEN
            and self.allows(LEVEL_OF_FIELD[term.field])
        )
        return of_terms(terms, text, number, scope, stop=word.stop)


EXACT_ONLY = Expansion(Level.EXACT, variants=False)
"""The expansion of words in quotes: only the words as typed, folded."""


def as_written(word: Word, text: str, number: int, scope: Scope) -> Term:
    """Return the term of a word with `=`: its letters as written, without harakat."""
    terms = (term for term in word.terms if term.field is TokenField.WRITTEN)
    return of_terms(terms, text, number, scope, stop=word.stop)


def of_terms(terms: Iterable[FieldTerm], text: str, number: int, scope: Scope, *, stop: bool = False) -> Term:
    """Return word `number` of the query, which only matches these terms; `stop` is whether it is a stop word."""
    alternatives = tuple(_alternative(term) for term in terms)
    return Term(text, number, alternatives, scope.sections, scope.within, stop=stop)


def _alternative(term: FieldTerm) -> Alternative:
    return Alternative(LEVEL_OF_FIELD[term.field], term.field, term.text, term.weight)
