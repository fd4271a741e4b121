"""Comparison of the engine on a cluster with the embedded one: `python -m bench.cluster PART …`.

    agreement FOLDER URL [--searches 300]      compares the answers of two indexes of the same articles
    quality URL --data FOLDER --news FILE…     nDCG@10 of both engines; creates new indexes whose names begin as URL
    load FOLDER URL [--articles N] [--copies N]  adds articles of FOLDER to URL, or copies of them under other ids
    speed FOLDER URL                           times searches on both
    costs FOLDER URL                           times the parts of a search; URL has the articles of FOLDER

FOLDER is an index of the embedded engine; `judhur index migrate FOLDER URL` creates the other.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.cluster.agreement import COMPARED, compare_answers
from bench.cluster.costs import costs
from bench.cluster.loading import load
from bench.cluster.quality import compare
from bench.cluster.searches import Search, sample_searches
from bench.quality.ranking.__main__ import collections_of
from index.analysis.installed import load_analyzer
from index.engines import store_of
from search.engines import open_engine
from search.service import SearchService

ZONE = ZoneInfo("Asia/Riyadh")
DRAWN = 3_000
"""Number of articles that searches are drawn from."""


def main() -> None:
    """Print the tables of one part."""
    options = _options()
    if options.part == "agreement":
        _agreement(options.folder, options.url, options.searches)
    elif options.part == "quality":
        _quality(options.url, options.data, options.news, options.queries, options.only)
    elif options.part == "load":
        _load(options.folder, options.url, options.articles, options.copies)
    elif options.part == "costs":
        _costs(options.folder, options.url, options.searches)
    else:
        _speed(options.folder, options.url, options.searches)


def _agreement(folder: str, url: str, searches: int) -> None:
    sampled = _sample(folder, searches)
    with open_engine(folder).searcher() as embedded, open_engine(url).searcher() as cluster:
        print(f"{embedded.info().documents:,} and {cluster.info().documents:,} articles")
    agreement = compare_answers(_service(folder), _service(url), sampled)
    differing = ", ".join(f"{name} {agreement.differing[name]}" for name in COMPARED)
    print(f"{agreement.searches} searches; differing: {differing}; overlap of the first ten {agreement.overlap:.3f}")
    for kind, overlaps in agreement.overlaps.items():
        print(f"  {kind:<14} {statistics.mean(overlaps):.3f}")
    for name, seconds in zip(("embedded", "cluster"), agreement.seconds, strict=True):
        print(f"{name}: asked the first time {_percentiles(seconds)}")


def _quality(url: str, data: Path | None, news: Sequence[Path], queries: int, only: Sequence[str]) -> None:
    analyzer = load_analyzer()
    address, _, settings = url.partition("?")
    print("| collection (queries) | embedded | cluster | gain | p |\n|---|---|---|---|---|")
    collections = collections_of(data, news, queries)
    wanted = [collection for collection in collections if not only or collection.name in only]
    for number, collection in enumerate(wanted):
        quality = compare(collection, f"{address}-{number}?{settings}", analyzer)
        gain = quality.cluster / quality.embedded - 1
        row = (
            f"{quality.name} ({quality.queries}) | {quality.embedded:.4f} | {quality.cluster:.4f} | {gain:+.2%} | "
            f"{quality.p:.2f}"
        )
        print(f"| {row} |", flush=True)


def _load(folder: str, url: str, articles: int | None, copies: int) -> None:
    for loaded in load(folder, url, ZONE, articles=articles, copies=copies):
        print(f"  {loaded.articles:,} in {loaded.seconds:.0f} s", flush=True)
    status = store_of(url).status()
    print(
        f"{loaded.articles / loaded.seconds:.0f} articles a second; {status.documents:,} articles, "
        f"{status.size_bytes / 1e6:,.0f} MB on all disks"
    )


def _speed(folder: str, url: str, searches: int) -> None:
    sampled = _sample(folder, searches)
    for name, location in (("embedded", folder), ("cluster", url)):
        service = _service(location)
        service.search(sampled[0].request)
        first, again = [_times(service, sampled) for _ in range(2)]
        print(f"{name}: asked the first time {_percentiles(first)}; again {_percentiles(again)}")


def _costs(folder: str, url: str, searches: int) -> None:
    with contextlib.closing(open_engine(url)) as engine:
        for name, seconds in costs(engine, _sample(folder, searches), load_analyzer(), ZONE).items():
            print(f"{name:<32} mean {1000 * statistics.mean(seconds):6.1f} ms, {_percentiles(seconds)}")


def _times(service: SearchService, searches: Sequence[Search]) -> list[float]:
    """Return the seconds of each search."""
    seconds = []
    for search in searches:
        began = time.perf_counter()
        service.search(search.request)
        seconds.append(time.perf_counter() - began)
    return seconds


def _sample(folder: str, searches: int) -> list[Search]:
    articles = list(itertools.islice(store_of(folder).documents(), 20 * DRAWN))
    drawn = random.Random(5).sample(articles, min(DRAWN, len(articles)))  # noqa: S311 - a draw that can be repeated
    return sample_searches(drawn, load_analyzer(), searches)


def _service(location: str) -> SearchService:
    return SearchService(open_engine(location), load_analyzer(), zone=ZONE)


def _percentiles(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return f"p50 {1000 * p50:.1f} ms, p95 {1000 * p95:.1f} ms"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    for name in ("agreement", "load", "speed", "costs"):
        part = parts.add_parser(name)
        part.add_argument("folder")
        part.add_argument("url")
        if name == "load":
            part.add_argument("--articles", type=int, help="number of articles of FOLDER (default: all)")
            part.add_argument("--copies", type=int, default=0, help="add N copies of each article instead")
        else:
            part.add_argument("--searches", type=int, default=300)
    quality = parts.add_parser("quality")
    quality.add_argument("url")
    quality.add_argument("--data", type=Path)
    quality.add_argument("--news", type=Path, nargs="*", default=[])
    quality.add_argument("--queries", type=int, default=1_000, help="titles drawn from a news file")
    quality.add_argument("--only", nargs="*", default=[], help="names of collections (default: all)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
