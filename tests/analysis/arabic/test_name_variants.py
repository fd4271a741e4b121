"""Spelling classes: which spellings are one foreign name, and which are two names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.arabic import folding
from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.analysis.arabic.name_variants import SpellingClasses, load_spelling_classes, loose_key, spelling_key
from index.analysis.arabic.names import shipped_names
from index.schema import TokenField
from tests.analysis.arabic.test_names import NAMES, guess, read

# spellings that occur in news
ONE_NAME = (
    "ترامب ترمب",
    "غوغل جوجل قوقل",
    "نتنياهو نتانياهو",
    "غرينتش غرينيتش",
    "أميركي أمريكي الأميركيين الأمريكية",
    "أميركا أمريكا",
    "بوتين بوتن",
    "زيلينسكي زيلنسكي",
    "فلاديمير فلادمير",
    "إنجلترا انكلترا إنكلترا",
    "ديمقراطي ديموقراطي",
    "تلفزيون تليفزيون",
    "إنترنت انترنت",
    "فيسبوك فايسبوك",
    "أوباما اوباما",
    "هونغ هونج",
    "شنغهاي شانغهاي",
    "سوريا سورية",
    "اسطنبول استنبول استانبول",
    "مانشستر مانشيستر",
    "كلاشنيكوف كلاشينكوف كلاشنكوف",
    "طرابلس ترابلس",
    "بروكسل بروكسيل",
    "أوروبا اوربا",
    "كاليفورنيا كليفورنيا",
    "بريطاني البريطانيون",
)
SPELLED_BY_EAR = (
    "انستقرام إنستغرام انستجرام إنستاغرام انستاقرام إنستاجرام",
    "تلجرام تليغرام تلقرام تيليجرام تلغرام تليجرام",
    "قوقل غوغل جوجل",
    "ستيفن ستيفين وستيفن",
    "يوفنتوس يوفينتوس ليوفينتوس",
    "هاشتاق هاشتاغ هاشتاج الهاشتاق",
    "ليفربول ليفيربول",
    "أرسنال ارسينال",
    "ستوكهولم إستوكهولم استوكهولم",
    "ستانلي استانلي",
    "مايكروسوفت ميكروسوفت مايكروسفت",
    "سامسونغ سامسونج سامسونق",
    "نتفليكس نيتفليكس نتفلكس",
    "بيتكوين بتكوين",
    "تويتر تويتير",
    "سبوتيفاي سبوتفاي",
    "هيلاري هيلري",
    "كلينتون كلنتون",
    "سانتياغو سانتياجو سانتياقو",
    "مورينيو مورنيو",
    "غوارديولا جوارديولا قوارديولا",
    "أغويرو أجويرو اقويرو",
    "ابراهيموفيتش إبراهيموفتش",
    "هامبورغ هامبورج هامبورق",
    "ستراسبورغ ستراسبورج إستراسبورغ",
    "شتوتغارت شتوتجارت شتوتقارت",
    "بلغراد بلجراد بلقراد",
    "غرينلاند جرينلاند قرينلاند",
    "زوكربيرغ زوكربرج زوكيربيرغ",
    "مونتينيغرو مونتينيقرو",
    "مارسيلو مارسلو",
    "بشيكتاش بشكتاش",
)
"""Qaf for g, short vowels that are written or not, an alef before a cluster of consonants."""
TWO_NAMES = (
    "ستيفان ستيفن",
    "فرانس فرانسيس",
    "كريستين كريستيان",
    "غراند غراوند",
    "غاردن غارديان",
    "كارل كارول",
    "مارتن مورتن",
    "نانج نانينغ",
    "ترنت تورنتو",
    "مدريد مدرار",
    "قاسم جاسم",
    "سلام إسلام",
    "دهمان دهيمان",
    "حميداني حمداني",
    "برلين بارولين",
    "كارديغان أردوغان",
    "مالي مولي",
    "إيران إيرين",
    "ليبيا لبنان",
    "أميركا أميركي",
    "كوريا كوبا",
    "النمسا النرويج",
    "غانا غينيا",
    "نيجيريا النيجر",
    "كييف كيف",
    "غزة جزة",
    "كلاسيكو غلاسكو",
    "باكستان بكين",
    "الأردن الوردانين",
    "البرازيلي البرصالي",
)
SAME_LETTERS = (
    "ستوكهولمم ستوكهولم",
    "طوكيو توكيو",
    "سيول صيول",
    "زيلينسكي زيلنسكي",
    "غريفيندور جريفيندور",
    "مالطا مالطة",
)


def key(spelled: str) -> str:
    names = shipped_names()
    reading = read(names, spelled) or guess(names, spelled)
    return reading.spelling if reading else load_spelling_classes(NAMES).key(folding.fold(spelled))


@pytest.mark.parametrize("spellings", SPELLED_BY_EAR)
def test_spellings_by_ear_are_one_name(analyzer: ArabicAnalyzer, spellings: str) -> None:
    keys = [
        {term.text for term in analyzer.word(spelled).terms if term.field is TokenField.SPELLING}
        for spelled in spellings.split()
    ]
    assert set.intersection(*keys)


@pytest.mark.parametrize("word", ["قمقوم", "بوحيمد", "الاستراتيجية", "استقبال", "قرقور", "جمهور", "كتابين", "مقاتلين"])
def test_arabic_words_have_no_spelling_class(analyzer: ArabicAnalyzer, word: str) -> None:
    assert not [term for term in analyzer.word(word).terms if term.field is TokenField.SPELLING]


@pytest.mark.parametrize("spellings", ONE_NAME)
def test_spellings_of_one_name_have_one_key(spellings: str) -> None:
    assert len({key(spelled) for spelled in spellings.split()}) == 1


@pytest.mark.parametrize("spellings", TWO_NAMES)
def test_different_names_have_different_keys(spellings: str) -> None:
    assert len({key(spelled) for spelled in spellings.split()}) == 2


@pytest.mark.parametrize("spellings", SAME_LETTERS)
def test_letters_of_one_sound_have_one_key_without_a_list(spellings: str) -> None:
    unlisted = SpellingClasses({})
    assert len({unlisted.key(spelled) for spelled in spellings.split()}) == 1


def test_classes_are_disjoint_and_hold_keys() -> None:
    lines = (NAMES / "spellings.tsv").read_text("utf-8").splitlines()
    members = [member for line in lines for member in line.split(" ")]
    assert len(set(members)) == len(members)
    assert all(len(line.split(" ")) > 1 for line in lines)
    assert all(folding.fold(member) == member for member in members)


@given(st.text(alphabet="اوبتطغجقكسصنمليةىأيءؤئ", min_size=1, max_size=15))
def test_keys_are_deterministic_and_blind_to_folding(name: str) -> None:
    assert spelling_key(name) == spelling_key(folding.fold(name))
    assert spelling_key(name) == spelling_key(name)
    assert spelling_key(name)
    assert loose_key(spelling_key(name))
