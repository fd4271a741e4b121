"""Report: the results as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.quality.ranking.evaluation import Results
from bench.quality.ranking.formula import WEIGHTS, Parts, Rung, Weights
from bench.quality.ranking.measures import randomisation_p
from bench.quality.ranking.quorum import RULES, losses

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
    """Print what nDCG@10 on the test halves becomes, over Lucene, when a part is taken away."""
    print("\n| test half, nDCG@10 over Lucene | " + " | ".join(one.collection.name for one in every) + " | mean |")
    print("|---" * (len(every) + 2) + "|")
    _row("whole formula", [_over(one, one.ours.ndcg) for one in every])
    _row("stage 1 alone", [_over(one, one.without(*Parts._fields).ndcg) for one in every])
    levels = Parts._fields[:4]
    for name, gone in {
        **{f"without {part}": (part,) for part in Parts._fields},
        "without all frequencies": levels,
        "without opening, window, pairs": Parts._fields[4:],
    }.items():
        _row(name, [_over(one, one.without(*gone).ndcg) for one in every])
    for documents in (50, 100):
        _row(f"stage 2 on {documents}", [_over(one, one.reranked(documents).ndcg) for one in every])


def print_variants(every: Sequence[Results]) -> None:
    """Print the change of nDCG@10 with other weights, ranked anew on some queries of the test halves."""
    print(
        "\n| some test queries, change of nDCG@10 × 100 | " + " | ".join(o.collection.name for o in every) + " | mean |"
    )
    print("|---" * (len(every) + 2) + "|")
    for name, weights in _variants().items():
        _row(name, [100 * one.anew(weights) for one in every])


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
    """Print what a query costs."""
    print(
        "\n| collection | postings, Lucene's | ours | ratio | tokens of stage 2 | stage 1, CPU µs | stage 2, CPU µs |"
    )
    print("|---|---|---|---|---|---|---|")
    for one in every:
        cost = one.cost
        ratio = cost.postings / max(1.0, cost.peer_postings)
        print(
            f"| {one.collection.name} | {cost.peer_postings:,.0f} | {cost.postings:,.0f} | {ratio:.1f} | "
            f"{cost.tokens:,.0f} | {cost.first:,.0f} | {cost.second:,.0f} |"
        )


def _variants() -> dict[str, Weights]:
    near, listed = np.array(WEIGHTS.near), np.array(WEIGHTS.listed)

    def changed(values: np.ndarray[tuple[int], np.dtype[np.float64]], rung: Rung, value: float) -> tuple[float, ...]:
        return tuple(np.where(np.arange(len(values)) == rung, value, values).tolist())

    return {
        "no opening elsewhere": Weights(elsewhere=0.0),
        "titles like bodies": Weights(title=1.0),
        "near: no root": Weights(near=changed(near, Rung.ROOT, 0.0)),
        "near: no soft": Weights(near=changed(near, Rung.SOFT, 0.0)),
        "listed: no root": Weights(listed=changed(listed, Rung.ROOT, 0.0)),
    }


def _over(one: Results, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return 100 * float(values[~one.tune].mean() / one.peers[_STANDARD].ndcg[~one.tune].mean() - 1)


def _gain(
    ours: np.ndarray[tuple[int], np.dtype[np.float64]], theirs: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> str:
    return f"{100 * (ours.mean() / theirs.mean() - 1):+.1f}%"


def _row(name: str, values: Sequence[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{value:+.1f}" for value in values) + f" | {np.mean(values):+.2f} |")
