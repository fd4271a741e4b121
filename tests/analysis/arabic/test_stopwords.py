"""Stop words, and content words that look like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.analysis.arabic import folding
from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.analysis.arabic.evidence import read_list

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


@pytest.mark.parametrize("spelled", STOP.split())
def test_stop_words_have_no_terms(analyzer: ArabicAnalyzer, spelled: str) -> None:
    word = analyzer.word(spelled)
    assert word.stop
    assert word.terms == ()
    assert word.surface == folding.fold(spelled)


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
