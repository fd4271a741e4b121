"""Expansion: a word of the query becomes the terms under which it may be found, by the analyzer of the index."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from index.analysis.tokens import FieldTerm, Word
from index.schema import CLOSENESS, LEVEL_OF_FIELD, Level, Section, TokenField
from search.query import Alternative, Term


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """Where a word has to stand."""

    sections: tuple[Section, ...] = (Section.TITLE, Section.BODY)
    within: int | None = None
    """As in `Term`."""


EVERYWHERE = Scope()


@dataclasses.dataclass(frozen=True, slots=True)
class Expansion:
    """How far a search goes from the word that was typed."""

    match: Level
    """The widest level of the ladder."""
    variants: bool
    """Whether other spellings of foreign names count."""

    def allows(self, level: Level) -> bool:
        """Return whether terms of this level are searched."""
        return self.variants if level is Level.SPELLING else CLOSENESS[level] <= CLOSENESS[self.match]

    def term(self, word: Word, text: str, number: int, scope: Scope) -> Term:
        """Return the query's word number `number` with a term for each reading at each allowed level."""
        found = (
            found
            for found in word.terms
            if found.field is not TokenField.WRITTEN and self.allows(LEVEL_OF_FIELD[found.field])
        )
        return of_terms(found, text, number, scope)


EXACT_ONLY = Expansion(Level.EXACT, variants=False)
"""What quotes ask for: these words as they stand, folding aside."""


def as_written(word: Word, text: str, number: int, scope: Scope) -> Term:
    """Return what `=` asks for: the letters as written, harakat aside."""
    return of_terms((found for found in word.terms if found.field is TokenField.WRITTEN), text, number, scope)


def of_terms(terms: Iterable[FieldTerm], text: str, number: int, scope: Scope) -> Term:
    """Return the query's word number `number`, to be found under these terms and no other."""
    alternatives = tuple(_alternative(found) for found in terms)
    return Term(text, number, alternatives, scope.sections, scope.within)


def _alternative(found: FieldTerm) -> Alternative:
    return Alternative(LEVEL_OF_FIELD[found.field], found.field, found.text, found.weight)
