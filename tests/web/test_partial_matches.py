"""Matches are counted; partial matches are listed among them by score, labelled, with the words that they lack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.web.library import facet, get_json, ids, library, search

BOTH = [f"both-{number}" for number in range(5)]
ONE = [f"one-{number}" for number in range(8)]
NONE_HAS_ALL = "لا مقال فيه كل كلماتك"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    articles = [{"id": name, "text": "زار الوزير لبنان", "source": "a"} for name in BOTH]
    articles += [{"id": name, "text": ("لبنان بلد", "الوزير غائب")[index % 2]} for index, name in enumerate(ONE)]
    articles += [{"id": "neither", "text": "كلام آخر"}]
    with library(tmp_path_factory.mktemp("honest"), articles) as client:
        yield client


@pytest.mark.parametrize(
    ("arguments", "partial"),
    [({}, 8), ({"further": 1}, 8), ({"further": 0}, 0), ({"sort": "newest"}, 0), ({"sort": "oldest"}, 0)],
)
@pytest.mark.parametrize("per_page", [1, 4, 5, 8, 13, 20])
def test_next_is_null_only_after_the_last_listed_article(
    client: FlaskClient, per_page: int, arguments: dict[str, object], partial: int
) -> None:
    answers = [search(client, "وزير لبنان", per_page=per_page, **arguments)]
    while following := answers[-1]["links"]["next"]:
        answers.append(get_json(client, following))
    hits = [(hit["id"], hit["match"]["complete"]) for answer in answers for hit in answer["hits"]]
    assert {name for name, complete in hits if complete} == {*BOTH}
    assert {name for name, complete in hits if not complete} == ({*ONE} if partial else set())
    assert len(hits) == len(set(hits))
    for answer in answers:
        total = answer["total"]
        assert (total["value"], total["further"], total["partial"], total["reachable"]) == (5, 8, 8, 5 + partial)
        assert answer["page"]["count"] == -(-(5 + partial) // per_page)
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


def test_a_partial_match_has_a_label_and_tells_what_it_lacks(client: FlaskClient) -> None:
    lacking = {hit["id"]: hit["match"]["missing"] for hit in search(client, "وزير لبنان")["hits"]}
    assert lacking == {name: [] for name in BOTH} | {
        name: [("وزير", "لبنان")[index % 2]] for index, name in enumerate(ONE)
    }
    page = client.get("/search", query_string={"q": "وزير لبنان"}).text
    assert page.count("ليس فيه: «وزير»") == page.count("ليس فيه: «لبنان»") == 4
    assert page.count('<span class="tier">بعض الكلمات</span>') == 8
    assert 'role="presentation"' not in page, "the score alone orders the list"


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("وزير لبنان", {"بلد": ["وزير"], "غائب": ["لبنان"]}),
        ("الوزي* لبنان", {"بلد": ["الوزي*"], "غائب": ["لبنان"]}),
        ("وزير (لبنان أو مصر)", {"بلد": ["وزير"], "غائب": ["لبنان أو مصر"]}),
        ("في الوزير لبنان -كلام", {"بلد": ["الوزير"], "غائب": ["لبنان"]}),
        ("زار غائب +الوزير", {"الوزير": ["غائب"], "غائب": ["زار"]}),
        ("وزير الوزير لبنان", {"بلد": ["وزير", "الوزير"], "غائب": ["لبنان"]}),
        (
            'بلد زار وزير "الوزير غائب"',
            {"بلد": ["زار", "وزير", "الوزير غائب"], "الوزير": ["بلد"], "غائب": ["بلد", "زار"]},
        ),
        ("غوغل", {}),
    ],
)
def test_what_is_missing_is_said_as_it_was_typed(
    client: FlaskClient, query: str, missing: dict[str, list[str]]
) -> None:
    hits = [hit for hit in search(client, query)["hits"] if not hit["match"]["complete"]]
    assert {hit["snippets"][0]["text"].split()[1]: hit["match"]["missing"] for hit in hits} == missing


@pytest.mark.parametrize(
    ("arguments", "none_has_all"), [({}, 0), ({"source": "-"}, 1), ({"source": "-", "per_page": 5, "page": 2}, 0)]
)
def test_the_page_says_when_no_article_has_all_words(
    client: FlaskClient, arguments: dict[str, object], none_has_all: int
) -> None:
    assert client.get("/search", query_string={"q": "وزير لبنان", **arguments}).text.count(NONE_HAS_ALL) == none_has_all
