"""The terms of one document, read from the forward index without analyzing its text again."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import SECTIONS
from index.schema import Section, TokenField
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Mask, Numbers, Weights
from search.engines.whoosh_reader.matching import Occurrences
from search.engines.whoosh_reader.tokens import located
from search.engines.whoosh_reader.view import SECTION_INDICES, View


class Vector(NamedTuple):
    """The terms of a document in one field, ascending, with their weights and occurrences."""

    terms: list[str]
    weights: list[float]
    occurrences: Callable[[], Occurrences]


class _Pairs(NamedTuple):
    """Pairs of a distinct word of a document and one of its terms; all arrays have shape (pairs,)."""

    words: Numbers
    """Index of the word."""
    terms: Numbers
    """Index of the term."""
    shares: Weights
    """Share of the term in the word."""


def read_vector(view: View, document: int, section: Section, field: TokenField) -> Vector:
    """Return the terms of a section of a document, with the same weights as in postings."""
    segment, number = view.locate(document)
    index = len(SECTIONS) * number + SECTION_INDICES[section]
    begin, end = segment.section_starts[index : index + 2].tolist()
    words, word_of, counts = np.unique(segment.tokens[begin:end], return_inverse=True, return_counts=True)
    keys, pairs = _terms_of(view, words, field)
    weights = np.bincount(pairs.terms, pairs.shares * counts[pairs.words], minlength=len(keys))

    def occurrences() -> Occurrences:
        # tokens grouped by word, then by term
        by_word = np.argsort(word_of, kind="stable")
        if not len(pairs.words):
            return Occurrences(np.empty((0, 3), np.uint32), np.zeros(1, np.int64))
        rows, lengths = runs(np.append(0, np.cumsum(counts)), pairs.words)
        tokens, terms = by_word[rows], np.repeat(pairs.terms, lengths)
        order = np.lexsort((tokens, terms))
        occurrence_rows = located(segment, begin + tokens[order], np.full(len(order), begin))
        return Occurrences(occurrence_rows, np.searchsorted(terms[order], np.arange(len(keys) + 1)))

    return Vector([key.decode("utf-8", "surrogatepass") for key in keys], weights.tolist(), occurrences)


def _terms_of(view: View, words: Numbers, field: TokenField) -> tuple[list[bytes], _Pairs]:
    """Return the terms of content words in a field, ascending, and the pairs of word and term."""
    segments = view.generation.segments
    # if several segments begin at the same number, only the last of them has words of its own
    owners = np.searchsorted([segment.first_word for segment in segments], words, side="right") - 1
    parts: list[tuple[Numbers, list[bytes], Weights]] = []
    for owner in np.unique(owners):
        segment, own_words = segments[owner], np.flatnonzero(owners == owner)
        rows, lengths = runs(segment.word_term_starts, words[own_words].astype(np.int64) - segment.first_word)
        numbers = segment.word_terms[rows]
        word_of = np.repeat(own_words, lengths)
        in_field = _between(numbers, *segment.terms_of_field(field))
        content_words = word_of[_between(numbers, *segment.terms_of_field(TokenField.SURFACE))]
        in_field &= np.isin(word_of, content_words)
        shares = segment.weights[segment.word_term_weights[rows][in_field]]
        field_terms = segment.terms.select(numbers[in_field].astype(np.int64))
        parts.append((word_of[in_field], field_terms, shares))
    keys = sorted({term[1:] for _, field_terms, _ in parts for term in field_terms})
    indices = {key: index for index, key in enumerate(keys)}
    terms = np.array([indices[term[1:]] for _, field_terms, _ in parts for term in field_terms], np.int64)
    empty = np.empty(0, np.int64)
    return keys, _Pairs(
        np.concatenate([empty, *(part_words for part_words, _, _ in parts)]),
        terms,
        np.concatenate([np.empty(0), *(shares for _, _, shares in parts)]),
    )


def _between(numbers: Array, first: int, last: int) -> Mask:
    """Return which numbers are in a half-open range."""
    mask: Mask = (numbers >= first) & (numbers < last)
    return mask
