"""Similarity of the spelling of words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.similarity import MOST_NEIGHBOURS, nearest, similarity

words = st.text("ابتثرسن", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("كتاب", "كتاب", 1.0),
        ("كتاب", "قلم", 0.0),
        ("بت", "بث", 2 / 10),  # one common n-gram, the beginning, of five each
        ("بيرووت", "بيروت", 10 / 12),
    ],
)
def test_similarity_is_the_share_of_common_ngrams(first: str, second: str, expected: float) -> None:
    assert similarity(first, second) == pytest.approx(expected, abs=0.01)


@given(words, words)
def test_similarity_is_symmetric_and_1_only_for_the_same_word(first: str, second: str) -> None:
    assert similarity(first, second) == similarity(second, first)
    assert 0 <= similarity(first, second) <= 1
    assert similarity(first, first) == 1


def test_the_most_similar_come_first_and_dissimilar_ones_are_left_out() -> None:
    found = nearest("بوتينن", ["بوتين", "بوتينات", "تنين", "قلم", "بوتين"])
    assert [word for word, _ in found] == ["بوتين", "بوتينات"]
    assert found[0][1] > found[1][1]


def test_neighbours_are_limited() -> None:
    others = [f"كتاب{letter}{second}" for letter in "ابتثجحخدذر" for second in "ابتثجحخدذر"]
    assert len(nearest("كتاب", others)) == MOST_NEIGHBOURS
    assert nearest("كتاب", []) == []
