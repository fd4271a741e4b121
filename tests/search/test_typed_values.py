"""Values of fields that a query names are compared as words are; those of parameters are exact."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.schema import FacetField
from search.engine import FacetCounts
from search.request import SearchRequest
from search.results import NoteKind, SearchResult
from search.service import SearchService
from tests.search.conftest import LOCATIONS, indexed

ARTICLES = [
    {"id": "ahmad", "text": "خبر", "author": "أحمد بن إبراهيم", "section": "رياضة", "source": "aj"},
    {"id": "ahmad2", "text": "خبر", "author": "احمد بن ابراهيم", "section": "الرياضة", "source": "aj2"},
    {"id": "mustafa", "text": "خبر", "author": "مصطفى أمين", "section": "فن", "source": "Okaz"},
    {"id": "huda", "text": "خبر (رويترز)", "author": "Huda O'Neil", "section": "Sport", "source": "spa"},
    {"id": "none", "text": "خبر"},
]
LABELS = {"aj": "الجزيرة", "aj2": "الجزيره", "spa": "وكالة الأنباء السعودية"}


@pytest.fixture(scope="module", params=LOCATIONS)
def service(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, ARTICLES, labels=LABELS) as made:
        yield made


def found(result: SearchResult) -> set[str]:
    return {hit.document.id for hit in result.hits}


def unknown(result: SearchResult) -> list[str]:
    return [note.text for note in result.notes if note.kind is NoteKind.UNKNOWN_VALUE]


BOTH = {"ahmad", "ahmad2"}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ('الكاتب:"احمد بن ابراهيم"', BOTH),
        ('الكاتب:"أحمد بن إبراهيم"', BOTH),
        ('الكاتب:"أَحْمَد  بن إبراهيم"', BOTH),
        ('الكاتب:" أحـــمد بن إبراهيم "', BOTH),
        ("الكاتب:»احمد بن ابراهيم«", BOTH),
        ('الكاتب:"مصطفي امين"', {"mustafa"}),
        ('author:"huda oneil"', {"huda"}),
        ('author:"HUDA O’NEIL"', {"huda"}),
        ("القسم:رياضه", {"ahmad"}),
        ("القسم:الرياضه", {"ahmad2"}),
        ("القسم:(رياضه الرياضه)", BOTH),
        ("القسم:SPORT", {"huda"}),
        ("المصدر:okaz", {"mustafa"}),
        ("المصدر:OKAZ", {"mustafa"}),
        ("المصدر:AJ", {"ahmad"}),
        ("المصدر:الجزيره", BOTH),
        ('المصدر:"وكاله الانباء  السعوديه"', {"huda"}),
        ("الوكالة:رُويترز", {"huda"}),
        ("خبر -القسم:رياضه", {"ahmad2", "mustafa", "huda", "none"}),
        ("القسم:رياضه أو القسم:فنّ", {"ahmad", "mustafa"}),
        ("القسم:-", {"none"}),
    ],
)
def test_a_typed_value_stands_for_all_that_fold_alike(service: SearchService, query: str, ids: set[str]) -> None:
    assert found(service.search(SearchRequest(text=query))) == ids


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("القسم:كورة", ["القسم:كورة"]),
        ("القسم:رياض", ["القسم:رياض"]),
        ('خبر الكاتب:"أحمد إبراهيم"', ["الكاتب:أحمد إبراهيم"]),
        ("author:احمد", ["الكاتب:احمد"]),
        ("المصدر:nowhere", ["المصدر:nowhere"]),
        ("القسم:(كورة رياضه)", ["القسم:كورة"]),
        ("خبر -القسم:كورة", ["القسم:كورة"]),
        ("القسم:رياضه", []),
        ('"القسم:كورة"', []),
        ("خبر", []),
    ],
)
def test_a_value_that_no_article_has_is_named_with_its_field(
    service: SearchService, query: str, named: list[str]
) -> None:
    assert unknown(service.search(SearchRequest(text=query))) == named


@pytest.mark.parametrize(("value", "ids"), [("أحمد بن إبراهيم", {"ahmad"}), ("احمد بن إبراهيم", set())])
def test_a_value_of_a_parameter_is_exact(service: SearchService, value: str, ids: set[str]) -> None:
    result = service.search(SearchRequest(text="خبر", selected={FacetField.AUTHOR: (value,)}))
    assert found(result) == ids
    assert unknown(result) == []


def test_a_search_within_a_facet_reads_typed_values_too(service: SearchService) -> None:
    listed = service.facet_values(SearchRequest(text="خبر القسم:رياضه"), FacetField.AUTHOR, "")
    assert isinstance(listed.counts, FacetCounts)
    assert [value.value for value in listed.counts.values] == ["أحمد بن إبراهيم"]
