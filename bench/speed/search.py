"""Indexing speed and page latency on real articles: `python -m bench.speed.search FILE.jsonl.gz [--queries N]`.

Reads the articles through the command's own path into a new index, then asks whole pages (hits, facets, snippets;
as the service answers them, and as the JSON endpoint and the HTML page deliver them) for queries drawn from titles.
Before it times anything it checks the totals of single words against a scan of all articles.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from index.analysis.pipeline import Analyzer, load_analyzer
from index.build import add_articles, status
from index.document import Notice, Refusal
from index.schema import TokenField
from search.engines import open_engine
from search.request import SearchRequest
from search.service import SearchService
from web.app import create_app
from web.config import Config

SEED = 20261121
"""Of the choice of queries: the same ones on every run."""


def main() -> None:
    """Print the figures as a Markdown table."""
    options = _options()
    print(f"machine: {os.cpu_count()} cores, Python {sys.version.split()[0]}; data: {options.data.name}")
    with tempfile.TemporaryDirectory() as folder:
        location = str(Path(folder) / "index")
        refused: list[Refusal] = []

        def listen(event: Refusal | Notice) -> None:
            if isinstance(event, Refusal):
                refused.append(event)

        report = add_articles(location, [options.data], report=listen)
        stored = status(location)
        rate = report.added / report.seconds
        print("| figure | value |\n|---|---|")
        print(f"| articles in / refused | {report.added} / {report.refused} |")
        print(f"| indexing, analysis and durable commits included | {report.seconds:.1f} s, {rate:.0f} docs/s |")
        print(f"| size on disk, articles included | {stored.size_bytes / 1e6:.0f} MB |")
        print(f"| peak memory of indexing | {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB |")
        _queries(location, options.data, options.queries)
        for reason in sorted({item.reason for item in refused}):
            print(f"| refused: {reason} | {sum(1 for item in refused if item.reason == reason)} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("JUDHUR_DATA")
    parser.add_argument("data", type=Path, nargs=None if default is None else "?", default=default and Path(default))
    parser.add_argument("--queries", type=int, default=300)
    return parser.parse_args()


def _queries(location: str, data: Path, count: int) -> None:
    began = time.perf_counter()
    engine = open_engine(location)
    opened = time.perf_counter() - began
    analyzer = load_analyzer()
    service = SearchService(engine, analyzer, zone=ZoneInfo("Asia/Riyadh"))
    articles = _articles(data)
    queries = _drawn(analyzer, articles, count)
    _check(service, analyzer, articles, queries[:20])
    client = create_app(service, Config(index=location)).test_client()
    print(f"| open | {opened * 1000:.0f} ms |")
    kinds: list[tuple[str, Callable[[str], object]]] = [
        ("service: hits, facets, snippets", lambda query: service.search(SearchRequest(text=query))),
        ("JSON endpoint", lambda query: client.get("/api/v1/search", query_string={"q": query})),
        ("HTML page", lambda query: client.get("/search", query_string={"q": query})),
    ]
    print(f"| {kinds[0][0]}, first time asked, p50 / p95 / p99 | {_timed(kinds[0][1], queries)} |")
    for name, ask in kinds:
        print(f"| {name}, p50 / p95 / p99 | {_timed(ask, queries)} |")
    engine.close()


def _timed(ask: Callable[[str], object], queries: Sequence[str]) -> str:
    times = []
    for query in queries:
        began = time.perf_counter()
        ask(query)
        times.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(times, n=100)
    return f"{cuts[49]:.1f} / {cuts[94]:.1f} / {cuts[98]:.1f} ms"


def _articles(data: Path) -> list[tuple[str, str]]:
    with gzip.open(data, "rt", encoding="utf-8") if data.suffix == ".gz" else data.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row.get("title") or "", row.get("text") or "") for row in rows]


def _drawn(analyzer: Analyzer, articles: Sequence[tuple[str, str]], count: int) -> list[str]:
    """Return one to four content words in a row from `count` titles."""
    chance = random.Random(SEED)  # noqa: S311 - a draw of queries, not of secrets
    drawn: list[str] = []
    while len(drawn) < count:
        words = [token.text for token in analyzer.analyze(chance.choice(articles)[0]).tokens() if not token.word.stop]
        if words:
            begin = chance.randrange(len(words))
            drawn.append(" ".join(words[begin : begin + chance.randint(1, 4)]))
    return drawn


def _check(
    service: SearchService, analyzer: Analyzer, articles: Sequence[tuple[str, str]], queries: Sequence[str]
) -> None:
    """Assert that the totals of single words are those of a scan over all articles."""
    ignored = {TokenField.WRITTEN}
    bags = []
    for title, text in articles:
        words = {*analyzer.analyze(title).words, *analyzer.analyze(text).words}
        bags.append({(term.field, term.text) for word in words for term in word.terms if term.field not in ignored})
    for query in queries:
        word = query.split()[0]
        wanted = [{(term.field, term.text) for term in found.terms} for found in analyzer.analyze(word).words]
        expected = sum(1 for bag in bags if all(terms & bag for terms in wanted))
        total = service.search(SearchRequest(text=word)).total
        assert total == expected, f"{word}: {total} matches, a scan finds {expected}"


if __name__ == "__main__":
    main()
