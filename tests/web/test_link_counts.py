"""Every count in an answer equals the total behind its link: the tests follow all links of several searches."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from index.schema import LADDER
from search.levels import Tier
from tests.web.library import facet, get_json, ids, library, search

SEEDS = Path(__file__).parents[2] / "seeds"

WORDS = [
    "كتاب", "كتب", "مكتب", "المكتبات", "كاتب", "مكتوب", "وزير", "الوزراء", "وزارة", "اتصال", "يتصلون", "مواصلات",
    "أحمد", "احمد", "لبنان", "لبن", "مدرسة", "المدارس", "اقتصاد", "الاقتصادي", "سوق", "أسواق", "غوغل", "جوجل",
]  # fmt: skip
ASCII = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
TIERED = [
    "كتاب",
    "اتصال",
    "مكتب -كتب",
    '"الوزراء"',
    "مدرسة +لبنان",
    "اقتصاد أسواق كاتب مدرسة",
    "كتابب وزير",
]
"""Further queries with tiers: one word, with exclusions, a phrase, a required word, many words, a misspelling."""
QUERIES = [
    "",
    "جذر:كتب",
    "كتاب وزير",
    "اتصال أو لبنان",
    "وزارة -مكتب",
    "كت*",
    '"كتاب وزير"',
    "العنوان:أحمد",
    "غوغل سوق",
]


def random_articles() -> Iterator[dict[str, object]]:
    """Yield articles of about a dozen words over eleven years; some have no source, author, section or date."""
    chance = random.Random(5)  # noqa: S311 - the same articles each time
    day = dt.date(2014, 1, 31)
    for number in range(160):
        day += dt.timedelta(days=chance.randint(0, 50))
        given: dict[str, object] = {
            "id": f"{number:03}",
            "title": " ".join(chance.choices(WORDS, k=2)),
            "text": " ".join(chance.choices(WORDS, k=chance.randint(3, 14))),
            "source": chance.choice(["a", "b", "c", None]),
            "author": chance.choice(["سعاد", "منى", None]),
            "section": chance.choice(["رياضة", None]),
            "date": chance.choice([day.isoformat()] * 5 + [None]),
        }
        yield {name: value for name, value in given.items() if value is not None}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with library(tmp_path_factory.mktemp("links"), list(random_articles()), SEEDS) as client:
        yield client


def total(client: FlaskClient, address: str) -> int:
    count: int = get_json(client, address)["total"]["value"]
    return count


def values(answer: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the values of all facets, including buckets and the undated articles, with the name of their facet."""
    for entry in answer["facets"]:
        for value in entry["values"]:
            yield entry["name"], value
        if "unknown" in entry:
            yield entry["name"], entry["unknown"]


STATES: list[dict[str, object]] = [
    {},
    {"source": ["a", "-"]},
    {"not_author": "سعاد", "section": "رياضة"},
    {"form": ["كتاب", "وزير"]},
    {"not_form": ["مكتب", "كتب"]},
    {"from": "2016", "to": "2019-03-15"},
    {"match": "root", "source": "b", "date": "unknown"},
    {"match": "exact", "further": 0},
    {"match": "exact", "section": "-"},
    {"match": "family", "sort": "newest"},
    {"further": 0, "sort": "oldest", "per_page": 1},
]


def changes_a_choice(state: Mapping[str, object], name: str, value: Mapping[str, Any]) -> bool:
    """Return whether a link changes a selection that its own facet already has."""
    if name == "published":
        return "date" in state or ("from" in state and value.get("value") == "unknown")
    return name in state


def numbers(text: str) -> list[int]:
    """Return the numbers of a text in Eastern digits; the noun phrases for none, one and two have none."""
    return [int(found.replace("٬", "").translate(ASCII)) for found in re.findall("[٠-٩٬]+", text)]


@pytest.mark.parametrize("state", STATES, ids=str)
@pytest.mark.parametrize("query", [*QUERIES, *TIERED])
def test_each_level_is_the_total_behind_its_link(client: FlaskClient, query: str, state: dict[str, object]) -> None:
    answer = search(client, query, **state)
    found = answer["total"]
    assert [level["level"] for level in found["levels"]] == [level.value for level in LADDER]
    for level in found["levels"]:
        followed = get_json(client, level["url"])
        assert followed["query"]["match"] == level["level"]
        assert followed["total"]["value"] == level["value"]
        assert [other["value"] for other in followed["total"]["levels"]] == [
            other["value"] for other in found["levels"]
        ]
        if level["level"] == answer["query"]["match"]:
            assert level["value"] == found["value"]


