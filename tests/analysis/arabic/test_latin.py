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
    "Arabic commas for groups": ["26013", "26،013", "٢٦،٠١٣", "۲۶،۰۱۳", "26,013", "٢٦٬٠١٣"],
    "Arabic commas for groups of a long number": ["45999540", "45،999،540", "45,999,540", "540ر999ر45", "45ر999ر540"],
    "decimals": ["2.5", "2,5", "٢٫٥", "2،5", "٢،٥", "2ر5", "٢ر٥", "2ﺭ5"],
    "decimals with zeros": ["0.25", "0,25", "0،25", "0ر25"],
    "decimals of groups": ["1500.75", "1،500.75", "1،500٫75"],
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"),
        ("14:00", "1400"),
        ("F16", "16"),
        ("2.5", "2:5"),
        ("3ر5", "35"),
        ("3،5", "35"),
        ("26،013", "26"),
        ("3ر5", "3:5"),
        ("3ر5", "3.05"),
        ("3ر5", "3.50"),
    ],
)
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
        ("https://www.spa.gov.sa/x?y=1", "spa.gov.sa/x?y=1", ["spa.gov.sa/x?y=1", "spa.gov.sa", "spa"], ()),
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
    ("spelled", "numbers"),
    [
        ("3ر5", ["3.5", "5.3"]),
        ("٣ر٥", ["3.5", "5.3"]),
        ("4ر0", ["4.0", "0.4"]),
        ("0ر25", ["0.25", "25.0"]),
        ("9ر14436", ["9.14436", "14436.9"]),
        ("70ر3", ["70.3", "3.70"]),
        ("3ر05", ["3.05"]),
        ("09ر47", ["47.09"]),
        ("000ر12", ["12.000", "12000"]),
        ("12ر000", ["12.000", "12000"]),
        ("540ر999ر45", ["45999540"]),
        ("26،013", ["26013", "26.013"]),
        ("1،234،567", ["1234567"]),
        ("3،7", ["3.7"]),
        ("26,013", ["26013"]),
        ("2,5", ["2.5"]),
    ],
)
def test_numbers_that_a_spelling_may_mean(analyzer: ArabicAnalyzer, spelled: str, numbers: list[str]) -> None:
    assert terms(analyzer, spelled, TokenField.CLITIC) == numbers


@pytest.mark.parametrize(
    ("address", "others"),
    [
        ("node.js", ["node", "nodejs"]),
        ("Next.JS", ["next", "nextjs"]),
        ("ASP.NET", ["asp", "aspnet"]),
        ("booking.com", ["booking", "bookingcom"]),
        ("alarabiya.net", ["alarabiya", "alarabiyanet"]),
        ("arabic.cnn.com", ["cnn"]),
        ("www.moh.gov.sa", ["moh"]),
        ("gov.sa", ["gov", "govsa"]),
        ("bbc.co.uk", ["bbc"]),
        ("https://www.alarabiya.net/ar/1", ["alarabiya.net", "alarabiya", "alarabiyanet"]),
        ("https://t.co/aB", ["t.co", "t", "tco"]),
        ("info@spa.gov.sa", []),
    ],
)
def test_what_an_address_is_found_by(analyzer: ArabicAnalyzer, address: str, others: list[str]) -> None:
    assert terms(analyzer, address, TokenField.CLITIC)[1:] == others


@pytest.mark.parametrize(
    "word", ["أ.ف.ب", "U.S.A", "U.N", "e.g", "م", "ص.ب", "Inc", "ق.م", "د", "كلم", "node.js", "alarabiya.net", "F-16"]
)
@pytest.mark.parametrize("end", [".", "..", "…", ".»", ".)", ".\n", "،", "؟"])
def test_a_word_before_the_end_of_a_sentence_is_the_word(analyzer: ArabicAnalyzer, word: str, end: str) -> None:
    assert [token.text for token in analyzer.analyze(f"قال {word}{end} ثم").tokens()] == ["قال", word, "ثم"]


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
