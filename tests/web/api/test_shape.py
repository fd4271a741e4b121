"""Every answer of the API has exactly the keys and types of `web/api/shape.py`, for any request and any article."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.library import library
from web.api import shape
from web.errors import ProblemShape
from web.kinds import HIT_FIELDS

SEEDS = Path(__file__).parents[3] / "seeds"
ARTICLES: list[dict[str, object]] = [
    {"id": "bare", "text": "كلام عن الوزير"},
    {"id": "teaser", "text": "إقرأ أيضاً: خبر عن الوزير"},
    {"id": "title", "title": "عنوان بلا نص", "text": ""},
    {"id": "all", "title": "الوزير", "text": "زار الوزير لبنان", "source": "a", "author": "سعاد", "section": "صحة",
     "date": "2024-01-05", "url": "https://example.org/1"},
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with library(tmp_path_factory.mktemp("shape"), ARTICLES, SEEDS) as client:
        yield client


def faults(value: object, kind: Any, path: str = "") -> Iterator[str]:
    """Yield each difference between a JSON value and a type of `web/api/shape.py`; `path` is the path of the value."""
    origin = typing.get_origin(kind)
    if kind is None or kind is type(None):
        if value is not None:
            yield f"{path}: not null"
    elif origin in (typing.Union, types.UnionType):
        yield from min((list(faults(value, option, path)) for option in typing.get_args(kind)), key=len)
    elif origin is typing.Literal:
        if value not in typing.get_args(kind):
            yield f"{path}: {value!r} is not one of {typing.get_args(kind)}"
    elif origin is list and isinstance(value, list):
        for number, entry in enumerate(value):
            yield from faults(entry, typing.get_args(kind)[0], f"{path}[{number}]")
    elif typing.is_typeddict(kind):
        yield from _keys(value, kind, path)
    elif origin is list or not isinstance(value, (int, float) if kind is float else kind):
        yield f"{path}: {value!r} is not of type {kind.__name__}"


def _keys(value: object, kind: type, path: str) -> Iterator[str]:
    declared = typing.get_type_hints(kind)
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is not an object"
        return
    yield from (f"{path}.{key}: missing" for key in declared.keys() - value.keys())
    yield from (f"{path}.{key}: not declared" for key in value.keys() - declared.keys())
    for key in declared.keys() & value.keys():
        yield from faults(value[key], declared[key], f"{path}.{key}")


ANSWERS: list[tuple[str, type]] = [
    *(
        (f"/api/v1/search?{arguments}", shape.SearchShape)
        for arguments in (
            "",
            "q=الوزير",
            "q=الوزير&extra=evidence,explain,positions",
            "q=بوتين ترامب هاتف موسكو&extra=explain,positions",
            "q=الوزير&source=a&not_author=-&from=2024&to=2024-03&date=unknown",
            "q=الوزير&form=الوزير&not_form=وزير",
            "q=الوزير&page=500",
            "q=لا_شيء_كهذا&per_page=100",
            "q=في من",
            "q=-الوزير&sort=oldest",
            "q=الوزيير",
            "q=3×وزير (العنوان:&extra=explain",
            "q=%00",
            "match=exact&variants=0&stories=0&boost=recency&second_try=0",
            "q=الوزير&further=0&per_page=0",
            "q=الوزير لبنان&facets=form",
            "q=الوزير&facets=",
        )
    ),
    ("/api/v1/facets/source?q=الوزير", shape.FacetShape),
    ("/api/v1/facets/agency?prefix=رو", shape.FacetShape),
    ("/api/v1/facets/form?q=الوزير&prefix=زز", shape.FacetShape),
    ("/api/v1/facets/form", shape.FacetShape),
    *((f"/api/v1/articles/{article['id']}", shape.ArticleShape) for article in ARTICLES),
    ("/api/v1/articles/000_ad51391c0478e70a", shape.ArticleShape),
    ("/api/v1/analyze?text=زار في لبنان CNN 2010 زقنبوط مكتبة", shape.AnalyzeShape),
    ("/health", shape.HealthShape),
]
PROBLEMS = [
    "/api/v1/search?nothing=1",
    "/api/v1/search?q=a&q=b",
    "/api/v1/search?match=none",
    "/api/v1/search?page=0",
    "/api/v1/search?page=9999&per_page=100",
    "/api/v1/search?from=2024-13",
    "/api/v1/search?from=2024&to=2023",
    "/api/v1/search?source=%01",
    "/api/v1/search?q=%FF",
    "/api/v1/search?%FF=1",
    f"/api/v1/search?q={'a' * 1001}",
    f"/api/v1/search?source={'a' * 1001}",
    f"/api/v1/search?{'&' * 1001}",
    "/api/v1/facets/none",
    "/api/v1/facets/published",
    "/api/v1/articles/none",
    "/api/v1/analyze?text=",
    "/api/v1/analyze?nothing=1",
    f"/api/v1/analyze?text={'a' * 1001}",
    "/api/v1/none",
    "/api/",
]


@pytest.mark.parametrize(("address", "kind"), ANSWERS)
def test_every_key_is_in_every_answer(client: FlaskClient, address: str, kind: type) -> None:
    response = client.get(address)

    assert response.status_code == 200, response.text
    assert list(faults(json.loads(response.data), kind)) == []


@pytest.mark.parametrize("address", PROBLEMS)
def test_every_key_is_in_every_problem(client: FlaskClient, address: str) -> None:
    response = client.get(address)

    assert response.status_code in (400, 404)
    assert response.content_type == "application/problem+json"
    assert list(faults(json.loads(response.data), ProblemShape)) == []


def test_every_key_of_a_hit_can_be_asked_for_alone(client: FlaskClient) -> None:
    assert set(HIT_FIELDS) == set(typing.get_type_hints(shape.HitShape))
    whole = json.loads(client.get("/api/v1/search?q=الوزير&extra=evidence").data)["hits"]
    assert whole
    for name in HIT_FIELDS:
        part = json.loads(client.get(f"/api/v1/search?q=الوزير&extra=evidence&fields={name}").data)["hits"]
        assert part == [{name: hit[name]} for hit in whole]


def test_the_facets_that_are_not_asked_for_are_not_in_the_answer(client: FlaskClient) -> None:
    def facets(arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(client.get(f"/api/v1/search?q=الوزير{arguments}").data)["facets"]
        for facet in found:  # their addresses repeat what was asked for
            for value in facet["values"]:
                value["toggle_url"] = value["exclude_url"] = None
            facet["clear_url"] = facet["unknown"] = None
        return found

    whole = facets("")
    names = [facet["name"] for facet in whole]
    assert names == ["source", "published", "agency", "author", "section", "form"]
    for facet in whole:
        assert facets(f"&facets={facet['name']}") == [facet]
    assert [facet["name"] for facet in facets("&facets=form,author,published")] == ["published", "author", "form"]
    assert facets("&facets=") == []


def test_a_method_that_is_not_allowed_is_a_problem_with_every_key(client: FlaskClient) -> None:
    assert list(faults(json.loads(client.post("/api/v1/search").data), ProblemShape)) == []


def test_a_missing_and_an_undeclared_key_are_found() -> None:
    mark = {"start": 0, "end": "1", "more": None}

    assert sorted(faults({"title": [mark], "text": []}, shape.PositionsShape)) == [
        ".title[0].end: '1' is not of type int",
        ".title[0].level: missing",
        ".title[0].more: not declared",
    ]
