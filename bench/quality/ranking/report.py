"""Report: the results as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.quality.ranking.evaluation import Results
from bench.quality.ranking.measures import randomisation_p
from bench.quality.ranking.quorum import RULES, losses
from bench.quality.ranking.system import FEATURES

_STANDARD = "Lucene"


def print_systems(every: Sequence[Results]) -> None:
    """Print the measures of all systems on the test halves, ours also beside Lucene's and the best peer's."""
    print(
        "\n| collection (documents, test queries) | system | nDCG@10 | MRR@10 | R@100 | over Lucene | p | tune half |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for one in every:
        test, tune = ~one.tune, one.tune
        standard = one.peers[_STANDARD]
        where = f"{one.collection.name} ({len(one.collection.texts):,}, {int(test.sum()):,})"
        for name, found in {**one.peers, "**judhur**": one.ours}.items():
            cells = [f"{values[test].mean():.4f}" for values in found]
            if name == _STANDARD:
                compared = ["", "", ""]
            else:
                compared = [
                    _gain(found.ndcg[test], standard.ndcg[test]),
                    f"{randomisation_p(found.ndcg[test], standard.ndcg[test]):.4f}",
                    _gain(found.ndcg[tune], standard.ndcg[tune]),
                ]
            print("| " + " | ".join([where, name, *cells, *compared]) + " |")
            where = ""
        best = max(one.peers, key=lambda name: float(one.peers[name].ndcg[test].mean()))
        theirs = one.peers[best].ndcg[test]
        gain = _gain(one.ours.ndcg[test], theirs)
        print(f"| | over the best peer, {best} | {gain} | | | | {randomisation_p(one.ours.ndcg[test], theirs):.4f} | |")


def print_ablation(every: Sequence[Results]) -> None:
    """Print what nDCG@10 on the test halves becomes, over Lucene, when features count less or more."""
    print("\n| test half, nDCG@10 over Lucene | " + " | ".join(one.collection.name for one in every) + " | mean |")
    print("|---" * (len(every) + 2) + "|")
    _row("both stages", [_over(one, one.ours.ndcg) for one in every])
    variants = {
        "first stage alone": dict.fromkeys(FEATURES[1:], 0.0),
        **{f"without {name}": {name: 0.0} for name in FEATURES},
        **{f"half of {name}": {name: 0.5} for name in FEATURES},
        **{f"double {name}": {name: 2.0} for name in FEATURES},
    }
    for name, weights in variants.items():
        _row(name, [_over(one, one.weighted(weights).ndcg) for one in every])
    for documents in (25, 50):
        _row(f"second stage on {documents}", [_over(one, one.reranked(documents).ndcg) for one in every])


def print_quorums(every: Sequence[Results]) -> None:
    """Print for each rule of the quorum the loss against plain OR, tune / test, and the matches it leaves."""
    found = [losses(one) for one in every]
    heads = " | ".join(one.collection.name for one in every)
    print(f"\n| nDCG@10 against OR, % tune / test; matches a query; relevant kept | {heads} |")
    print("|---" * (len(every) + 1) + "|")
    for name in RULES:
        cells = [
            f"{one[name].tune:+.2f} / {one[name].test:+.2f}; {one[name].matches:,.0f}; {one[name].kept:.3f}"
            for one in found
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")


def print_costs(every: Sequence[Results]) -> None:
    """Print what a query costs that is asked for the first time."""
    print("\n| collection | first stage, CPU µs | second stage, CPU µs |")
    print("|---|---|---|")
    for one in every:
        print(f"| {one.collection.name} | {one.cost.first:,.0f} | {one.cost.second:,.0f} |")


def _over(one: Results, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return 100 * float(values[~one.tune].mean() / one.peers[_STANDARD].ndcg[~one.tune].mean() - 1)


def _gain(
    ours: np.ndarray[tuple[int], np.dtype[np.float64]], theirs: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> str:
    return f"{100 * (ours.mean() / theirs.mean() - 1):+.1f}%"


def _row(name: str, values: Sequence[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{value:+.1f}" for value in values) + f" | {np.mean(values):+.2f} |")
