"""Every count that an answer shows is the total behind its link: all links of several searches are followed."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.library import asked, facet, ids, library, search

SEEDS = Path(__file__).parents[2] / "seeds"

WORDS = [
    "كتاب", "كتب", "مكتب", "المكتبات", "كاتب", "مكتوب", "وزير", "الوزراء", "وزارة", "اتصال", "يتصلون", "مواصلات",
    "أحمد", "احمد", "لبنان", "لبن", "مدرسة", "المدارس", "اقتصاد", "الاقتصادي", "سوق", "أسواق", "غوغل", "جوجل",
]  # fmt: skip
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


def made_up() -> Iterator[dict[str, object]]:
    """Yield articles of a dozen words over eleven years; some lack a source, an author, a section or a date."""
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
    with library(tmp_path_factory.mktemp("links"), list(made_up()), SEEDS) as client:
        yield client


def total(client: FlaskClient, address: str) -> int:
    count: int = asked(client, address)["total"]["value"]
    return count


def values(answer: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the values of all facets, buckets and the undated among them, with the name of their facet."""
    for one in answer["facets"]:
        for value in one["values"]:
            yield one["name"], value
        if "unknown" in one:
            yield one["name"], one["unknown"]


STATES: list[dict[str, object]] = [
    {},
    {"source": ["a", "-"]},
    {"not_author": "سعاد", "section": "رياضة"},
    {"form": ["كتاب", "وزير"]},
    {"not_form": ["مكتب", "كتب"]},
    {"from": "2016", "to": "2019-03-15"},
    {"match": "lemma", "source": "b", "date": "unknown"},
]


def changes_a_choice(state: Mapping[str, object], name: str, value: Mapping[str, Any]) -> bool:
    """Return whether a link adds to what is selected in its own facet already, or takes away from it."""
    if name == "published":
        return "date" in state or ("from" in state and value.get("value") == "unknown")
    return name in state


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
def test_excluding_a_value_takes_its_articles_away(client: FlaskClient, query: str) -> None:
    answer = search(client, query)
    for name, value in values(answer):
        if "exclude_url" in value and name != "form":
            assert total(client, value["exclude_url"]) == answer["total"]["value"] - value["count"], (name, value)


@pytest.mark.parametrize("query", [query for query in QUERIES if query])
def test_what_is_selected_is_let_go_again(client: FlaskClient, query: str) -> None:
    answer = search(client, query)
    for name, value in values(answer):
        there = asked(client, value["toggle_url"])
        back = facet(there, "published")["clear_url"] if "from" in value else None
        for known, it in values(there):
            if known == name and it["selected"]:
                back = it["toggle_url"]
        assert back, (name, value)
        assert total(client, back) == answer["total"]["value"]


@pytest.mark.parametrize("query", ["", "جذر:كتب", "كتاب وزير"])
def test_bars_lead_down_to_days_and_every_count_holds_on_the_way(client: FlaskClient, query: str) -> None:
    waiting = [search(client, query)]
    intervals = set()
    opened = 0
    while waiting:
        strip = facet(waiting.pop(), "published")
        intervals.add(strip["interval"])
        for before, after in itertools.pairwise(strip["values"]):
            assert before["to"] < after["from"], "time runs on, and no day is in two bars"
        bars = [bar for bar in strip["values"] if bar["count"] and not bar["selected"]]
        for bar in bars:
            there = asked(client, bar["toggle_url"])
            assert there["total"]["value"] == bar["count"]
            assert sum(it["count"] for it in facet(there, "published")["values"]) == bar["count"]
        for bar in bars[::7]:
            opened += 1
            waiting.append(asked(client, bar["toggle_url"]))
    assert intervals >= {"year", "month", "day"}
    assert opened > 5


@pytest.mark.parametrize("query", ["جذر:كتب", "وزير", "اتصال أو لبنان"])
def test_dropping_a_form_removes_what_matches_by_it_alone(client: FlaskClient, query: str) -> None:
    def found(**arguments: object) -> set[str]:
        answers = [search(client, query, per_page=100, **arguments)]
        while following := answers[-1]["links"]["next"]:
            answers.append(asked(client, following))
        return {known for answer in answers for known in ids(answer)}

    whole = found()
    forms = [value["value"] for value in facet(search(client, query), "form")["values"]]
    having = {form: found(form=form) for form in forms}
    assert set().union(*having.values()) == whole
    for form in forms:
        others = set().union(*(having[other] for other in forms if other != form))
        assert found(not_form=form) == others
    assert found(not_form=forms) == set()


def test_a_search_within_a_facet_counts_as_the_search_does(client: FlaskClient) -> None:
    answer = search(client, "جذر:كتب", source="a")
    for name in ("source", "agency", "author", "section", "form"):
        found = asked(client, f"/api/v1/facets/{name}", q="جذر:كتب", source="a")["facet"]
        assert found == facet(answer, name)
    (value,) = asked(client, "/api/v1/facets/form", q="جذر:كتب", prefix="مكتبا")["facet"]["values"]
    assert value["value"] == "المكتبات"
    assert total(client, value["toggle_url"]) == value["count"] > 0
    assert asked(client, "/api/v1/facets/author", q="كتاب", prefix="سُعاد")["facet"]["values"][0]["value"] == "سعاد"
    assert asked(client, "/api/v1/facets/author", q="كتاب", prefix="ل")["facet"]["values"] == []
