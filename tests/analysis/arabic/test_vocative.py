"""Words that are joined to the vocative particle."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.schema import TokenField


def stems(analyzer: ArabicAnalyzer, spelled: str) -> set[str]:
    return {term.text for term in analyzer.word(spelled).terms if term.field is TokenField.CLITIC}


@pytest.mark.parametrize(
    ("spelled", "called"),
    [
        ("يامحمد", "محمد"),
        ("ياشباب", "شباب"),
        ("يالشباب", "شباب"),
        ("ياوطن", "وطن"),
        ("ياسلام", "سلام"),
        ("ياشيخ", "شيخ"),
        ("ياجماعة", "جماعه"),
        ("يارسول", "رسول"),
        ("ياحسين", "حسين"),
        ("ياقائد", "قائد"),
        ("ياعدنان", "عدنان"),
        ("يَامُحَمَّد", "محمد"),
    ],
)
def test_the_particle_is_cut_off_a_known_noun(analyzer: ArabicAnalyzer, spelled: str, called: str) -> None:
    assert called in stems(analyzer, spelled)


@pytest.mark.parametrize(
    "word",
    [
        "ياسمين",
        "ياباني",
        "ياسر",
        "ياسين",
        "ياكل",
        "ياتي",
        "يافطة",
        "ياقوت",
        "ياهو",
        "ياماموتو",
        "يانغ",
        "يالطا",
        "ياخذون",
        "يا",
    ],
)
def test_other_words_that_begin_like_it_keep_their_letters(analyzer: ArabicAnalyzer, word: str) -> None:
    assert not {clitic for clitic in analyzer.word(word).clitics if clitic == "يا+"}


def test_the_word_is_still_found_as_it_is_written(analyzer: ArabicAnalyzer) -> None:
    assert {"كوب", "ياكوب"} <= stems(analyzer, "ياكوب")
