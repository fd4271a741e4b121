"""Compounds: a name is found in both its writings, in one word or in several; a part of it is not."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.schema import Level
from search.levels import Tier
from search.request import SearchRequest
from search.results import NoteKind
from search.service import SearchService
from tests.search.conftest import LOCATIONS, indexed

with Path(__file__).with_name("compounds.tsv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file, delimiter="\t"))
SAME = [(row["query"], row["text"]) for row in ROWS if row["match"] == "yes"]
APART = [(row["query"], row["text"]) for row in ROWS if row["match"] == "no"]
TEXTS = list(dict.fromkeys(itertools.chain.from_iterable((row["query"], row["text"]) for row in ROWS)))
ARTICLES = {
    "joined": "زار محمد عبدالله الصالح الرياض",
    "split": "زار محمد عبد الله الصالح الرياض",
    "apart": "محمد عبد من عباد الله الصالح",
    "with and": "محمد وعبد الله الصالح",
    "city": "افتتح المعرض في أبو ظبي أمس",
    "gazelle": "رأى ظبي الصحراء",
    "agency": "نقلت (أ. ف. ب) الخبر",
    "letter": "خرج الفصل أ إلى الساحة",
    "council": "أصدر مجلس الأمن قرارا",
    "ministers": "عقد مجلس الوزراء جلسته",
    "calm": "استتب الأمن",
    "capital": "رفعت الشركة رأس مالها مرتين",
    "head": "أصيب في رأس ومال إلى الأرض",
    "particularly": "الفواكه لا سيما التفاح",
    "nested": "كتب أبو عبدالله محمد",
}


@pytest.fixture(scope="module", params=LOCATIONS)
def names(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    """Yield a service over articles of one line, one for each text of the table."""
    with indexed(request, [{"id": f"t{number}", "text": text} for number, text in enumerate(TEXTS)]) as made:
        yield made


@pytest.fixture(scope="module", params=LOCATIONS)
def news(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    with indexed(request, [{"id": name, "text": text} for name, text in ARTICLES.items()]) as made:
        yield made


def found(service: SearchService, text: str, match: Level = Level.LEMMA, *, variants: bool = True) -> set[str]:
    request = SearchRequest(text=text, match=match, variants=variants, second_try=False, per_page=100)
    return {hit.document.id for hit in service.search(request).hits if hit.match.tier is Tier.MATCH}


@pytest.mark.parametrize(("query", "text"), SAME)
def test_both_writings_of_a_name_find_the_same_articles(names: SearchService, query: str, text: str) -> None:
    both = {f"t{TEXTS.index(query)}", f"t{TEXTS.index(text)}"}
    by_query, by_text = found(names, query), found(names, text)
    assert both <= by_query
    if query != "آل سعود":  # in one word its folded letters are those of a word with an article
        assert by_query == by_text


@pytest.mark.parametrize(("query", "text"), APART)
def test_a_part_of_a_name_and_words_with_the_same_letters_are_not_the_name(
    names: SearchService, query: str, text: str
) -> None:
    assert f"t{TEXTS.index(text)}" not in found(names, query)


def test_the_table_has_pairs_of_all_kinds_and_guards() -> None:
    assert len(SAME) > 240
    assert len(APART) > 60


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"محمد عبدالله الصالح"', {"joined", "split"}),
        ('"محمد عبد الله الصالح"', {"joined", "split"}),
        ('"عبد الله"', {"joined", "split", "nested"}),
        ('"عبدالله"', {"joined", "split", "nested"}),
        ("=عبدالله", {"joined", "nested"}),
        ('="عبد الله"', {"split"}),
        ("=عبد", {"split", "apart"}),
        ("عبد الله", {"joined", "split", "with and", "nested"}),
        ("2×عبدالله", set()),
        ("عبدالله -الرياض", {"with and", "nested"}),
        ("أبو عبد الله", {"nested"}),
        ("ابوعبدالله", {"nested"}),
        ("أبوظبي", {"city"}),
        ("ظبي", {"city", "gazelle"}),
        ('"أ ف ب"', {"agency"}),
        ("أ.ف.ب", {"agency"}),
        ("رأسمال", {"capital"}),
        ("(عبدالله أبوظبي)", set()),
        ("(أ. ف. ب)", {"agency"}),
        ("عبد الله OR أبوظبي", {"joined", "split", "with and", "nested", "city"}),
        ("العنوان:عبدالله", set()),
    ],
)
def test_names_in_the_query_language(news: SearchService, query: str, expected: set[str]) -> None:
    assert found(news, query) == expected


@pytest.mark.parametrize("query", ["عبدالله", "عبد الله"])
def test_narrow_levels_and_searches_without_variants_know_one_writing(news: SearchService, query: str) -> None:
    own = {"joined", "nested"} if " " not in query else {"split", "with and"}
    assert found(news, query, variants=False) == own


@pytest.mark.parametrize("query", ["لاسيما", "لا سيما"])
def test_function_words_in_one_word_are_stop_words_too(news: SearchService, query: str) -> None:
    kinds = [note.kind for note in news.search(SearchRequest(text=f"{query} التفاح")).notes]
    assert kinds == [NoteKind.STOP_WORDS]
    assert found(news, f"{query} التفاح") == {"particularly"}
    assert found(news, query) == set()


@pytest.mark.parametrize("query", ["عبدالله", "عبد الله", '"محمد عبدالله"'])
def test_all_parts_of_a_name_are_one_mark(news: SearchService, query: str) -> None:
    result = news.search(SearchRequest(text=query, positioned=True, per_page=100))
    (hit,) = (hit for hit in result.hits if hit.document.id == "split")
    assert hit.marks
    marked = [hit.document.text[mark.start : mark.end] for mark in hit.marks.text]
    assert marked == (["محمد", "عبد الله"] if "محمد" in query else ["عبد الله"])
    (snippet,) = hit.snippets
    assert [snippet.text[mark.start : mark.end] for mark in snippet.marks] == marked


def test_a_name_in_another_writing_is_labelled(news: SearchService) -> None:
    hits = {hit.document.id: hit for hit in news.search(SearchRequest(text="عبدالله")).hits}
    assert hits["joined"].match.level is Level.EXACT
    assert hits["split"].match.level is Level.SPELLING
    assert [form.text for form in hits["split"].match.forms] == ["عبد الله"]


def test_forms_are_whole_names_and_can_be_chosen_and_dropped(news: SearchService) -> None:
    result = news.search(SearchRequest(text="عبد", match=Level.LEMMA, second_try=False))
    assert result.forms is not None
    forms = {form.form: form.count for form in result.forms.values}
    assert forms["عبد الله"] == 1
    assert forms["عبد"] == 1
    for form, articles in (("عبد الله", {"split"}), ("عبد", {"apart"})):
        chosen = news.search(SearchRequest(text="عبد", match=Level.LEMMA, forms=(form,)))
        assert {hit.document.id for hit in chosen.hits if hit.match.tier is Tier.MATCH} == articles
        dropped = news.search(SearchRequest(text="عبد", match=Level.LEMMA, dropped_forms=(form,)))
        assert not articles & {hit.document.id for hit in dropped.hits if hit.match.tier is Tier.MATCH}


@pytest.mark.parametrize("query", ["مجلسالأمن", "مجلسالامن"])
def test_two_words_without_a_space_are_searched_as_a_phrase(news: SearchService, query: str) -> None:
    result = news.search(SearchRequest(text=query))
    assert [hit.document.id for hit in result.hits if hit.match.tier is Tier.MATCH] == ["council"]
    assert [note.kind for note in result.notes] == [NoteKind.CLOSE_SPELLING]
    assert not news.search(SearchRequest(text=f'"{query}"')).total
