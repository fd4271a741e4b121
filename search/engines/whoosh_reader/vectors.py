"""The terms of one document, from its tokens: the forward index is at hand, so that nothing is analyzed again."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from index.engines.embedded.segment import SECTIONS
from index.schema import Section, TokenField
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Numbers, Weights
from search.engines.whoosh_reader.matching import Occurrences
from search.engines.whoosh_reader.tokens import located
from search.engines.whoosh_reader.view import SECTION_PLACES, View


class Vector(NamedTuple):
    """The terms of a document in one field, ascending, each with its weight there and where it stands."""

    terms: list[str]
    weights: list[float]
    occurrences: Callable[[], Occurrences]


class _Pairs(NamedTuple):
    """Which distinct word of a document has which term, and the share of the term in the word; of one length."""

    words: Numbers
    terms: Numbers
    shares: Weights


def read_vector(view: View, document: int, section: Section, field: TokenField) -> Vector:
    """Return the terms of a section of a document; their weights are those of the postings."""
    segment, number = view.place(document)
    place = len(SECTIONS) * number + SECTION_PLACES[section]
    begin, end = segment.section_starts[place : place + 2].tolist()
    words, word_of, counts = np.unique(segment.tokens[begin:end], return_inverse=True, return_counts=True)
    keys, pairs = _terms_of(view, words, field)
    weights = np.bincount(pairs.terms, pairs.shares * counts[pairs.words], minlength=len(keys))

    def occurrences() -> Occurrences:
        # the addresses of each word by turns, then those of each term
        by_word = np.argsort(word_of, kind="stable")
        if not len(pairs.words):
            return Occurrences(np.empty((0, 3), np.uint32), np.zeros(1, np.int64))
        rows, lengths = runs(np.append(0, np.cumsum(counts)), pairs.words)
        tokens, terms = by_word[rows], np.repeat(pairs.terms, lengths)
        order = np.lexsort((tokens, terms))
        located_ = located(segment, begin + tokens[order], np.full(len(order), begin))
        return Occurrences(located_, np.searchsorted(terms[order], np.arange(len(keys) + 1)))

    return Vector([key.decode("utf-8", "surrogatepass") for key in keys], weights.tolist(), occurrences)


def _terms_of(view: View, words: Numbers, field: TokenField) -> tuple[list[bytes], _Pairs]:
    """Return the terms that words have in a field, ascending, and which word has which of them."""
    segments = view.generation.segments
    # of segments that begin at one number, all but the last add no word
    owners = np.searchsorted([segment.first_word for segment in segments], words, side="right") - 1
    found: list[tuple[Numbers, list[bytes], Weights]] = []
    for owner in np.unique(owners):
        segment, here = segments[owner], np.flatnonzero(owners == owner)
        rows, lengths = runs(segment.word_term_starts, words[here].astype(np.int64) - segment.first_word)
        numbers = segment.word_terms[rows]
        first, last = segment.terms_of_field(field)
        kept = (numbers >= first) & (numbers < last)
        shares = segment.weights[segment.word_term_weights[rows][kept]]
        found.append((np.repeat(here, lengths)[kept], segment.terms.select(numbers[kept].astype(np.int64)), shares))
    keys = sorted({key[1:] for _, some, _ in found for key in some})
    places = {key: place for place, key in enumerate(keys)}
    terms = np.array([places[key[1:]] for _, some, _ in found for key in some], np.int64)
    empty = np.empty(0, np.int64)
    return keys, _Pairs(
        np.concatenate([empty, *(of_words for of_words, _, _ in found)]),
        terms,
        np.concatenate([np.empty(0), *(shares for _, _, shares in found)]),
    )
