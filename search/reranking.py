"""The second stage: the best of the first one again, by where the words of the query stand in them.

No engine's structure appears here: an engine says where the words stand, as arrays, and gets the parts of the score.
So each engine that tells the same has the same scores. All weights are in `search/ranking.py`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.schema import Section
from search import ranking
from search.query import Node, Prefix, Term
from search.ranking import Floats, Grade
from search.wordforms import searched_words

Numbers = npt.NDArray[np.int64]

SECTIONS = tuple(Section)


class Occurrences(NamedTuple):
    """Where any word of the query stands in the candidates: arrays of one length, in ascending order of place."""

    candidates: Numbers
    """Number of the candidate, from 0."""
    sections: Numbers
    """Place of the section in `SECTIONS`."""
    positions: Numbers
    """Of tokens in their section, stop words included."""
    grades: Floats
    """Shape (occurrences, words, grades): what it counts for each word of the query; 0 for the others."""


class Parts(NamedTuple):
    """What the second stage adds to the score of each candidate, weighted; float64, 0 or more."""

    surface: Floats
    """Having the very word, folding aside."""
    opening: Floats
    """Standing early."""
    window: Floats
    """Standing close together."""
    pairs: Floats
    """Standing side by side, in the order of the query."""

    def score(self) -> Floats:
        """Return the sum of the parts."""
        added: Floats = np.sum(self, axis=0)
        return added


def ranked_words(node: Node) -> list[Term | Prefix]:
    """Return the words of a tree that give a score, each once, in the order of the query; excluded ones give none."""
    found: dict[object, Term | Prefix] = {}
    for word in sorted(searched_words(node), key=lambda word: word.word):
        asked = word.alternatives if isinstance(word, Term) else word.text
        found.setdefault((asked, word.sections, word.within), word)
    return list(found.values())


def rerank(found: Occurrences, norms: Floats, idfs: Floats) -> Parts:
    """Return the parts of the score of each candidate.

    `norms`, shape (candidates, sections), are those of `ranking.section_norms`; `idfs` is the inverse document
    frequency of each word of the query, in its order.
    """
    if not len(found.candidates):
        return Parts(*np.zeros((len(Parts._fields), len(norms))))
    near = found.grades[:, :, Grade.NEAR]
    in_section = _Groups(found.candidates * len(SECTIONS) + found.sections, len(norms) * len(SECTIONS))
    in_document = _Groups(found.candidates, len(norms))

    frequencies = found.grades[:, :, Grade.SURFACE] * norms[found.candidates, found.sections, None]
    surface = ranking.saturation(in_document.sums(frequencies)) @ idfs

    in_title = found.sections == SECTIONS.index(Section.TITLE)
    early = np.where(in_title, 1.0, ranking.position_decay(found.positions))
    opening = in_document.maxima(near * early[:, None]) @ idfs
    passage = in_document.maxima(_passages(found, in_section, near) @ idfs)
    together = in_document.maxima(_pairs(found, in_section, near)) @ ((idfs[:-1] + idfs[1:]) / 2)
    return Parts(
        surface=ranking.SURFACE * surface,
        opening=ranking.OPENING * np.maximum(opening, ranking.ELSEWHERE * passage),
        window=ranking.PASSAGE * passage,
        pairs=ranking.PAIRS * together,
    )


class _Groups:
    """Runs of occurrences that belong together; `of` ascends."""

    def __init__(self, of: Numbers, count: int) -> None:
        self.of = of
        self._count = count
        self._begins = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))

    def sums(self, values: Floats) -> Floats:
        """Return the sum of each group."""
        return self._reduced(np.add, values)

    def maxima(self, values: Floats) -> Floats:
        """Return the greatest of each group, 0 where it is empty."""
        return self._reduced(np.maximum, values)

    def _reduced(self, by: np.ufunc, values: Floats) -> Floats:
        reduced = np.zeros((self._count, *values.shape[1:]))
        reduced[self.of[self._begins]] = by.reduceat(values, self._begins, axis=0)
        return reduced


def _passages(found: Occurrences, groups: _Groups, near: Floats) -> Floats:
    """Return for the passage that begins at each occurrence what each word of the query counts in it at best."""
    best = near.copy()
    for step in range(1, min(ranking.PASSAGE_TOKENS, len(near))):
        inside = np.flatnonzero(_within(found, groups, step, ranking.PASSAGE_TOKENS - 1))
        if not len(inside):
            break
        best[inside] = np.maximum(best[inside], near[inside + step])
    return best


def _pairs(found: Occurrences, groups: _Groups, near: Floats) -> Floats:
    """Return for each occurrence what it counts as the first of each pair of neighbours in the query."""
    together = np.zeros((len(near), near.shape[1] - 1))
    for step in range(1, min(ranking.PAIR_TOKENS + 1, len(near))):
        inside = np.flatnonzero(_within(found, groups, step, ranking.PAIR_TOKENS))
        if not len(inside):
            break
        both = np.minimum(near[inside, :-1], near[inside + step, 1:])
        together[inside] = np.maximum(together[inside], both)
    return together


def _within(found: Occurrences, groups: _Groups, step: int, distance: int) -> npt.NDArray[np.bool_]:
    """Return for each occurrence but the last `step` whether the one `step` on is in the same section, and near."""
    same = groups.of[step:] == groups.of[:-step]
    near: npt.NDArray[np.bool_] = same & (found.positions[step:] - found.positions[:-step] <= distance)
    return near
