"""The second try: words that no article has match similarly spelled words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.schema import Level
from search.levels import Tier
from search.request import SearchRequest
from search.results import NoteKind, SearchResult
from search.service import SearchService
from tests.search.conftest import LOCATIONS, indexed

TEXTS = {
    "wonderful": "رحلة رائعة إلى الجبل",
    "hospital": "افتتاح مستشفى في بيروت",
    "trip": "رحلة إلى بيروت",
    "number": "رحلة القضية رقم 45471 والطائرة F-16 والساعة 10:30 وبلغت 26،013 ريالا و3ر5 وعام ٢٠١٥ وCOVID19",
    "latin": "رحلة كأس FIFA وقناة CNN وشركة Apple وموقع Facebook",
}


@pytest.fixture(scope="module", params=LOCATIONS)
def service(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, [{"id": name, "text": text} for name, text in TEXTS.items()]) as made:
        yield made


def close_spellings(result: SearchResult) -> list[str]:
    return [note.text for note in result.notes if note.kind is NoteKind.CLOSE_SPELLING]


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        ("راائعة", ["wonderful"], "راائعة"),  # a doubled letter
        ("مستشفاا", ["hospital"], "مستشفاا"),
        ("رحلة بيرووت", ["trip"], "بيرووت"),
        ("راائعة مستشفاا", [], None),
    ],
)
def test_a_word_that_no_article_has_matches_similar_spellings(
    service: SearchService, text: str, found: list[str], unknown: str | None
) -> None:
    result = service.search(SearchRequest(text=text))
    assert [hit.document.id for hit in result.hits if hit.match.tier is Tier.MATCH] == found
    assert close_spellings(result) == ([unknown] if unknown else [])
    if unknown:
        assert all(hit.match.level is Level.SOFT for hit in result.hits if hit.match.tier is Tier.MATCH), (
            "labelled as such"
        )


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest(text="راائعة", second_try=False),
        SearchRequest(text="راائعة", match=Level.CLITIC),
        SearchRequest(text='"راائعة"'),
        SearchRequest(text="=راائعة"),
        SearchRequest(text="-رائعة -رحلة -مستشفى"),
        SearchRequest(text="xqzw"),
    ],
)
def test_there_is_no_second_try_for_exact_queries_or_without_similar_words(
    service: SearchService, request_: SearchRequest
) -> None:
    result = service.search(request_)
    assert result.total == 0
    assert close_spellings(result) == []


@pytest.mark.parametrize(
    "word",
    [
        "45470",
        "٤٥٤٧٠",
        "و45470",
        "لـ45470",
        "26014",
        "26،014",
        "F-17",
        "F17",
        "10:31",
        "4.5",
        "2016",
        "COVID20",
        "FAFA",
        "CNNN",
        "Aple",
        "لـCNB",
        "الـFIFE",
    ],
)
def test_numbers_and_short_latin_words_have_no_similar_spellings(service: SearchService, word: str) -> None:
    result = service.search(SearchRequest(text=word))
    assert (result.total, close_spellings(result)) == (0, [])


@pytest.mark.parametrize(
    ("word", "found"), [("Facebok", "latin"), ("بيروتت", "trip"), ("بيــروتت", "trip"), ("مسشتفى", "hospital")]
)
def test_longer_words_still_have_them(service: SearchService, word: str, found: str) -> None:
    assert found in [hit.document.id for hit in service.search(SearchRequest(text=word)).hits]


def test_what_has_matches_is_never_tried_again(service: SearchService) -> None:
    assert close_spellings(service.search(SearchRequest(text="رائعة"))) == []
    result = service.search(SearchRequest(text="مستشفى رائعة"))
    assert (result.total, result.further, close_spellings(result)) == (0, 2, []), "both words are known"
