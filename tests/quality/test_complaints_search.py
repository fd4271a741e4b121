"""Complaints of readers as cases, each a few articles and one search: all that it must find, and what it must not.

`data/complaints_search.jsonl` has a case a line: `articles` to index (nothing else is in the index), `ask` (parameters
of the API), `expect`: `find` are the ids that have to be matches, `not_find` those that must not be, `first` the one
that stands first. Cases of the kind `guard` held before the others were mended.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from index.analysis.installed import load_analyzer
from index.build import add_articles
from search.engines import open_engine
from search.levels import Tier
from search.results import SearchResult
from search.service import SearchService
from tests.search.conftest import ZONE
from web.config import SourceNames
from web.parsing import parse

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "complaints_search.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['case']} {case['kind']}")
def test_the_search_finds_what_the_complaint_asks_for(case: dict[str, Any], tmp_path: Path) -> None:
    result = _answer(case, tmp_path)
    matches = {hit.document.id for hit in result.hits if hit.match.tier is Tier.MATCH}
    expected = case["expect"]
    assert matches >= set(expected["find"]), f"{case['ask']} does not find all of {expected['find']}: {matches}"
    assert not matches & set(expected["not_find"]), f"{case['ask']} finds one of {expected['not_find']}"
    if first := expected.get("first"):
        assert result.hits[0].document.id == first, f"{result.hits[0].document.id} stands before {first}"


def _answer(case: dict[str, Any], folder: Path) -> SearchResult:
    lines = (json.dumps(article, ensure_ascii=False) for article in case["articles"])
    articles = folder / "articles.jsonl"
    articles.write_text("\n".join(lines) + "\n", "utf-8")
    add_articles(str(folder / "index"), [articles], zone=ZONE)
    engine = open_engine(str(folder / "index"))
    try:
        parameters = parse(urlencode({"second_try": "0", **case["ask"]}), SourceNames({}))
        return SearchService(engine, load_analyzer(), zone=ZONE).search(parameters.request)
    finally:
        engine.close()
