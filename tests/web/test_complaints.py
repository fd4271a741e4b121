"""Faults of other search systems in facets, dates and pages that users reported; Judhur must not have them."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.library import facet, get_json, ids, library, search

ARTICLES = [
    {"id": "1", "text": "كتاب عن البحر", "source": "a", "section": "أدب", "date": "2019-12-30"},
    {"id": "2", "text": "كتاب عن الجبل", "source": "a", "section": "علوم", "date": "2021-06-01"},
    {"id": "3", "text": "كتاب عن النهر", "source": "b", "section": "أدب", "date": "2021-06-03"},
    {"id": "4", "text": "الكتاب القادم", "source": "c", "section": "علوم", "date": "2103-01-01"},
    {"id": "5", "text": "مكتبة المدينة", "source": "b", "date": "2022-03-05"},
    {"id": "latin", "title": "CNN: كتاب جديد", "text": "CNN نشرت خبر كتاب (Breaking) اليوم.", "source": "CNN Arabic"},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with library(tmp_path_factory.mktemp("complaints"), ARTICLES) as client:
        yield client


def counts(answer: dict[str, object], name: str) -> dict[str, int]:
    return {value["value"]: value["count"] for value in facet(answer, name)["values"]}


def test_every_answer_names_the_analyzer(client: FlaskClient) -> None:
    read = get_json(client, "/api/v1/analyze", text="كتاب")["analyzer"]["version"]
    assert search(client, "كتاب")["index"]["analyzer"] == read
    assert get_json(client, "/health")["analyzer"] == read


def test_a_search_without_results_suggests_what_to_try(client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": "ديناصور", "match": "exact", "source": "a"}).text
    assert "لم نجد ما تبحث عنه" in page
    assert "ابحث بلا مرشحات" in page
    assert "وسّع المطابقة" not in page, "no wider level has a match"


def test_a_search_without_matches_tells_how_many_a_wider_level_has(client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": "مكاتبكم", "match": "exact", "sort": "newest"}).text
    for href, level, count in re.findall(r'وسّع المطابقة <a href="([^"]*)">حتى ([^:]*): (.*?)</a>', page):
        found = client.get(html.unescape(href)).text
        assert f"{count}" in found.partition('role="status">')[2].partition("<a ")[0], level
    assert page.count("وسّع المطابقة") >= 1


def test_health_runs_a_real_search_and_folding_is_explained(client: FlaskClient) -> None:
    assert get_json(client, "/health")["status"] == "ok"
    assert "/analyze?text=" in client.get("/search", query_string={"q": "مكتبة"}).text
    assert "ة ← ه" in client.get("/analyze", query_string={"text": "مكتبة"}).text


def test_every_text_of_a_card_has_its_own_direction(client: FlaskClient) -> None:
    card = client.get("/search", query_string={"q": "خبر"}).text.partition('<li class="hit">')[2].partition("</li>")[0]
    assert '<h2 class="title" dir="rtl"><a href="/articles/latin">CNN: كتاب جديد</a></h2>' in card
    assert '<p class="snippet" dir="rtl">' in card
    assert '<bdi class="source" dir="ltr">CNN Arabic</bdi>' in card


def test_a_line_has_one_direction_in_list_and_article(tmp_path: Path) -> None:
    mixed = "Apple تطلق iPhone 15 Pro Max"
    named = "خبر عن Samsung Galaxy S24 Ultra و Apple Vision Pro في السوق"
    latin = "Breaking news from the Apple Park"
    with library(tmp_path, [{"id": "x", "title": mixed, "text": f"{named}\n{latin}"}]) as client:
        card = client.get("/search", query_string={"q": "خبر"}).text.partition('<li class="hit">')[2]
        article = client.get("/articles/x").text
    assert '<h2 class="title" dir="rtl">' in card
    assert '<p class="snippet" dir="rtl">' in card
    assert f'<h1 class="headline" dir="rtl">{mixed}</h1>' in article
    assert f'<p dir="rtl">{named}</p>' in article
    assert f'<p dir="ltr">{latin}</p>' in article


def test_values_of_a_facet_are_alternatives_and_the_counts_of_the_others_stay(client: FlaskClient) -> None:
    before = counts(search(client, "كتاب"), "source")
    selected = search(client, "كتاب", source="a")
    assert counts(selected, "source") == before
    both = search(client, "كتاب", source=["a", "b"])
    assert counts(both, "source") == before
    assert set(ids(both)) == {"1", "2", "3", "5"}
    across = search(client, "كتاب", source=["a", "b"], section="أدب")
    assert set(ids(across)) == {"1", "3"}
    assert counts(across, "source") == {"a": 1, "b": 1}


@pytest.mark.parametrize("q", ["", "كتاب", "جذر:كتب", "مكتبة كتاب"])
def test_every_value_leads_to_as_many_articles_as_it_shows(client: FlaskClient, q: str) -> None:
    for name in ("source", "agency", "author", "section", "published", "form"):
        for value in facet(search(client, q), name)["values"]:
            selected = get_json(client, value["toggle_url"])
            complete = [hit for hit in selected["hits"] if hit["match"]["complete"]]
            assert selected["total"]["value"] == value["count"] == len(complete)
            assert value["count"] or name == "published", "a value that leads nowhere"


def test_years_open_into_months_and_months_into_days(client: FlaskClient) -> None:
    answer = get_json(client, "/api/v1/search", **{"from": "2019", "to": "2022"})
    assert facet(answer, "published")["interval"] == "month"
    june = next(bar for bar in facet(answer, "published")["values"] if bar["from"] == "2021-06-01")
    days = facet(get_json(client, june["toggle_url"]), "published")
    assert days["interval"] == "day"
    assert [(bar["from"], bar["count"]) for bar in days["values"]] == [
        ("2021-06-01", 1), ("2021-06-02", 0), ("2021-06-03", 1)
    ]  # fmt: skip
    page = client.get("/search", query_string={"from": "2021-06-01", "to": "2021-06-30"}).text
    assert 'type="date" form="search" name="from" value="2021-06-01"' in page
    assert 'type="date" form="search" name="to" value="2021-06-30"' in page
    assert '<a href="/search" rel="nofollow">كل المدة</a>' in page
    assert '<a href="/search?from=2021-01-01&amp;to=2021-12-31" rel="nofollow">٢٠٢١</a>' in page
    assert '<span aria-current="true">يونيو ٢٠٢١</span>' in page


def test_buckets_ascend_and_a_date_in_the_future_is_unknown(client: FlaskClient) -> None:
    strip = facet(search(client, "كتاب"), "published")
    assert all(before["to"] < after["from"] for before, after in itertools.pairwise(strip["values"]))
    assert strip["values"][-1]["to"] < "2023"
    assert strip["unknown"]["count"] == 2
    assert set(ids(search(client, "كتاب", date="unknown"))) == {"4", "latin"}
