"""The tokens of a few documents at once: what the words of a query find among them, and where.

Every engine that can read an article's tokens back as numbers of words marks its hits, and looks at the best of them
again, by these.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.schema import Section
from search.engine import MatchPosition
from search.engines.forms import LEVELS, Array, Forms
from search.engines.places import SECTIONS, Mask, Numbers, allowed, common_sections, window_starts
from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term
from search.ranking import Grade
from search.reranking import Occurrences

FormsOf = Callable[[Term | Prefix], Forms]
"""Gives the forms of a word of the query."""

_SMALL = 1 << 16


class Found(NamedTuple):
    """Tokens that one word of the query found."""

    places: Numbers
    """Among all tokens of the documents, ascending."""
    levels: npt.NDArray[np.uint8]
    word: int


class Tokens:
    """The tokens of documents end to end: title and body of the first, then of the second, and so on."""

    def __init__(self, tokens: Array, starts: Numbers, forms: FormsOf) -> None:
        """Look at `tokens`, numbers of words; `starts` says where each section begins, and at last where all end."""
        self.starts = starts
        self._forms = forms
        self._places: Numbers | None = None
        self._tokens = tokens

    def only(self, words: Sequence[Term | Prefix]) -> Tokens:
        """Return the tokens that any of the words may find, so that a long query does not look at all for each."""
        few = Tokens(self._tokens, self.starts, self._forms)
        kept: Numbers = np.flatnonzero(_found_by_any([self._forms(word) for word in words], self._tokens))
        few._places = kept if self._places is None else self._places[kept]
        few._tokens = self._tokens[kept]
        return few

    def found(self, node: Node) -> Iterator[Found]:
        """Yield what each word of a tree found; excluded words find nothing."""
        match node:
            case Term() | Prefix():
                yield self.word(node)
            case AtLeast():
                yield self.word(node.term)
            case Phrase():
                yield from self._phrase(node)
            case Near():
                yield from self._near(node)
            case And() | Or():
                for child in node.children:
                    yield from self.found(child)
            case _:
                return

    def word(self, node: Term | Prefix) -> Found:
        """Return what a word found where it may stand."""
        forms = self._forms(node)
        found_at = np.flatnonzero(forms.within(self._tokens))
        places = found_at if self._places is None else self._places[found_at]
        found = Found(places, forms.levels_of(self._tokens[found_at]), node.word)
        return self._restricted(found, node.sections, node.within)

    def starts_of(self, node: Phrase | Near) -> Numbers:
        """Return the places at which a phrase, or a window with all its words, begins; ascending."""
        if isinstance(node, Phrase):
            return self._phrase_starts(node, self._words(node))
        _, starts = self._windows(node, self._words(node))
        reach = len(node.terms) + node.slop
        spread = self.starts + np.arange(len(self.starts)) * reach
        within = np.searchsorted(spread, starts, side="right") - 1
        found: Numbers = starts - within * reach
        return found

    def within(self, places: Numbers) -> Numbers:
        """Return the number of the section that each place lies in."""
        return self.starts.searchsorted(places, side="right") - 1

    def positions(self, node: Node) -> list[tuple[MatchPosition, ...]]:
        """Return for each document the tokens that the words of a tree found, each at its closest level, in order."""
        found = [found for found in self.found(node) if len(found.places)]
        if not found:
            return [() for _ in range((len(self.starts) - 1) // len(SECTIONS))]
        places, levels = found[0].places, found[0].levels
        words = np.full(len(places), found[0].word)
        if len(found) > 1:
            places = np.concatenate([item.places for item in found])
            levels = np.concatenate([item.levels for item in found])
            words = np.concatenate([np.full(len(item.places), item.word) for item in found])
            order = np.lexsort((words, levels, places))
            places, levels, words = places[order], levels[order], words[order]
            first = np.concatenate([[True], places[1:] != places[:-1]])
            places, levels, words = places[first], levels[first], words[first]
        return self._listed(places, levels, words)

    def _listed(
        self, places: Numbers, levels: npt.NDArray[np.uint8], words: Numbers
    ) -> list[tuple[MatchPosition, ...]]:
        within = self.within(places)
        rows = zip(
            (within % len(SECTIONS)).tolist(),
            (places - self.starts[within]).tolist(),
            words.tolist(),
            levels.tolist(),
            strict=True,
        )
        made = [
            MatchPosition(SECTIONS[section], position, word, LEVELS[level]) for section, position, word, level in rows
        ]
        bounds = places.searchsorted(self.starts[:: len(SECTIONS)]).tolist()
        return [tuple(made[begin:end]) for begin, end in itertools.pairwise(bounds)]

    def _words(self, node: Phrase | Near) -> list[Found]:
        return [self._restricted(self.word(term), common_sections(node)) for term in node.terms]

    def _phrase(self, node: Phrase) -> Iterator[Found]:
        words = self._words(node)
        starts = self._phrase_starts(node, words)
        for found, offset in zip(words, node.offsets, strict=True):
            yield _only(found, np.isin(found.places, starts + offset, assume_unique=True))

    def _phrase_starts(self, node: Phrase, words: Sequence[Found]) -> Numbers:
        starts: Numbers = words[0].places - node.offsets[0]
        for found, offset in zip(words[1:], node.offsets[1:], strict=True):
            starts = np.intersect1d(starts, found.places - offset, assume_unique=True)
        within = self.within(starts)
        return starts[starts + node.offsets[-1] < self.starts[within + 1]]

    def _near(self, node: Near) -> Iterator[Found]:
        reach = len(node.terms) + node.slop
        words = self._words(node)
        keys, starts = self._windows(node, words)
        for found, key in zip(words, keys, strict=True):
            before = np.searchsorted(starts, key, side="right") - 1
            inside = (before >= 0) & (key - starts[np.maximum(before, 0)] < reach) if len(starts) else key < 0
            yield _only(found, inside)

    def _windows(self, node: Near, words: Sequence[Found]) -> tuple[list[Numbers], Numbers]:
        """Return the keys of what each word found, and of the windows with all words.

        A key is a place with the sections spread apart by more than a window, so that none reaches from one into the
        next.
        """
        reach = len(node.terms) + node.slop
        keys = [found.places + self.within(found.places) * reach for found in words]
        return keys, window_starts(keys, reach, ordered=node.ordered)

    def _restricted(self, found: Found, sections: Sequence[Section], within: int | None = None) -> Found:
        if within is None and len(sections) == len(SECTIONS):
            return found
        return _only(found, allowed(self.starts, found.places, self.within(found.places), sections, within))


def occurrences(words: Sequence[Term | Prefix], forms: FormsOf, tokens: Array, starts: Numbers) -> Occurrences:
    """Return where words stand among tokens, with what each counts: what the second stage looks at.

    `tokens` and `starts` are as in `Tokens`.
    """
    found = [forms(word) for word in words]
    different = np.unique(np.concatenate([form.words for form in found])) if len(found) > 1 else found[0].words
    table = np.zeros((len(different) + 1, len(words), len(Grade)))
    for place, form in enumerate(found):
        table[np.searchsorted(different, form.words) + 1, place] = form.grades
    rows = _rows(different, tokens)
    places = np.flatnonzero(rows)
    within = np.searchsorted(starts, places, side="right") - 1
    grades = table[rows[places]]
    for place, word in enumerate(words):
        if word.within is not None or len(word.sections) < len(SECTIONS):
            grades[~allowed(starts, places, within, word.sections, word.within), place] = 0.0
    return Occurrences(within // len(SECTIONS), within % len(SECTIONS), places - starts[within], grades)


def _rows(words: Array, tokens: Array) -> Array:
    """Return for each token its place among `words` (ascending), counted from 1; 0 where it is none of them."""
    size = int(words[-1]) + 1 if len(words) else 0
    table = np.zeros(size + 1, np.uint16 if len(words) < _SMALL else np.uint32)
    table[words] = np.arange(1, len(words) + 1)
    return table.take(tokens, mode="clip")


def _found_by_any(forms: Sequence[Forms], tokens: Array) -> Mask:
    """Return which of the tokens are among the words of any of `forms`."""
    last = max((int(form.words[-1]) for form in forms if len(form.words)), default=-1)
    table = np.zeros(last + 2, bool)
    for form in forms:
        table[form.words] = True
    return table.take(tokens, mode="clip")


def _only(found: Found, kept: Mask) -> Found:
    return Found(found.places[kept], found.levels[kept], found.word)
