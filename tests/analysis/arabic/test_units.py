"""Units of measurement and their abbreviations."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.schema import TokenField


def spellings(analyzer: ArabicAnalyzer, word: str) -> set[str]:
    return {term.text for term in analyzer.word(word).terms if term.field is TokenField.SPELLING}


@pytest.mark.parametrize(
    "names",
    [
        ["كيلومتر", "كيلومترا", "كيلومترات", "الكيلومترات", "كيلومترين", "كلم", "بكلم", "كَلْم"],
        ["كيلوغرام", "كيلوجرام", "كيلوغرامات", "كيلوغراما", "كيلوغرامين", "كغم", "كجم", "كلغ", "كغ"],
        ["مليمتر", "ملليمتر", "ملم"],
        ["مليغرام", "ملغم", "ملغ"],
    ],
)
def test_a_unit_and_its_abbreviations_are_one_class(analyzer: ArabicAnalyzer, names: list[str]) -> None:
    assert set.intersection(*(spellings(analyzer, name) for name in names))


@pytest.mark.parametrize("word", ["كلمة", "كلمه", "كلمها", "كلمهم", "تكلم", "كم", "سم", "م", "غ", "متر", "كيلو", "ملك"])
def test_other_words_have_no_such_class(analyzer: ArabicAnalyzer, word: str) -> None:
    assert spellings(analyzer, word) == set()


def test_units_of_different_things_are_different_classes(analyzer: ArabicAnalyzer) -> None:
    assert len({frozenset(spellings(analyzer, unit)) for unit in ("كلم", "كغم", "ملم", "ملغ")}) == 4
