"""Addresses that are made many at a time are those that are made one by one."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import FacetField
from search.engine import Bucket
from search.request import DateSelection, SearchRequest
from web.kinds import Parameters
from web.links import API_SEARCH, Days, Links, article_path

VALUES = ["سبق", "a", "a&b=c", "-", "إدارة", "ادارة", ""]
REQUESTS = [
    SearchRequest(),
    SearchRequest(text="وزير", page=3, dates=DateSelection(unknown=True)),
    SearchRequest(text="x", selected={FacetField.SOURCE: ("a", "سبق")}, forms=("اداره",)),
    SearchRequest(text="x", excluded={FacetField.SOURCE: ("a&b=c",)}, dropped_forms=("a",)),
    SearchRequest(text="x", selected={FacetField.AUTHOR: ("a",)}, excluded={FacetField.AUTHOR: ("-",)}),
]
JANUARY = Bucket(dt.date(2024, 1, 1), dt.date(2024, 1, 31), 3)
FEBRUARY = Bucket(dt.date(2024, 2, 1), dt.date(2024, 2, 29), 0)


@pytest.mark.parametrize("asked", REQUESTS, ids=range(len(REQUESTS)))
@pytest.mark.parametrize("facet", [*(field.value for field in FacetField), "form"])
def test_the_values_of_a_facet_have_the_addresses_of_each_value(asked: SearchRequest, facet: str) -> None:
    links = Links(API_SEARCH, Parameters(asked))
    assert links.choices(facet, VALUES) == [
        (links.toggled(facet, value), links.excluded(facet, value)) for value in VALUES
    ]


def test_a_bucket_selects_its_days_and_keeps_the_rest_of_the_search() -> None:
    links = Links("/s", Parameters(SearchRequest(text="x", page=2, dates=DateSelection(unknown=True))))
    assert links.buckets([JANUARY, FEBRUARY]) == [
        Days("2024-01-01", "2024-01-31", selected=False, href="/s?q=x&from=2024-01-01&to=2024-01-31&date=unknown"),
        Days("2024-02-01", "2024-02-29", selected=False, href="/s?q=x&from=2024-02-01&to=2024-02-29&date=unknown"),
    ]


def test_the_bucket_of_the_selected_days_deselects_them() -> None:
    selection = DateSelection(JANUARY.first, JANUARY.last, unknown=True)
    links = Links("/s", Parameters(SearchRequest(text="x", dates=selection)))
    january, february = links.buckets([JANUARY, FEBRUARY])
    assert (january.selected, january.href) == (True, "/s?q=x&date=unknown")
    assert (february.selected, february.href) == (False, "/s?q=x&from=2024-02-01&to=2024-02-29&date=unknown")


@pytest.mark.parametrize(
    ("document_id", "path"),
    [
        ("17", "17"),
        ("ant/2015-03/a_1", "ant/2015-03/a_1"),
        ("a-", "a-"),
        ("a.b/c~", "a.b/c~"),
        ("a//b", "a%2F%2Fb"),
        ("/a", "%2Fa"),
        ("a/", "a%2F"),
        ("../a", "..%2Fa"),
        ("a/./b", "a%2F.%2Fb"),
        ("a b?c#d%", "a%20b%3Fc%23d%25"),
        ("مقال", "%D9%85%D9%82%D8%A7%D9%84"),
        ("١", "%D9%A1"),
        ("a\n", "a%0A"),
    ],
)
def test_the_path_of_an_article_is_its_escaped_id(document_id: str, path: str) -> None:
    assert article_path(document_id) == path


@given(value=st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_value_in_an_address_is_quoted_as_the_standard_library_quotes_it(value: str) -> None:
    links = Links("/s", Parameters())
    assert links.only("source", value) == f"/s?source={quote(value, safe='')}"
