"""Readings: lemma, family and root of words, names without a root, words outside the lexicon."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.schema import TokenField
from tests.analysis.explaining import readings_of

LEMMAS = {
    "قال": ("قال", "قول"),
    "يقولون": ("قال", "قول"),
    "مقال": ("مقال", "قول"),
    "استقالة": ("استقالة", "قيل"),
    "وزير": ("وزير", "وزر"),
    "الوزراء": ("وزير", "وزر"),
    "وبالاتصالات": ("اتصال", "وصل"),
    "يتصلون": ("اتصل", "وصل"),
    "مواصلات": ("مواصلة", "وصل"),
    "رأى": ("رأى", "رءي"),
    "يرى": ("رأى", "رءي"),
    "مؤتمر": ("مؤتمر", "ءمر"),
    "مسؤولون": ("مسؤول", "سءل"),
    "مسئولين": ("مسؤول", "سءل"),
    "بدمج": ("دمج", "دمج"),
    "فسيكتبونها": ("كتب", "كتب"),
    "كالكتب": ("كتاب", "كتب"),
    "سيتفقان": ("اتفق", "وفق"),
    "أسرى": ("أسير", "ءسر"),
    "ضرائب": ("ضريبة", "ضرب"),
    "أخرى": ("آخر", "ءخر"),
    "كبرى": ("أكبر", "كبر"),
    "شكرا": ("شكر", "شكر"),
    "مياه": ("ماء", "موه"),
    "دساتير": ("دستور", "دستر"),
    "لبن": ("لبن", "لبن"),
}
"""Hollow, defective, hamzated and assimilated verbs, broken plurals, clitics."""


@pytest.mark.parametrize(("spelled", "expected"), LEMMAS.items(), ids=LEMMAS.keys())
def test_a_word_has_its_lemma_and_root(analyzer: ArabicAnalyzer, spelled: str, expected: tuple[str, str]) -> None:
    best = readings_of(analyzer, spelled)[0]
    assert (best.lemma, best.roots[0][0]) == expected


@pytest.mark.parametrize("spelled", ["لبنان", "واشنطن", "ماكرون", "ترامب", "داعش", "لليمن", "وبوتين", "باريس"])
def test_a_name_has_no_root(analyzer: ArabicAnalyzer, spelled: str) -> None:
    assert not any(reading.roots for reading in readings_of(analyzer, spelled))


FAMILIES = (
    ("كتب", "كتابة", "كاتب", "مكتوب"),
    ("اتصل", "اتصال", "متصل", "يتصلون"),
    ("استقال", "استقالة", "مستقيل"),
    ("أعلن", "إعلان", "معلن"),
    ("تجارة", "تجاري"),
    ("انتخب", "انتخابات", "انتخابي"),
)


@pytest.mark.parametrize("words", FAMILIES, ids=lambda words: words[0])
def test_a_verb_has_one_family_with_its_masdar_and_participles(
    analyzer: ArabicAnalyzer, words: tuple[str, ...]
) -> None:
    shared = set.intersection(*({reading.family for reading in readings_of(analyzer, word)} for word in words))
    assert shared


@pytest.mark.parametrize(
    ("one", "other"), [("وصول", "اتصال"), ("اتصال", "مواصلات"), ("كتاب", "مكتبة"), ("علم", "إعلام")]
)
def test_different_verb_forms_are_different_families(analyzer: ArabicAnalyzer, one: str, other: str) -> None:
    families = {reading.family for reading in readings_of(analyzer, one)} & {
        reading.family for reading in readings_of(analyzer, other)
    }
    assert not families


def test_close_readings_are_kept_with_their_weights(analyzer: ArabicAnalyzer) -> None:
    """عام is both `general` and `year`."""
    roots = {reading.roots[0][0]: reading.weight for reading in readings_of(analyzer, "عام")}
    assert set(roots) == {"عمم", "عوم"}
    assert sum(roots.values()) == pytest.approx(1, abs=0.02)


def test_a_written_hamza_decides(analyzer: ArabicAnalyzer) -> None:
    assert {reading.lemma for reading in readings_of(analyzer, "إعلام")} == {"إعلام"}
    assert "علم" in {root for reading in readings_of(analyzer, "اعلام") for root, _ in reading.roots}


OUTSIDE = {
    "احتجاجية": "حجج",
    "التسييرية": "سير",
    "الحوكمة": "حكم",
    "متخلدة": "خلد",
    "للضغوطات": "ضغط",
    "لحلحلة": "حلحل",
    "لرقمنة": "رقم",
    "وتشفير": "شفر",
}


@pytest.mark.parametrize(("spelled", "root"), OUTSIDE.items(), ids=OUTSIDE.keys())
def test_patterns_read_what_the_lexicon_lacks(analyzer: ArabicAnalyzer, spelled: str, root: str) -> None:
    best = readings_of(analyzer, spelled)[0]
    assert (best.source, best.roots[0][0]) == ("fallback", root)


def test_inflections_share_their_terms(analyzer: ArabicAnalyzer) -> None:
    lemmas = [
        {term.text for term in analyzer.word(word).terms if term.field is TokenField.LEMMA}
        for word in ("كتاب", "الكتب")
    ]
    assert lemmas[0] & lemmas[1] == {"كتاب"}


@given(st.text(alphabet="ابتدركلمنهويةىأإآءؤئسعف", min_size=1, max_size=12))
def test_any_letters_have_readings_that_add_up_to_one(analyzer: ArabicAnalyzer, spelled: str) -> None:
    readings = readings_of(analyzer, spelled)
    assert sum(reading.weight for reading in readings) == pytest.approx(1, abs=0.03)
    assert all(reading.stem for reading in readings)


@pytest.mark.parametrize(("word", "stem"), [("اتفقا", "اتفقا"), ("وكتبا", "كتبا"), ("رئيسا", "رئيس")])
def test_a_final_alef_is_kept_as_dual_of_a_verb_and_cut_as_accusative_of_a_noun(
    analyzer: ArabicAnalyzer, word: str, stem: str
) -> None:
    assert readings_of(analyzer, word)[0].stem == stem


DUALS = {
    "جزأين": ("جزء", ()),
    "جزآن": ("جزء", ()),
    "جزءين": ("جزء", ()),
    "جزءان": ("جزء", ()),
    "الجزأين": ("جزء", ("ال",)),
    "بالجزأين": ("جزء", ("ب", "ال")),
    "للجزأين": ("جزء", ("ل", "ال")),
    "جزأيه": ("جزء", ("ه",)),
    "جزأيها": ("جزء", ("ها",)),
    "جزأي": ("جزء", ()),
    "عبأين": ("عبء", ()),
    "عبآن": ("عبء", ()),
    "ضوأين": ("ضوء", ()),
    "ضوءين": ("ضوء", ()),
    "ضوءان": ("ضوء", ()),
    "كفأين": ("كفء", ()),
    "كفئين": ("كفء", ()),
    "شيئين": ("شيء", ()),
    "الشيئان": ("شيء", ("ال",)),
    "ملجأين": ("ملجأ", ()),
    "ملجأيها": ("ملجأ", ("ها",)),
    "مبدآن": ("مبدأ", ()),
    "المبدأين": ("مبدأ", ("ال",)),
    "نبأين": ("نبأ", ()),
    "خطأين": ("خطأ", ()),
    "مرفأين": ("مرفأ", ()),
    "بناءين": ("بناء", ()),
    "البناءان": ("بناء", ("ال",)),
    "لواءين": ("لواء", ()),
    "رداءان": ("رداء", ()),
    "صحراوين": ("صحراء", ()),
    "صحراوان": ("صحراء", ()),
    "البيضاوين": ("أبيض", ("ال",)),
    "قارئين": ("قارئ", ()),
}
NO_DUALS = {
    "القرآن": "قرآن",
    "ظمآن": "ظمآن",
    "رأي": "رأي",
    "برأي": "رأي",
    "قضائي": "قضائي",
    "قضائيه": "قضائي",
    "جزئي": "جزئي",
    "عدوان": "عدوان",
    "ديوان": "ديوان",
    "عنوان": "عنوان",
    "مرآته": "مرآة",
    "منشآت": "منشآت",
    "لاجئين": "لاجئ",
    "العلاوي": "علاوي",
    "أبنائي": "ابن",
    "وزرائه": "وزير",
    "شيئا": "شيء",
    "المرءاة": "مرأة",
}
"""Words with the letters of a dual in hamza, and their lemma."""


@pytest.mark.parametrize(("spelled", "expected"), DUALS.items(), ids=DUALS.keys())
def test_the_dual_of_a_noun_in_hamza_has_its_lemma(
    analyzer: ArabicAnalyzer, spelled: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    (reading,) = readings_of(analyzer, spelled)
    assert (reading.lemma, (*reading.proclitics, *reading.enclitics)) == expected


@pytest.mark.parametrize(("spelled", "lemma"), NO_DUALS.items(), ids=NO_DUALS.keys())
def test_other_words_with_the_letters_of_a_dual_keep_their_lemma(
    analyzer: ArabicAnalyzer, spelled: str, lemma: str
) -> None:
    assert readings_of(analyzer, spelled)[0].lemma == lemma
