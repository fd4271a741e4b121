"""Spelling classes: which spellings are one foreign name, and which are two names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.arabic import folding
from index.analysis.arabic.name_variants import SpellingClasses, load_spelling_classes, spelling_key
from index.analysis.arabic.names import shipped_names
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
TWO_NAMES = (
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
