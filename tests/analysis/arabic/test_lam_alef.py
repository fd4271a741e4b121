"""Words whose lam and alef a PDF has left in the wrong order."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import ArabicAnalyzer

MENDED = {
    "اإلمارات": "الإمارات",
    "األمن": "الأمن",
    "اآلن": "الآن",
    "واألمن": "والأمن",
    "باألرقام": "بالأرقام",
    "فاإلنسان": "فالإنسان",
    "وباإلضافة": "وبالإضافة",
    "كاآلتي": "كالآتي",
    "اإللكترونية": "الإلكترونية",
    "اَألمن": "الأمن",
    "االقتصاد": "الاقتصاد",
    "واالتحاد": "والاتحاد",
    "باالنتخابات": "بالانتخابات",
    "االسلطات": "السلطات",
    "االمتحدة": "المتحدة",
    "االسابقة": "السابقة",
    "االشعبي": "الشعبي",
    "االنظام": "النظام",
    "االجتماع": "الاجتماع",
    "واالأردن": "والأردن",
}
KEPT = [
    "الأمن",
    "الإمارات",
    "سالم",
    "خالل",
    "لألم",
    "لإلغاء",
    "إلى",
    "ألمانيا",
    "آل",
    "اللاإنسانية",
    "واللامبالاة",
    "مماأدى",
    "أألقاه",
    "االن",
    "اا",
    "ااااال",
]


@pytest.mark.parametrize(("typed", "meant"), MENDED.items())
def test_lam_and_alef_get_their_order(analyzer: ArabicAnalyzer, typed: str, meant: str) -> None:
    assert analyzer.word(typed) == analyzer.word(meant)


@pytest.mark.parametrize("word", KEPT)
def test_a_word_that_may_be_right_keeps_its_letters(analyzer: ArabicAnalyzer, word: str) -> None:
    assert analyzer.word(word).written == word


def test_offsets_are_those_of_the_text_as_it_stands(analyzer: ArabicAnalyzer) -> None:
    text = "دولة اإلمارات و ٱ ْﻟ َﺣ ْﻣ ُد هنا"
    assert [text[token.start : token.end] for token in analyzer.analyze(text).tokens()] == [
        "دولة",
        "اإلمارات",
        "و",
        "ٱ ْﻟ َﺣ ْﻣ ُد",
        "هنا",
    ]


def test_a_word_with_spaced_marks_is_the_word(analyzer: ArabicAnalyzer) -> None:
    spaced = next(analyzer.analyze("ٱ ْﻟ َﺣ ْﻣ ُد").tokens()).word
    assert spaced.terms[1:] == analyzer.word("الحمد").terms[1:]
