"""The quorum: rules for how many content words of a query a document must have to match, and their cost.

Partial matches are ranked after all matches, whatever their score. The baseline of every rule is plain OR, where the
score alone decides.
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
"""Number of queries of a collection that are measured, of both halves."""

Rule = Callable[[npt.NDArray[np.bool_], Floats], npt.NDArray[np.bool_]]
"""Returns whether each document matches, shape (documents,).

The arguments are whether each document has each word, shape (documents, words), and the idf of the words, shape
(words,).
"""


class Loss(NamedTuple):
    """The cost of a rule on a collection."""

    tune: float
    """Change of nDCG@10 against plain OR on the tune half, in percent."""
    test: float
    """The same on the test half."""
    matches: float
    """Number of matches, the mean over queries."""
    kept: float
    """Share (0..1) of the relevant documents that match, the mean over queries."""


def share_of_words(share: float, alone: int = 3, least: int = 1) -> Rule:
    """Return the rule that requires all of up to `alone` words, and a share of more words, rounded up, min. `least`."""

    def rule(present: npt.NDArray[np.bool_], idf: Floats) -> npt.NDArray[np.bool_]:
        words = len(idf)
        needed = words if words <= alone else max(least, math.ceil(share * words))
        enough: npt.NDArray[np.bool_] = present.sum(axis=1) >= needed
        return enough

    return rule


def share_of_mass(share: float, alone: int = 3) -> Rule:
    """Return the rule that requires all of up to `alone` words, and of more words a share of the sum of their idf."""

    def rule(present: npt.NDArray[np.bool_], idf: Floats) -> npt.NDArray[np.bool_]:
        needed = 1.0 if len(idf) <= alone else share
        enough: npt.NDArray[np.bool_] = present @ idf >= needed * idf.sum() - 1e-9
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
"""The first is Judhur's rule, except for questions, which require 40% of their words.

The second shows the cost of requiring all words of short queries alone.
"""


def losses(results: Results) -> dict[str, Loss]:
    """Return the cost of each rule on a collection."""
    step = max(1, len(results.queries) // SAMPLE)
    numbers = [number for number in range(0, len(results.queries), step) if results.queries[number].scored]
    rankings: dict[str, list[Numbers]] = {name: [] for name in ("OR", *RULES)}
    matches_and_kept: dict[str, list[tuple[int, float]]] = {name: [] for name in RULES}
    for number in numbers:
        query = results.queries[number]
        relevant = list(results.collection.queries[number].relevant)
        present, idf = results.system.words_present(query)
        rankings["OR"].append(ranked(results.system.any_of(query)))
        for name, rule in RULES.items():
            matching = rule(present, idf) & present.any(axis=1)
            rankings[name].append(ranked(results.system.any_of(query, matching)))
            matches_and_kept[name].append((int(matching.sum()), float(matching[relevant].mean())))
    judged = [results.collection.queries[number].relevant for number in numbers]
    tune = results.tune[numbers]
    values = {name: measured(of_rule, judged).ndcg for name, of_rule in rankings.items()}
    plain = values["OR"]
    return {
        name: Loss(
            100 * (values[name][tune].mean() / plain[tune].mean() - 1),
            100 * (values[name][~tune].mean() / plain[~tune].mean() - 1),
            float(np.mean([matches for matches, _ in matches_and_kept[name]])),
            float(np.mean([kept for _, kept in matches_and_kept[name]])),
        )
        for name in RULES
    }