@pytest.mark.parametrize("state", STATES, ids=str)
@pytest.mark.parametrize("query", [*QUERIES, *TIERED])
def test_the_list_has_as_many_articles_of_each_tier_as_is_said(
    client: FlaskClient, query: str, state: dict[str, object]
) -> None:
    answer = search(client, query, **state | {"per_page": 50, "facets": ""})
    found = answer["total"]
    tiers = [hit["match"]["tier"] for hit in answer["hits"]]
    while following := answer["links"]["next"]:
        answer = get_json(client, following)
        tiers += [hit["match"]["tier"] for hit in answer["hits"]]
    lists_tiers = state.get("further", 1) and state.get("sort", "relevance") == "relevance"
    assert len(tiers) == found["reachable"] == found["value"] + (found["further"] if lists_tiers else 0)
    counts = Counter(tiers)
    assert counts["match"] == found["value"]
    if lists_tiers:
        assert counts["partial"] == found["partial"]
        assert counts.total() - counts["match"] == found["further"]
        levels = {level["level"]: level["value"] for level in found["levels"]}
        if "-" not in query:
            for narrow, wide in itertools.pairwise(levels):
                assert wide not in counts or levels[wide] - levels[narrow] == counts[wide]


@pytest.mark.parametrize("state", STATES, ids=str)
@pytest.mark.parametrize("query", [query for query in [*QUERIES, *TIERED] if query])
def test_each_number_of_the_page_is_shown_behind_its_link(
    client: FlaskClient, query: str, state: dict[str, object]
) -> None:
    page = client.get("/search", query_string={"q": query, **state}).text
    answer = search(client, query, **state)
    levels = {level["level"]: level for level in answer["total"]["levels"]}
    pills = re.findall(r'name="match" value="(\w+)"[^>]*><span>.*?<b>(.*?)</b>', page)
    assert [(level, numbers(count)) for level, count in pills] == [
        (name, [level["value"]]) for name, level in levels.items()
    ]
    summary = page.partition('<p class="tiers">')[2].partition("</p>")[0]
    before = answer["total"]["value"]
    for href, text in re.findall(r'<a href="([^"]*)">(.*?)</a>', summary):
        added, whole = numbers(text)
        assert before + added == whole == total(client, html.unescape(href).replace("/search", "/api/v1/search"))
        before = whole


@pytest.mark.parametrize(
    "state", [{}, {"source": ["a", "-"], "further": 0}, {"match": "root", "sort": "newest"}], ids=str
)
@pytest.mark.parametrize("query", ["كتاب", "كتاب وزير", "كت*", '"الوزراء"', "وزارة -مكتب"])
def test_each_bar_form_and_value_of_the_page_has_the_number_behind_its_link(
    client: FlaskClient, query: str, state: dict[str, object]
) -> None:
    arguments = {"q": query, **state}
    page = client.get("/search", query_string=arguments).text
    links = re.findall(r'<th scope="row"><a href="([^"]*)".*?</th><td>(.*?)</td>', page)
    links += re.findall(r'<span class="count">([^<]*)</span></a>\s*<a class="not only" href="([^"]*)"', page)
    for name in ("agency", "author", "section"):
        found = client.get(f"/facets/{name}", query_string=arguments).text
        links += re.findall(r'<a class="pick" href="([^"]*)".*?<span class="count">(.*?)</span>', found)
    assert len(links) > 5
    for one, other in links:
        href, count = (one, other) if one.startswith("/") else (other, one)
        assert [total(client, html.unescape(href).replace("/search", "/api/v1/search"))] == numbers(count)


def test_all_tiers_have_been_seen(client: FlaskClient) -> None:
    """The tests above would prove nothing over articles without tiers."""
    seen = set()
    for query, state in itertools.product([*QUERIES, *TIERED], STATES):
        hits = search(client, query, **state | {"per_page": 100})["hits"]
        seen |= {hit["match"]["tier"] for hit in hits}
    assert seen == {tier.value for tier in Tier}


@pytest.mark.parametrize("state", STATES, ids=str)
@pytest.mark.parametrize("query", QUERIES)
def test_each_count_is_the_total_behind_its_link(client: FlaskClient, query: str, state: dict[str, object]) -> None:
    answer = search(client, query, **state)
    followed = 0
    for name, value in values(answer):
        if not changes_a_choice(state, name, value):
            assert total(client, value["toggle_url"]) == value["count"], (name, value)
            followed += 1
    assert followed or not answer["total"]["value"]


