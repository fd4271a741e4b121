"""The second stage of ranking: scores the best hits of the first stage by the positions of the query's words in them.

It is independent of engines: an engine passes the occurrences of the words as arrays and gets the parts of the score,
so that all engines have the same scores. All weights are in `search/ranking.py`.

The candidates are numbered from 0. Throughout, the first axis of an array is the occurrence (or the candidate), and the
second one is the word of the query, in the order of `ranked_words`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.schema import Section
from search import ranking
from search.query import Node, Prefix, Term
from search.ranking import Floats, Grade
from search.wordforms import content_words

Numbers = npt.NDArray[np.int64]

SECTIONS = tuple(Section)


class Occurrences(NamedTuple):
    """The tokens of the candidates that match a word of the query, ascending by candidate, section and position.

    The arrays have one row for each such token.
    """

    candidates: Numbers
    """Number of the candidate (int64)."""
    sections: Numbers
    """Index of the section in `SECTIONS` (int64)."""
    positions: Numbers
    """Position of the token in its section, stop words included (int64)."""
    grades: Floats
    """Weight of the token for each word of the query, shape (occurrences, words, grades); 0 for words that it does not
    match. See `search.ranking.Grade`."""


class Parts(NamedTuple):
    """What the second stage adds to the score of each candidate, weighted: float64, shape (candidates,), 0 or more."""

    surface: Floats
    """For the words themselves, as typed except for folding."""
    opening: Floats
    """For words early in the body, or in the title."""
    window: Floats
    """For words close together."""
    pairs: Floats
    """For adjacent words of the query that are adjacent, in the same order."""

    def score(self) -> Floats:
        """Return the sum of the parts, shape (candidates,)."""
        added: Floats = np.sum(self, axis=0)
        return added


def ranked_words(node: Node) -> list[Term | Prefix]:
    """Return the distinct content words of a tree that are scored, in the order of the query; excluded words are not.

    Stop words are not ranked by where they stand: they stand everywhere.
    """
    distinct: dict[object, Term | Prefix] = {}
    for word in sorted(content_words(node), key=lambda word: word.word):
        searched = word.alternatives if isinstance(word, Term) else word.text
        distinct.setdefault((searched, word.sections, word.within), word)
    return list(distinct.values())


def rerank(occurrences: Occurrences, norms: Floats, idfs: Floats) -> Parts:
    """Return the parts of the score of each candidate.

    `norms`, shape (candidates, sections), are those of `ranking.section_norms`; `idfs`, shape (words,), are the inverse
    document frequencies of the words of the query.
    """
    if not len(occurrences.candidates):
        return Parts(*np.zeros((len(Parts._fields), len(norms))))
    near = occurrences.grades[:, :, Grade.NEAR]
    in_section = _Groups(occurrences.candidates * len(SECTIONS) + occurrences.sections, len(norms) * len(SECTIONS))
    in_document = _Groups(occurrences.candidates, len(norms))

    frequencies = occurrences.grades[:, :, Grade.SURFACE] * norms[occurrences.candidates, occurrences.sections, None]
    surface = ranking.saturation(in_document.sums(frequencies)) @ idfs

    in_title = occurrences.sections == SECTIONS.index(Section.TITLE)
    early = np.where(in_title, 1.0, ranking.position_decay(occurrences.positions))
    opening = in_document.maxima(near * early[:, None]) @ idfs
    passage = in_document.maxima(_passages(occurrences, in_section, near) @ idfs)
    adjacent = in_document.maxima(_pairs(occurrences, in_section, near)) @ ((idfs[:-1] + idfs[1:]) / 2)
    return Parts(
        surface=ranking.SURFACE * surface,
        opening=ranking.OPENING * np.maximum(opening, ranking.ELSEWHERE * passage),
        window=ranking.PASSAGE * passage,
        pairs=ranking.PAIRS * adjacent,
    )


class _Groups:
    """Groups of consecutive occurrences: those of one candidate, or of one section of it."""

    def __init__(self, group_of: Numbers, count: int) -> None:
        """Group by `group_of`, the number of each occurrence's group, ascending; there are `count` groups."""
        self.group_of = group_of
        self._count = count
        self._begins = np.flatnonzero(np.concatenate([[True], group_of[1:] != group_of[:-1]]))

    def sums(self, values: Floats) -> Floats:
        """Return the sum over each group, shape (groups, …) for values of shape (occurrences, …)."""
        return self._reduced(np.add, values)

    def maxima(self, values: Floats) -> Floats:
        """Return the maximum over each group, 0 for an empty one; shapes as in `sums`."""
        return self._reduced(np.maximum, values)

    def _reduced(self, by: np.ufunc, values: Floats) -> Floats:
        reduced = np.zeros((self._count, *values.shape[1:]))
        reduced[self.group_of[self._begins]] = by.reduceat(values, self._begins, axis=0)
        return reduced


def _passages(occurrences: Occurrences, groups: _Groups, near: Floats) -> Floats:
    """Return for the passage that begins at each occurrence the maximum of `near` for each word of the query.

    `near` and the result have shape (occurrences, words).
    """
    best = near.copy()
    for step in range(1, min(ranking.PASSAGE_TOKENS, len(near))):
        inside = np.flatnonzero(_within(occurrences, groups, step, ranking.PASSAGE_TOKENS - 1))
        if not len(inside):
            break
        best[inside] = np.maximum(best[inside], near[inside + step])
    return best


def _pairs(occurrences: Occurrences, groups: _Groups, near: Floats) -> Floats:
    """Return the weight of each occurrence as the first word of each pair of adjacent words in the query.

    `near` has shape (occurrences, words), the result has shape (occurrences, words - 1).
    """
    adjacent = np.zeros((len(near), near.shape[1] - 1))
    for step in range(1, min(ranking.PAIR_TOKENS + 1, len(near))):
        inside = np.flatnonzero(_within(occurrences, groups, step, ranking.PAIR_TOKENS))
        if not len(inside):
            break
        both = np.minimum(near[inside, :-1], near[inside + step, 1:])
        adjacent[inside] = np.maximum(adjacent[inside], both)
    return adjacent


def _within(occurrences: Occurrences, groups: _Groups, step: int, distance: int) -> npt.NDArray[np.bool_]:
    """Return whether the occurrence `step` rows after each is in the same group, at most `distance` tokens away.

    Shape (occurrences - step,).
    """
    same = groups.group_of[step:] == groups.group_of[:-step]
    near: npt.NDArray[np.bool_] = same & (occurrences.positions[step:] - occurrences.positions[:-step] <= distance)
    return near
