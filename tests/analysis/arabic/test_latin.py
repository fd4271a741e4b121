"""The terms of numbers, addresses and words of other scripts."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.analysis.arabic.latin import singular
from index.schema import TokenField


def terms(analyzer: ArabicAnalyzer, spelled: str, field: TokenField) -> list[str]:
    return [term.text for term in analyzer.word(spelled).terms if term.field is field]


SAME_SURFACE = {
    "case": ["CNN", "cnn", "Cnn", "ＣＮＮ"],
    "accents": ["café", "CAFE", "cafe\u0301"],
    "digits": ["٢٠١٠", "2010", "۲۰۱۰"],
    "groups of thousands": ["1,500.75", "1500.75", "١٬٥٠٠٫٧٥"],
    "decimals": ["2.5", "2,5", "٢٫٥"],
    "designations": ["F-16", "F16", "f-١٦"],
    "initials": ["U.S", "US"],
    "Arabic initials": ["أ.ف.ب", "أفب"],
    "a letter and a word": ["e-mail", "Email", "E-mail"],
    "apostrophes": ["O'Neil", "O’Neil", "ONeil"],
    "addresses": ["http://www.spa.gov.sa/", "www.spa.gov.sa", "spa.gov.sa", "HTTPS://SPA.gov.sa"],
}


@pytest.mark.parametrize("forms", SAME_SURFACE.values(), ids=SAME_SURFACE.keys())
def test_spellings_with_one_surface(analyzer: ArabicAnalyzer, forms: list[str]) -> None:
    assert len({analyzer.word(form).surface for form in forms}) == 1, [analyzer.word(form).surface for form in forms]


@pytest.mark.parametrize(("one", "other"), [("1.5", "15"), ("14:00", "1400"), ("F16", "16"), ("2.5", "2:5")])
def test_numbers_that_stay_two(analyzer: ArabicAnalyzer, one: str, other: str) -> None:
    assert analyzer.word(one).surface != analyzer.word(other).surface


@pytest.mark.parametrize(
    ("spelled", "surface", "clitic", "cut"),
    [
        ("لـCNN", "لcnn", ["cnn"], ("ل+",)),
        ("وبالـBBC", "وبالbbc", ["bbc"], ("و+", "ب+", "ال+")),
        ("لـ30", "ل30", ["30"], ("ل+",)),
        ("و٢٠١٥", "و2015", ["2015"], ("و+",)),
        ("لل100", "لل100", ["100"], ("ل+", "ال+")),
        ("Putin's", "putins", ["putin"], ("+'s",)),
        ("ministers’", "ministers", ["ministers"], ()),
        ("l'Aube", "laube", ["aube"], ("l'+",)),
        ("O'Neil", "oneil", ["oneil"], ()),
        ("don't", "dont", ["dont"], ()),
        ("info@spa.gov.sa", "info@spa.gov.sa", ["info@spa.gov.sa"], ()),
        ("https://www.spa.gov.sa/x?y=1", "spa.gov.sa/x?y=1", ["spa.gov.sa/x?y=1", "spa.gov.sa"], ()),
    ],
)
def test_what_is_cut(
    analyzer: ArabicAnalyzer, spelled: str, surface: str, clitic: list[str], cut: tuple[str, ...]
) -> None:
    word = next(analyzer.analyze(spelled).tokens()).word
    assert word.surface == surface
    assert [term.text for term in word.terms if term.field is TokenField.CLITIC] == clitic
    assert word.clitics == cut


def test_an_address_is_found_by_typing_its_host(analyzer: ArabicAnalyzer) -> None:
    assert analyzer.word("spa.gov.sa").surface in terms(analyzer, "http://www.spa.gov.sa/news/1", TokenField.CLITIC)


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("ministers", "minister"),
        ("countries", "country"),
        ("boxes", "box"),
        ("speeches", "speech"),
        ("classes", "class"),
        ("news", "news"),
        ("politics", "politics"),
        ("paris", "paris"),
        ("virus", "virus"),
        ("press", "press"),
        ("gas", "gas"),
        ("bbc", "bbc"),
        ("fils2", "fils2"),
    ],
)
def test_english_plurals(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_a_latin_word_has_a_lemma_and_a_number_none(analyzer: ArabicAnalyzer) -> None:
    assert terms(analyzer, "Ministers", TokenField.LEMMA) == ["minister"]
    assert terms(analyzer, "minister's", TokenField.LEMMA) == ["minister"]
    assert terms(analyzer, "2015", TokenField.LEMMA) == []
