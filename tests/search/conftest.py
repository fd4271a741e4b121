"""A service over a small index of real articles, made once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.analysis.pipeline import load_analyzer
from index.build import add_articles
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


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchService]:
    """Return a service over the seeds and the articles above."""
    folder = tmp_path_factory.mktemp("service")
    lines = "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in ARTICLES)
    (folder / "articles.jsonl").write_text(lines, "utf-8")
    location = str(folder / "index")
    add_articles(location, [SEEDS, folder / "articles.jsonl"], zone=ZONE)
    engine = open_engine(location)
    yield SearchService(engine, load_analyzer(), zone=ZONE, labels={"b": "الوكالة الثانية"})
    engine.close()
