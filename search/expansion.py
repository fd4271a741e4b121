"""Expansion: turns a word of the query into the terms that match it, by the analyzer of the index.

A word gets its terms at all levels; `search/levels.py` says which of them are counted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from index.analysis.arabic.clitics import ARTICLE
from index.analysis.tokens import FieldTerm, Word
from index.schema import LEVEL_OF_FIELD, Level, Section, TokenField
from search.query import Alternative, Term
from search.ranking import FOLDED


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """The part of an article in which a word must occur."""

    sections: tuple[Section, ...] = (Section.TITLE, Section.BODY)
    within: int | None = None
    """As in `Term`."""


EVERYWHERE = Scope()


@dataclasses.dataclass(frozen=True, slots=True)
class Expansion:
    """The terms that the words of a search match."""

    variants: bool = True
    """Whether other spellings of foreign names match."""

    def term(self, word: Word, text: str, number: int, scope: Scope) -> Term:
        """Return word `number` of the query with a term for each reading at each level."""
        terms = (term for term in _own_terms(word) if self.variants or term.field is not TokenField.SPELLING)
        term = of_terms(terms, text, number, scope, stop=word.stop)
        if not self.variants or not word.is_split:
            return term
        # in one word it may be unlisted, so that the index does not know it as a compound
        stems = [found.text for found in word.terms if found.field is TokenField.CLITIC and not _is_house(found.text)]
        spelled = (Alternative(Level.SPELLING, TokenField.CLITIC, stem.replace(" ", ""), 1.0) for stem in stems)
        return dataclasses.replace(term, alternatives=(*term.alternatives, *spelled))

    def quoted_term(self, word: Word, text: str, number: int, scope: Scope) -> Term:
        """Return word `number` of the query for a place in quotes: as typed, folded, a compound in both writings."""
        terms = (term for term in _own_terms(word) if LEVEL_OF_FIELD[term.field] is Level.EXACT)
        term = of_terms(terms, text, number, scope, stop=word.stop)
        if not word.compound or word.stop or not self.variants:
            return term
        if word.is_split and _is_house(word.compound):
            return term
        other = word.compound.replace(" ", "") if word.is_split else word.compound
        spelled = Alternative(Level.SPELLING, TokenField.SURFACE, other, 1.0)
        return dataclasses.replace(term, alternatives=(*term.alternatives, spelled))


def as_written(word: Word, text: str, number: int, scope: Scope) -> Term:
    """Return the term of a word with `=`: its letters as written, without harakat."""
    terms = (term for term in word.terms if term.field is TokenField.WRITTEN)
    return of_terms(terms, text, number, scope, stop=word.stop)


def typed(term: Term) -> Term | None:
    """Return the term with the letters typed and no other, or None if it has no such alternative."""
    kept = tuple(alternative for alternative in term.alternatives if alternative.field is TokenField.WRITTEN)
    return dataclasses.replace(term, alternatives=kept) if 0 < len(kept) < len(term.alternatives) else None


def of_terms(terms: Iterable[FieldTerm], text: str, number: int, scope: Scope, *, stop: bool = False) -> Term:
    """Return word `number` of the query, which matches these terms and no others; `stop`: it is a stop word."""
    alternatives = tuple(_alternative(term) for term in terms)
    return Term(text, number, alternatives, scope.sections, scope.within, stop=stop)


def _own_terms(word: Word) -> Iterator[FieldTerm]:
    """Yield the terms that a word is found by: a stop word has one.

    A content word is not found by that of a stop word: آل does not find ال, though ال finds آل.
    """
    return (term for term in word.terms if (term.field is TokenField.STOP) is word.stop)


def _is_house(compound: str) -> bool:
    """Return whether a compound begins with آل: joined, its folded letters are those of a word with the article."""
    return compound.startswith(f"{ARTICLE} ")


def _alternative(term: FieldTerm) -> Alternative:
    weight = term.weight * FOLDED if term.field is TokenField.SURFACE else term.weight
    return Alternative(LEVEL_OF_FIELD[term.field], term.field, term.text, weight)
