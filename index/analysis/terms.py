"""Terms: what a word that was read is indexed under.

Words are remembered by the hundred thousand, and most of what they say they have in common: the word forms of a lemma
have its family and roots, those of a stem the clitic term. So equal terms are one object, whatever word they are of.
"""

from __future__ import annotations

import functools

from index.analysis import folding
from index.analysis.readings import Reading
from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField

_WRITTEN, _SURFACE, _CLITIC = TokenField.WRITTEN, TokenField.SURFACE, TokenField.CLITIC
"""The fields of every word: an enum takes longer to find a member than a term takes to be made."""
_Dictionary = tuple[str, str, str, tuple[tuple[str, float], ...]]
"""Lemma, family, spelling and roots of a reading: its part that the forms of a dictionary word share."""


class TermMaker:
    """Makes the terms of words; shared by threads."""

    def __init__(self) -> None:
        self._stems: dict[str, FieldTerm] = {}
        self._words: dict[_Dictionary, tuple[FieldTerm, ...]] = {}
        self._others: dict[FieldTerm, FieldTerm] = {}

    def forget(self) -> None:
        """Forget which terms there are; later ones that are equal to earlier ones will be other objects."""
        self._stems, self._words, self._others = {}, {}, {}

    def word(self, written: str, surface: str, readings: tuple[Reading, ...]) -> Word:
        """Return the word with its terms: each reading's, equal ones once with their weights added."""
        first = readings[0]
        clitics = clitics_of(first.proclitics, first.enclitics)
        spelled = (FieldTerm(_WRITTEN, written), FieldTerm(_SURFACE, surface))
        if len(readings) == 1:
            return Word(written, surface, clitics, (*spelled, self._stem(first.stem), *self._dictionary_word(first)))
        return Word(written, surface, clitics, (*spelled, *self._weighed(readings)))

    def _weighed(self, readings: tuple[Reading, ...]) -> list[FieldTerm]:
        weights: dict[tuple[TokenField, str], float] = {}
        for reading in readings:
            for field, text, share in (self._stem(reading.stem), *self._dictionary_word(reading)):
                place = field, text
                weights[place] = weights.get(place, 0.0) + reading.weight * share
        return [self._shared(FieldTerm(*place, min(1.0, round(weight, 2)))) for place, weight in weights.items()]

    def _stem(self, stem: str) -> FieldTerm:
        term = self._stems.get(stem)
        if term is None:
            term = self._stems[stem] = FieldTerm(_CLITIC, stem)
        return term

    def _dictionary_word(self, reading: Reading) -> tuple[FieldTerm, ...]:
        """Return the terms of a reading's dictionary word; a word of which only the clitics are known has none."""
        if reading.source == "counts":
            return ()
        key = (reading.lemma, reading.family, reading.spelling, reading.roots)
        terms = self._words.get(key)
        if terms is None:
            # A lemma is indexed without its hamzas, since a word outside the lexicon may be written without them.
            found = [FieldTerm(TokenField.LEMMA, folding.base(reading.lemma))]
            if reading.family:
                found.append(FieldTerm(TokenField.FAMILY, reading.family))
            if reading.spelling:
                found.append(FieldTerm(TokenField.SPELLING, reading.spelling))
            found += [FieldTerm(TokenField.ROOT, root, weight) for root, weight in reading.roots]
            terms = self._words[key] = tuple(map(self._shared, found))
        return terms

    def _shared(self, term: FieldTerm) -> FieldTerm:
        return self._others.setdefault(term, term)


@functools.cache
def clitics_of(proclitics: tuple[str, ...], enclitics: tuple[str, ...]) -> tuple[str, ...]:
    """Return clitics in order of speech, a `+` on the side of the word."""
    return (*(f"{particle}+" for particle in proclitics), *(f"+{pronoun}" for pronoun in enclitics))
