"""Stop words, and content words that look like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.analysis.arabic import folding
from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.analysis.arabic.evidence import read_list
from index.analysis.tokens import FieldTerm
from index.schema import TokenField

DATA = Path(__file__).resolve().parents[3] / "index" / "analysis" / "arabic" / "data"

STOP = (
    "في من إلى على عن مع فِي مِنْ وَفِي ومن فمن وعلى وفيها منه إليها عليهم بأن لأنه وأنه ولكن ولا فلا لم لن ما هل "
    "الذي التي والذين للذين هذا وهذه ذلك هو وهي كان وكانت ليس أيضاً لقد وقد فقط كل أفلم و ف الـ بـ the of and The"
)
SPOKEN = "اللي واللي مش موش ليش علاش إزاي وين شنوة هيك كدة هلق دلوقتي عشان برضه برضو بتاع شكون"
SPOKEN_AND_CONTENT = "كمان دي زي متاع عم راح شو باشا هادي منير"
CONTENT = (
    "قال يوم علي ولي فهم وهم فقد فك فلك رئيس سنة دولة عام ضد أمام تحت خارج عدم أول حرب أم US UN AS خبر واقع وفاء فائز"
)


MADDA = "آل وآل فآل بآل لآل كآل آلـ آلِ آل ءال آية والآية بآية وآية آن وآن آنا آي وآي"
WITHOUT_MADDA = "ال وال بال الـ أل اية أية ان أن إن وأن انا أنا وأنا اي أي وأي او أو"


@pytest.mark.parametrize("spelled", STOP.split())
def test_stop_words_have_the_terms_of_their_letters_alone(analyzer: ArabicAnalyzer, spelled: str) -> None:
    word = analyzer.word(spelled)
    assert word.stop
    assert word.surface == folding.fold(spelled)
    assert word.terms == (FieldTerm(TokenField.WRITTEN, word.written), FieldTerm(TokenField.STOP, word.surface))


@pytest.mark.parametrize("spelled", MADDA.split())
def test_a_word_with_madda_is_no_stop_word(analyzer: ArabicAnalyzer, spelled: str) -> None:
    word = analyzer.word(spelled)
    assert not word.stop
    assert TokenField.LEMMA in {term.field for term in word.terms}
    assert FieldTerm(TokenField.STOP, word.surface) in word.terms or not analyzer.word(folding.base(spelled)).stop


@pytest.mark.parametrize("spelled", WITHOUT_MADDA.split())
def test_the_function_word_of_its_letters_stays_one(analyzer: ArabicAnalyzer, spelled: str) -> None:
    assert analyzer.word(spelled).stop


def test_no_function_word_is_written_with_madda() -> None:
    listed = [entry for entry in read_list(DATA / "stopwords.txt") if not entry.startswith("-")]
    assert not [entry for entry in listed if "آ" in entry or "ءا" in entry]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("في", "فى", True),
        ("إلى", "الى", True),
        ("أن", "ان", True),
        ("الذي", "الذى", True),
        ("مِنْ", "من", True),
        ("هي", "هى", True),
        ("The", "the", True),
        ("على", "علي", False),
        ("على", "عليه", False),
        ("في", "وفي", False),
        ("ال", "آل", True),
        ("أي", "آي", True),
        ("ان", "آن", True),
        ("لي", "لى", False),
        ("من", "منه", False),
    ],
)
def test_spellings_of_a_stop_word_have_a_term_in_common_and_other_words_none(
    analyzer: ArabicAnalyzer, one: str, other: str, *, same: bool
) -> None:
    terms = [
        {(term.field, term.text) for term in analyzer.word(word).terms if term.field is not TokenField.WRITTEN}
        for word in (one, other)
    ]
    assert bool(terms[0] & terms[1]) is same


@pytest.mark.parametrize("spelled", SPOKEN.split())
def test_function_words_of_the_spoken_arabics_are_stop_words(analyzer: ArabicAnalyzer, spelled: str) -> None:
    assert analyzer.word(spelled).stop


@pytest.mark.parametrize("spelled", SPOKEN_AND_CONTENT.split())
def test_spoken_function_words_that_are_also_content_stay(analyzer: ArabicAnalyzer, spelled: str) -> None:
    assert not analyzer.word(spelled).stop


@pytest.mark.parametrize("spelled", CONTENT.split())
def test_content_words_stay(analyzer: ArabicAnalyzer, spelled: str) -> None:
    assert not analyzer.word(spelled).stop


def test_stop_words_keep_their_position(analyzer: ArabicAnalyzer) -> None:
    words = analyzer.analyze("رئيس الوزراء في بيروت").words
    assert [word.stop for word in words] == [False, False, True, False]


@pytest.mark.parametrize("name", ["stopwords.txt", "whole_words.txt"])
def test_lists_hold_base_forms(name: str) -> None:
    for entry in read_list(DATA / name):
        word = entry.strip("-*")
        assert folding.base(folding.written(word)) == word, f"{name}: {entry} is not in base form"


def test_no_entry_is_listed_twice() -> None:
    entries = read_list(DATA / "stopwords.txt")
    assert sorted({entry for entry in entries if entries.count(entry) > 1}) == []
