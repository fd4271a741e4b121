"""Measures: what a ranking is worth, and whether a difference is more than chance."""

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
    """One value for each query (float64)."""

    ndcg: Scores
    """nDCG@10, binary grades (Järvelin & Kekäläinen 2002)."""
    mrr: Scores
    """Reciprocal rank of the first relevant document, 0 beyond the tenth."""
    recall: Scores
    """Share of the relevant documents among the first hundred."""


def measured(ranked: list[npt.NDArray[np.int64]], relevant: list[frozenset[int]]) -> Measured:
    """Return the measures of rankings: document numbers, best first, a hundred or fewer."""
    rows = [_measured(found.tolist(), wanted) for found, wanted in zip(ranked, relevant, strict=True)]
    return Measured(*(np.array(column) for column in zip(*rows, strict=True)))


def _measured(found: list[int], wanted: frozenset[int]) -> tuple[float, float, float]:
    at = [rank for rank, number in enumerate(found[:RECALL_DEPTH]) if number in wanted]
    top = [rank for rank in at if rank < DEPTH]
    gain = sum(_GAINS[rank] for rank in top) / _GAINS[: len(wanted)].sum()
    return gain, 1 / (top[0] + 1) if top else 0.0, len(at) / len(wanted)


def randomisation_p(ours: Scores, theirs: Scores) -> float:
    """Return the two-sided p of a paired randomisation test (Smucker et al. 2007): signs flipped 10,000 times."""
    differences = ours - theirs
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    chance = np.random.default_rng(_SEED)
    signs = chance.integers(0, 2, (ROUNDS, len(differences)), dtype=np.int8) * np.int8(2) - np.int8(1)
    # The slack takes equal sums for equal, in whichever order they were added.
    extreme = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9
    return float((extreme.sum() + 1) / (ROUNDS + 1))
