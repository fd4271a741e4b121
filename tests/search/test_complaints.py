"""What readers of other systems complained about, row by row: each is a search here that finds, or does not find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from index.schema import Level
from search.request import SearchRequest
from search.service import SearchService
from tests.search.conftest import PLACES, indexed


class Case(NamedTuple):
    """A row of the complaints: a query, texts that it finds and texts that it does not find."""

    row: int
    query: str
    found: tuple[str, ...]
    missed: tuple[str, ...] = ()


CASES = [
    Case(1, "كتاب", ("ثلاثة كتب", "هذا كتاب", "والكتاب")),
    Case(1, '"كتاب"', ("هذا كتاب",), ("ثلاثة كتب", "والكتاب")),
    Case(2, "أرز", ("ارز مسلوق", "أرز أبيض")),
    Case(2, "ارز", ("ارز مسلوق", "أرز أبيض")),
    Case(2, "ادارة", ("إدارة عامة",)),
    Case(3, "مدرسه", ("مَدْرَسَةٌ قديمة",)),
    Case(5, "2010", ("عام ٢٠١٠",)),
    Case(5, "٢٠١٠", ("عام ٢٠١٠",)),
    Case(6, "کتاب", ("هذا كتاب",)),
    Case(7, "مدرسة", ("وبالمدارس",)),
    Case(8, "دمج", ("قرار بدمج الوزارتين",)),
    Case(8, "مجاورة", ("الدول المجاورة",)),
    Case(9, "أخبار", ("نشرة الأخبار",)),
    Case(9, "كثير", ("قوم كثيرون",)),
    Case(9, "أغراض", ("نسي وأغراضها",)),
    Case(10, "الصبر", ("استعينوا بالصبر",)),
    Case(11, "شيء", ("لا شيء",)),
    Case(12, "تحيّة", ("تحية طيبة",)),
    Case(12, "تحية", ("تَحِيَّةٌ من القلب",)),
    Case(14, "أسفي", ("مدينة آسفي",)),
    Case(15, "القرءان", ("تلاوة القرآن",)),
    Case(15, "القرآن", ("رسم القرءان",)),
    Case(16, "اسفي", ("مدينة آسفي",)),
    Case(17, "ا\u0654سعار", ("أسعار النفط",)),
    Case(17, "أسعار", ("ا\u0654سعار الغاز",)),
    Case(18, "سلام", ("ﺳﻼﻡ دائم",)),
    Case(18, "علی", ("السيد علي",)),
    Case(19, "\u200fأسعار\u200e", ("أسعار النفط",)),
    Case(20, "رحيم", ("كان رحيما",)),
    Case(20, "مصطفى", ("مصطفي كامل",)),
    Case(21, "هم", (), ("فهم الدرس",)),
    Case(21, "فهم", ("فهم الدرس", "مفهوم جديد")),
    Case(22, "قيلولة", ("قال كلاما",)),
    Case(23, "سرع", ("قطار سريع", "أسرع رجل", "تسارع النمو")),
    Case(24, "ملك", ("صار ملكا",)),
    Case(24, "يوم", ("ما حدث اليوم",)),
    Case(24, "قول", ("يقولون الحق", "قال كلاما")),
    Case(24, "رأى", ("يرون الهلال",)),
    Case(24, "سأل", ("مسؤول كبير", "طرح أسئلة")),
    Case(29, "كتاب", ("والكتاب",)),
    Case(29, "الكتاب", ("هذا كتاب",)),
]
TEXTS = sorted({text for case in CASES for text in (*case.found, *case.missed)})


@pytest.fixture(scope="module", params=PLACES)
def readers(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    """A service over one article for each text of the table, and two that have a title."""
    articles = [{"id": text, "text": text} for text in TEXTS]
    articles += [
        {"id": f"عنوان {after}", "title": f"عيادة {after}", "text": "س"} for after in ("الأسنان", "في القاهرة")
    ]
    with indexed(request, articles) as made:
        yield made


def found_by(readers: SearchService, query: str, match: Level = Level.ROOT) -> set[str]:
    result = readers.search(SearchRequest(text=query, match=match, per_page=100))
    return {hit.document.id for hit in result.hits}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"row {case.row}: {case.query}")
def test_the_complaint_does_not_hold_here(readers: SearchService, case: Case) -> None:
    found = found_by(readers, case.query)
    assert set(case.found) <= found
    assert not set(case.missed) & found


def test_row_4_what_follows_a_word_never_changes_whether_it_matches(readers: SearchService) -> None:
    expected = {"عنوان الأسنان", "عنوان في القاهرة"}
    assert found_by(readers, "العنوان:عيادة") == expected
    assert found_by(readers, "عيادة") == expected


def test_row_20_an_alef_maksura_is_no_alef(readers: SearchService) -> None:
    assert "مصطفي كامل" not in found_by(readers, "مصطفا", Level.EXACT)


@pytest.mark.parametrize("query", ["كتاب", "قال", '"لا شيء"', '"الدرس فهم"~5', "سرع"])
def test_row_28_the_count_is_the_length_of_the_list(readers: SearchService, query: str) -> None:
    result = readers.search(SearchRequest(text=query, per_page=100))
    assert result.total == len(result.hits)
    assert result.total == sum(bucket.count for bucket in result.histogram.buckets) + result.histogram.unknown
