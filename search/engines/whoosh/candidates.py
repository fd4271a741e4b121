"""The candidates of the second stage: where the words of a query stand in them, read from their own tokens at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.whoosh.arrays import Array
from index.engines.whoosh.segment import SECTIONS
from search.engines.whoosh.executor import Executor
from search.engines.whoosh.forms import Forms, among
from search.engines.whoosh.postings import allowed
from search.engines.whoosh.snapshot import Numbers, Snapshot
from search.query import Node, Prefix, Term
from search.ranking import READ_TOKENS, Grade
from search.reranking import Occurrences, Parts, ranked_words, rerank


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
    for document in documents:
        tokens, title = snapshot.tokens(document)
        read = tokens[: title + READ_TOKENS]
        parts.append(read)
        lengths += (title, len(read) - title)
    return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])


def _occurrences(words: Sequence[Term | Prefix], forms: Sequence[Forms], tokens: Array, starts: Numbers) -> Occurrences:
    different = np.unique(np.concatenate([form.words for form in forms]))
    table = np.zeros((len(different), len(words), len(Grade)))
    for place, form in enumerate(forms):
        table[np.searchsorted(different, form.words), place] = form.grades
    places = np.flatnonzero(among(different, tokens))
    within = np.searchsorted(starts, places, side="right") - 1
    grades = table[np.searchsorted(different, tokens[places])]
    for place, word in enumerate(words):
        if word.within is not None or len(word.sections) < len(SECTIONS):
            grades[~allowed(starts, places, within, word.sections, word.within), place] = 0.0
    return Occurrences(within // len(SECTIONS), within % len(SECTIONS), places - starts[within], grades)
