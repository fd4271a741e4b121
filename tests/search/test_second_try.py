"""The second try: words that no article has, sought where they are spelled alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.schema import Level
from search.request import SearchRequest
from search.results import NoteKind, SearchResult
from search.service import SearchService
from tests.search.conftest import PLACES, indexed

TEXTS = {
    "wonderful": "رحلة رائعة إلى الجبل",
    "hospital": "افتتاح مستشفى في بيروت",
    "trip": "رحلة إلى بيروت",
}


@pytest.fixture(scope="module", params=PLACES)
def service(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, [{"id": name, "text": text} for name, text in TEXTS.items()]) as made:
        yield made


def told(result: SearchResult) -> list[str]:
    return [note.text for note in result.notes if note.kind is NoteKind.CLOSE_SPELLING]


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        ("راائعة", ["wonderful"], "راائعة"),  # none-has 7: a doubled letter
        ("مستشفاا", ["hospital"], "مستشفاا"),
        ("رحلة بيرووت", ["trip"], "بيرووت"),
        ("راائعة مستشفاا", [], None),
    ],
)
def test_a_word_that_no_article_has_is_sought_by_its_spelling(
    service: SearchService, text: str, found: list[str], unknown: str | None
) -> None:
    result = service.search(SearchRequest(text=text))
    assert [hit.document.id for hit in result.hits if hit.match.complete] == found
    assert told(result) == ([unknown] if unknown else [])
    if unknown:
        assert all(hit.match.level is Level.SOFT for hit in result.hits if hit.match.complete), "labelled as such"


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
def test_there_is_no_second_try_where_the_reader_was_exact_or_nothing_is_alike(
    service: SearchService, request_: SearchRequest
) -> None:
    result = service.search(request_)
    assert result.total == 0
    assert told(result) == []


def test_what_has_matches_is_never_tried_again(service: SearchService) -> None:
    assert told(service.search(SearchRequest(text="رائعة"))) == []
    result = service.search(SearchRequest(text="مستشفى رائعة"))
    assert (result.total, result.further, told(result)) == (0, 2, []), "both words are known"
