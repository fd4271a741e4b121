"""The quorum: how many of its content words a document must carry to be a match, and what listing matches first costs.

Documents that are no match stand behind the matches whatever their score. Plain OR, where the score alone decides, is
what every rule is measured against.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.quality.ranking.evaluation import Results
from bench.quality.ranking.measures import measured
from bench.quality.ranking.system import Floats, Numbers, ranked

SAMPLE = 200
"""Queries of a collection, both halves."""

Rule = Callable[[npt.NDArray[np.bool_], Floats], npt.NDArray[np.bool_]]
"""From which words each document carries, shape (documents, words), and what they are worth, to which ones match."""


class Loss(NamedTuple):
    """What a rule costs on a collection."""

    tune: float
    test: float
    """Change of nDCG@10 against plain OR, in percent of it."""
    matches: float
    """Documents that match, the mean over queries."""
    kept: float
    """Share of the relevant documents that match."""


def share_of_words(share: float, alone: int = 3, least: int = 1) -> Rule:
    """Return the rule that asks for all of up to `alone` words, and of more for a share, rounded up."""

    def rule(carried: npt.NDArray[np.bool_], worth: Floats) -> npt.NDArray[np.bool_]:
        words = len(worth)
        needed = words if words <= alone else max(least, math.ceil(share * words))
        enough: npt.NDArray[np.bool_] = carried.sum(axis=1) >= needed
        return enough

    return rule


def share_of_mass(share: float, alone: int = 3) -> Rule:
    """Return the rule that asks for all of up to `alone` words, and of more for a share of their idf mass."""

    def rule(carried: npt.NDArray[np.bool_], worth: Floats) -> npt.NDArray[np.bool_]:
        asked = 1.0 if len(worth) <= alone else share
        enough: npt.NDArray[np.bool_] = carried @ worth >= asked * worth.sum() - 1e-9
        return enough

    return rule


RULES: dict[str, Rule] = {
    "up to 3 all, else 40%, at least 3": share_of_words(0.4, least=3),
    "up to 3 all, else any": share_of_words(0.01),
    "up to 3 all, else half, at least 3": share_of_words(0.5, least=3),
    "up to 3 all, else 1/3, at least 3": share_of_words(1 / 3, least=3),
    "up to 3 all, else 40% of the idf mass": share_of_mass(0.4),
    "all words": share_of_words(1.0),
    "half of the words": share_of_words(0.5, alone=1),
    "40% of the words": share_of_words(0.4, alone=1),
    "1/3 of the words": share_of_words(1 / 3, alone=1),
}
"""The second says what asking for all words of a short query costs by itself; of questions the product asks 40%."""


def losses(results: Results) -> dict[str, Loss]:
    """Return what each rule costs on a collection."""
    step = max(1, len(results.queries) // SAMPLE)
    numbers = [number for number in range(0, len(results.queries), step) if results.queries[number].scored]
    found: dict[str, list[Numbers]] = {name: [] for name in ("OR", *RULES)}
    counted: dict[str, list[tuple[int, float]]] = {name: [] for name in RULES}
    for number in numbers:
        query = results.queries[number]
        relevant = list(results.collection.queries[number].relevant)
        carried, worth = results.system.carried(query)
        found["OR"].append(ranked(results.system.any_of(query)))
        for name, rule in RULES.items():
            matching = rule(carried, worth) & carried.any(axis=1)
            found[name].append(ranked(results.system.any_of(query, matching)))
            counted[name].append((int(matching.sum()), float(matching[relevant].mean())))
    judged = [results.collection.queries[number].relevant for number in numbers]
    tune = results.tune[numbers]
    values = {name: measured(each, judged).ndcg for name, each in found.items()}
    plain = values["OR"]
    return {
        name: Loss(
            100 * (values[name][tune].mean() / plain[tune].mean() - 1),
            100 * (values[name][~tune].mean() / plain[~tune].mean() - 1),
            float(np.mean([matches for matches, _ in counted[name]])),
            float(np.mean([kept for _, kept in counted[name]])),
        )
        for name in RULES
    }
