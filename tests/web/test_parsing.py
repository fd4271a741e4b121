"""Query strings: what they mean, and what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import FacetField, Level
from search.request import COUNTED_FACETS, DateSelection, SearchRequest, Sort
from web.arguments import ParameterError
from web.config import SourceNames
from web.kinds import Parameters
from web.links import API_SEARCH, Links
from web.parameters import COUNTED, PREFIX, SEARCH
from web.parsing import parse, parse_facet

NAMES = SourceNames({"aljazeera": "الجزيرة"})
PLAIN = SearchRequest()


def read(arguments: str, *, tolerant: bool = False) -> SearchRequest:
    return parse(arguments, NAMES, tolerant=tolerant).request


@pytest.mark.parametrize("name", [row.name for row in (*SEARCH, PREFIX) if row is not COUNTED])
def test_an_empty_value_counts_as_not_given(name: str) -> None:
    assert parse_facet(f"{name}=&{name}=", NAMES) == parse_facet("", NAMES)


def test_no_facets_differ_from_facets_that_are_not_given() -> None:
    assert read("facets=").facets == ()
    assert read("facets=%20,").facets == ()
    assert read("").facets == COUNTED_FACETS


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        ("", {}),
        ("&&", {}),
        ("q=&from=&source=&page=", {}),
        ("q=" + quote("اتصال"), {"text": "اتصال"}),
        ("q=%D8%A7+%D8%A8", {"text": "ا ب"}),
        ("q=a%00b%1Fc", {"text": "a b c"}),
        ("q==a=b", {"text": "=a=b"}),
        ("match=lemma", {"match": Level.LEMMA}),
        ("variants=0", {"variants": False}),
        ("variants=1", {}),
        ("source=b&source=a&source=b", {"selected": {FacetField.SOURCE: ("a", "b")}}),
        ("source=" + quote("الجزيرة"), {"selected": {FacetField.SOURCE: ("aljazeera",)}}),
        ("source=aljazeera", {"selected": {FacetField.SOURCE: ("aljazeera",)}}),
        ("not_source=-", {"excluded": {FacetField.SOURCE: ("-",)}}),
        ("agency=" + quote("تاس"), {"selected": {FacetField.AGENCY: ("تاس",)}}),
        ("author=x&not_section=y", {"selected": {FacetField.AUTHOR: ("x",)}, "excluded": {FacetField.SECTION: ("y",)}}),
        ("from=2024-03-01", {"dates": DateSelection(dt.date(2024, 3, 1))}),
        ("from=2024&to=2024", {"dates": DateSelection(dt.date(2024, 1, 1), dt.date(2024, 12, 31))}),
        ("from=2024-2&to=2024-02", {"dates": DateSelection(dt.date(2024, 2, 1), dt.date(2024, 2, 29))}),
        ("to=2023/02", {"dates": DateSelection(None, dt.date(2023, 2, 28))}),
        ("from=" + quote("٢٠٢٤-٠٣"), {"dates": DateSelection(dt.date(2024, 3, 1))}),
        ("from=" + quote("۲۰۲۴"), {"dates": DateSelection(dt.date(2024, 1, 1))}),
        ("from=15/7/2015", {"dates": DateSelection(dt.date(2015, 7, 15))}),
        ("from=" + quote("١٥/٧/٢٠١٥"), {"dates": DateSelection(dt.date(2015, 7, 15))}),
        ("from=3-8-2015&to=4.8.2015", {"dates": DateSelection(dt.date(2015, 8, 3), dt.date(2015, 8, 4))}),
        ("from=7/2015&to=7/2015", {"dates": DateSelection(dt.date(2015, 7, 1), dt.date(2015, 7, 31))}),
        ("from=2015-07-01T00:00:00Z", {"dates": DateSelection(dt.date(2015, 7, 1))}),
        ("to=2015-07-01T23:59:59.999%2B03:00", {"dates": DateSelection(None, dt.date(2015, 7, 1))}),
        ("to=2015-07-01T23:59:59+03:00", {"dates": DateSelection(None, dt.date(2015, 7, 1))}),
        ("from=2015-07-01T10:30", {"dates": DateSelection(dt.date(2015, 7, 1))}),
        ("from=2015-07-01+10:30:00", {"dates": DateSelection(dt.date(2015, 7, 1))}),
        ("date=unknown", {"dates": DateSelection(unknown=True)}),
        ("sort=oldest", {"sort": Sort.OLDEST}),
        ("page=3&per_page=100", {"page": 3, "per_page": 100}),
        ("page=" + quote("٣"), {"page": 3}),
        ("boost=recency", {"recency": True}),
        ("second_try=0", {"second_try": False}),
        ("stories=0&extra=evidence", {}),
        ("extra=explain,evidence&extra=positions", {"explained": True, "positioned": True}),
        ("form=" + quote("مكتبة") + "&form=b&form=b&form=" + quote("مكتبه"), {"forms": ("b", "مكتبة")}),
        ("not_form=" + quote("أكتب"), {"dropped_forms": ("أكتب",)}),
    ],
)
def test_a_query_string_becomes_a_request(arguments: str, changes: dict[str, object]) -> None:
    assert read(arguments) == dataclasses.replace(PLAIN, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "slug", "param"),
    [
        ("q=" + "a" * 1001, "query-too-long", "q"),
        ("q=%FF", "bad-encoding", "q"),
        ("q=%ED%A0%80", "bad-encoding", "q"),
        ("%FF=1", "bad-encoding", None),
        ("q=a&q=b", "repeated-parameter", "q"),
        ("page=1&page=2", "repeated-parameter", "page"),
        ("page=0", "bad-number", "page"),
        ("page=-1", "bad-number", "page"),
        ("page=1.5", "bad-number", "page"),
        ("page=" + "9" * 5000, "bad-number", "page"),
        ("page=" + quote("²"), "bad-number", "page"),
        ("per_page=101", "bad-number", "per_page"),
        ("page=101&per_page=100", "too-deep", "page"),
        ("match=stem", "bad-value", "match"),
        ("match=spelling", "bad-value", "match"),
        ("variants=yes", "bad-value", "variants"),
        ("sort=best", "bad-value", "sort"),
        ("boost=1", "bad-value", "boost"),
        ("stories=2", "bad-value", "stories"),
        ("second_try=x", "bad-value", "second_try"),
        ("extra=everything", "bad-value", "extra"),
        ("date=known", "bad-value", "date"),
        ("from=32/13", "bad-date", "from"),
        ("from=2024-02-30", "bad-date", "from"),
        ("from=0000", "bad-date", "from"),
        ("to=2024-13", "bad-date", "to"),
        ("to=yesterday", "bad-date", "to"),
        ("from=31/2/2015", "bad-date", "from"),
        ("from=7/15/2015", "bad-date", "from"),
        ("from=15/7/15", "bad-date", "from"),
        ("from=2015-07-01T", "bad-date", "from"),
        ("from=2015-07-01T25", "bad-date", "from"),
        ("from=1436000000", "bad-date", "from"),
        ("q=%25u0642%25u0637%25u0631", "bad-encoding", "q"),
        ("source=%25u0642", "bad-encoding", "source"),
        ("q=%DE%D8%D1", "bad-encoding", "q"),
        ("from=2024-05&to=2024-04", "empty-range", "to"),
        ("source=a%00b", "bad-character", "source"),
        ("author=" + "a" * 1001, "value-too-long", "author"),
        ("extra=explain,all", "bad-value", "extra"),
        ("form=a%00b", "bad-character", "form"),
        ("not_form=" + "a" * 1001, "value-too-long", "not_form"),
        ("prefix=x", "unknown-parameter", "prefix"),
        ("surce=x", "unknown-parameter", "surce"),
        ("utm_source=x", "unknown-parameter", "utm_source"),
        ("&".join(["source=a"] * 1001), "too-many-arguments", None),
        ("&" * 20_000, "too-many-arguments", None),
    ],
)
def test_an_invalid_query_string_is_refused_with_the_parameter(arguments: str, slug: str, param: str | None) -> None:
    with pytest.raises(ParameterError) as refused:
        read(arguments)
    assert (refused.value.slug, refused.value.param) == (slug, param)
    assert refused.value.detail


def test_a_search_within_a_facet_has_a_prefix_and_the_search() -> None:
    parameters, typed = parse_facet("q=x&source=a&prefix=" + quote(" وطن "), NAMES)
    assert (parameters.request, typed) == (read("q=x&source=a"), "وطن")
    with pytest.raises(ParameterError) as refused:
        parse_facet("prefix=" + "a" * 1001, NAMES)
    assert (refused.value.slug, refused.value.param) == ("query-too-long", "prefix")


def test_a_query_of_full_length_and_thirty_two_filters_are_accepted_together() -> None:
    names = ("source", "not_author", "form", "not_form")
    values = "&".join(f"{name}={quote('ثمانية عشر حرفا')}{number}" for name in names for number in range(8))
    parameters = read(f"q={quote('ا' * 1000)}&{values}")
    assert len(parameters.text) == 1000
    assert len(parameters.selected[FacetField.SOURCE]) == len(parameters.dropped_forms) == 8


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ("&".join(f"source={number}" for number in range(33)), "too-many-filters"),
        ("&".join(f"source={number}&not_form=a{number}" for number in range(17)), "too-many-filters"),
        ("not_form=a&" * 990, "too-many-filters"),
        ("&".join(f"source={quote('ا' * 990)}" for _ in range(3)), "query-string-too-long"),
    ],
)
def test_more_values_or_a_longer_query_string_are_refused(arguments: str, slug: str) -> None:
    with pytest.raises(ParameterError) as refused:
        read(arguments)
    assert refused.value.slug == slug


def test_the_error_of_an_unknown_parameter_suggests_the_nearest_name() -> None:
    with pytest.raises(ParameterError, match="surce") as refused:
        read("surce=x")
    assert "«source»" in refused.value.detail


def test_the_position_of_an_invalid_byte_is_in_code_points() -> None:
    with pytest.raises(ParameterError) as refused:
        read("q=%D8%A7%D8%A8%FF")
    assert refused.value.position == 2


def test_bytes_that_are_not_percent_encoded_are_read_as_utf8() -> None:
    assert read("q=" + "اتصال".encode().decode("latin-1")).text == "اتصال"
    assert read("q=اتصال").text == "اتصال"


def test_the_page_ignores_tracking_parameters() -> None:
    assert read("q=a&utm_source=x&fbclid=y", tolerant=True) == dataclasses.replace(PLAIN, text="a")
    with pytest.raises(ParameterError):
        read("surce=x", tolerant=True)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)
facet_values = st.lists(texts.filter(bool), max_size=3).map(lambda found: tuple(sorted(set(found))))
forms = st.lists(st.sampled_from(["مكتب", "كتب", "cnn", "2.5"]), max_size=3).map(
    lambda found: tuple(sorted(set(found)))
)
days = st.none() | st.dates()


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    first, last = draw(days), draw(days)
    if first and last and first > last:
        first, last = last, first
    extra = draw(st.sampled_from([(), ("evidence",), ("evidence", "explain"), ("explain", "positions")]))
    chosen = [
        {field: values for field in FacetField if (values := draw(facet_values))} for _ in ("selected", "excluded")
    ]
    return Parameters(
        SearchRequest(
            text=draw(texts),
            match=draw(st.sampled_from([Level.EXACT, Level.CLITIC, Level.LEMMA, Level.FAMILY, Level.ROOT])),
            variants=draw(st.booleans()),
            selected=chosen[0],
            excluded=chosen[1],
            forms=draw(forms),
            dropped_forms=draw(forms),
            dates=DateSelection(first, last, draw(st.booleans())),
            sort=draw(st.sampled_from(Sort)),
            recency=draw(st.booleans()),
            second_try=draw(st.booleans()),
            page=draw(st.integers(1, 100)),
            per_page=draw(st.integers(1, 100)),
            explained="explain" in extra,
            positioned="positions" in extra,
        ),
        extra=extra,
        stories=draw(st.booleans()),
    )


@given(parameters())
def test_the_canonical_address_parses_to_the_same_parameters(original: Parameters) -> None:
    address = Links(API_SEARCH, original).here()
    assert parse(address.partition("?")[2], SourceNames({})) == original
    assert address.isascii()


def outcome(arguments: str) -> str:
    try:
        parse(arguments, NAMES)
    except ParameterError as refused:
        return refused.slug
    return "answered"


@given(st.lists(st.tuples(st.sampled_from(["q", "from", "source", "page", "x"]), st.text(max_size=9)), max_size=6))
def test_any_query_string_is_answered_or_refused_by_name(pairs: list[tuple[str, str]]) -> None:
    encoded = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])
    refusals = {"unknown-parameter", "repeated-parameter", "bad-date", "bad-number", "bad-character", "bad-encoding"}
    assert outcome(encoded) in {"answered", "too-deep", *refusals}


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("q=%DE%D8%D1", "قطر"),
        ("q=%E3%CC%E1%D3+%C7%E1%C3%E3%E4", "مجلس الأمن"),
        ("q=%25u0642%25u0637%25u0631", "قطر"),
        ("q=%25u0642%25U0637%25u0631+x", "ق%U0637ر x"),
        ("author=%25u0623%25u062D%25u0645%25u062F", "أحمد"),
    ],
)
def test_a_query_in_an_old_encoding_is_told_as_it_was_meant(arguments: str, meant: str) -> None:
    with pytest.raises(ParameterError) as raised:
        read(arguments)
    assert f"«{meant}»" in raised.value.detail


@pytest.mark.parametrize("arguments", ["q=%FF", "q=%ED%A0%80", "q=%80%81%82", "q=%25uD800", "%FF=1"])
def test_bytes_that_are_no_arabic_text_are_not_guessed_at(arguments: str) -> None:
    with pytest.raises(ParameterError) as raised:
        read(arguments)
    assert "windows-1256" not in raised.value.detail
    raised.value.detail.encode("utf-8")


@pytest.mark.parametrize("text", ["100%", "50%u", "%u06", "u0642", "%zz", "نسبة 5%"])
def test_a_percent_sign_in_a_query_is_a_sign(text: str) -> None:
    assert read(f"q={quote(text)}").text == text
