"""Complaints about other Arabic search systems, as queries with texts that must match and texts that must not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from index.schema import Level
from search.request import SearchRequest
from search.service import SearchService
from tests.search.conftest import LOCATIONS, indexed


class Case(NamedTuple):
    """A query with texts that it must find and texts that it must not find."""

    topic: str
    query: str
    found: tuple[str, ...]
    missed: tuple[str, ...] = ()


CASES = [
    Case("inflections", "كتاب", ("ثلاثة كتب", "هذا كتاب", "والكتاب")),
    Case("inflections", '"كتاب"', ("هذا كتاب",), ("ثلاثة كتب", "والكتاب")),
    Case("hamza on alef", "أرز", ("ارز مسلوق", "أرز أبيض")),
    Case("hamza on alef", "ارز", ("ارز مسلوق", "أرز أبيض")),
    Case("hamza on alef", "ادارة", ("إدارة عامة",)),
    Case("teh marbuta", "مدرسه", ("مَدْرَسَةٌ قديمة",)),
    Case("digits", "2010", ("عام ٢٠١٠",)),
    Case("digits", "٢٠١٠", ("عام ٢٠١٠",)),
    Case("Persian letters", "کتاب", ("هذا كتاب",)),
    Case("clitics and plural", "مدرسة", ("وبالمدارس",)),
    Case("particles", "دمج", ("قرار بدمج الوزارتين",)),
    Case("particles", "مجاورة", ("الدول المجاورة",)),
    Case("attached letters", "أخبار", ("نشرة الأخبار",)),
    Case("attached letters", "كثير", ("قوم كثيرون",)),
    Case("attached letters", "أغراض", ("نسي وأغراضها",)),
    Case("article behind a particle", "الصبر", ("استعينوا بالصبر",)),
    Case("final hamza", "شيء", ("لا شيء",)),
    Case("diacritics", "تحيّة", ("تحية طيبة",)),
    Case("diacritics", "تحية", ("تَحِيَّةٌ من القلب",)),
    Case("alef madda", "أسفي", ("مدينة آسفي",)),
    Case("madda as hamza and alef", "القرءان", ("تلاوة القرآن",)),
    Case("madda as hamza and alef", "القرآن", ("رسم القرءان",)),
    Case("bare alef", "اسفي", ("مدينة آسفي",)),
    Case("double hamza", "أأنذرتهم", ("ءَأَنذَرۡتَهُمۡ أَمۡ لَمۡ",)),
    Case("double hamza", "أنذرتهم", ("ءَأَنذَرۡتَهُمۡ أَمۡ لَمۡ", "أأنذرتهم أم لم")),
    Case("small alef", "خالدون", ("هُمۡ فِيهَا خَٰلِدُونَ",)),
    Case("small alef", "خلدون", ("ابن خلدون",), ("هُمۡ فِيهَا خَٰلِدُونَ",)),
    Case("small alef", "السماوات", ("خَلَقَ ٱلسَّمَـٰوَٰتِ وَٱلۡأَرۡضَ",)),
    Case("small alef", "الشيطان", ("خُطُوَٰتِ ٱلشَّيۡطَٰنِ",)),
    Case("small alef", '"أقاموا الصلاة"', ("أَقَامُواْ ٱلصَّلَوٰةَ",)),
    Case("small alef", "الرحمن", ("ٱلرَّحۡمَٰنُ عَلَّمَ",)),
    Case("teh for teh marbuta", "رحمت", ("رَحۡمَتَ ٱللَّهِ", "رحمة الله")),
    Case("formulas", '"صلى الله عليه وسلم"', ("قال النبي ﷺ كلاما", "قال النبيﷺ كلاما"), ("الله وسلم على النبي",)),
    Case("formulas", "ﷺ", ("قال النبي صلى الله عليه وسلم",)),
    Case("formulas", '"النبي ﷺ"', ("قال النبي صلى الله عليه وسلم",)),
    Case("formulas", '"بسم الله الرحمن الرحيم"', ("﷽ الحمد لله",)),
    Case("formulas", "الله", ("ﷲ أكبر", "بسم اﷲ الرحمن", "وﷲ أعلم", "النبي ﷺ")),
    Case("combining hamza", "ا\u0654سعار", ("أسعار النفط",)),
    Case("combining hamza", "أسعار", ("ا\u0654سعار الغاز",)),
    Case("presentation forms", "سلام", ("ﺳﻼﻡ دائم",)),
    Case("presentation forms", "علی", ("السيد علي",)),
    Case("direction marks", "\u200fأسعار\u200e", ("أسعار النفط",)),
    Case("final letters", "رحيم", ("كان رحيما",)),
    Case("final letters", "مصطفى", ("مصطفي كامل",)),
    Case("letters within a word", "هم", (), ("فهم الدرس",)),
    Case("letters within a word", "فهم", ("فهم الدرس", "مفهوم جديد")),
    Case("weak roots", "قيلولة", ("قال كلاما",)),
    Case("sound roots", "سرع", ("قطار سريع", "أسرع رجل", "تسارع النمو")),
    Case("words and their roots", "ملك", ("صار ملكا",)),
    Case("words and their roots", "يوم", ("ما حدث اليوم",)),
    Case("words and their roots", "قول", ("يقولون الحق", "قال كلاما")),
    Case("words and their roots", "رأى", ("يرون الهلال",)),
    Case("words and their roots", "سأل", ("مسؤول كبير", "طرح أسئلة")),
    Case("definite article", "كتاب", ("والكتاب",)),
    Case("definite article", "الكتاب", ("هذا كتاب",)),
]
TEXTS = sorted({text for case in CASES for text in (*case.found, *case.missed)})


@pytest.fixture(scope="module", params=LOCATIONS)
def readers(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    """Yield a service over one article for each text of the table, and two articles with titles."""
    articles = [{"id": text, "text": text} for text in TEXTS]
    articles += [
        {"id": f"عنوان {after}", "title": f"عيادة {after}", "text": "س"} for after in ("الأسنان", "في القاهرة")
    ]
    with indexed(request, articles) as made:
        yield made


def found_by(readers: SearchService, query: str, match: Level = Level.ROOT) -> set[str]:
    result = readers.search(SearchRequest(text=query, match=match, per_page=100))
    return {hit.document.id for hit in result.hits}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.topic}: {case.query}")
def test_the_query_finds_the_right_articles_and_no_wrong_one(readers: SearchService, case: Case) -> None:
    found = found_by(readers, case.query)
    assert set(case.found) <= found
    assert not set(case.missed) & found


def test_punctuation_after_a_word_never_changes_whether_it_matches(readers: SearchService) -> None:
    expected = {"عنوان الأسنان", "عنوان في القاهرة"}
    assert found_by(readers, "العنوان:عيادة") == expected
    assert found_by(readers, "عيادة") == expected


def test_an_alef_maksura_is_not_an_alef(readers: SearchService) -> None:
    assert "مصطفي كامل" not in found_by(readers, "مصطفا", Level.EXACT)


@pytest.mark.parametrize("query", ["كتاب", "قال", '"لا شيء"', '"الدرس فهم"~5', "سرع"])
def test_the_total_is_the_length_of_the_list(readers: SearchService, query: str) -> None:
    result = readers.search(SearchRequest(text=query, per_page=100))
    assert result.total == len(result.hits)
    assert result.histogram
    assert result.total == sum(bucket.count for bucket in result.histogram.buckets) + result.histogram.unknown
