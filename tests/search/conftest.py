"""A service over a small index of real articles, built once for each engine."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from index.analysis.installed import load_analyzer
from index.build import add_articles
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster
from search.engines import open_engine
from search.service import SearchService

ZONE = ZoneInfo("Asia/Riyadh")
SEEDS = Path(__file__).parents[2] / "seeds"

ARTICLES = [
    {"id": "exact", "title": "كتاب جديد", "text": "صدر كتاب عن التاريخ.", "source": "a", "date": "2024-01-05"},
    {"id": "clitic", "title": "", "text": "قرأت الكتاب أمس، وبالكتاب خريطة.", "source": "a", "date": "2024-02-05"},
    {"id": "name", "title": "لبنان", "text": "زار الوزير لبنان.", "source": "b", "date": "2024-02-06"},
    {"id": "milk", "title": "", "text": "شرب لبن الإبل، وقال وزير إن اللبن مفيد.", "author": "سعاد", "section": "صحة"},
    {"id": "latin", "title": "CNN: résumé", "text": "تقرير لـCNN عن ٢٠١٠ و14:00 و2.5% #السعودية_اليوم", "source": "b"},
    {"id": "marks", "title": "", "text": "قال مُحَمَّدٌ إنّ الكِتَـــابَ هنا.", "date": "2023-06-01"},
]  # fmt: skip


LOCATIONS = ["folder", pytest.param("cluster", marks=pytest.mark.opensearch)]
"""Kinds of location of an index: the tests of language run on both engines."""


@contextmanager
def indexed(
    request: pytest.FixtureRequest, articles: Iterable[dict[str, str]], *paths: Path, **values: Any
) -> Iterator[SearchService]:
    """Yield a service over `articles` and those of `paths`; the fixture's parameter is the kind of location."""
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    folder = factory.mktemp("articles")
    lines = "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
    (folder / "articles.jsonl").write_text(lines, "utf-8")
    with ExitStack() as opened:
        location = str(folder / "index")
        if request.param == "cluster":
            hosts = ",".join(url.partition("://")[2] for url in request.getfixturevalue("cluster_urls"))
            location = f"opensearch+http://{hosts}/s-{secrets.token_hex(5)}?shards=2&replicas=0"
            opened.callback(_remove, ClusterAddress.of(location))
        add_articles(location, [*paths, folder / "articles.jsonl"], zone=ZONE)
        engine = open_engine(location)
        opened.callback(engine.close)
        yield SearchService(engine, load_analyzer(), zone=ZONE, **values)


def _remove(address: ClusterAddress) -> None:
    with closing(Cluster(address)) as cluster:
        cluster.call("DELETE", f"/{address.name}-*", timeout=60)


@pytest.fixture(scope="session", params=LOCATIONS)
def service(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    """Yield a service over the seeds and the articles above."""
    with indexed(request, ARTICLES, SEEDS, labels={"b": "الوكالة الثانية"}) as built:
        yield built