@pytest.mark.parametrize("query", QUERIES)
def test_excluding_a_value_removes_its_articles(client: FlaskClient, query: str) -> None:
    answer = search(client, query)
    for name, value in values(answer):
        if "exclude_url" in value and name != "form":
            assert total(client, value["exclude_url"]) == answer["total"]["value"] - value["count"], (name, value)


@pytest.mark.parametrize("query", [query for query in QUERIES if query])
def test_a_selected_value_can_be_deselected(client: FlaskClient, query: str) -> None:
    answer = search(client, query)
    for name, value in values(answer):
        selected = get_json(client, value["toggle_url"])
        back = facet(selected, "published")["clear_url"] if "from" in value else None
        for other_name, other in values(selected):
            if other_name == name and other["selected"]:
                back = other["toggle_url"]
        assert back, (name, value)
        assert total(client, back) == answer["total"]["value"]


@pytest.mark.parametrize("query", ["", "جذر:كتب", "كتاب"])
def test_bars_lead_down_to_days_and_every_count_is_right(client: FlaskClient, query: str) -> None:
    waiting = [search(client, query)]
    intervals = set()
    opened = 0
    while waiting:
        strip = facet(waiting.pop(), "published")
        intervals.add(strip["interval"])
        for before, after in itertools.pairwise(strip["values"]):
            assert before["to"] < after["from"], "bars must ascend, and no day may be in two of them"
        bars = [bar for bar in strip["values"] if bar["count"] and not bar["selected"]]
        for bar in bars:
            selected = get_json(client, bar["toggle_url"])
            assert selected["total"]["value"] == bar["count"]
            assert sum(inner["count"] for inner in facet(selected, "published")["values"]) == bar["count"]
        for bar in bars[::7]:
            opened += 1
            waiting.append(get_json(client, bar["toggle_url"]))
    assert intervals >= {"year", "month", "day"}
    assert opened > 5


@pytest.mark.parametrize("query", ["جذر:كتب", "وزير", "اتصال أو لبنان"])
def test_dropping_a_form_removes_the_articles_that_match_by_it_alone(client: FlaskClient, query: str) -> None:
    def found(**arguments: object) -> set[str]:
        answers = [search(client, query, per_page=100, further=0, **arguments)]
        while following := answers[-1]["links"]["next"]:
            answers.append(get_json(client, following))
        return {article_id for answer in answers for article_id in ids(answer)}

    whole = found()
    forms = [value["value"] for value in facet(search(client, query), "form")["values"]]
    having = {form: found(form=form) for form in forms}
    assert set().union(*having.values()) == whole
    for form in forms:
        others = set().union(*(having[other] for other in forms if other != form))
        assert found(not_form=form) == others
    assert found(not_form=forms) == set()


def test_a_search_within_a_facet_has_the_counts_of_the_search(client: FlaskClient) -> None:
    answer = search(client, "جذر:كتب", source="a")
    for name in ("source", "agency", "author", "section", "form"):
        found = get_json(client, f"/api/v1/facets/{name}", q="جذر:كتب", source="a")["facet"]
        assert found == facet(answer, name)
    (value,) = get_json(client, "/api/v1/facets/form", q="جذر:كتب", prefix="مكتبا")["facet"]["values"]
    assert value["value"] == "المكتبات"
    assert total(client, value["toggle_url"]) == value["count"] > 0
    assert get_json(client, "/api/v1/facets/author", q="كتاب", prefix="سُعاد")["facet"]["values"][0]["value"] == "سعاد"
    assert get_json(client, "/api/v1/facets/author", q="كتاب", prefix="ل")["facet"]["values"] == []


def test_a_search_lists_ten_authors_and_the_search_within_the_facet_all(tmp_path: Path) -> None:
    articles = [{"id": f"{number:02}", "text": "كتاب", "author": f"كاتب {number:02}"} for number in range(12)]
    with library(tmp_path, articles) as client:
        authors = facet(search(client, "كتاب"), "author")
        assert ([value["value"] for value in authors["values"]], authors["other"]) == (
            [f"كاتب {number:02}" for number in range(10)],
            2,
        )
        assert facet(search(client, "كتاب", author="كاتب 11"), "author")["values"][-1]["value"] == "كاتب 11"
        assert len(get_json(client, "/api/v1/facets/author", q="كتاب")["facet"]["values"]) == 12
        assert client.get("/search?q=كتاب").text.count('name="author"') == 10
