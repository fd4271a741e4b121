"""The candidates of the second stage: where the words of a query stand in them, read from their own tokens at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.segment import SECTIONS
from search.engines.whoosh.executor import Executor
from search.engines.whoosh.forms import Forms
from search.engines.whoosh.postings import allowed
from search.engines.whoosh.snapshot import Numbers, Snapshot
from search.query import Node, Prefix, Term
from search.ranking import READ_TOKENS, Grade
from search.reranking import Occurrences, Parts, ranked_words, rerank

_SMALL = 1 << 16


def second_stage(executor: Executor, node: Node, documents: Sequence[int]) -> Parts:
    """Return what the second stage adds to the score of each document."""
    words = ranked_words(node)
    snapshot = executor.snapshot
    tokens, starts = _tokens(snapshot, documents)
    found = _occurrences(words, [executor.forms(word) for word in words], tokens, starts)
    norms = np.stack([snapshot.norms[section][list(documents)] for section in SECTIONS], axis=1)
    return rerank(found, norms, np.array([executor.rarity(word) for word in words]))


def _tokens(snapshot: Snapshot, documents: Sequence[int]) -> tuple[Array, Numbers]:
    """Return the tokens of the documents end to end, and where each section begins (title, body, title, …, end)."""
    parts: list[Array] = []
    lengths: list[int] = []
    for segment, begin, middle, end in snapshot.token_ranges(documents):
        last = min(end, middle + READ_TOKENS)
        parts.append(segment.tokens[begin:last])
        lengths += (middle - begin, last - middle)
    return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])


def _occurrences(words: Sequence[Term | Prefix], forms: Sequence[Forms], tokens: Array, starts: Numbers) -> Occurrences:
    different = np.unique(np.concatenate([form.words for form in forms])) if len(forms) > 1 else forms[0].words
    table = np.zeros((len(different) + 1, len(words), len(Grade)))
    for place, form in enumerate(forms):
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
