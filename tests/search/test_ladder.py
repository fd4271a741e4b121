"""Levels of matches, end to end: their order, names against words, and the root of a match."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from index.schema import LADDER as LEVELS
from index.schema import Level
from search.levels import Tier
from search.request import SearchRequest
from search.results import NoteKind
from search.service import SearchService
from tests.search.conftest import LOCATIONS, indexed
from web.labels import why


def numbered(texts: list[str]) -> list[dict[str, str]]:
    """Return articles of one line each, without a title."""
    return [{"id": f"{number:02}", "text": text} for number, text in enumerate(texts)]


LADDER = ["مواصلات", "يتصلون", "وباتصالاته", "الاتصال", "اتصال"]
"""The widest level first: ties broken by id would give the wrong order."""
WORDS = [
    "شربنا اللبن", "زار لبنان", "وزير", "قال الوزير", "اجتماع الوزراء", "واشنطن", "قرأت الكتب", "كتاب", "مكتب",
    "غوغل", "جوجل", "لليمن", "زرت اليمن", "يمين", "وصل الشاطئ", "علم الولايات المتحدة",
]  # fmt: skip


@pytest.fixture(scope="module", params=LOCATIONS)
def ladder(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, numbered(LADDER)) as service:
        yield service


@pytest.fixture(scope="module", params=LOCATIONS)
def words(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, numbered(WORDS)) as service:
        yield service


@pytest.fixture(params=LOCATIONS)
def two(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, numbered(["مرت الأعوام", "عمومي"])) as service:
        yield service


@pytest.fixture(params=LOCATIONS)
def lebanon(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, numbered(["زار لبنان"])) as service:
        yield service


def found(service: SearchService, text: str, match: Level = Level.ROOT, *, variants: bool = True) -> set[str]:
    hits = service.search(SearchRequest(text=text, match=match, variants=variants)).hits
    return {hit.document.text for hit in hits if hit.match.tier is Tier.MATCH}


def test_each_rung_of_the_ladder_ranks_below_the_one_before(ladder: SearchService) -> None:
    hits = ladder.search(SearchRequest(text="اتصال")).hits
    assert [hit.document.text for hit in hits] == LADDER[::-1]
    assert [hit.match.level for hit in hits] == [*LEVELS]
    assert [hit.match.tier for hit in hits] == [Tier.MATCH] * 3 + [Tier.FAMILY, Tier.ROOT]
    assert {hit.match.root for hit in hits} == {"وصل"}
    assert [("(الجذر: و-ص-ل)" in (why(hit.match) or "")) for hit in hits] == [False, False, False, True, True]


@pytest.mark.parametrize(("match", "count"), [(level, count) for count, level in enumerate(LEVELS, 1)])
def test_each_level_adds_its_rung(ladder: SearchService, match: Level, count: int) -> None:
    assert found(ladder, "اتصال", match) == set(LADDER[::-1][:count])


@pytest.mark.parametrize(
    "text",
    [
        "اتصال", "الوزير", "كتب", "لبن", "لبنان", "غوغل", "زقنبوط", "كت*", "وزير كتاب", '"قال الوزير"',
        "كتاب أو يتصلون", "1×وزير", "جذر:كتب", "=وزير", "العنوان:وزير", "ما اجتماع الوزراء؟",
        "زار الوزير لبنان واليمن يمين",
    ],
)  # fmt: skip
def test_a_wider_level_keeps_what_a_closer_one_finds(words: SearchService, ladder: SearchService, text: str) -> None:
    for service in (words, ladder):
        by_level = [found(service, text, level) for level in LEVELS]
        assert all(closer <= wider for closer, wider in itertools.pairwise(by_level))


def test_a_wider_level_excludes_more(words: SearchService) -> None:
    left = [found(words, "كتاب أو مكتب أو الكتب -كتاب", level) for level in LEVELS]
    assert left == [{"مكتب", "قرأت الكتب"}] * 2 + [{"مكتب"}] * 2 + [set()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("لبنان", {"زار لبنان"}),
        ("وزير", {"وزير", "قال الوزير", "اجتماع الوزراء"}),
        ("الوزير", {"وزير", "قال الوزير", "اجتماع الوزراء"}),
        ("واشنطن", {"واشنطن"}),
        ("غوغل", {"غوغل", "جوجل"}),
        ("اليمن", {"لليمن", "زرت اليمن"}),
        ("لليمن", {"لليمن", "زرت اليمن"}),
    ],
)
def test_names_match_names_and_words_match_words(words: SearchService, text: str, expected: set[str]) -> None:
    assert found(words, text) == expected


def test_a_word_never_finds_the_name_that_has_its_letters(words: SearchService) -> None:
    assert found(words, "لبن") == {"شربنا اللبن"}


@pytest.mark.parametrize("level", LEVELS)
def test_no_level_leads_from_a_name_to_a_word_of_its_letters_nor_back(words: SearchService, level: Level) -> None:
    assert found(words, "لبنان", level) <= {"زار لبنان"}
    assert found(words, "لبن", level) <= {"شربنا اللبن"}


def test_a_close_spelling_may_be_a_name_and_says_so(lebanon: SearchService) -> None:
    result = lebanon.search(SearchRequest(text="لبن"))
    assert [note.kind for note in result.notes] == [NoteKind.CLOSE_SPELLING]
    assert [(hit.document.text, hit.match.level) for hit in result.hits] == [("زار لبنان", Level.SOFT)]
    assert not lebanon.search(SearchRequest(text="لبن", second_try=False)).hits


def test_a_broken_plural_is_the_same_word(words: SearchService) -> None:
    assert found(words, "كتاب", Level.LEMMA) == {"كتاب", "قرأت الكتب"}
    assert "مكتب" in found(words, "كتاب")


def test_a_name_has_no_root(words: SearchService) -> None:
    (hit,) = words.search(SearchRequest(text="واشنطن")).hits
    assert (hit.match.lemma, hit.match.root) == ("واشنطن", None)


def test_other_spellings_of_a_name_can_be_left_out(words: SearchService) -> None:
    hits = words.search(SearchRequest(text="غوغل")).hits
    assert [hit.match.level for hit in hits] == [Level.EXACT, Level.SPELLING]
    assert found(words, "غوغل", variants=False) == {"غوغل"}


def test_the_named_root_is_the_one_that_matched(two: SearchService) -> None:
    hits = two.search(SearchRequest(text="عام")).hits
    assert {hit.document.text: hit.match.root for hit in hits} == {"مرت الأعوام": "عوم", "عمومي": "عمم"}
