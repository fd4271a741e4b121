"""Complaints about highlights and snippets of other Arabic search systems, as tests from a query to its hits."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.analysis.installed import load_analyzer
from index.build import add_articles
from index.schema import Level
from search.engines import open_engine
from search.request import SearchRequest
from search.results import Hit
from search.service import SearchService
from tests.search.conftest import ZONE

ARTICLES = {
    "ال": "بقي الرجال في الدار. وكان الباقون من التجار في السوق، والباقي في البيت الكبير.",
    "حركات": "قَالَ الرَّئِيسُ إِنَّ مُحَمَّدًا وَصَلَ إِلَى المَدِينَةِ، ثُمَّ غَادَرَ مُحَمَّدٌ القَاعَةَ.",
    "رمز": "\U0001f600 وصل محمد \U0001f600\U0001f600 إلى المدينة.",
    "تطويل": "وصل محـــمد إلى المديـــنة مساء.",
    "طويل": "كلمة عابرة أخرى " * 300 + "ثم التقى المستشرق زملاءه، " + "كلمة عابرة أخرى " * 300,
    "صيغ": "يكتبون بالمكاتبات كتبا في مكتبتهم؛ والكاتب كتبها وكتابه مكتوب.",
}


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchService]:
    """Yield a service over one article for each text of the table."""
    folder: Path = tmp_path_factory.mktemp("complaints")
    lines = (json.dumps({"id": key, "text": text, "title": "س"}, ensure_ascii=False) for key, text in ARTICLES.items())
    (folder / "articles.jsonl").write_text("\n".join(lines), "utf-8")
    add_articles(str(folder / "index"), [folder / "articles.jsonl"], zone=ZONE)
    engine = open_engine(str(folder / "index"))
    yield SearchService(engine, load_analyzer(), zone=ZONE)
    engine.close()


def hit_in(readers: SearchService, article: str, query: str) -> Hit:
    """Return the hit of an article, with the marks of all levels."""
    found = readers.search(SearchRequest(text=query, match=Level.ROOT))
    return next(hit for hit in found.hits if hit.document.id == article)


def marked(hit: Hit) -> list[str]:
    return [snippet.text[mark.start : mark.end] for snippet in hit.snippets for mark in snippet.marks]


def test_the_definite_article_of_other_words_is_not_marked(readers: SearchService) -> None:
    assert {"بقي", "الباقون"} <= set(marked(hit_in(readers, "ال", "الباقين")))
    assert not {"الرجال", "الدار", "التجار", "السوق", "البيت", "الكبير"} & set(marked(hit_in(readers, "ال", "الباقين")))


@pytest.mark.parametrize(
    ("article", "words"),
    [("حركات", ["مُحَمَّدًا", "مُحَمَّدٌ"]), ("رمز", ["محمد"]), ("تطويل", ["محـــمد"])],
)
def test_the_last_letter_and_its_marks_belong_to_the_highlight(
    readers: SearchService, article: str, words: list[str]
) -> None:
    assert marked(hit_in(readers, article, "محمد")) == words


def test_marks_before_a_word_do_not_shift_its_highlight(readers: SearchService) -> None:
    assert marked(hit_in(readers, "حركات", "القاعة")) == ["القَاعَةَ"]
    assert marked(hit_in(readers, "تطويل", "مدينة")) == ["المديـــنة"]


@pytest.mark.parametrize("article", ARTICLES)
@pytest.mark.parametrize("query", ["محمد مدينة", "كتب", "الباقين", "المستشرق", "قال"])
def test_no_tag_separates_joined_letters(readers: SearchService, article: str, query: str) -> None:
    hits = [hit for hit in readers.search(SearchRequest(text=query)).hits if hit.document.id == article]
    for snippet in (snippet for hit in hits for snippet in hit.snippets):
        for border in (border for mark in snippet.marks for border in mark[:2] if 0 < border < len(snippet.text)):
            around = (snippet.text[border - 1], snippet.text[border])
            assert not all(unicodedata.category(letter)[0] in "LM" for letter in around), around


def test_words_are_shown_as_written_not_as_indexed(readers: SearchService) -> None:
    hit = hit_in(readers, "صيغ", "كتابة")
    assert hit.snippets[0].text == ARTICLES["صيغ"]
    assert {"يكتبون", "والكاتب", "مكتوب"} <= set(marked(hit))
    assert set(marked(hit)) <= set(ARTICLES["صيغ"].replace("؛", "").replace(".", "").split())


def test_an_article_without_a_marked_word_still_has_a_passage(readers: SearchService) -> None:
    hits = readers.search(SearchRequest()).hits
    assert len(hits) == len(ARTICLES)
    assert all(hit.snippets and hit.document.text.startswith(hit.snippets[0].text) for hit in hits)


def test_the_matching_word_is_always_within_the_snippet(readers: SearchService) -> None:
    hit = hit_in(readers, "طويل", "المستشرق")
    assert marked(hit) == ["المستشرق"]
    (snippet,) = hit.snippets
    (mark,) = snippet.marks
    # away from both ends, so that its context is visible
    assert min(mark.start, len(snippet.text) - mark.end) > 20
