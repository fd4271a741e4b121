"""Expansion: a word of the query becomes the terms under which it may be found, by the analyzer of the index."""

from __future__ import annotations

import dataclasses

from index.analysis.tokens import Word
from index.schema import CLOSENESS, LEVEL_OF_FIELD, Level, Section, TokenField
from search.query import Alternative, Term
from search.ranking import LEVEL_WEIGHTS


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

    def term(self, word: Word, text: str, number: int, sections: tuple[Section, ...]) -> Term:
        """Return the query's word number `number` with a term for each reading at each allowed level."""
        alternatives = tuple(
            Alternative(level, found.field, found.text, LEVEL_WEIGHTS[level] * found.weight)
            for found in word.terms
            if found.field is not TokenField.WRITTEN and self.allows(level := LEVEL_OF_FIELD[found.field])
        )
        return Term(text, number, alternatives, sections)


EXACT_ONLY = Expansion(Level.EXACT, variants=False)
"""What quotes ask for: these words as they stand, folding aside."""
