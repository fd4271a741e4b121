"""Labelled lines, teasers and titles of texts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.document import Basis
from index.sources.lines import lines_of, teasers, title_line
from tests.sources.conftest import ReadFile

BODY = "قال مسؤول إن الاجتماع انتهى باتفاق على مواصلة الحوار بين الطرفين في الأسبوع المقبل."


def teaser_texts(text: str) -> list[str]:
    return [text[start:end] for start, end in teasers(tuple(lines_of(text)))]


@pytest.mark.parametrize(
    "line",
    [
        "إقرأ أيضاً: عنوان آخر",
        "اقرأ أيضا: عنوان آخر",
        "اقرأ ايضًا عنوان آخر",
        "اقرأ أيضاً : عنوان آخر",
        "• اقرأ أيضا: عنوان آخر",
        "[اقرأ أيضاً: عنوان آخر]",
        "من نفس التصنيف: عنوان آخر",
        "شوف كمان: عنوان آخر",
        "طالع أيضاً: عنوان آخر",
        "شاهد أيضاً: عنوان آخر",
        "مواضيع ذات صلة: عنوان آخر",
        "للمزيد: عنوان آخر",
        "قد يهمك: عنوان آخر",
        "...المزيد",
        "إقْـرَأْ أيضاً: عنوان آخر",
        "\ufe87\ufed7\ufeae\ufe83 أيضا: عنوان آخر",
        "\u200f\u200fلا  تفوت: عنوان آخر",
        "READ MORE: another title",
    ],
)
def test_a_labelled_line_is_a_teaser(line: str) -> None:
    assert teaser_texts(f"{BODY}\n  {line} \r\n{BODY}") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "للمزيد من التعاون بين البلدين عقد الاجتماع.",
        "المزيد من الدول انضمت إلى الاتفاق.",
        "شاهد عيان قال إن الانفجار وقع ليلا.",
        "اقرأ الكتاب قبل أن تحكم عليه.",
        "وقال: اقرأ أيضا ما كتبه غيري.",
        "اقرأ أيضا: " + "كلمة " * 60,
    ],
)
def test_a_line_of_the_body_is_not_a_teaser(line: str) -> None:
    assert teaser_texts(f"{BODY}\n{line}\n{BODY}") == []


def test_a_label_alone_on_its_line_takes_one_headline() -> None:
    text = f"{BODY}\nإقرأ أيضاً:\n\nعنوان قصير عن أمر آخر\nسطر آخر بلا نقطة\n{BODY}"
    assert teaser_texts(text) == ["إقرأ أيضاً:\n\nعنوان قصير عن أمر آخر"]


def test_a_label_alone_on_its_line_takes_no_sentence() -> None:
    assert teaser_texts(f"{BODY}\nإقرأ أيضاً:\n{BODY}") == ["إقرأ أيضاً:"]


@given(st.text(alphabet="اقرأ أيضا:\n\r .ًـ", max_size=80))
def test_teasers_are_ascending_disjoint_and_inside_the_text(text: str) -> None:
    end = 0
    for start, stop in teasers(tuple(lines_of(text))):
        assert end <= start < stop <= len(text)
        end = stop


def test_the_first_line_is_a_title_when_it_is_short_and_text_follows() -> None:
    assert title_line(tuple(lines_of(f"عنوان المقال هنا\n{BODY}"))) == "عنوان المقال هنا"


@pytest.mark.parametrize(
    "text",
    [
        "عنوان وحده",
        f"{BODY}\n{BODY}",
        f"قال المسؤول:\n{BODY}",
        f"وأضاف،\n{BODY}",
        f"{'كلمة ' * 30}\n{BODY}",
        f"اقرأ أيضا: عنوان آخر\n{BODY}",
        f"تاريخ النشر: 2025-02-12\n{BODY}",
        (
            "هذا سطر من نص قطعت سطوره عند عرض ثابت من الحروف\n"
            "فلا يكون السطر الأول منه عنوانا بل بداية الفقرة الأولى\n"
            "التي تمتد على سطور عدة متقاربة في الطول كما ترى هنا\n"
            "وتنتهي حيث ينتهي الكلام لا حيث ينتهي السطر من النص"
        ),
    ],
)
def test_the_first_line_is_not_a_title(text: str) -> None:
    assert title_line(tuple(lines_of(text))) == ""


LINES = st.sampled_from(
    ["إقرأ أيضاً:", "اقرأ أيضا: عنوان آخر", "شوف كمان: خبر", "...المزيد", "• للمزيد:", "READ MORE: title", "عنوان قصير",
     "المصدر: قناة", BODY, "", "  ", "\u200f"]
)  # fmt: skip


@given(st.lists(LINES, max_size=6).map("\n".join))
def test_no_teaser_is_taken_as_the_title(text: str) -> None:
    title, lines = title_line(tuple(lines_of(text))), teaser_texts(text)
    assert not title or all(title not in line for line in lines) or text.index(title) < text.index(lines[0])


@pytest.mark.parametrize(
    "line",
    [
        "تاريخ النشر: 12th, February 2025 GMT",
        "تاريخ النشر : ١٢ فبراير ٢٠٢٥",
        "نشر في 12 شباط 2025",
        "نُشر في: الأربعاء 12 فيفري 2025",
        "بتاريخ: 12/02/2025",
    ],
)
def test_a_stated_date_is_taken_with_its_words(read_file: ReadFile, line: str) -> None:
    document = read_file("a.txt", f"{BODY}\n{line}\n{BODY}").one()
    assert (document.published, document.published_basis) == (dt.date(2025, 2, 12), Basis.STATED)
    assert document.evidence[0].words == line


@pytest.mark.parametrize(
    "line",
    [
        "اليوم الأربعاء",
        "تاريخ النشر: أمس",
        "تاريخ النشر: فبراير 2025",
        "تاريخ النشر: 2103-01-01",
        "بتاريخ 12 فبراير 2025 وقع الطرفان الاتفاق.",
        "نشر في 12 فبراير 2025 تقرير عن الأمر.",
        "وقد تاريخ النشر: 2025-02-12",
    ],
)
def test_no_date_is_guessed(read_file: ReadFile, line: str) -> None:
    document = read_file("a.txt", f"{BODY}\n{line}\n{BODY}").one()
    assert (document.published, document.published_basis) == (None, None)


def test_a_stated_publisher_is_taken_with_its_words(read_file: ReadFile) -> None:
    document = read_file("a.txt", f"{BODY}\nالمصدر: قناة اليمن اليوم\n").one()
    assert (document.source, document.source_basis) == ("قناة اليمن اليوم", Basis.STATED)
    assert document.evidence[0].words == "المصدر: قناة اليمن اليوم"


@pytest.mark.parametrize(
    "line",
    [
        "المصدر: وكالات",
        "المصدر: الوكالات",
        "المصدر: وكالات + رويترز",
        "المصدر: رويترز",
        "المصدر: أ ف ب",
        "المصدر: مواقع إلكترونية",
        "المصدر:",
        "المصدر: -",
        "المصدر نفسه قال ذلك",
        "وقال المصدر: قناة اليمن اليوم",
        "المصدر: " + "كلمة " * 12,
        "المصدر: قال مسؤول ذلك.",
    ],
)
def test_a_value_that_is_not_a_publisher_is_ignored(read_file: ReadFile, line: str) -> None:
    assert read_file("a.txt", f"{BODY}\n{line}\n").one().source is None


def test_citations_in_teasers_do_not_count(read_file: ReadFile) -> None:
    assert read_file("a.txt", f"{BODY}\nاقرأ أيضا: رويترز تكشف السر\n{BODY}").one().agencies == ()
