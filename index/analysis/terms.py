"""Terms: what a word is indexed under, from its readings.

Hundreds of thousands of words are cached, and they have most of their terms in common: the forms of a lemma share its
family and roots, those of a stem the clitic term. Therefore equal terms are one object.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from index.analysis.readings import Reading
from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField

_WRITTEN, _SURFACE, _CLITIC, _STOP = TokenField.WRITTEN, TokenField.SURFACE, TokenField.CLITIC, TokenField.STOP
"""The fields of words without regard to readings. Access to an enum member takes longer than the creation of a term."""
_Dictionary = tuple[str, str, str, tuple[tuple[str, float], ...]]
"""Lemma, family, spelling and roots of a reading: the part that all forms of a dictionary word share."""


class TermMaker:
    """Creates the terms of words. Thread-safe."""

    def __init__(self, fold_lemma: Callable[[str], str]) -> None:
        """Take the function that folds a lemma."""
        self._fold_lemma = fold_lemma
        self._stems: dict[str, FieldTerm] = {}
        self._words: dict[_Dictionary, tuple[FieldTerm, ...]] = {}
        self._others: dict[FieldTerm, FieldTerm] = {}

    def forget(self) -> None:
        """Drop the cached terms. A later term that equals an earlier one will be another object."""
        self._stems, self._words, self._others = {}, {}, {}

    def word(self, written: str, surface: str, readings: tuple[Reading, ...]) -> Word:
        """Return the word with the terms of its readings; the weights of equal terms are added."""
        first = readings[0]
        clitics = clitics_of(first.proclitics, first.enclitics)
        spelled = (FieldTerm(_WRITTEN, written), FieldTerm(_SURFACE, surface))
        if len(readings) == 1:
            return Word(written, surface, clitics, (*spelled, self._stem(first.stem), *self._dictionary_word(first)))
        return Word(written, surface, clitics, (*spelled, *self._weighed(readings)))

    @staticmethod
    def stop_word(written: str, surface: str) -> Word:
        """Return a stop word, with the terms under which it is found in quotes."""
        return Word(written, surface, (), (FieldTerm(_WRITTEN, written), FieldTerm(_STOP, surface)), stop=True)

    @staticmethod
    def with_stop_term(word: Word) -> Word:
        """Return a content word so that the stop word with its folded letters finds it too, in quotes."""
        return word._replace(terms=(*word.terms, FieldTerm(_STOP, word.surface)))

    def _weighed(self, readings: tuple[Reading, ...]) -> list[FieldTerm]:
        weights: dict[tuple[TokenField, str], float] = {}
        for reading in readings:
            for field, text, share in (self._stem(reading.stem), *self._dictionary_word(reading)):
                key = field, text
                weights[key] = weights.get(key, 0.0) + reading.weight * share
        terms = [FieldTerm(*key, min(1.0, round(weight, 2))) for key, weight in weights.items()]
        return [self._others.setdefault(term, term) for term in terms]

    def _stem(self, stem: str) -> FieldTerm:
        term = self._stems.get(stem)
        if term is None:
            term = self._stems[stem] = FieldTerm(_CLITIC, stem)
        return term

    def _dictionary_word(self, reading: Reading) -> tuple[FieldTerm, ...]:
        """Return the terms of a reading's dictionary word; empty if only the clitics of the word are known."""
        if reading.source == "counts":
            return ()
        key = (reading.lemma, reading.family, reading.spelling, reading.roots)
        terms = self._words.get(key)
        if terms is None:
            created = [FieldTerm(TokenField.LEMMA, self._fold_lemma(reading.lemma))]
            if reading.family:
                created.append(FieldTerm(TokenField.FAMILY, reading.family))
            if reading.spelling:
                created.append(FieldTerm(TokenField.SPELLING, reading.spelling))
            created += [FieldTerm(TokenField.ROOT, root, weight) for root, weight in reading.roots]
            terms = self._words[key] = tuple([self._others.setdefault(term, term) for term in created])
        return terms


@functools.cache
def clitics_of(proclitics: tuple[str, ...], enclitics: tuple[str, ...]) -> tuple[str, ...]:
    """Return the clitics in order of speech, each with a `+` on the side of the stem."""
    return (*(f"{particle}+" for particle in proclitics), *(f"+{pronoun}" for pronoun in enclitics))
