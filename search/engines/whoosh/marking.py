"""Which tokens of the hits the words of a query found: read from the hits' own tokens, all hits at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.segment import SECTIONS
from index.schema import Section
from search.engine import MatchPosition
from search.engines.whoosh.executor import Executor
from search.engines.whoosh.forms import LEVELS, Forms
from search.engines.whoosh.positional import common_sections, window_starts
from search.engines.whoosh.postings import allowed
from search.engines.whoosh.snapshot import Numbers
from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term
from search.wordforms import searched_words


class _Found(NamedTuple):
    """Tokens that one word of the query found."""

    places: Numbers
    """Among all tokens of the hits."""
    levels: npt.NDArray[np.uint8]
    word: int


def match_positions(executor: Executor, node: Node, documents: Sequence[int]) -> list[tuple[MatchPosition, ...]]:
    """Return for each document the tokens that the words of the tree found, each at its closest level, in order."""
    if not documents:
        return []
    tokens = _Tokens(executor, node, documents)
    found = [found for found in tokens.found(node) if len(found.places)]
    if not found:
        return [() for _ in documents]
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
    return tokens.positions(places, levels, words)


class _Tokens:
    """The tokens of the hits end to end: title and body of the first hit, then of the second, and so on.

    Only those that any word of the tree may find are kept, so that a long query does not look at all of them for each.
    """

    def __init__(self, executor: Executor, node: Node, documents: Sequence[int]) -> None:
        self._executor = executor
        parts = [executor.snapshot.tokens(document) for document in documents]
        lengths = [length for tokens, title in parts for length in (title, len(tokens) - title)]
        self._starts = np.array([0, *itertools.accumulate(lengths)], np.int64)
        tokens: Array = np.concatenate([tokens for tokens, _ in parts])
        self._places: Numbers = np.flatnonzero(
            _found_by_any([executor.forms(word) for word in searched_words(node)], tokens)
        )
        self._tokens: Array = tokens[self._places]

    def found(self, node: Node) -> Iterator[_Found]:
        """Yield what each word of a tree found; excluded words find nothing."""
        match node:
            case Term() | Prefix():
                yield self._word(node)
            case AtLeast():
                yield self._word(node.term)
            case Phrase():
                yield from self._phrase(node)
            case Near():
                yield from self._near(node)
            case And() | Or():
                for child in node.children:
                    yield from self.found(child)
            case _:
                return

    def positions(
        self, places: Numbers, levels: npt.NDArray[np.uint8], words: Numbers
    ) -> list[tuple[MatchPosition, ...]]:
        """Return positions by document, for places in ascending order."""
        within = self._within(places)
        rows = zip(
            (within % len(SECTIONS)).tolist(),
            (places - self._starts[within]).tolist(),
            words.tolist(),
            levels.tolist(),
            strict=True,
        )
        made = [
            MatchPosition(SECTIONS[section], position, word, LEVELS[level]) for section, position, word, level in rows
        ]
        bounds = places.searchsorted(self._starts[:: len(SECTIONS)]).tolist()
        return [tuple(made[begin:end]) for begin, end in itertools.pairwise(bounds)]

    def _word(self, node: Term | Prefix) -> _Found:
        forms = self._executor.forms(node)
        found_at = np.flatnonzero(forms.within(self._tokens))
        found = _Found(self._places[found_at], forms.levels_of(self._tokens[found_at]), node.word)
        return self._restricted(found, node.sections, node.within)

    def _phrase(self, node: Phrase) -> Iterator[_Found]:
        words = [self._restricted(self._word(term), common_sections(node)) for term in node.terms]
        starts = words[0].places - node.offsets[0]
        for found, offset in zip(words[1:], node.offsets[1:], strict=True):
            starts = np.intersect1d(starts, found.places - offset, assume_unique=True)
        within = self._within(starts)
        starts = starts[starts + node.offsets[-1] < self._starts[within + 1]]
        for found, offset in zip(words, node.offsets, strict=True):
            yield _only(found, np.isin(found.places, starts + offset, assume_unique=True))

    def _near(self, node: Near) -> Iterator[_Found]:
        reach = len(node.terms) + node.slop
        words = [self._restricted(self._word(term), common_sections(node)) for term in node.terms]
        # sections spread apart by more than a window, as in `positional.near_starts`
        keys = [found.places + self._within(found.places) * reach for found in words]
        starts = window_starts(keys, reach, ordered=node.ordered)
        for found, key in zip(words, keys, strict=True):
            before = np.searchsorted(starts, key, side="right") - 1
            inside = (before >= 0) & (key - starts[np.maximum(before, 0)] < reach) if len(starts) else key < 0
            yield _only(found, inside)

    def _restricted(self, found: _Found, sections: Sequence[Section], within: int | None = None) -> _Found:
        if within is None and len(sections) == len(SECTIONS):
            return found
        return _only(found, allowed(self._starts, found.places, self._within(found.places), sections, within))

    def _within(self, places: Numbers) -> Numbers:
        """Return the number of the section that each place lies in."""
        return self._starts.searchsorted(places, side="right") - 1


def _found_by_any(forms: Sequence[Forms], tokens: Array) -> npt.NDArray[np.bool_]:
    """Return which of the tokens are among the words of any of `forms`."""
    last = max((int(form.words[-1]) for form in forms if len(form.words)), default=-1)
    table = np.zeros(last + 2, bool)
    for form in forms:
        table[form.words] = True
    return table.take(tokens, mode="clip")


def _only(found: _Found, kept: npt.NDArray[np.bool_]) -> _Found:
    return _Found(found.places[kept], found.levels[kept], found.word)
