"""The bench of ranking.

    python -m bench.quality.ranking --data RELEVANCE --news FILE.jsonl.gz … [--queries N] [--quorum]

`RELEVANCE` is a folder of question sets; news files are articles in JSON Lines. The defaults are `relevance` and
`news/*.jsonl.gz` in the folder that JUDHUR_DATA names. Prints, for the test half of each collection, the measures of
Judhur and of stock analyzers of Arabic under one BM25, then an ablation, then the cost of a query.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.quality.ranking import report
from bench.quality.ranking.collection import (
    QUERIES,
    Collection,
    copy_queries,
    late_answers,
    pooled,
    read_articles,
    read_questions,
    title_queries,
)
from bench.quality.ranking.evaluation import Results, Workbench
from index.analysis.installed import load_analyzer

_PASSAGES = ("arcd", "xquad_ar")
"""Question sets whose documents are paragraphs; they can be pooled, or become part of a longer document."""
_OPENING = range(600, 3000)
"""Length in code points of the articles that late answers are appended to."""
_FEWEST_QUERIES = 20
"""Collections with fewer queries are left out, since their figures are not reliable."""


def main() -> None:
    """Print the tables."""
    options = _options()
    begun = time.perf_counter()
    collections = collections_of(options.data, options.news, options.queries)
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(collections, load_analyzer(), Path(folder))
        print(f"{time.perf_counter() - begun:.0f} s: read and analyzed", flush=True)
        results = [bench.results(collection) for collection in collections]
        _print(results, quorum=options.quorum)
    print(f"\n{time.perf_counter() - begun:.0f} s")


def _print(results: Sequence[Results], *, quorum: bool) -> None:
    report.print_systems(results)
    report.print_ablation(results)
    report.print_costs(results)
    if quorum:
        report.print_quorums(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("JUDHUR_DATA")
    parser.add_argument("--data", type=Path, default=data and Path(data) / "relevance")
    parser.add_argument("--news", type=Path, nargs="*", default=sorted(Path(data, "news").glob("*.gz")) if data else [])
    parser.add_argument("--queries", type=int, default=QUERIES, help="number of titles drawn from a news file")
    parser.add_argument("--quorum", action="store_true", help="also measure the rules of the quorum")
    options = parser.parse_args()
    if not options.data and not options.news:
        parser.error("no data: give --data or --news, or set JUDHUR_DATA")
    return options


def collections_of(data: Path | None, news: Sequence[Path], limit: int) -> list[Collection]:
    """Return the collections of question sets and news files, with `limit` titles drawn from each news file."""
    questions = [read_questions(path.parent) for path in sorted(data.glob("*/queries.tsv"))] if data else []
    files = {path.name.partition(".")[0]: read_articles(path) for path in news}
    titles = [title_queries(name, articles, limit) for name, articles in files.items()]
    copies = [copy_queries(name, articles, limit) for name, articles in files.items()]
    passages = [collection for collection in questions if collection.name in _PASSAGES]
    texts = [article.text for articles in files.values() for article in articles]
    openings = [text for text in texts if len(text) in _OPENING]
    mixed = []
    if passages and openings:
        mixed = [
            pooled("questions among news", passages, texts, limit),
            late_answers("late answers", passages, openings),
        ]
    collections = (*questions, *titles, *mixed, *copies)
    return [collection for collection in collections if len(collection.queries) >= _FEWEST_QUERIES]


if __name__ == "__main__":
    main()
