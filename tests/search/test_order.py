"""The order of hits, end to end: the hits that a reader expects first come first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from index.analysis.installed import load_analyzer
from index.build import add_articles
from search.engines import open_engine
from search.request import SearchRequest
from search.service import SearchService
from tests.search.conftest import ZONE

FILLER = "أقيم حفل كبير حضره عدد من الضيوف وتحدث فيه رئيس البلدية عن مشاريع الطرق والحدائق في المدينة"


def ordered(folder: Path, articles: Sequence[Mapping[str, str]], text: str, **options: object) -> list[str]:
    """Return the ids that a search lists; the ids of `articles` are such that ties by id give the reverse order."""
    folder.mkdir(exist_ok=True)
    lines = [json.dumps(article, ensure_ascii=False) for article in articles]
    (folder / "articles.jsonl").write_text("\n".join(lines), "utf-8")
    add_articles(str(folder / "index"), [folder / "articles.jsonl"], zone=ZONE)
    with closing(open_engine(str(folder / "index"))) as engine:
        service = SearchService(engine, load_analyzer(), zone=ZONE)
        hits = service.search(SearchRequest(text=text, **options)).hits  # type: ignore[arg-type]
    return [hit.document.id for hit in hits]


FORMS = {"5-root": "مواصلات", "4-family": "يتصلون", "3-lemma": "وباتصالاته", "2-clitic": "الاتصال", "1-exact": "اتصال"}
LADDER = sorted(FORMS)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "{} في بداية المقال"),
        ("{} أمس", "تفاصيل الخبر كما وردت"),
        ("{} أمس", "كان {} طويلا كما ورد"),
        ("عنوان الخبر", "في نهاية المقال الذي طال كثيرا بلا فائدة {}"),
    ],
)
def test_similar_articles_are_ordered_by_level(tmp_path: Path, title: str, text: str) -> None:
    articles = [{"id": name, "title": title.format(form), "text": text.format(form)} for name, form in FORMS.items()]
    assert ordered(tmp_path, articles, "اتصال") == LADDER


def test_an_inflection_in_a_title_may_rank_above_the_word_at_the_end_of_a_long_text(tmp_path: Path) -> None:
    articles = [
        {"id": "exact", "title": "", "text": f"{FILLER} " * 30 + "اتصال"},
        {"id": "family", "title": "يتصلون", "text": "خبر"},
        {"id": "lemma", "title": "الاتصالات", "text": "خبر"},
    ]
    assert ordered(tmp_path, articles, "اتصال") == ["lemma", "exact", "family"], "the family is another tier"


@pytest.mark.parametrize("text", ["اتصال", "اتصال الرئيس"])
def test_a_wider_form_in_a_title_ranks_below_the_word_itself(tmp_path: Path, text: str) -> None:
    body = "بين الرئيس ونظيره اليوم في الرياض"
    articles = [
        {"id": "titled", "title": "الاتصال", "text": body},
        {"id": "untitled", "title": "", "text": f"اتصال {body}"},
    ]
    assert ordered(tmp_path, articles, text) == ["untitled", "titled"]


def test_the_same_word_counts_more_in_a_title(tmp_path: Path) -> None:
    articles = [
        {"id": "body", "title": "خبر اليوم", "text": "اتصال بين الرئيس ونظيره"},
        {"id": "title", "title": "اتصال اليوم", "text": "خبر بين الرئيس ونظيره"},
    ]
    assert ordered(tmp_path, articles, "اتصال") == ["title", "body"]


def test_a_passage_at_the_end_of_a_long_article_ranks_above_scattered_words(tmp_path: Path) -> None:
    scattered = f"معاهدة {FILLER} " * 2 + f"{FILLER} الحدود {FILLER} البحرية {FILLER} " * 3
    late = f"{FILLER} " * 20 + "وقعت الدولتان معاهدة الحدود البحرية"
    articles = [{"id": "scattered", "text": scattered}, {"id": "late", "text": late}]
    assert ordered(tmp_path, articles, "معاهدة الحدود البحرية") == ["late", "scattered"]


def test_the_typed_spelling_ranks_first_among_folded_ones(tmp_path: Path) -> None:
    """آ and ءا match each other, and the exact form comes first."""
    articles = [{"id": f"{number}", "text": f"{form} الكريم"} for number, form in enumerate(("قرآنية", "قرآن"))]
    assert ordered(tmp_path, articles, "قرآن") == ["1", "0"]


def test_preferred_newer_articles_come_first_among_equals(tmp_path: Path) -> None:
    articles = [
        {"id": "1-old", "text": "اتصال بين الرئيسين", "date": "2024-01-01"},
        {"id": "2-new", "text": "اتصال بين الرئيسين", "date": "2025-01-01"},
    ]
    assert ordered(tmp_path, articles, "اتصال") == ["1-old", "2-new"]
    assert ordered(tmp_path / "again", articles, "اتصال", recency=True) == ["2-new", "1-old"]
