"""Report: prints the results as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.quality.ranking.evaluation import Results
from bench.quality.ranking.measures import randomisation_p
from bench.quality.ranking.quorum import RULES, losses
from bench.quality.ranking.system import FEATURES

_STANDARD = "Lucene"


def print_systems(all_results: Sequence[Results]) -> None:
    """Print the measures of all systems on the test halves, with the gains of Judhur over Lucene and the best peer."""
    print(
        "\n| collection (documents, test queries) | system | nDCG@10 | MRR@10 | R@100 | over Lucene | p | tune half |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for results in all_results:
        test, tune = ~results.tune, results.tune
        standard = results.peers[_STANDARD]
        collection = f"{results.collection.name} ({len(results.collection.texts):,}, {int(test.sum()):,})"
        for name, measures in {**results.peers, "**judhur**": results.ours}.items():
            cells = [f"{values[test].mean():.4f}" for values in measures]
            if name == _STANDARD:
                comparison = ["", "", ""]
            else:
                comparison = [
                    _gain(measures.ndcg[test], standard.ndcg[test]),
                    f"{randomisation_p(measures.ndcg[test], standard.ndcg[test]):.4f}",
                    _gain(measures.ndcg[tune], standard.ndcg[tune]),
                ]
            print("| " + " | ".join([collection, name, *cells, *comparison]) + " |")
            collection = ""  # only in the first row
        best_peer = _best_peer(results)
        ours, theirs = results.ours.ndcg[test], results.peers[best_peer].ndcg[test]
        gain, p = _gain(ours, theirs), randomisation_p(ours, theirs)
        print(f"| | over the best peer, {best_peer} | {gain} | | | | {p:.4f} | |")


def _best_peer(results: Results) -> str:
    """Return the name of the peer with the highest nDCG@10 on the test half."""
    return max(results.peers, key=lambda name: float(results.peers[name].ndcg[~results.tune].mean()))


def print_ablation(all_results: Sequence[Results]) -> None:
    """Print the gain in nDCG@10 over Lucene on the test halves, with other weights of the features."""
    names = " | ".join(results.collection.name for results in all_results)
    print(f"\n| test half, nDCG@10 over Lucene | {names} | mean |")
    print("|---" * (len(all_results) + 2) + "|")
    _print_row("both stages", [_over_lucene(results, results.ours.ndcg) for results in all_results])
    variants = {
        "first stage alone": dict.fromkeys(FEATURES[1:], 0.0),
        **{f"without {name}": {name: 0.0} for name in FEATURES},
        **{f"half of {name}": {name: 0.5} for name in FEATURES},
        **{f"double {name}": {name: 2.0} for name in FEATURES},
    }
    for name, weights in variants.items():
        _print_row(name, [_over_lucene(results, results.weighted(weights).ndcg) for results in all_results])
    for documents in (25, 50):
        gains = [_over_lucene(results, results.reranked(documents).ndcg) for results in all_results]
        _print_row(f"second stage on {documents}", gains)


def print_quorums(all_results: Sequence[Results]) -> None:
    """Print for each rule of the quorum the loss against plain OR, tune / test, and the remaining matches."""
    losses_by_rule = [losses(results) for results in all_results]
    names = " | ".join(results.collection.name for results in all_results)
    print(f"\n| nDCG@10 against OR, % tune / test; matches a query; relevant kept | {names} |")
    print("|---" * (len(all_results) + 1) + "|")
    for name in RULES:
        cells = [
            f"{loss[name].tune:+.2f} / {loss[name].test:+.2f}; {loss[name].matches:,.0f}; {loss[name].kept:.3f}"
            for loss in losses_by_rule
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")


def print_costs(all_results: Sequence[Results]) -> None:
    """Print the cost of a query with an empty cache."""
    print("\n| collection | first stage, CPU µs | second stage, CPU µs |")
    print("|---|---|---|")
    for results in all_results:
        print(f"| {results.collection.name} | {results.cost.first:,.0f} | {results.cost.second:,.0f} |")


def _over_lucene(results: Results, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Return the gain in percent of the mean of `values`, shape (queries,), over Lucene's nDCG on the test half."""
    test = ~results.tune
    return 100 * float(values[test].mean() / results.peers[_STANDARD].ndcg[test].mean() - 1)


def _gain(
    ours: np.ndarray[tuple[int], np.dtype[np.float64]], theirs: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> str:
    return f"{100 * (ours.mean() / theirs.mean() - 1):+.1f}%"


def _print_row(name: str, values: Sequence[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{value:+.1f}" for value in values) + f" | {np.mean(values):+.2f} |")
