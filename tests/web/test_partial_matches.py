"""Matches are counted and come first; partial matches follow them, on all further pages, and are labelled as such."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.web.library import facet, get_json, ids, library, search

BOTH = [f"both-{number}" for number in range(5)]
ONE = [f"one-{number}" for number in range(8)]
HEADING = "نتائج تحوي بعض كلماتك"
NONE_HAS_ALL = "لا مقال يحوي كل كلماتك"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    articles = [{"id": name, "text": "زار الوزير لبنان", "source": "a"} for name in BOTH]
    articles += [{"id": name, "text": ("لبنان بلد", "الوزير غائب")[index % 2]} for index, name in enumerate(ONE)]
    articles += [{"id": "neither", "text": "كلام آخر"}]
    with library(tmp_path_factory.mktemp("honest"), articles) as client:
        yield client


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("per_page", [1, 4, 5, 8, 13, 20])
def test_next_is_null_only_after_the_last_partial_match(client: FlaskClient, per_page: int, sort: str) -> None:
    answers = [search(client, "وزير لبنان", per_page=per_page, sort=sort)]
    while following := answers[-1]["links"]["next"]:
        answers.append(get_json(client, following))
    hits = [(hit["id"], hit["match"]["complete"]) for answer in answers for hit in answer["hits"]]
    assert [complete for _, complete in hits] == [True] * 5 + [False] * 8
    assert {name for name, complete in hits if complete} == {*BOTH}
    assert {name for name, complete in hits if not complete} == {*ONE}
    assert len(hits) == len(set(hits))
    for answer in answers:
        assert answer["total"] == {"value": 5, "exact": True, "further": 8}
        assert answer["page"]["count"] == -(-5 // per_page), "pages that hold matches"
    assert all(answer["hits"] for answer in answers)


def test_facets_count_matches_only_and_filters_apply_to_partial_matches(client: FlaskClient) -> None:
    answer = search(client, "وزير لبنان")
    assert [(value["value"], value["count"]) for value in facet(answer, "source")["values"]] == [("a", 5)]
    unknown = search(client, "وزير لبنان", source="-")
    assert (unknown["total"]["value"], unknown["total"]["further"]) == (0, 8)
    assert set(ids(unknown)) == {*ONE}


def test_a_single_word_has_no_partial_matches(client: FlaskClient) -> None:
    answer = search(client, "لبنان")
    assert (answer["total"]["further"], answer["links"]["next"]) == (0, None)
    assert all(hit["match"]["complete"] for hit in answer["hits"])


@pytest.mark.parametrize(
    ("arguments", "headings", "none_has_all"),
    [
        ({}, 1, 0),
        ({"per_page": 5}, 0, 0),
        ({"per_page": 5, "page": 2}, 1, 0),
        ({"per_page": 3, "page": 2}, 1, 0),
        ({"source": "-"}, 1, 1),
    ],
)
def test_the_page_has_a_heading_where_the_partial_matches_begin(
    client: FlaskClient, arguments: dict[str, object], headings: int, none_has_all: int
) -> None:
    page = client.get("/search", query_string={"q": "وزير لبنان", **arguments}).text
    assert page.count(HEADING) == headings
    assert page.count(NONE_HAS_ALL) == none_has_all
    if headings and "page" not in arguments and not none_has_all:
        assert page.index("/articles/both-4") < page.index(HEADING) < page.index("/articles/one-0")
