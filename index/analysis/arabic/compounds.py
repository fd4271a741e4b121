"""Compounds in texts: words of names that are written in one word or in several get the terms of the whole name.

The first word of a name in several words becomes a word that has its own terms and those of the name. The word of a
name in one word has the key of the name among its terms (`pipeline`), and is followed by a position without a word for
each further part. So both writings take the same number of positions, and phrases find both.
"""

from __future__ import annotations

import itertools
import re
from array import array
from collections.abc import Iterator, Sequence
from operator import attrgetter

from index.analysis.arabic.clitics import particles_in
from index.analysis.arabic.compound_rules import Beginning, Compound, CompoundRules
from index.analysis.terms import clitics_of
from index.analysis.tokens import FILLER, AnalyzedText, FieldTerm, TokenizedText, Word
from index.schema import TokenField

REMEMBERED = 200_000
"""Adjacent words whose compound, or that they are none, is cached: about 60 MB. The rest is looked up again."""
_MOST_LETTERS = 10
_WIDEST = 3
"""Characters of white space between the parts of a name."""
_BETWEEN_LETTERS = re.compile(r"\.?[^\S\n]{0,2}")
_joins = attrgetter("joins")


class CompoundReader:
    """Finds the compounds of texts. Thread-safe."""

    def __init__(self, rules: CompoundRules) -> None:
        self._rules = rules
        self._beginnings: dict[str, Beginning] = {}
        """By the spelling of a word that may begin a compound."""
        self._found: dict[tuple[str, ...], Word | None] = {}

    def read(self, tokenized: TokenizedText, words: tuple[Word, ...]) -> AnalyzedText:
        """Return a text with the words of its compounds, given the words of its tokens."""
        places = list(itertools.compress(range(len(words)), map(_joins, words)))
        if not places:
            return AnalyzedText(tokenized.text, words, tokenized.starts, tokenized.ends)
        read = list(words)
        for place in reversed(places):
            if _is_letter(words[place]):
                self._join_letters(tokenized, words, read, place)
            elif place + 1 < len(words):
                self._join_names(tokenized, words, read, place)
        return _with_fillers(tokenized, words, read, places)

    def _join_names(self, tokenized: TokenizedText, words: tuple[Word, ...], read: list[Word], place: int) -> None:
        """Set the word of the name that begins at a place, if one does; `read` has the compounds after it."""
        spelled = tokenized.spellings[place]
        beginning = self._beginnings.get(spelled)
        if beginning is None:
            beginning = self._beginnings[spelled] = self._rules.beginning(words[place].surface)
        if not beginning.is_open and words[place + 1].surface not in beginning.seconds:
            return
        following = list(itertools.islice(_adjacent(tokenized, words, place), beginning.reach))
        if not following:
            return
        second = read[place + 1]
        key = (spelled, second.written, *[word.written for word in following])
        try:
            found = self._found[key]
        except KeyError:
            compound = self._rules.split(words[place], following, second)
            found = None if compound is None else self._word(words[place], compound)
            self._remember(key, found)
        if found is not None:
            read[place] = found

    def _join_letters(self, tokenized: TokenizedText, words: tuple[Word, ...], read: list[Word], place: int) -> None:
        """Set the word of the abbreviation whose last letters begin at a place, from that of the letters after it."""
        first = words[place]
        if place + 1 == len(words) or not _is_letter(words[place + 1]):
            return
        between = tokenized.text[tokenized.ends[place] : tokenized.starts[place + 1]]
        second = read[place + 1]
        letters = f"{first.surface} {second.surface}"
        if not _BETWEEN_LETTERS.fullmatch(between) or not between or letters.count(" ") >= _MOST_LETTERS:
            return
        read[place + 1] = words[place + 1]  # the letters from here on are no abbreviation of their own
        key = (first.written, second.written, "")
        found = self._found.get(key)
        if found is None:
            compound = Compound("", tuple(letters.split(" ")), letters, "initials", following=second.written)
            found = self._word(first, compound)
            self._remember(key, found)
        read[place] = found

    def _remember(self, key: tuple[str, ...], found: Word | None) -> None:
        if len(self._found) >= REMEMBERED:
            self._found.clear()
            self._beginnings.clear()
        self._found[key] = found

    def _word(self, first: Word, compound: Compound) -> Word:
        """Return the word of a compound in several words: its first word with the terms of the whole."""
        written, surface = f"{first.written} {compound.following}", compound.split
        if compound.stop:
            return first._replace(written=written, surface=surface, stop=True, compound=surface, joins=False)
        stem = surface[len(compound.particles) :]
        terms = (
            FieldTerm(TokenField.WRITTEN, written),
            FieldTerm(TokenField.SURFACE, surface),
            FieldTerm(TokenField.CLITIC, stem),
            FieldTerm(TokenField.LEMMA, compound.key),
            FieldTerm(TokenField.SPELLING, compound.key),
            FieldTerm(TokenField.SPELLING, self._rules.spelling(compound.key)),
        )
        clitics = clitics_of(particles_in(compound.particles), ())
        return Word(written, surface, clitics, (*first.terms, *terms), compound=surface)


def _is_letter(word: Word) -> bool:
    """Return whether a word is one letter; a single waw is the conjunction."""
    return word.joins and len(word.surface) == 1


def _adjacent(tokenized: TokenizedText, words: tuple[Word, ...], place: int) -> Iterator[Word]:
    """Yield the words after a place that only white space separates."""
    text, starts, ends = tokenized.text, tokenized.starts, tokenized.ends
    for following in range(place + 1, len(words)):
        between = text[ends[following - 1] : starts[following]]
        if between != " " and not _is_space(between):
            return
        yield words[following]


def _is_space(between: str) -> bool:
    """Return whether a text is white space within a paragraph."""
    return between.isspace() and len(between) <= _WIDEST and between.count("\n") <= 1


def _with_fillers(
    tokenized: TokenizedText, words: tuple[Word, ...], read: list[Word], places: Sequence[int]
) -> AnalyzedText:
    """Return a text with its words, and positions without a word after each compound that is one word."""
    starts, ends = tokenized.starts, tokenized.ends
    joined = [place for place in places if words[place].compound]
    if joined:
        starts, ends = starts[:], ends[:]
    for place in reversed(joined):
        end, further = ends[place], words[place].compound.count(" ")
        read[place + 1 : place + 1] = [FILLER] * further
        starts[place + 1 : place + 1] = ends[place + 1 : place + 1] = array("I", [end]) * further
    return AnalyzedText(tokenized.text, tuple(read), starts, ends)
