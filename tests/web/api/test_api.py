"""The JSON of the API: its frozen shape, its links, its entity tags."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from index.document import Document
from index.schema import NAME_FIELDS, FacetField, Level, Section
from search.engine import Condition, Explanation, Feature, ScorePart
from search.request import COUNTED_FACETS, DateSelection
from search.results import ArticleMarks, Mark
from tests.web import samples

SHAPE = {
    "query": {"q", "match", "sort", "words", "readings", "notes"},
    "total": {"value", "exact", "further", "partial", "reachable", "levels"},
    "page": {"number", "size", "count"},
    "links": {"self", "next", "prev", "first", "html", "csv", "atom"},
    "index": {"generation", "analyzer", "documents"},
}
HIT = {
    "id", "title", "title_basis", "title_html", "title_marks", "url", "source", "source_basis", "agencies",
    *NAME_FIELDS.values(), "published_at", "published_basis", "evidence", "score", "match", "snippets", "story",
    "explanation", "positions", "links",
}  # fmt: skip


def answer(client: FlaskClient, arguments: str = "") -> dict[str, Any]:
    response = client.get(f"/api/v1/search{arguments}")
    assert response.status_code == 200
    body: dict[str, Any] = json.loads(response.data)
    return body


def test_every_key_is_there(client: FlaskClient) -> None:
    found = answer(client, "?q=x")
    assert set(found) == {*SHAPE, "hits", "facets", "suggestion", "took_ms"}
    for key, keys in SHAPE.items():
        assert set(found[key]) == keys
    for hit in found["hits"]:
        assert set(hit) == HIT
        assert set(hit["match"]) == {"level", "complete", "tier", "lemma", "root", "words", "missing", "why"}
        assert set(hit["links"]) == {"self", "html"}


def test_the_answer_has_the_documented_values(client: FlaskClient) -> None:
    found = answer(client, "?q=x")
    assert (found["suggestion"], found["took_ms"], found["query"]["readings"]) == (None, 18.3, [])
    assert found["total"] == {
        "value": 41,
        "exact": True,
        "further": 9,
        "partial": 2,
        "reachable": 50,
        "levels": [
            {"level": "exact", "value": 10, "url": "/api/v1/search?q=x&match=exact"},
            {"level": "clitic", "value": 25, "url": "/api/v1/search?q=x&match=clitic"},
            {"level": "lemma", "value": 41, "url": "/api/v1/search?q=x"},
            {"level": "family", "value": 43, "url": "/api/v1/search?q=x&match=family"},
            {"level": "root", "value": 48, "url": "/api/v1/search?q=x&match=root"},
        ],
    }
    assert found["query"]["words"] == ["اتصال"]
    assert found["page"] == {"number": 1, "size": 20, "count": 3}
    assert found["hits"][0] == dict.fromkeys(NAME_FIELDS.values()) | {
        "id": "aj/17",
        "title": "مكالمة هاتفية بين ترامب وبوتين",
        "title_basis": "stated",
        "url": "https://example.org/a/17",
        "source": {"id": "aljazeera", "name": "الجزيرة"},
        "source_basis": "given",
        "agencies": ["رويترز"],
        "author": "كاتب",
        "section": "سياسة",
        "published_at": "2025-03-01T12:30:00+03:00",
        "published_basis": "stated",
        "evidence": None,
        "story": None,
        "links": {"self": "/api/v1/articles/aj/17", "html": "/articles/aj/17"},
        "title_html": '<mark data-level="exact">مكالمة</mark> هاتفية بين ترامب وبوتين',
        "title_marks": [{"start": 0, "end": 6, "level": "exact"}],
        "score": 11.4237,
        "match": {
            "level": "exact",
            "complete": True,
            "tier": "match",
            "lemma": None,
            "root": None,
            "words": ["اتصالا", "والاتصال"],
            "missing": [],
            "why": "الكلمة نفسها: «اتصالا»؛ مع أل والحروف والضمائر: «والاتصال»",
        },
        "snippets": [
            {
                "field": "body",
                "text": "قال إنه تلقى اتصالا. والاتصال الثاني",
                "html": 'قال إنه تلقى <mark data-level="exact">اتصالا</mark>. '
                '<mark data-level="clitic">والاتصال</mark> الثاني',
                "marks": [{"start": 13, "end": 19, "level": "exact"}, {"start": 21, "end": 29, "level": "clitic"}],
                "before": False,
                "after": True,
                "more": 3,
            }
        ],
        "explanation": None,
        "positions": None,
    }


def test_unknown_values_are_null(client: FlaskClient) -> None:
    bare = answer(client)["hits"][1]
    for key in ("url", "source", "source_basis", "author", "section", "published_at", "published_basis"):
        assert bare[key] is None
    assert bare["title_basis"] == "inferred"
    assert (bare["match"]["complete"], bare["match"]["tier"]) == (False, "partial")


def test_facets_are_lists_with_labels_and_addresses(client: FlaskClient) -> None:
    source, published, agency, author, section, form = answer(client, "?q=x&source=aljazeera&per_page=5")["facets"]
    assert source == {
        "name": "source",
        "type": "terms",
        "label": "المصدر",
        "other": 2,
        "values": [
            {
                "value": "aljazeera",
                "label": "الجزيرة",
                "count": 30,
                "selected": True,
                "toggle_url": "/api/v1/search?q=x&per_page=5",
                "exclude_url": "/api/v1/search?q=x&not_source=aljazeera&per_page=5",
            },
            {
                "value": "-",
                "label": "غير معروف",
                "count": 11,
                "selected": False,
                "toggle_url": "/api/v1/search?q=x&source=-&source=aljazeera&per_page=5",
                "exclude_url": "/api/v1/search?q=x&source=aljazeera&not_source=-&per_page=5",
            },
        ],
    }
    assert [facet["name"] for facet in (agency, author, section)] == ["agency", "author", "section"]
    assert (published["name"], published["type"], published["interval"]) == ("published", "histogram", "month")
    assert (form["name"], form["type"], form["label"], form["other"]) == ("form", "forms", "الصيغ التي طابقت", 3)
    clitic = "%D9%88%D8%A7%D9%84%D8%A7%D8%AA%D8%B5%D8%A7%D9%84"
    assert form["values"][1] == {
        "value": "والاتصال",
        "label": "والاتصال",
        "word": 0,
        "level": "clitic",
        "count": 20,
        "selected": False,
        "toggle_url": f"/api/v1/search?q=x&source=aljazeera&form={clitic}&per_page=5",
        "exclude_url": f"/api/v1/search?q=x&source=aljazeera&not_form={clitic}&per_page=5",
    }


def test_buckets_can_be_selected_and_deselected(client: FlaskClient) -> None:
    published = answer(client, "?q=x&from=2025-03&to=2025-03")["facets"][1]
    assert published["values"][0] == {
        "from": "2025-01-01",
        "to": "2025-01-31",
        "count": 10,
        "selected": False,
        "toggle_url": "/api/v1/search?q=x&from=2025-01-01&to=2025-01-31",
    }
    assert [bucket["selected"] for bucket in published["values"]] == [False, False, True]
    assert published["values"][2]["toggle_url"] == "/api/v1/search?q=x"
    assert published["unknown"] == {
        "value": "unknown",
        "label": "غير معروف",
        "count": 1,
        "selected": False,
        "toggle_url": "/api/v1/search?q=x&from=2025-03-01&to=2025-03-31&date=unknown",
    }


def test_a_toggle_starts_at_the_first_page_and_removes_an_exclusion(
    client: FlaskClient, service: samples.Service
) -> None:
    source = answer(client, "?q=x&page=3&not_source=aljazeera")["facets"][0]
    assert source["values"][0]["toggle_url"] == "/api/v1/search?q=x&source=aljazeera"
    answer(client, source["values"][0]["toggle_url"].removeprefix("/api/v1/search"))
    assert service.requests[-1].selected == {FacetField.SOURCE: ("aljazeera",)}
    assert service.requests[-1].excluded == {}
    assert service.requests[-1].page == 1


@pytest.mark.parametrize(
    ("arguments", "following", "before"),
    [
        ("?q=x", "/api/v1/search?q=x&page=2", None),
        ("?q=x&page=2", "/api/v1/search?q=x&page=3", "/api/v1/search?q=x"),
        ("?q=x&page=3", None, "/api/v1/search?q=x&page=2"),
        ("?per_page=41&q=x", "/api/v1/search?q=x&page=2&per_page=41", None),
        ("?q=x&per_page=50", None, None),
        ("?q=x&per_page=41&further=0", None, None),
        ("?q=x&per_page=41&sort=oldest", None, None),
        ("?q=x&per_page=0", None, None),
        ("?q=x&per_page=0&page=2", None, None),
    ],
)
def test_pages_end_after_the_last_listed_article(
    client: FlaskClient, arguments: str, following: str | None, before: str | None
) -> None:
    links = answer(client, arguments)["links"]
    assert (links["next"], links["prev"]) == (following, before)


def test_paging_ends_at_the_greatest_depth(client: FlaskClient, service: samples.Service) -> None:
    service.changes["total"] = 1_000_000
    found = answer(client, "?q=x&page=100&per_page=100")
    assert (found["links"]["next"], found["page"]["count"], found["total"]["reachable"]) == (None, 100, 10_000)
    found = answer(client, "?q=x&page=333&per_page=30")
    assert (found["links"]["next"], found["page"]["count"], found["total"]["reachable"]) == (None, 333, 9_990)
    assert answer(client, "?q=x&per_page=0")["total"]["reachable"] == 10_000


@pytest.mark.parametrize(
    ("arguments", "reachable", "count"),
    [("", 50, 3), ("&further=0", 41, 3), ("&sort=newest", 41, 3), ("&per_page=0", 50, 0), ("&per_page=45", 50, 2)],
)
def test_the_reachable_articles_are_those_that_are_listed(
    client: FlaskClient, arguments: str, reachable: int, count: int
) -> None:
    found = answer(client, f"?q=x{arguments}")
    assert (found["total"]["reachable"], found["page"]["count"]) == (reachable, count)


def test_a_hit_has_the_keys_that_are_asked_for(client: FlaskClient, service: samples.Service) -> None:
    found = answer(client, "?q=x&fields=title,id")
    assert [set(hit) for hit in found["hits"]] == [{"id", "title"}] * 2
    assert found["links"]["next"] == "/api/v1/search?q=x&page=2&fields=id%2Ctitle"
    assert (service.requests[-1].passages, service.requests[-1].matched) == (False, False)
    answer(client, "?q=x&fields=snippets,match")
    assert (service.requests[-1].passages, service.requests[-1].matched) == (True, True)
    assert set(answer(client, "?q=x&fields=")["hits"][0]) == HIT
    assert client.get("/search?q=x&fields=id").text.count('class="snippet"') == 2


def test_the_facets_that_are_asked_for_are_counted(client: FlaskClient, service: samples.Service) -> None:
    found = answer(client, "?q=x&facets=published,source")
    assert found["links"]["self"] == "/api/v1/search?q=x&facets=source%2Cpublished"
    assert answer(client, "?q=x&facets=")["links"]["self"] == "/api/v1/search?q=x&facets="
    answer(client, "?q=x&facets=source,agency,author,section,published,form")
    assert [request.facets for request in service.requests] == [("source", "published"), (), COUNTED_FACETS]


@pytest.mark.parametrize("name", ["fields", "facets"])
def test_an_unknown_key_is_refused_by_the_name_of_its_parameter(client: FlaskClient, name: str) -> None:
    response = client.get(f"/api/v1/search?q=x&{name}=source,nothing")
    problem = json.loads(response.data)
    assert (response.status_code, problem["param"]) == (400, name)
    assert "nothing" in problem["detail"]


def test_links_are_canonical_and_the_next_page_is_in_the_header(client: FlaskClient) -> None:
    response = client.get("/api/v1/search?sort=newest&source=b&q=%D8%A7&source=a&match=lemma&page=2")
    links = json.loads(response.data)["links"]
    assert links["self"] == "/api/v1/search?q=%D8%A7&source=a&source=b&sort=newest&page=2"
    assert links["html"] == "/search?q=%D8%A7&source=a&source=b&sort=newest&page=2"
    assert f'<{links["next"]}>; rel="next"' in response.headers.getlist("Link")


def test_arabic_stays_arabic(client: FlaskClient) -> None:
    response = client.get("/api/v1/search?q=x")
    assert response.content_type == "application/json; charset=utf-8"
    assert "اتصالا" in response.data.decode()
    assert "\\u" not in response.data.decode()


def test_evidence_is_returned_on_request(client: FlaskClient) -> None:
    hit = answer(client, "?q=x&extra=evidence")["hits"][0]
    assert hit["evidence"] == [{"field": "published", "value": "2025-03-01", "words": "تاريخ النشر: 1 مارس 2025"}]


def test_explanation_and_positions_are_returned_on_request(client: FlaskClient, service: samples.Service) -> None:
    forms = ScorePart(Feature.FORMS, 10.25, 0, "اتصالا", Section.BODY, Level.EXACT, 2)
    explained = samples.hit()._replace(
        explanation=Explanation(11.25, (forms, ScorePart(Feature.OPENING, 1.0))),
        marks=ArticleMarks((Mark(0, 6, Level.EXACT),), (Mark(44, 50, Level.CLITIC),)),
    )
    service.changes["hits"] = (explained,)
    hit = answer(client, "?q=x&extra=explain,positions")["hits"][0]
    assert (service.requests[-1].explained, service.requests[-1].positioned) == (True, True)
    assert hit["explanation"] == {
        "score": 11.25,
        "parts": [
            {"feature": "forms", "value": 10.25}
            | {"word": 0, "form": "اتصالا", "section": "body", "level": "exact", "occurrences": 2},
            {"feature": "opening", "value": 1.0} | dict.fromkeys(("word", "form", "section", "level", "occurrences")),
        ],
    }
    assert hit["positions"] == {
        "title": [{"start": 0, "end": 6, "level": "exact"}],
        "text": [{"start": 44, "end": 50, "level": "clitic"}],
    }


def test_a_bad_extra_is_refused_by_name(client: FlaskClient) -> None:
    response = client.get("/api/v1/search?q=x&extra=explain,everything")
    problem = json.loads(response.data)
    assert (response.status_code, problem["type"], problem["param"]) == (400, "/problems/bad-value", "extra")
    assert "everything" in problem["detail"]
    assert "positions" in problem["detail"]


@pytest.mark.parametrize(("name", "facet"), [("source", FacetField.SOURCE), ("form", None)])
def test_the_values_of_a_facet_are_searched_under_the_rest_of_the_search(
    client: FlaskClient, service: samples.Service, name: str, facet: FacetField | None
) -> None:
    response = client.get(f"/api/v1/facets/{name}?prefix=x&agency=b&q=%D8%A7&page=2")
    found = json.loads(response.data)
    assert service.facet_searches == [(facet, "x")]
    assert service.requests[-1].selected == {FacetField.AGENCY: ("b",)}
    assert set(found) == {"query", "prefix", "facet", "links", "index"}
    assert (found["prefix"], found["facet"]["name"], found["query"]["q"]) == ("x", name, "ا")
    assert found["links"] == {
        "self": f"/api/v1/facets/{name}?q=%D8%A7&agency=b&prefix=x",
        "html": f"/facets/{name}?q=%D8%A7&agency=b&prefix=x",
        "search": "/api/v1/search?q=%D8%A7&agency=b&page=2",
    }
    assert all(value["toggle_url"].startswith("/api/v1/search?q=") for value in found["facet"]["values"])


@pytest.mark.parametrize("path", ["/api/v1/facets/published", "/api/v1/facets/surce?prefix=x", "/facets/x"])
def test_the_error_of_an_unknown_facet_lists_the_existing_ones(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "source" in response.text
    assert "form" in response.text


def test_page_and_api_make_the_same_request(client: FlaskClient, service: samples.Service) -> None:
    arguments = "?q=%D8%A7&match=clitic&source=a&not_agency=b&from=2024&to=2024-03&date=unknown&sort=oldest&page=2"
    client.get(f"/api/v1/search{arguments}")
    client.get(f"/search{arguments}")
    first, second = service.requests
    assert first == second
    assert first.dates == DateSelection(first.dates.first, first.dates.last, unknown=True)


@pytest.mark.parametrize("path", ["/api/v1/search?q=x", "/search?q=x", "/articles/aj/17", "/api/v1/articles/aj/17"])
def test_an_unchanged_answer_is_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert "max-age=60" in first.headers["Cache-Control"]
    assert ("public" if "/api/" in path else "private") in first.headers["Cache-Control"]


def test_the_entity_tag_changes_with_the_search_and_the_generation(
    client: FlaskClient, service: samples.Service
) -> None:
    def tag(arguments: str) -> str:
        return client.get(f"/api/v1/search?{arguments}").headers["ETag"]

    first = tag("q=x&source=a&source=b")
    assert tag("source=b&q=x&source=a&page=1") == first
    assert tag("q=y&source=a&source=b") != first
    service.changes["index"] = dataclasses.replace(samples.result().index, generation="newer")
    assert tag("q=x&source=a&source=b") != first


def test_an_article_is_returned_unchanged(client: FlaskClient) -> None:
    found = json.loads(client.get("/api/v1/articles/aj/17").data)
    only_of_hits = {"title_html", "title_marks", "score", "match", "snippets", "explanation", "positions"}
    assert set(found) == HIT - only_of_hits | {"text", "teasers"}
    assert found["text"] == samples.CALL.text
    assert [found["text"][teaser["start"] : teaser["end"]] for teaser in found["teasers"]] == ["إقرأ أيضاً: خبر آخر"]


@pytest.mark.parametrize("document_id", ["a b", "//x", "/x", "../../etc", "ا?ب#ج", "100%", "x/./y", "x//", "%2F"])
def test_every_id_has_an_address_that_leads_back_to_it(
    client: FlaskClient, service: samples.Service, document_id: str
) -> None:
    document = Document(id=document_id, text="نص")
    service.articles[document_id] = document
    service.changes["hits"] = (samples.hit(document),)
    links = answer(client)["hits"][0]["links"]
    assert urlsplit(links["self"]).query == ""
    assert json.loads(client.get(links["self"]).data)["id"] == document_id
    assert client.get(links["html"]).status_code == 200


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd"])
def test_only_http_addresses_become_links(client: FlaskClient, service: samples.Service, url: str) -> None:
    service.articles["x"] = Document(id="x", text="نص", url=url)
    service.changes["hits"] = (samples.hit(service.articles["x"]),)
    assert answer(client)["hits"][0]["url"] is None
    assert f'href="{url}"' not in client.get("/articles/x").text


def test_a_lone_surrogate_of_an_article_breaks_neither_json_nor_page(
    client: FlaskClient, service: samples.Service
) -> None:
    service.articles["x"] = Document(id="x", text="قبل \ud800 بعد")
    assert json.loads(client.get("/api/v1/articles/x").data)["text"] == "قبل \ud800 بعد"
    assert "قبل ? بعد" in client.get("/articles/x").text


def test_health_describes_the_index(client: FlaskClient) -> None:
    response = client.get("/health")
    expected = {
        "status": "ok",
        "documents": 51234,
        "generation": "g1",
        "analyzer": "3",
        "problems": 0,
        "verified": None,
    }
    assert json.loads(response.data) == expected
    assert "no-store" in response.headers["Cache-Control"]


def test_health_tells_known_damage(client: FlaskClient, service: samples.Service) -> None:
    at = dt.datetime(2026, 11, 30, 4, 0, tzinfo=dt.UTC)
    service.health = dataclasses.replace(service.health, condition=Condition(3, at))
    response = client.get("/health")
    found = json.loads(response.data)
    assert (response.status_code, found["status"], found["problems"]) == (200, "damaged", 3)
    assert found["verified"] == "2026-11-30T04:00:00+00:00"
