"""Numbers, dates and notes as Arabic words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo

import pytest
from babel import Locale

from index.schema import Level
from search.engine import Interval
from search.levels import Tier
from search.results import FoundForm, Match, NoteKind
from tests.web import samples
from web import dates, labels
from web.config import Digits
from web.counting import MORE_PLACES, RESULTS, Noun, ascii_digits, number

RIYADH = zoneinfo.ZoneInfo("Asia/Riyadh")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "لا نتائج"),
        (1, "نتيجة واحدة"),
        (2, "نتيجتان"),
        (3, "٣ نتائج"),
        (10, "١٠ نتائج"),
        (11, "١١ نتيجة"),
        (99, "٩٩ نتيجة"),
        (100, "١٠٠ نتيجة"),
        (102, "١٠٢ نتيجة"),
        (103, "١٠٣ نتائج"),
        (111, "١١١ نتيجة"),
        (51234, "٥١٬٢٣٤ نتيجة"),
    ],
)
def test_results_agree_with_their_number(count: int, words: str) -> None:
    assert RESULTS.phrase(count, Digits.ARAB) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "موضع آخر"),
        (2, "موضعان آخران"),
        (3, "3 مواضع أخرى"),
        (11, "11 موضعًا آخر"),
        (100, "100 موضع آخر"),
        (1005, "1,005 مواضع أخرى"),
    ],
)
def test_places_agree_with_their_number(count: int, words: str) -> None:
    assert MORE_PLACES.phrase(count, Digits.LATN) == words


def test_agreement_follows_cldr() -> None:
    forms = Noun("zero", "one", "two", "few", "many", "other")
    rule = Locale("ar").plural_form
    for count in range(1200):
        assert forms.phrase(count, Digits.LATN).split()[-1] == rule(count)


def test_arabic_persian_and_ascii_digits_are_read() -> None:
    assert ascii_digits("٢٠٢٤ ۲۰۲۴ 2024") == "2024 2024 2024"
    assert number(1234567, Digits.ARAB) == "١٬٢٣٤٬٥٦٧"


def test_a_day_has_the_name_of_its_month() -> None:
    assert dates.day(dt.date(2025, 2, 12), Digits.ARAB) == "١٢ فبراير ٢٠٢٥"


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval.YEAR, "2025"),
        (Interval.MONTH, "فبراير 2025"),
        (Interval.WEEK, "من 3 فبراير 2025 إلى 9 فبراير 2025"),
        (Interval.DAY, "3 فبراير 2025"),
    ],
)
def test_a_bucket_is_named_after_its_interval(interval: Interval, words: str) -> None:
    assert dates.span(dt.date(2025, 2, 3), dt.date(2025, 2, 9), interval, Digits.LATN) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (dt.timedelta(minutes=5), "قبل أقل من ساعة"),
        (dt.timedelta(hours=1), "قبل ساعة"),
        (dt.timedelta(hours=2.5), "قبل ساعتين"),
        (dt.timedelta(hours=3), "قبل ٣ ساعات"),
        (dt.timedelta(hours=11), "قبل ١١ ساعة"),
        (dt.timedelta(hours=24), "٢٨ فبراير ٢٠٢٥"),
        (dt.timedelta(hours=-1), "١ مارس ٢٠٢٥"),
    ],
)
def test_ages_in_hours_are_shown_for_the_last_day_only(ago: dt.timedelta, words: str) -> None:
    document = dataclasses.replace(samples.CALL, published=samples.NOW - ago)
    assert dates.published(document, samples.NOW.astimezone(RIYADH), Digits.ARAB) == words


def test_times_are_shown_in_the_configured_zone() -> None:
    late = dt.datetime(2025, 3, 1, 22, 30, tzinfo=dt.UTC)
    assert dates.machine(late, RIYADH) == "2025-03-02T01:30:00+03:00"
    assert dates.date_and_time(late, RIYADH, Digits.ARAB) == "٢ مارس ٢٠٢٥، الساعة ٠١:٣٠"
    assert dates.machine(dt.date(2025, 3, 1), RIYADH) == "2025-03-01"


@pytest.mark.parametrize("kind", NoteKind)
def test_every_note_has_its_sentence(kind: NoteKind) -> None:
    message = labels.note_message(samples.note(kind, "{في}"))
    assert message.endswith((".", "»."))
    assert message.isascii() is False


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (Level.EXACT, "الكلمة نفسها: «س»"),
        (Level.CLITIC, "مع أل والحروف والضمائر: «س»"),
        (Level.LEMMA, "تصريف آخر من «وزير»: «س»"),
        (Level.FAMILY, "من العائلة نفسها: «س» (الجذر: و-ز-ر)"),
        (Level.ROOT, "من الجذر نفسه: «س» (الجذر: و-ز-ر)"),
        (Level.SPELLING, "كتابة أخرى: «س»"),
        (Level.SOFT, "كتابة قريبة: «س»"),
    ],
)
def test_every_level_has_its_words(level: Level, words: str) -> None:
    assert labels.why(Match(level, tier=Tier.MATCH, forms=(FoundForm("س", level, "وزير", "وزر"),))) == words
    assert labels.why(Match(level, tier=Tier.MATCH, forms=(FoundForm("س", level),))) == f"{labels.LEVELS[level]}: «س»"


def test_the_reason_lists_the_levels_and_names_each_root_once() -> None:
    forms = (
        FoundForm("اتصالا", Level.EXACT),
        FoundForm("اتصال", Level.EXACT),
        FoundForm("يتصلون", Level.FAMILY, "اتصال", "وصل"),
        FoundForm("واصل", Level.ROOT, "اتصال", "وصل"),
        FoundForm("أقوال", Level.ROOT, "قال", "قول"),
    )
    assert labels.why(Match(Level.ROOT, tier=Tier.MATCH, forms=forms)) == (
        "الكلمة نفسها: «اتصالا»، «اتصال»؛ من العائلة نفسها: «يتصلون»؛ "
        "من الجذر نفسه: «واصل» (الجذر: و-ص-ل)؛ من الجذر نفسه: «أقوال» (الجذر: ق-و-ل)"
    )
    assert labels.why(Match(None, tier=Tier.MATCH, forms=())) is None


def test_the_word_itself_is_told_apart_from_another_spelling_of_its_letters() -> None:
    forms = (FoundForm("كره", Level.EXACT), FoundForm("كرة", Level.EXACT, folded=True))
    assert labels.why(Match(Level.EXACT, tier=Tier.MATCH, forms=forms)) == (
        "الكلمة نفسها: «كره»؛ الكلمة نفسها برسم آخر: «كرة»"
    )


@pytest.mark.parametrize(
    ("missing", "words"),
    [((), ""), (("كتاب",), "ليس فيه: «كتاب»"), (("كتاب", "مجلس الأمن"), "ليس فيه: «كتاب»، «مجلس الأمن»")],
)
def test_a_hit_tells_what_it_lacks(missing: tuple[str, ...], words: str) -> None:
    assert labels.lacks(Match(Level.EXACT, Tier.PARTIAL, (), missing=missing)) == words


def test_inflections_of_different_lemmas_are_listed_separately() -> None:
    forms = (FoundForm("الوزراء", Level.LEMMA, "وزير"), FoundForm("كتب", Level.LEMMA, "كتاب"))
    assert labels.why(Match(Level.LEMMA, tier=Tier.MATCH, forms=forms)) == (
        "تصريف آخر من «وزير»: «الوزراء»؛ تصريف آخر من «كتاب»: «كتب»"
    )
