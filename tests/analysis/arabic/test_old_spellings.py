"""Names with the spelling of old books: they are spellings of one name, and not the same dictionary word."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.schema import TokenField

ONE_NAME = (
    "هارون هرون وهرون",
    "إسماعيل إسمعيل اسمعيل لإسمعيل",
    "إبراهيم إبرهيم ابرهيم",
    "سليمان سليمن وسليمن",
    "عثمان عثمن لعثمان",
    "لقمان لقمن",
    "مروان مرون",
    "الحارث الحرث والحرث للحارث",
    "طه طاها",
    "داود داوود داؤد",
    "ياسين يس",
    "يحيى يحي",
    "إسرائيل إسراءيل إسرءيل",
    "جبرائيل جبرئيل",
)
ONE_WORD = ("إسحاق إسحق", "الرحمن الرحمان", "السماوات السموات", "الثلاثاء الثلثاء")
"""Spellings that the lexicon has as one word."""
TWO_WORDS = (
    "مالك ملك",
    "خالد خلد",
    "صالح صلح",
    "القاسم القسم",
    "سفيان سفين",
    "معاوية معوية",
    "حارث حرث",
    "عمران عمر",
    "هارون هران",
    "سليمان سلمان",
    "يحيى يحمي",
)


def terms(analyzer: ArabicAnalyzer, word: str, *fields: TokenField) -> set[tuple[TokenField, str]]:
    return {(term.field, term.text) for term in analyzer.word(word).terms if term.field in fields}


@pytest.mark.parametrize("spellings", ONE_NAME)
def test_an_old_spelling_is_another_spelling_of_the_name(analyzer: ArabicAnalyzer, spellings: str) -> None:
    (key,) = set.intersection(*(terms(analyzer, word, TokenField.SPELLING) for word in spellings.split()))
    assert key[1]


@pytest.mark.parametrize("spellings", ONE_WORD)
def test_some_spellings_are_one_dictionary_word(analyzer: ArabicAnalyzer, spellings: str) -> None:
    assert set.intersection(*(terms(analyzer, word, TokenField.LEMMA) for word in spellings.split()))


@pytest.mark.parametrize("words", TWO_WORDS)
def test_words_without_an_alef_are_no_names_with_one(analyzer: ArabicAnalyzer, words: str) -> None:
    fields = (TokenField.SPELLING, TokenField.LEMMA)
    assert not set.intersection(*(terms(analyzer, word, *fields) for word in words.split()))
