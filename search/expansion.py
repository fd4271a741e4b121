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
        """Return word `number` of the query with a term for each reading at each allowed level."""
        terms = (
            term
            for term in word.terms
            if term.field is not TokenField.WRITTEN and self.allows(LEVEL_OF_FIELD[term.field])
        )
        term = of_terms(terms, text, number, scope)
        if not self.variants or not _is_split(word):
            return term
        # in one word it may be unlisted, so that the index does not know it as a compound
        joined = (found.text.replace(" ", "") for found in word.terms if found.field is TokenField.CLITIC)
        spelled = (Alternative(Level.SPELLING, TokenField.CLITIC, stem, 1.0) for stem in joined)
        return dataclasses.replace(term, alternatives=(*term.alternatives, *spelled))

    def quoted_term(self, word: Word, text: str, number: int, scope: Scope) -> Term:
        """Return word `number` of the query for a place in quotes: as typed, folded, a compound in both writings."""
        term = of_terms((term for term in word.terms if term.field is TokenField.SURFACE), text, number, scope)
        if not word.compound or not self.variants:
            return term
        other = word.compound.replace(" ", "") if _is_split(word) else word.compound
        spelled = Alternative(Level.SPELLING, TokenField.SURFACE, other, 1.0)
        return dataclasses.replace(term, alternatives=(*term.alternatives, spelled))


def as_written(word: Word, text: str, number: int, scope: Scope) -> Term:
    """Return the term of a word with `=`: its letters as written, without harakat."""
    return of_terms((term for term in word.terms if term.field is TokenField.WRITTEN), text, number, scope)


def of_terms(terms: Iterable[FieldTerm], text: str, number: int, scope: Scope) -> Term:
    """Return word `number` of the query, which only matches these terms."""
    alternatives = tuple(_alternative(term) for term in terms)
    return Term(text, number, alternatives, scope.sections, scope.within)


def _is_split(word: Word) -> bool:
    """Return whether a word of the query is a compound in several words."""
    return word.compound != "" and word.compound == word.surface


def _alternative(term: FieldTerm) -> Alternative:
    return Alternative(LEVEL_OF_FIELD[term.field], term.field, term.text, term.weight)
