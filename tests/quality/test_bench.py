"""The ranking benchmark: Lucene's rules, wire copies, metrics, and rules of the quorum."""

from __future__ import annotations

import numpy as np
import pytest

from bench.quality.ranking.copies import wire_copies
from bench.quality.ranking.measures import measured, randomisation_p
from bench.quality.ranking.peers import lucene_stem, lucene_tokens, stop_words
from bench.quality.ranking.postings import Bm25, invert
from bench.quality.ranking.quorum import share_of_mass, share_of_words

WORDS = "قال الوزير إن المشروع الجديد سيبدأ في الربيع بعد موافقة المجلس البلدي على كلفته التي بلغت مليون دينار"


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        # each rule, as the cases of Lucene's TestArabicStemFilter and TestArabicNormalizationFilter have it
        ("الحسن", "حسن"), ("والحسن", "حسن"), ("بالحسن", "حسن"), ("كالحسن", "حسن"), ("فالحسن", "حسن"),
        ("للاخر", "اخر"), ("وحسن", "حسن"), ("زوجها", "زوج"), ("ساهدان", "ساهد"), ("ساهدات", "ساهد"),
        ("ساهدون", "ساهد"), ("ساهدين", "ساهد"), ("ساهديه", "ساهد"), ("ساهدية", "ساهد"), ("ساهده", "ساهد"),
        ("ساهدة", "ساهد"), ("ساهدي", "ساهد"), ("وساهدون", "ساهد"), ("ساهدهات", "ساهد"), ("الو", "الو"),
        ("أحمد", "احمد"), ("إعاذ", "اعاذ"), ("بنى", "بن"), ("هَـــلْ", "هل"), ("English", "English"),
    ],
)  # fmt: skip
def test_lucene_stems(word: str, stem: str) -> None:
    assert lucene_stem(word) == stem


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("كتاب، قلم.", ["كتاب", "قلم"]),
        ("كتاب.قلم", ["كتاب.قلم"]),
        ("١٢٣ و3.5", ["123", "و3.5"]),
        ("14:00", ["14", "00"]),
        ("CNN لـCNN _ …", ["cnn", "لـcnn"]),
        ("كِتَاب", ["كِتَاب"]),
    ],
)
def test_lucene_tokens(text: str, tokens: list[str]) -> None:
    assert list(lucene_tokens(text)) == tokens


def test_lucene_stop_words_are_not_normalized() -> None:
    assert {"إلى", "الى", "أن", "ان"} <= stop_words()
    assert len(stop_words()) == 119


def test_copies_share_sequences_of_five_words() -> None:
    other = "فازت العداءة بسباق الصحراء للسنة الثانية رغم الرياح والرمال التي غطت الطريق كله منذ الصباح الباكر أمس"
    texts = [WORDS, f"المدينة – وكالات: {WORDS}", other, " ".join(WORDS.split()[:6]) + " " + other]
    assert wire_copies(texts) == {0: {1}, 1: {0}, 2: {3}, 3: {2}}


def test_metrics_of_a_ranking() -> None:
    found = measured(
        [np.array([4, 7, 9]), np.array([1]), np.array([], dtype=int)],
        [frozenset({7, 8}), frozenset({1}), frozenset({2})],
    )
    assert found.ndcg.tolist() == pytest.approx([(1 / np.log2(3)) / (1 + 1 / np.log2(3)), 1, 0])
    assert found.mrr.tolist() == [0.5, 1, 0]
    assert found.recall.tolist() == [0.5, 1, 0]


def test_only_a_consistent_difference_is_significant() -> None:
    values = np.linspace(0, 1, 40)
    assert randomisation_p(values, values) == 1
    assert randomisation_p(values + 0.1, values) < 0.001
    assert randomisation_p(values, values[::-1]) > 0.5


def test_bm25_ranks_by_frequency_and_skips_unknown_terms() -> None:
    ranker = Bm25(invert([np.array([0, 1], dtype=np.int32), np.array([1, 1, 2, 2], dtype=np.int32)], 3))
    assert ranker.ranked(np.array([1], dtype=np.int32), 10).tolist() == [1, 0]
    assert ranker.ranked(np.array([0, 7], dtype=np.int32), 10).tolist() == [0]


def test_rules_of_the_quorum() -> None:
    carried = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)
    worth = np.array([5.0, 1.0, 1.0, 3.0])
    assert share_of_words(0.5)(carried, worth).tolist() == [True, True, False]
    assert share_of_words(0.5, least=3)(carried, worth).tolist() == [True, False, False]
    assert share_of_words(0.5)(carried[:, :3], worth[:3]).tolist() == [True, False, False]
    assert share_of_mass(0.5)(carried, worth).tolist() == [True, True, True]
    assert share_of_mass(0.6)(carried, worth).tolist() == [True, True, False]
