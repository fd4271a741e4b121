"""The tokens of a few documents: which of them the words of a query match.

Shared by all engines that can read the tokens of an article back as word numbers: for the match positions of hits, and
for the second stage of ranking. Addresses and section numbers are those of `search/addresses.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, assert_never

import numpy as np
import numpy.typing as npt

from index.schema import Section
from search.addresses import SECTIONS, Mask, Numbers, allowed, common_sections, window_starts
from search.engine import MatchPosition
from search.forms import LEVELS, Array, Forms, Levels
from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term, Unscored, children
from search.ranking import Grade
from search.reranking import Occurrences

FormsOf = Callable[[Term | Prefix], Forms]
"""Returns the forms of a word of the query."""

_SMALL = 1 << 16
"""Number of words whose indices fit into 16 bits."""


class WordMatches(NamedTuple):
    """The tokens that match one word of the query."""

    addresses: Numbers
    """Ascending (int64)."""
    levels: npt.NDArray[np.uint8]
    """Closeness of the match at each address."""
    word: int
    """Number of the word in the query."""


class Tokens:
    """The concatenated tokens of some documents: title and body of the first, then of the second, and so on."""

    def __init__(self, tokens: Array, starts: Numbers, forms: FormsOf, widest: Levels | None = None) -> None:
        """Hold `tokens`, word numbers of shape (tokens,), and `starts` of shape (2 * documents + 1,).

        `starts` are the addresses at which the sections begin, followed by the end of the last section. `widest` has
        for each document the widest level at which its tokens match, of those that `match` limits; None: all levels.
        """
        self.starts = starts
        self._forms = forms
        self._widest = widest
        self._addresses: Numbers | None = None
        """Addresses of `_tokens`; None if these are all tokens, so that an index is an address."""
        self._tokens = tokens

    def only(self, words: Sequence[Term | Prefix]) -> Tokens:
        """Return only the tokens that a form of any of `words` matches: a long query then reads fewer for each word."""
        selected = Tokens(self._tokens, self.starts, self._forms, self._widest)
        kept: Numbers = np.flatnonzero(_matched_by_any([self._forms(word) for word in words], self._tokens))
        selected._addresses = kept if self._addresses is None else self._addresses[kept]
        selected._tokens = self._tokens[kept]
        return selected

    def found(self, node: Node) -> Iterator[WordMatches]:
        """Yield the tokens that each word of a tree matches; excluded words are skipped."""
        if isinstance(node, Unscored):
            return
        match node:
            case Term() | Prefix():
                yield self.word(node)
            case Phrase():
                yield from self._phrase(node)
            case Near():
                yield from self._near(node)
            case AtLeast() | And() | Or():
                for child in children(node):
                    yield from self.found(child)
            case _:
                assert_never(node)

    def word(self, node: Term | Prefix) -> WordMatches:
        """Return the tokens that a word matches in the sections and positions where it may occur."""
        forms = self._forms(node)
        matched = np.flatnonzero(forms.contains(self._tokens))
        addresses = matched if self._addresses is None else self._addresses[matched]
        found = WordMatches(addresses, forms.levels_of(self._tokens[matched]), node.word)
        if self._widest is not None and isinstance(node, Term) and not node.unlimited:
            documents = self.section_of(addresses) // len(SECTIONS)
            found = _filtered(found, found.levels <= self._widest[documents])
        return self._restricted(found, node.sections, node.within)

    def starts_of(self, node: Phrase | Near) -> Numbers:
        """Return the addresses at which a phrase begins, or a window with all words of a `Near`; ascending (int64)."""
        if isinstance(node, Phrase):
            return self._phrase_starts(node, self._words(node))
        _, starts = self._windows(node, self._words(node))
        reach = len(node.terms) + node.slop
        spread = self.starts + np.arange(len(self.starts)) * reach
        sections = np.searchsorted(spread, starts, side="right") - 1
        addresses: Numbers = starts - sections * reach
        return addresses

    def section_of(self, addresses: Numbers) -> Numbers:
        """Return the number of the section of each address, int64 of the same shape."""
        return self.starts.searchsorted(addresses, side="right") - 1

    def positions(self, node: Node) -> list[tuple[MatchPosition, ...]]:
        """Return for each document the tokens that the words of a tree match, in order, each at its closest level."""
        found = [found for found in self.found(node) if len(found.addresses)]
        if not found:
            return [() for _ in range((len(self.starts) - 1) // len(SECTIONS))]
        addresses, levels = found[0].addresses, found[0].levels
        words = np.full(len(addresses), found[0].word)
        if len(found) > 1:
            addresses = np.concatenate([item.addresses for item in found])
            levels = np.concatenate([item.levels for item in found])
            words = np.concatenate([np.full(len(item.addresses), item.word) for item in found])
            order = np.lexsort((words, levels, addresses))
            addresses, levels, words = addresses[order], levels[order], words[order]
            first = np.concatenate([[True], addresses[1:] != addresses[:-1]])
            addresses, levels, words = addresses[first], levels[first], words[first]
        return self._by_document(addresses, levels, words)

    def _by_document(
        self, addresses: Numbers, levels: npt.NDArray[np.uint8], words: Numbers
    ) -> list[tuple[MatchPosition, ...]]:
        """Return the match positions of each document, given one entry for each address."""
        sections = self.section_of(addresses)
        rows = zip(
            (sections % len(SECTIONS)).tolist(),
            (addresses - self.starts[sections]).tolist(),
            words.tolist(),
            levels.tolist(),
            strict=True,
        )
        matches = [
            MatchPosition(SECTIONS[section], position, word, LEVELS[level]) for section, position, word, level in rows
        ]
        bounds = addresses.searchsorted(self.starts[:: len(SECTIONS)]).tolist()
        return [tuple(matches[begin:end]) for begin, end in itertools.pairwise(bounds)]

    def _words(self, node: Phrase | Near) -> list[WordMatches]:
        return [self._restricted(self.word(term), common_sections(node)) for term in node.terms]

    def _phrase(self, node: Phrase) -> Iterator[WordMatches]:
        words = self._words(node)
        starts = self._phrase_starts(node, words)
        for found, offset in zip(words, node.offsets, strict=True):
            yield _filtered(found, np.isin(found.addresses, starts + offset, assume_unique=True))

    def _phrase_starts(self, node: Phrase, words: Sequence[WordMatches]) -> Numbers:
        starts: Numbers = words[0].addresses - node.offsets[0]
        for found, offset in zip(words[1:], node.offsets[1:], strict=True):
            starts = np.intersect1d(starts, found.addresses - offset, assume_unique=True)
        # a phrase does not continue in the next section
        return starts[starts + node.offsets[-1] < self.starts[self.section_of(starts) + 1]]

    def _near(self, node: Near) -> Iterator[WordMatches]:
        reach = len(node.terms) + node.slop
        words = self._words(node)
        keys, starts = self._windows(node, words)
        for found, key in zip(words, keys, strict=True):
            before = np.searchsorted(starts, key, side="right") - 1
            inside = (before >= 0) & (key - starts[np.maximum(before, 0)] < reach) if len(starts) else key < 0
            yield _filtered(found, inside)

    def _windows(self, node: Near, words: Sequence[WordMatches]) -> tuple[list[Numbers], Numbers]:
        """Return the keys of the tokens that each word matches, and of the starts of the windows with all words.

        A key is an address plus a gap of one window for each section before it, so that no window spans two sections.
        """
        reach = len(node.terms) + node.slop
        keys = [found.addresses + self.section_of(found.addresses) * reach for found in words]
        return keys, window_starts(keys, reach, ordered=node.ordered)

    def _restricted(self, found: WordMatches, sections: Sequence[Section], within: int | None = None) -> WordMatches:
        if within is None and len(sections) == len(SECTIONS):
            return found
        section_of = self.section_of(found.addresses)
        return _filtered(found, allowed(self.starts, found.addresses, section_of, sections, within))


def occurrences(words: Sequence[Term | Prefix], forms: FormsOf, tokens: Array, starts: Numbers) -> Occurrences:
    """Return the occurrences of `words` among `tokens`, with their grades, for the second stage.

    `tokens` and `starts` are as in `Tokens`; the columns of the grades are in the order of `words`.
    """
    found = [forms(word) for word in words]
    distinct = np.unique(np.concatenate([form.words for form in found])) if len(found) > 1 else found[0].words
    table = np.zeros((len(distinct) + 1, len(words), len(Grade)))
    for column, form in enumerate(found):
        table[np.searchsorted(distinct, form.words) + 1, column] = form.grades
    rows = _rows(distinct, tokens)
    addresses = np.flatnonzero(rows)
    sections = np.searchsorted(starts, addresses, side="right") - 1
    grades = table[rows[addresses]]
    for column, word in enumerate(words):
        if word.within is not None or len(word.sections) < len(SECTIONS):
            grades[~allowed(starts, addresses, sections, word.sections, word.within), column] = 0.0
    return Occurrences(sections // len(SECTIONS), sections % len(SECTIONS), addresses - starts[sections], grades)


def _rows(words: Array, tokens: Array) -> Array:
    """Return the index of each token in `words` (ascending), counted from 1; 0 for a token that is not among them."""
    size = int(words[-1]) + 1 if len(words) else 0
    table = np.zeros(size + 1, np.uint16 if len(words) < _SMALL else np.uint32)
    table[words] = np.arange(1, len(words) + 1)
    return table.take(tokens, mode="clip")


def _matched_by_any(forms: Sequence[Forms], tokens: Array) -> Mask:
    """Return which of the tokens are words of any of `forms`, shape (tokens,)."""
    last = max((int(form.words[-1]) for form in forms if len(form.words)), default=-1)
    table = np.zeros(last + 2, bool)
    for form in forms:
        table[form.words] = True
    return table.take(tokens, mode="clip")


def _filtered(found: WordMatches, kept: Mask) -> WordMatches:
    return WordMatches(found.addresses[kept], found.levels[kept], found.word)
