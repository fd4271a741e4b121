"""Measures of a ranking, and the significance of a difference between two."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]

DEPTH = 10
RECALL_DEPTH = 100
ROUNDS = 10_000
_SEED = 20261122
_GAINS = 1 / np.log2(np.arange(2, DEPTH + 2))


class Measured(NamedTuple):
    """One value for each query, shape (queries,), float64."""

    ndcg: Scores
    """nDCG@10 with binary grades (Järvelin & Kekäläinen 2002)."""
    mrr: Scores
    """Reciprocal rank of the first relevant document, 0 if it is not among the first ten (MRR@10)."""
    recall: Scores
    """Share (0..1) of the relevant documents that are among the first hundred."""


def measured(ranked: list[npt.NDArray[np.int64]], relevant: list[frozenset[int]]) -> Measured:
    """Return the measures of the rankings of several queries.

    A ranking is an array of document numbers (int64), best first; ranks after the hundredth are ignored. `relevant` has
    the numbers of the relevant documents of each query.
    """
    rows = [_measures(ranking.tolist(), judged) for ranking, judged in zip(ranked, relevant, strict=True)]
    return Measured(*(np.array(column) for column in zip(*rows, strict=True)))


def _measures(ranking: list[int], relevant: frozenset[int]) -> tuple[float, float, float]:
    ranks = [rank for rank, number in enumerate(ranking[:RECALL_DEPTH]) if number in relevant]
    top = [rank for rank in ranks if rank < DEPTH]
    gain = sum(_GAINS[rank] for rank in top) / _GAINS[: len(relevant)].sum()
    return gain, 1 / (top[0] + 1) if top else 0.0, len(ranks) / len(relevant)


def randomisation_p(ours: Scores, theirs: Scores) -> float:
    """Return the two-sided p of a paired randomisation test with 10,000 random sign flips (Smucker et al. 2007).

    `ours` and `theirs` have one value for each query, in the same order.
    """
    differences = ours - theirs
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    chance = np.random.default_rng(_SEED)
    signs = chance.integers(0, 2, (ROUNDS, len(differences)), dtype=np.int8) * np.int8(2) - np.int8(1)
    # The tolerance makes sums equal that differ only by the order of their additions.
    extreme = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9
    return float((extreme.sum() + 1) / (ROUNDS + 1))
